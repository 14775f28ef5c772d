/* SOURCES: sdk/config/config_file.c sdk/config/walk.c sdk/config/paths.c sdk/config/sampler.c sdk/config/settings.c
 * sdk/config/substitute.c sdk/config/yaml_api.c env/resource.c env/text.c
 * tests/support/log_capture.c tests/support/convert.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "tests/support/convert.h"

Test(config_signals, otlp_files)
{
    CONVERT("tracer_provider:\n"
            "  id_generator: {random: }\n"
            "  processors: [{batch: {exporter: {otlp_file/development: {output_stream: 'file:///a%20b/t.jsonl'}}}}]\n"
            "logger_provider: {processors: [{batch: {exporter: {otlp_file/development: }}}]}\n"
            "meter_provider:\n"
            "  readers:\n"
            "    - periodic: {exporter: {otlp_file/development: {output_stream: stdout,\n"
            "        temporality_preference: delta, default_histogram_aggregation: explicit_bucket_histogram}}}\n"
            "    - periodic: {exporter: {otlp_file/development: {output_stream: 'file:///m'}}}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_TRACES_EXPORTER", "otlp/file");
    expect("OTEL_AUTO_OTLP_FILE_TRACES_PATH", "/a b/t.jsonl");
    expect("OTEL_LOGS_EXPORTER", "otlp/stdout");
    expect("OTEL_METRICS_EXPORTER", "otlp/stdout,otlp/file");
    expect("OTEL_AUTO_OTLP_FILE_METRICS_PATH", "/m");
    expect("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta");
    expect("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram");
}

Test(config_signals, otlp_files_that_are_none)
{
    static const char *const streams[] = { "stderr",      "/tmp/x",      "file:/x",    "file://host/x",
                                           "file:///a%2", "file:///%00", "https://h/x" };

    for (size_t i = 0; i < OA_COUNT(streams); i++) {
        char yaml[256];
        int n = snprintf(yaml, sizeof(yaml),
                         HEAD "tracer_provider: {processors: [{batch: {exporter: {otlp_file/development: "
                              "{output_stream: '%s'}}}}]}\n",
                         streams[i]);

        cr_assert_eq(convert(yaml, (size_t)n), 0, "%s", captured.lines[0]);
        expect_ignored("tracer_provider.processors[].batch.exporter.otlp_file/development");
        expect("OTEL_TRACES_EXPORTER", "none");
    }
}

Test(config_signals, detectors)
{
    CONVERT("resource:\n"
            "  detection/development:\n"
            "    attributes: {included: [a], excluded: [process.command_args, 'os.*']}\n"
            "    detectors:\n      - host:\n      - process: {}\n");
    expect_ignored("resource.detection/development.attributes.included");
    expect("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "host,process");
    expect("OTEL_RESOURCE_DISABLED_KEYS", "process.command_args,os.*");
    CONVERT("resource:\n");
    expect("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "none");
}

Test(config_signals, logs)
{
    CONVERT("logger_provider:\n"
            "  processors:\n"
            "    - batch:\n"
            "        schedule_delay: 200\n        export_timeout: 3000\n"
            "        max_queue_size: 20\n        max_export_batch_size: 5\n"
            "        exporter:\n"
            "          otlp_http:\n"
            "            endpoint: http://c:4318/v1/logs\n"
            "            encoding: json\n"
            "            timeout: 4000\n"
            "            headers_list: a=b\n"
            "            tls: {ca_file: /ca.pem, cert_file: /c.pem, key_file: /k.pem}\n"
            "  limits: {attribute_count_limit: 9, attribute_value_length_limit: 80}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_LOGS_EXPORTER", "otlp");
    expect("OTEL_AUTO_LOGS_PROCESSOR", "batch");
    expect("OTEL_AUTO_TRACES_PROCESSOR", NULL);
    expect("OTEL_BLRP_SCHEDULE_DELAY", "200");
    expect("OTEL_BLRP_EXPORT_TIMEOUT", "3000");
    expect("OTEL_BLRP_MAX_QUEUE_SIZE", "20");
    expect("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "5");
    expect("OTEL_BSP_MAX_QUEUE_SIZE", NULL);
    expect("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "9");
    expect("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "80");
    expect("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318/v1/logs");
    expect("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json");
    expect("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "4000");
    expect("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b");
    expect("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/ca.pem");
    expect("OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", "/c.pem");
    expect("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY", "/k.pem");
    expect("OTEL_TRACES_EXPORTER", "none");
}

Test(config_signals, logs_by_simple_processors)
{
    CONVERT("logger_provider:\n"
            "  processors:\n"
            "    - simple: {exporter: {console: }}\n"
            "    - simple: {exporter: {otlp_grpc: {endpoint: 'http://c:4317', tls: {insecure: true}}}}\n"
            "tracer_provider: {processors: [{batch: {exporter: {console: }}}]}\n");
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    expect("OTEL_LOGS_EXPORTER", "console,otlp");
    expect("OTEL_AUTO_LOGS_PROCESSOR", "simple");
    expect("OTEL_AUTO_TRACES_PROCESSOR", "batch");
    expect("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc");
    expect("OTEL_EXPORTER_OTLP_LOGS_INSECURE", "true");
}

Test(config_signals, logs_that_there_are_not)
{
    CONVERT("logger_provider:\n"
            "  logger_configurator/development: {default_config: {enabled: false}}\n"
            "  limits: {other: 1}\n"
            "  processors:\n"
            "    - batch: {exporter: {console: }}\n"
            "    - simple: {exporter: {otlp_file/development: {output_stream: stdout}}}\n"
            "    - event_to_span_event_bridge/development:\n");
    expect_ignored("logger_provider.logger_configurator/development, logger_provider.limits.other, "
                   "logger_provider.processors[].simple, "
                   "logger_provider.processors[].event_to_span_event_bridge/development");
    expect("OTEL_LOGS_EXPORTER", "console,otlp/stdout");
    expect("OTEL_AUTO_LOGS_PROCESSOR", "batch");
}
