/* SOURCES: env/env.c env/entities.c env/rules.c env/sampler_arg.c env/message.c env/table.c env/words.c
 * env/parse.c env/peers.c env/text.c env/url.c env/otlp.c env/unix_target.c env/resource.c env/headers.c
 * tests/support/log_capture.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/env.h"
#include "tests/support/log_capture.h"

static void expect_batch(uint32_t queue, uint32_t batch, int lines)
{
    cr_assert_eq(oa_env()->bsp_max_queue_size, queue);
    cr_assert_eq(oa_env()->bsp_max_export_batch_size, batch);
    cr_assert_eq(captured.count, lines, "%s", captured.lines[0]);
}

Test(rules, batch_size)
{
    LOAD("OTEL_BSP_MAX_QUEUE_SIZE=100");
    expect_batch(100, 100, 0);
    LOAD("OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=100");
    expect_batch(100, 100, 0);
    LOAD("OTEL_BSP_MAX_QUEUE_SIZE=100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=101");
    expect_batch(100, 100, 1);
    LOAD("OTEL_BSP_MAX_QUEUE_SIZE=600", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=700");
    expect_batch(600, 512, 1);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_bsp_max_export_batch_size), OA_ENV_IGNORED);
    LOAD("OTEL_BSP_MAX_EXPORT_BATCH_SIZE=2048");
    expect_batch(2048, 2048, 0);
    LOAD("OTEL_BSP_MAX_EXPORT_BATCH_SIZE=2049");
    expect_batch(2048, 512, 1);
    LOAD("OTEL_BSP_MAX_QUEUE_SIZE=1", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=0");
    expect_batch(1, 1, 1);
    LOAD("OTEL_BLRP_MAX_QUEUE_SIZE=100");
    cr_assert_eq(oa_env()->blrp_max_export_batch_size, 100);
    expect_batch(2048, 512, 0);
    LOAD("OTEL_BLRP_MAX_QUEUE_SIZE=600", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=700");
    cr_assert_eq(oa_env()->blrp_max_export_batch_size, 512);
    expect_batch(2048, 512, 1);
}

Test(rules, follows_bool)
{
    LOAD("OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=false", "OTEL_INSTRUMENTATION_HTTP_ENABLED=true",
         "OTEL_INSTRUMENTATION_DNS_ENABLED=perhaps");
    cr_assert(oa_env()->http_enabled && !oa_env()->dns_enabled && !oa_env()->net_enabled);
    cr_assert(!oa_env()->process_enabled && !oa_env()->default_enabled && !oa_env()->syslog_enabled);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_dns_enabled), OA_ENV_IGNORED);
    cr_assert_eq(oa_env_source(OA_ENV_ROW_net_enabled), OA_ENV_DEFAULT);
    LOAD("OTEL_EXPORTER_OTLP_INSECURE=true", "OTEL_EXPORTER_OTLP_METRICS_INSECURE=false");
    cr_assert(oa_env()->otlp_traces_insecure && !oa_env()->otlp_metrics_insecure);
    LOAD("OTEL_INSTRUMENTATION_HTTP_ENABLED=false");
    cr_assert(!oa_env()->http_enabled && oa_env()->dns_enabled && oa_env()->syslog_enabled);
    cr_assert(!oa_env()->stdio_enabled);
    LOAD("OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=false", "OTEL_INSTRUMENTATION_STDIO_ENABLED=true",
         "OTEL_INSTRUMENTATION_SYSLOG_ENABLED=true");
    cr_assert(oa_env()->stdio_enabled && oa_env()->syslog_enabled);
}

Test(rules, follows_number)
{
    LOAD("OTEL_ATTRIBUTE_COUNT_LIMIT=5", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=0");
    cr_assert_eq(oa_env()->span_attribute_count_limit, 5);
    cr_assert_eq(oa_env()->event_attribute_count_limit, 5);
    cr_assert_eq(oa_env()->link_attribute_count_limit, 5);
    cr_assert_eq(oa_env()->logrecord_attribute_count_limit, 5);
    cr_assert_eq(oa_env()->span_attribute_value_length_limit, 0);
    cr_assert_eq(oa_env()->logrecord_attribute_value_length_limit, 0);
    LOAD("OTEL_ATTRIBUTE_COUNT_LIMIT=5", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=9");
    cr_assert_eq(oa_env()->span_attribute_count_limit, 9);
    LOAD("OTEL_ATTRIBUTE_COUNT_LIMIT=5", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=-1");
    cr_assert_eq(oa_env()->span_attribute_count_limit, 5);
    cr_assert_eq(captured.count, 1);
}

static const struct {
    const char *sampler, *arg, *expected;
    int lines;
} args[] = {
    { "OTEL_TRACES_SAMPLER=traceidratio", "0.25", "0.25", 0 },
    { "OTEL_TRACES_SAMPLER=parentbased_traceidratio", " 1 ", "1", 0 },
    { "OTEL_TRACES_SAMPLER=traceidratio", "abc", "", 1 },
    { "OTEL_TRACES_SAMPLER=traceidratio", "-0.1", "", 1 },
    { "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "1.5", "", 1 },
    { "OTEL_TRACES_SAMPLER=traceidratio", "NaN", "", 1 },
    { "OTEL_TRACES_SAMPLER=always_on", "abc", "abc", 0 },
    { "OTEL_TRACES_SAMPLER=", "0.5", "", 0 },
    { "OTEL_TRACES_SAMPLER=bogus", "0.5", "", 1 },
    { "X=", "abc", "", 0 },
    { "OTEL_TRACES_SAMPLER=jaeger_remote", "initialSamplingRate=0.5", "initialSamplingRate=0.5", 0 },
    { "OTEL_TRACES_SAMPLER=PARENTBASED_JAEGER_REMOTE", "0.5", "", 1 },
    { "OTEL_TRACES_SAMPLER=PARENTBASED_JAEGER_REMOTE", "endpoint=ftp://h", "", 1 },
    /* one line says that the server is not asked */
    { "OTEL_TRACES_SAMPLER=xray", "endpoint=http://localhost:2000", "endpoint=http://localhost:2000", 1 },
};

Test(rules, sampler_argument)
{
    for (size_t i = 0; i < OA_COUNT(args); i++) {
        char arg[64];

        snprintf(arg, sizeof(arg), "OTEL_TRACES_SAMPLER_ARG=%s", args[i].arg);
        LOAD((char *)(uintptr_t)args[i].sampler, arg);
        cr_assert_str_eq(oa_env()->traces_sampler_arg, args[i].expected, "row %zu", i);
        cr_assert_eq(captured.count, args[i].lines, "row %zu", i);
    }
}

Test(rules, always_record__is_for_plug_ins)
{
    LOAD("OTEL_AUTO_ALWAYS_RECORD=true", "OTEL_TRACES_EXPORTER=otlp, plugin:/p.so");
    cr_assert(oa_env()->auto_always_record);
    cr_assert_eq(captured.count, 0);
    LOAD("OTEL_AUTO_ALWAYS_RECORD=true", "OTEL_METRICS_EXPORTER=plugin:/p.so");
    cr_assert_not(oa_env()->auto_always_record);
    cr_assert_eq(captured.count, 1);
    cr_assert_str_eq(captured.lines[0], "OTEL_AUTO_ALWAYS_RECORD: \"true\" is for plug-ins, and OTEL_TRACES_EXPORTER "
                                        "names none; ignored");
    LOAD("OTEL_AUTO_ALWAYS_RECORD=false");
    cr_assert_eq(captured.count, 0);
    LOAD("OTEL_AUTO_ALWAYS_RECORD=true", "OTEL_CONFIG_FILE=/f.yaml");
    cr_assert_eq(captured.count, 0, "the file will say who exports");
}

Test(rules, temporality__both_names_differ)
{
    LOAD("OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE=delta",
         "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative");
    cr_assert_eq(oa_env()->metrics_temporality, OA_ENV_TEMPORALITY_DELTA);
    cr_assert_eq(captured.count, 1);
    cr_assert_eq(captured.levels[0], OA_LOG_INFO);
    cr_assert_str_eq(captured.lines[0], "OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE: for OTLP, "
                                        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE decides");
    LOAD("OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE=delta",
         "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=DELTA");
    cr_assert_eq(captured.count, 0);
    LOAD("OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE=delta",
         "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=other");
    cr_assert_eq(captured.count, 1);
    cr_assert_eq(captured.levels[0], OA_LOG_WARN);
}

static const struct {
    const char *variable;
    const char *protocol;
    enum oa_env_source source;
    int lines;
} endpoints[] = {
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "X=", OA_ENV_SET, 0 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=HTTPS://c", "X=", OA_ENV_SET, 0 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=c:4318", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=ftp://c", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://a b", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://a\r\nX: y", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://a:port", "X=", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", OA_ENV_SET, 0 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=c:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", OA_ENV_SET, 0 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=unix:///x", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", OA_ENV_SET, 0 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=unix:///x", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json", OA_ENV_IGNORED, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "X=", OA_ENV_SET, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", OA_ENV_SET, 1 },
    { "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", OA_ENV_SET, 0 },
};

Test(rules, endpoint)
{
    for (size_t i = 0; i < OA_COUNT(endpoints); i++) {
        LOAD((char *)(uintptr_t)endpoints[i].variable, (char *)(uintptr_t)endpoints[i].protocol);
        cr_assert_eq(oa_env_source(OA_ENV_ROW_otlp_endpoint), endpoints[i].source, "row %zu", i);
        cr_assert_eq(*oa_env()->otlp_endpoint != '\0', endpoints[i].source == OA_ENV_SET, "row %zu", i);
        cr_assert_eq(captured.count, endpoints[i].lines, "row %zu: %s", i, captured.lines[0]);
    }
    LOAD("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=c:4317", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json",
         "OTEL_EXPORTER_OTLP_PROTOCOL=grpc");
    cr_assert_eq(oa_env_source(OA_ENV_ROW_otlp_traces_endpoint), OA_ENV_IGNORED);
}
