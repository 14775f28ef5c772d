/* SOURCES: env/env.c env/entities.c env/rules.c env/sampler_arg.c env/message.c env/table.c env/words.c
 * env/parse.c env/peers.c env/text.c env/url.c env/otlp.c env/unix_target.c env/resource.c env/headers.c
 * tests/support/log_capture.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/env.h"
#include "preload/base/limits.h"
#include "tests/support/log_capture.h"

#define LONG_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
    const char *variable, *line;
} rows[] = {
    { "OTEL_SDK_DISABLED=yes", "OTEL_SDK_DISABLED: \"yes\" is not a boolean (true or false); using default" },
    { "OTEL_SDK_DISABLED= true", "OTEL_SDK_DISABLED: \" true\" is not a boolean (true or false); using default" },
    { "OTEL_BSP_SCHEDULE_DELAY= 5s ",
      "OTEL_BSP_SCHEDULE_DELAY: \"5s\" is not an integer of milliseconds; using default" },
    { "OTEL_BSP_MAX_QUEUE_SIZE=0", "OTEL_BSP_MAX_QUEUE_SIZE: \"0\" is not an integer of at least 1; using default" },
    { "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=-1",
      "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: \"-1\" is not an integer; using default" },
    { "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=10s",
      "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: \"10s\" is not an integer of milliseconds; ignored" },
    { "OTEL_EXPORTER_OTLP_PROTOCOL=http",
      "OTEL_EXPORTER_OTLP_PROTOCOL: \"http\" is not one of grpc, http/protobuf, http/json; ignored" },
    { "OTEL_LOG_LEVEL=loud", "OTEL_LOG_LEVEL: \"loud\" is not one of none, error, warn, info, debug; using default" },
    { "OTEL_LOG_LEVEL=a\nb\x1b[1m\xc3\xa9",
      "OTEL_LOG_LEVEL: \"a?b?[1m??\" is not one of none, error, warn, info, debug; using default" },
    { "OTEL_AUTO_CONSOLE_FORMAT=" LONG_64,
      "OTEL_AUTO_CONSOLE_FORMAT: \"" LONG_64 "\" is not one of json, tree; using default" },
    { "OTEL_AUTO_CONSOLE_FORMAT=" LONG_64 "z",
      "OTEL_AUTO_CONSOLE_FORMAT: \"" LONG_64 "...\" is not one of json, tree; using default" },
    { "OTEL_TRACES_EXPORTER=otlq,stdout",
      "OTEL_TRACES_EXPORTER: \"otlq,stdout\" is not one of none, otlp, console, otlp/stdout, otlp/file, "
      "zipkin, plugin:PATH; using default" },
    { "OTEL_TRACES_EXPORTER=console, otlq",
      "OTEL_TRACES_EXPORTER: \"otlq\" is not one of none, otlp, console, otlp/stdout, otlp/file, "
      "zipkin, plugin:PATH; skipped" },
    { "OTEL_TRACES_EXPORTER=x,console,y,z",
      "OTEL_TRACES_EXPORTER: \"x\" (and 2 more) is not one of none, otlp, console, otlp/stdout, otlp/file, "
      "zipkin, plugin:PATH; skipped" },
    { "OTEL_TRACES_EXPORTER=none,otlp",
      "OTEL_TRACES_EXPORTER: \"none,otlp\" has none among other words; using none" },
    { "OTEL_SERVICE_NAME=a\xff", "OTEL_SERVICE_NAME: \"a?\" is not UTF-8; ignored" },
    { "OTEL_RESOURCE_ATTRIBUTES=a=b,c=%zz,d=e",
      "OTEL_RESOURCE_ATTRIBUTES: \"c=%zz\" is not key=value in percent-encoded UTF-8; the whole variable is "
      "ignored" },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318",
      "OTEL_EXPORTER_OTLP_ENDPOINT: \"collector:4318\" is not an http:// or https:// URL; ignored" },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=ftp://user:secret@host",
      "OTEL_EXPORTER_OTLP_ENDPOINT: the value is not an http:// or https:// URL; ignored" },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://h/?key=sec ret",
      "OTEL_EXPORTER_OTLP_ENDPOINT: the value is not an http:// or https:// URL; ignored" },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317",
      "OTEL_EXPORTER_OTLP_ENDPOINT: port 4317 is usual for grpc, the protocol is http/protobuf; used as it stands" },
    { "OTEL_EXPORTER_OTLP_HEADERS=secret",
      "OTEL_EXPORTER_OTLP_HEADERS: item 1 is not name=value; skipped (1 skipped in all)" },
    { "OTEL_EXPORTER_OTLP_HEADERS=a=secret,b=secret%0d,c d=secret",
      "OTEL_EXPORTER_OTLP_HEADERS: item 2 has a control character in its value; skipped (2 skipped in all)" },
    { "OTEL_EXPORTER_OTLP_TRACES_HEADERS=Content-Type=secret",
      "OTEL_EXPORTER_OTLP_TRACES_HEADERS: item 1 is a header that the exporter sets itself; skipped "
      "(1 skipped in all)" },
    { "OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING=a=b,c,d",
      "OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING: \"c\" is not host[:port][/path]=name; skipped" },
    { "OTEL_ENTITIES=a{k=v};b;c{k=v}",
      "OTEL_ENTITIES: \"b\" is malformed, or replaced by a later one of its type; skipped" },
    { "OTEL_TRACES_SAMPLER=xray",
      "OTEL_TRACES_SAMPLER: \"xray\": its server is not asked for rules; keeping one trace a second and 5 % of the "
      "others" },
    { "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=9999",
      "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: \"9999\" is more than the queue holds; using 512" },
};

Test(message, text_of_each)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        LOAD((char *)(uintptr_t)rows[i].variable);
        cr_assert_str_eq(captured_line(), rows[i].line);
        cr_assert_eq(captured.levels[0], OA_LOG_WARN);
    }
}

Test(message, ratio)
{
    LOAD("OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=2");
    cr_assert_str_eq(captured_line(), "OTEL_TRACES_SAMPLER_ARG: \"2\" is not a ratio from 0 to 1; using default");
}

/* A user's part, or a key in a query. */
Test(message, secrets_of_a_samplers_endpoint)
{
    static const char line[] =
        "OTEL_TRACES_SAMPLER_ARG: the value is not a list of endpoint=, pollingIntervalMs= and "
        "initialSamplingRate=; using default";

    LOAD("OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=endpoint=http://u:secret@h,pollingInterval=x");
    cr_assert_str_eq(captured_line(), line);
    LOAD("OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=endpoint=http://h/s?key=secret,x");
    cr_assert_str_eq(captured_line(), line);
}

Test(message, no_room)
{
    static char big[OA_ENV_TEXT + 32] = "OTEL_EXPORTER_OTLP_HEADERS=a=";

    memset(big + strlen(big), 's', sizeof(big) - strlen(big) - 1);
    LOAD(big);
    cr_assert_str_eq(captured_line(), "OTEL_EXPORTER_OTLP_HEADERS: no room for 32772 bytes (32768 for all variables "
                                      "together); ignored");
}

Test(message, too_many_headers)
{
    char text[1024];
    size_t len = (size_t)snprintf(text, sizeof(text), "OTEL_EXPORTER_OTLP_HEADERS=a=secret");

    for (int i = 1; i < 80; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, ",b=secret");
    LOAD(text);
    cr_assert_str_eq(captured_line(),
                     "OTEL_EXPORTER_OTLP_HEADERS: item 65 is one too many; skipped (1 skipped in all)");
}

Test(message, one_line_per_variable)
{
    LOAD("OTEL_SDK_DISABLED=1", "OTEL_TRACES_EXPORTER=none,x,y", "OTEL_EXPORTER_OTLP_HEADERS=a,b,c",
         "OTEL_RESOURCE_ATTRIBUTES=a,b", "OTEL_BSP_EXPORT_TIMEOUT=1m", "OTEL_SERVICE_NAME=fine");
    cr_assert_eq(captured.count, 5);
    for (int i = 0; i < captured.count; i++)
        cr_assert_null(strchr(captured.lines[i], '\n'));
}
