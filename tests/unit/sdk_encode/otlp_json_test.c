/* OTLP in JSON, text by text (otel-environment E.3).
 * SOURCES: sdk/encode/otlp_json.c sdk/encode/otlp_json_extras.c sdk/encode/otlp_json_metrics.c sdk/encode/json.c
 * sdk/encode/buf.c
 * sdk/metrics/instruments.c preload/metric.c sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c
 * sdk/model/extras_reader.c
 * sdk/model/utf8.c preload/base/arena.c preload/base/hex.c tests/support/collection_fixture.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_json.h"
#include "tests/support/collection_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_collection collection;
static struct oa_resource resource;
static struct oa_arena arena;

static void begin(void)
{
    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    oa_arena_init(&arena, 4096, 1u << 20);
}

static void has(const char *text, const char *part)
{
    cr_assert(strstr(text, part), "no %s in %s", part, text);
}

Test(otlp_json, spans)
{
    static const struct oa_slice items[] = { { "a", 1 } };
    static const struct oa_attr_view attrs[] = {
        { .key = { "s", 1 }, .type = OA_ATTR_STR, .str = { "\xc3\xa4\"\n", 4 } },
        { .key = { "i", 1 }, .type = OA_ATTR_INT, .num = INT64_MIN },
        { .key = { "b", 1 }, .type = OA_ATTR_BOOL, .num = 0 },
        { .key = { "d", 1 }, .type = OA_ATTR_DOUBLE, .real = 1.5 },
        { .key = { "l", 1 }, .type = OA_ATTR_ARR, .items = items, .item_count = 1 },
    };
    struct oa_span_view views[] = {
        { .trace_id = { 1 },
          .span_id = { 2 },
          .parent_id = { 3 },
          .has_parent = true,
          .parent_remote = true,
          .flags = 1,
          .name = { "GET", 3 },
          .kind = OA_SPAN_SERVER,
          .status = OA_STATUS_ERROR,
          .start_unix_ns = 5,
          .end_unix_ns = 7,
          .attrs = attrs,
          .attr_count = 5,
          .attr_dropped = 2,
          .tracestate = { "a=b", 3 } },
        { .trace_id = { 4 },
          .span_id = { 5 },
          .name = { "job", 3 },
          .kind = OA_SPAN_INTERNAL,
          .scope = OA_SCOPE_PROCESS },
    };
    struct oa_batch batch = { .spans = views, .count = 2 };
    struct oa_slice text;

    begin();
    cr_assert_eq(oa_otlp_json_spans(&batch, &resource, &arena, &text), 0);
    const char *json = strndup(text.ptr, text.len);

    cr_assert_null(strchr(json, '\n'), "one line");
    has(json, "{\"resourceSpans\": [{\"resource\": {\"attributes\": [{\"key\": \"service.name\", \"value\": "
              "{\"stringValue\": \"shop\"}}");
    has(json, "\"scopeSpans\": [{\"scope\": {\"name\": \"libotel-auto.http\"");
    has(json, "{\"traceId\": \"01000000000000000000000000000000\", \"spanId\": \"0200000000000000\", \"traceState\": "
              "\"a=b\", \"parentSpanId\": \"0300000000000000\", \"flags\": 769, \"name\": \"GET\", \"kind\": 2, "
              "\"startTimeUnixNano\": \"5\", \"endTimeUnixNano\": \"7\"");
    has(json, "{\"key\": \"s\", \"value\": {\"stringValue\": \"\\u00e4\\\"\\n\"}}");
    has(json, "{\"key\": \"i\", \"value\": {\"intValue\": \"-9223372036854775808\"}}");
    has(json, "{\"key\": \"b\", \"value\": {\"boolValue\": false}}");
    has(json, "{\"key\": \"d\", \"value\": {\"doubleValue\": 1.5}}");
    has(json, "{\"key\": \"l\", \"value\": {\"arrayValue\": {\"values\": [{\"stringValue\": \"a\"}]}}}");
    has(json, "\"droppedAttributesCount\": 2, \"status\": {\"code\": 2}}");
    has(json, "\"spanId\": \"0500000000000000\", \"flags\": 256, \"name\": \"job\"");
    has(json, "\"status\": {}}");
}

Test(otlp_json, h4_89_events_and_links)
{
    static const struct oa_attr_view attrs[] = { { .key = { "i", 1 }, .type = OA_ATTR_INT, .num = 103 } };
    static const struct oa_event_view events[] = {
        { .unix_ns = 1700000000000000001u, .name = { "http.send.start", 15 } },
        { .unix_ns = 2, .name = { "GOT 1xx", 7 }, .attrs = attrs, .attr_count = 1, .attr_dropped = 3 },
    };
    static const struct oa_link_view links[] = {
        { .trace_id = { 1 }, .span_id = { 2 }, .flags = 1, .remote = true, .tracestate = { "a=b", 3 } },
        { .trace_id = { 3 }, .span_id = { 4 }, .attrs = attrs, .attr_count = 1, .attr_dropped = 4 },
    };
    static const struct oa_span_extras both = { events, links, 2, 5, 2, 6 },
                                       event = { .events = events, .event_count = 1 };
    struct oa_span_view views[] = { { .extras = &both }, { .extras = &event }, { .name = { "bare", 4 } } };
    struct oa_batch batch = { .spans = views, .count = 3 };
    struct oa_slice text;

    begin();
    cr_assert_eq(oa_otlp_json_spans(&batch, &resource, &arena, &text), 0);
    const char *json = strndup(text.ptr, text.len);

    has(json,
        "\"events\": [{\"timeUnixNano\": \"1700000000000000001\", \"name\": \"http.send.start\", "
        "\"attributes\": []}, {\"timeUnixNano\": \"2\", \"name\": \"GOT 1xx\", \"attributes\": [{\"key\": "
        "\"i\", \"value\": {\"intValue\": \"103\"}}], \"droppedAttributesCount\": 3}], \"droppedEventsCount\": 5, "
        "\"links\": [{\"traceId\": \"01000000000000000000000000000000\", \"spanId\": \"0200000000000000\", "
        "\"traceState\": \"a=b\", \"attributes\": [], \"flags\": 769}, {\"traceId\": "
        "\"03000000000000000000000000000000\", \"spanId\": \"0400000000000000\", \"attributes\": [{\"key\": \"i\", "
        "\"value\": {\"intValue\": \"103\"}}], \"droppedAttributesCount\": 4, \"flags\": 256}], "
        "\"droppedLinksCount\": 6, \"status\": {}}");
    has(json, "\"name\": \"http.send.start\", \"attributes\": []}], \"links\": [], \"status\": {}}");
    has(json, "\"name\": \"bare\", \"kind\": 0, \"startTimeUnixNano\": \"0\", \"endTimeUnixNano\": \"0\", "
              "\"attributes\": [], \"status\": {}}");
}

Test(otlp_json, metrics)
{
    struct oa_slice text;

    begin();
    cr_assert_eq(oa_otlp_json_metrics(&collection, &resource, &arena, &text), 0);
    const char *json = strndup(text.ptr, text.len);

    cr_assert_null(strchr(json, '\n'), "one line");
    has(json, "{\"resourceMetrics\": [{\"resource\": ");
    has(json, "\"histogram\": {\"dataPoints\": [{\"attributes\": [");
    has(json, "\"count\": \"3\", \"sum\": 0.0405, \"bucketCounts\": [\"1\", \"0\", \"2\", ");
    has(json, "\"explicitBounds\": [0.005, 0.01, ");
    has(json,
        "\"min\": 0.0005, \"max\": 0.02, \"exemplars\": [{\"timeUnixNano\": \"1700000060000000001\", \"asDouble\": "
        "0.02, \"spanId\": \"cd00000000000002\", \"traceId\": \"ab000000000000000000000000000001\"}]");
    has(json, "\"exponentialHistogram\": {\"dataPoints\": [");
    has(json, "\"scale\": 0, \"zeroCount\": \"2\", \"positive\": {\"offset\": -1, \"bucketCounts\": [\"4\", \"0\", "
              "\"1\"]}");
    has(json, "], \"aggregationTemporality\": 1}}");
    has(json, "\"asInt\": \"-1\"}], \"aggregationTemporality\": 2, \"isMonotonic\": false}");
    has(json, "\"gauge\": {\"dataPoints\": [{\"attributes\": [], \"timeUnixNano\": \"1700000060000000002\", "
              "\"asDouble\": 2.5}]}");
}

Test(otlp_json, every_bound_of_memory)
{
    struct oa_slice text;
    struct oa_test_memory memory = { 0 };

    begin();
    while (oa_test_memory_grows(&memory))
        memory.err = oa_otlp_json_metrics(&collection, &resource, &memory.arena, &text);
    cr_assert_eq(memory.err, 0);
}
