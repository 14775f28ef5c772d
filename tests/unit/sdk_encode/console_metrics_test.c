/* The texts were compared with what OpenTelemetry Python's ConsoleMetricExporter, version 1.45, prints of such data.
 * SOURCES: sdk/encode/console_metrics.c sdk/encode/console_parts.c sdk/encode/json.c sdk/encode/buf.c
 * sdk/metrics/instruments.c preload/metric.c sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c
 * sdk/model/extras_reader.c
 * sdk/model/iso_time.c sdk/model/utf8.c preload/base/arena.c preload/base/hex.c tests/support/collection_fixture.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/console.h"
#include "tests/support/collection_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_collection collection;
static struct oa_resource resource;
static struct oa_arena arena;

static const char *json(void)
{
    struct oa_slice text;

    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    oa_arena_init(&arena, 4096, 1u << 20);
    cr_assert_eq(oa_console_metrics_json(&collection, &resource, &arena, &text), 0);
    return strndup(text.ptr, text.len);
}

static void has(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "no\n%s\nin\n%s", part, text);
}

Test(console_metrics, frame)
{
    const char *text = json();

    has(text,
        "{\n    \"resource_metrics\": [\n        {\n            \"resource\": {\n                \"attributes\": {\n"
        "                    \"service.name\": \"shop\",\n");
    has(text, "            \"scope_metrics\": [\n                {\n                    \"scope\": {\n"
              "                        \"name\": \"libotel-auto.http\",\n"
              "                        \"version\": \"" OA_SDK_VERSION "\",\n"
              "                        \"schema_url\": \"" OA_SCHEMA_URL "\",\n"
              "                        \"attributes\": null\n                    },\n"
              "                    \"metrics\": [\n                        {\n"
              "                            \"name\": \"http.server.request.duration\",\n"
              "                            \"description\": \"Duration of HTTP server requests.\",\n"
              "                            \"unit\": \"s\",\n                            \"data\": {\n"
              "                                \"data_points\": [\n");
    cr_assert_str_eq(text + strlen(text) - 3, "\n}\n");
}

#define IN "                                        "

Test(console_metrics, histogram)
{
    const char *text = json();

    has(text, IN "\"attributes\": {\n" IN "    \"http.request.method\": \"GET\",\n" IN
                 "    \"http.response.status_code\": 200\n" IN "},\n" IN
                 "\"start_time_unix_nano\": 1700000000000000001,\n" IN "\"time_unix_nano\": 1700000060000000002,\n" IN
                 "\"count\": 3,\n" IN "\"sum\": 0.0405,\n" IN "\"bucket_counts\": [\n" IN "    1,\n" IN "    0,\n" IN
                 "    2,\n");
    has(text, IN "\"explicit_bounds\": [\n" IN "    0.005,\n" IN "    0.01,\n");
    has(text,
        IN "    10.0\n" IN "],\n" IN "\"min\": 0.0005,\n" IN "\"max\": 0.02,\n" IN "\"exemplars\": [\n" IN
           "    {\n" IN "        \"filtered_attributes\": {},\n" IN "        \"value\": 0.02,\n" IN
           "        \"time_unix_nano\": 1700000060000000001,\n" IN "        \"span_id\": 14771806777775226882,\n" IN
           "        \"trace_id\": 227297987279220614266551007307938922497\n" IN "    }\n" IN "]\n");
    has(text, "                                \"aggregation_temporality\": 2\n                            }\n");
}

Test(console_metrics, exponential)
{
    has(json(), IN "\"count\": 7,\n" IN "\"sum\": 9.0,\n" IN "\"scale\": 0,\n" IN "\"zero_count\": 2,\n" IN
                   "\"positive\": {\n" IN "    \"offset\": -1,\n" IN "    \"bucket_counts\": [\n" IN "        4,\n" IN
                   "        0,\n" IN "        1\n" IN "    ]\n" IN "},\n" IN "\"negative\": {\n" IN
                   "    \"offset\": 0,\n" IN "    \"bucket_counts\": [\n" IN "        0\n" IN "    ]\n" IN "},\n" IN
                   "\"flags\": 0,\n" IN "\"min\": 0.0,\n" IN "\"max\": 4.0,\n" IN "\"exemplars\": []\n");
}

Test(console_metrics, sums_and_gauges)
{
    const char *text = json();

    has(text, IN "\"value\": -1,\n" IN "\"exemplars\": []\n"
                 "                                    }\n                                ],\n"
                 "                                \"aggregation_temporality\": 2,\n"
                 "                                \"is_monotonic\": false\n");
    has(text, "\"is_monotonic\": true\n");
    has(text, IN
        "\"attributes\": {},\n" IN "\"start_time_unix_nano\": null,\n" IN
        "\"time_unix_nano\": 1700000060000000002,\n" IN "\"value\": 2.5,\n" IN "\"exemplars\": []\n"
        "                                    }\n                                ]\n                            }\n");
}

Test(console_metrics, lines)
{
    struct oa_slice text;

    oa_test_collection(&collection);
    oa_arena_init(&arena, 4096, 1u << 20);
    cr_assert_eq(oa_console_metrics_lines(&collection, &arena, &text), 0);
    const char *copy = strndup(text.ptr, text.len);

    has(copy, "http.server.request.duration {http.request.method=\"GET\", http.response.status_code=200} count 3, "
              "sum 0.0405, "
              "min 0.0005, max 0.02 s\n");
    has(copy, "otel_auto.connection.io {network.io.direction=\"a\\\"b\\\\c\\nd\"} 1 By\n");
    has(copy, "process.uptime 2.5 s\n");
}

Test(console_metrics, every_bound_of_memory)
{
    struct oa_slice text;
    struct oa_test_memory memory = { 0 };

    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    while (oa_test_memory_grows(&memory))
        memory.err = oa_console_metrics_json(&collection, &resource, &memory.arena, &text);
    cr_assert_eq(memory.err, 0);
}
