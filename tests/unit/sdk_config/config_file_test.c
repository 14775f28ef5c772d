/* SOURCES: sdk/config/config_file.c sdk/config/walk.c sdk/config/paths.c sdk/config/sampler.c sdk/config/settings.c
 * sdk/config/substitute.c sdk/config/yaml_api.c env/resource.c env/text.c tests/support/log_capture.c
 * tests/support/convert.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "sdk/config/config_file.h"
#include "tests/support/convert.h"

Test(config_file, what_is_not_said_is_not_there)
{
    CONVERT("");
    expect("OTEL_TRACES_EXPORTER", "none");
    expect("OTEL_METRICS_EXPORTER", "none");
    expect("OTEL_LOGS_EXPORTER", "none");
    expect("OTEL_PROPAGATORS", "none");
    expect("OTEL_SDK_DISABLED", NULL);
    cr_assert_eq(captured.count, 0);
}

Test(config_file, traces)
{
    CONVERT("disabled: ${OFF}\n"
            "log_level: debug3\n"
            "attribute_limits: {attribute_count_limit: 64, attribute_value_length_limit: null}\n"
            "propagator:\n"
            "  composite:\n    - tracecontext:\n    - b3: {}\n"
            "  composite_list: 'baggage,tracecontext'\n"
            "tracer_provider:\n"
            "  processors:\n"
            "    - batch:\n"
            "        schedule_delay: 100\n        max_queue_size: 10\n"
            "        exporter:\n"
            "          otlp_http:\n"
            "            endpoint: http://c:4318/v1/traces\n"
            "            encoding: json\n"
            "            compression: gzip\n"
            "            headers:\n"
            "              - name: api-key\n                value: ${TOKEN}\n"
            "              - {name: b, value: 'c=d'}\n"
            "            tls: {ca_file: /ca.pem}\n"
            "  limits: {event_count_limit: 7}\n"
            "  sampler: {parent_based: {root: {trace_id_ratio_based: {ratio: '${RATIO}'}}}}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_SDK_DISABLED", "true");
    expect("OTEL_LOG_LEVEL", "debug");
    expect("OTEL_ATTRIBUTE_COUNT_LIMIT", "64");
    expect("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", NULL);
    expect("OTEL_PROPAGATORS", "tracecontext,b3,baggage,tracecontext");
    expect("OTEL_TRACES_EXPORTER", "otlp");
    expect("OTEL_AUTO_TRACES_PROCESSOR", "batch");
    expect("OTEL_BSP_SCHEDULE_DELAY", "100");
    expect("OTEL_BSP_MAX_QUEUE_SIZE", "10");
    expect("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/v1/traces");
    expect("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json");
    expect("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip");
    expect("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=s3cret%2C%20and%20more,b=c%3Dd");
    expect("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/ca.pem");
    expect("OTEL_SPAN_EVENT_COUNT_LIMIT", "7");
    expect("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
    expect("OTEL_TRACES_SAMPLER_ARG", "0.25");
    expect("OTEL_METRICS_EXPORTER", "none");
}

Test(config_file, metrics)
{
    CONVERT("meter_provider:\n"
            "  exemplar_filter: always_off\n"
            "  readers:\n"
            "    - periodic:\n"
            "        timeout: 5\n"
            "        exporter: {otlp_grpc: {endpoint: 'http://c:4317', temporality_preference: low_memory,\n"
            "          default_histogram_aggregation: base2_exponential_bucket_histogram}}\n"
            "    - pull: {exporter: {prometheus/development: {host: localhost, port: 9999,\n"
            "          scope_info_enabled: false, target_info_enabled/development: false,\n"
            "          translation_strategy: no_translation/development}}}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_METRICS_EXPORTER", "otlp,prometheus");
    expect("OTEL_AUTO_PROMETHEUS_SCOPE_INFO_ENABLED", "false");
    expect("OTEL_AUTO_PROMETHEUS_TARGET_INFO_ENABLED", "false");
    expect("OTEL_AUTO_PROMETHEUS_TRANSLATION_STRATEGY", "no_translation/development");
    expect("OTEL_METRICS_EXEMPLAR_FILTER", "always_off");
    expect("OTEL_METRIC_EXPORT_INTERVAL", "60000");
    expect("OTEL_METRIC_EXPORT_TIMEOUT", "5");
    expect("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc");
    expect("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:4317");
    expect("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory");
    expect("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram");
    expect("OTEL_EXPORTER_PROMETHEUS_HOST", "localhost");
    expect("OTEL_EXPORTER_PROMETHEUS_PORT", "9999");
    expect("OTEL_TRACES_EXPORTER", "none");
}

Test(config_file, resource)
{
    CONVERT("resource:\n"
            "  attributes:\n"
            "    - {name: service.name, value: \"a,b=c \\u00e9\"}\n"
            "    - {name: count, value: 7, type: int}\n"
            "  attributes_list: x=y,z=%20\n");
    expect("OTEL_RESOURCE_ATTRIBUTES", "x=y,z=%20,service.name=a%2Cb%3Dc%20%C3%A9,count=7");
}

Test(config_file, resource__a_bad_list_takes_nothing_along)
{
    CONVERT("resource:\n"
            "  attributes_list: a=b,c=%zz\n"
            "  attributes: [{name: service.name, value: own}]\n");
    expect("OTEL_RESOURCE_ATTRIBUTES", "service.name=own");
    expect_ignored("resource.attributes_list");
}

/* The last of a name counts: entries beat those of a list, wherever that stands. */
Test(config_file, lists_yield_to_entries)
{
    static const char *const orders[] = {
        "attributes_list: 'a=list,b=list'\n  attributes: [{name: a, value: own}]\n",
        "attributes: [{name: a, value: own}]\n  attributes_list: 'a=list,b=list'\n",
    };

    for (size_t i = 0; i < OA_COUNT(orders); i++) {
        char yaml[256];
        int n = snprintf(yaml, sizeof(yaml), HEAD "resource:\n  %s", orders[i]);

        cr_assert_eq(convert(yaml, (size_t)n), 0, "%s", captured.lines[0]);
        expect("OTEL_RESOURCE_ATTRIBUTES", "a=list,b=list,a=own");
    }
    CONVERT("logger_provider: {processors: [{batch: {exporter: {otlp_http: {\n"
            "  headers: [{name: k, value: own}], headers_list: 'k=list,l=list'}}}}]}\n"
            "propagator: {composite_list: 'baggage,b3', composite: [tracecontext: ]}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "k=list,l=list,k=own");
    expect("OTEL_PROPAGATORS", "tracecontext,baggage,b3");
}

/* What was meant for one receiver must not be sent to another. */
Test(config_file, a_second_exporter_gives_the_first_nothing)
{
    CONVERT("tracer_provider:\n"
            "  processors:\n"
            "    - batch: {exporter: {otlp_http: {endpoint: http://a:1/}}}\n"
            "    - batch: {exporter: {otlp_http: {endpoint: http://b:1/, compression: gzip,\n"
            "        headers: [{name: key, value: secret}], headers_list: 'key=secret'}}}\n"
            "    - batch: {exporter: {otlp_grpc: {headers: [{name: key, value: secret}], tls: {insecure: true}}}}\n");
    expect_ignored("here: tracer_provider.processors[].batch.exporter.otlp_http, "
                   "tracer_provider.processors[].batch.exporter.otlp_grpc (2 in all)");
    expect("OTEL_TRACES_EXPORTER", "otlp");
    expect("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:1/");
    expect("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", NULL);
    expect("OTEL_EXPORTER_OTLP_TRACES_HEADERS", NULL);
    expect("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", NULL);
    expect("OTEL_EXPORTER_OTLP_TRACES_INSECURE", NULL);
}

/* Of the SDK of metrics a file knows more than there is here: it is not passed over in silence. */
Test(config_file, metrics_that_there_are_not)
{
    CONVERT("meter_provider:\n"
            "  views: [{selector: {instrument_name: a}, stream: {aggregation: {drop: }}}]\n"
            "  readers:\n"
            "    - periodic:\n"
            "        max_export_batch_size/development: 100\n"
            "        cardinality_limits: {default: 50, counter: 20}\n"
            "        exporter: {console: }\n");
    expect_ignored("meter_provider.views, meter_provider.readers[].periodic.max_export_batch_size/development, "
                   "meter_provider.readers[].periodic.cardinality_limits.counter");
    expect("OTEL_AUTO_METRICS_CARDINALITY_LIMIT", "50");
}

Test(config_file, what_there_is_not_is_said_in_one_line)
{
    CONVERT("unknown: [1, 2]\n"
            "tracer_provider:\n"
            "  id_generator: {other: }\n"
            "  processors:\n"
            "    - batch: {exporter: {otlp_http: {endpoint: http://a:1/}}}\n"
            "    - batch: {exporter: {otlp_http: {endpoint: http://b:1/}}}\n"
            "    - simple: {exporter: {console: }}\n"
            "    - batch: {exporter: {other: {endpoint: x}}}\n");
    expect_ignored("unknown, tracer_provider.id_generator.other, "
                   "tracer_provider.processors[].batch.exporter.otlp_http, "
                   "tracer_provider.processors[].simple, ");
    expect("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:1/");
    expect("OTEL_TRACES_EXPORTER", "otlp,console");
}

/* Nothing of these is used, and one line says why. */
static const struct {
    const char *yaml, *why;
} bad[] = {
    { "", "is no mapping" },
    { "text", "is no mapping" },
    { "- a\n", "is no mapping" },
    { "disabled: true\n", "file_format" },
    { "file_format: '2.0'\n", "file_format" },
    { "file_format: ['1.1']\n", "file_format" },
    { HEAD "a: [b\n", "line 3" },
    { HEAD "a: *nobody\n", "line 2" },
    { HEAD "\tx: y\n", "line 2" },
    { HEAD "disabled: ${A:?b}\n", "disabled has a reference" },
    { HEAD "resource:\n  attributes_list: ${A\n  attributes: [{name: a, value: b}]\ndisabled: true\n",
      ": resource.attributes_list has a reference" },
    { HEAD "disabled: ${A\n", "reference" },
};

Test(config_file, bad_files_are_refused_as_a_whole)
{
    for (size_t i = 0; i < OA_COUNT(bad); i++) {
        cr_assert_lt(convert(bad[i].yaml, strlen(bad[i].yaml)), 0, "%s", bad[i].yaml);
        cr_assert_eq(captured.count, 1, "%s: %d lines", bad[i].yaml, captured.count);
        cr_assert(strstr(captured.lines[0], bad[i].why), "%s: %s", bad[i].yaml, captured.lines[0]);
        cr_assert(strstr(captured.lines[0], "continuing without telemetry"), "%s", captured.lines[0]);
    }
}

Test(config_file, rings_and_depth_end)
{
    char deep[2048] = HEAD "resource:\n  attributes_list: a=b\nx: ";

    CONVERT("tracer_provider: &a\n  limits: *a\n");
    expect_ignored("tracer_provider.limits.limits");
    CONVERT("resource: &a {attributes: [*a]}\n");
    expect_ignored("resource.attributes[]");
    memset(deep + strlen(deep), '[', 200);
    memset(deep + strlen(deep), ']', 200);
    cr_assert_eq(convert(deep, strlen(deep)), 0);
    expect("OTEL_RESOURCE_ATTRIBUTES", "a=b");
}

/* It would take libyaml many seconds. */
Test(config_file, brackets_without_end, .timeout = 5)
{
    static char yaml[200 * 1024] = HEAD "x: ";

    memset(yaml + strlen(yaml), '[', sizeof(yaml) - strlen(yaml) - 1);
    cr_assert_lt(convert(yaml, strlen(yaml)), 0);
    cr_assert_eq(captured.count, 1);
    cr_assert(strstr(captured.lines[0], "is too deep; continuing without telemetry"), "%s", captured.lines[0]);
}

Test(config_file, every_prefix_of_a_file)
{
    static const char yaml[] = HEAD "resource: {attributes: [{name: a, value: '${TOKEN}'}]}\n"
                                    "tracer_provider:\n  processors:\n    - batch: {exporter: {otlp_http: }}\n";

    for (size_t len = 0; len < sizeof(yaml); len++)
        (void)!convert(yaml, len);
}

Test(config_file, what_does_not_fit_is_refused)
{
    static char yaml[8192] = HEAD "resource:\n  attributes_list: ", text[64 * 1024];
    char *none[] = { NULL };
    size_t at = strlen(yaml);

    memset(yaml + at, 'x', 3000);
    cr_assert_lt(convert(yaml, strlen(yaml)), 0);
    cr_assert_eq(captured.count, 1);
    captured.count = 0;
    cr_assert_lt(oa_config_file_read("/nonexistent/file.yaml", none, text, sizeof(text)), 0);
    cr_assert_lt(oa_config_file_read("/tmp", none, text, sizeof(text)), 0);
    cr_assert_lt(oa_config_file_read("/dev/zero", none, text, sizeof(text)), 0);
    cr_assert_eq(captured.count, 3);
}
