/* SOURCES: sdk/exporters/plugin_views.c sdk/metrics/instruments.c preload/metric.c sdk/model/batch.c sdk/model/log_view.c
 * sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c
 * tests/support/batch_fixture.c
 *   tests/support/span_record.c tests/support/collection_fixture.c tests/support/log_batch.c sdk/model/resource.c */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "sdk/exporters/plugin_views.h"
#include "sdk/metrics/instruments.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/collection_fixture.h"
#include "tests/support/log_batch.h"

static struct oa_arena arena;
static struct oa_resource resource;
static struct otel_auto_resource shown;
static struct oa_collection collection;

static bool is(struct otel_auto_text text, const char *expected)
{
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

static const struct otel_auto_attribute *find(const struct otel_auto_attributes *attributes, const char *key)
{
    for (size_t i = 0; i < attributes->count; i++)
        if (is(attributes->list[i].key, key))
            return &attributes->list[i];
    return NULL;
}

static void start(size_t bytes_max)
{
    oa_test_collection(&collection);
    oa_arena_init(&arena, 1024, bytes_max);
    resource = oa_test_resource();
    cr_assert_eq(oa_plugin_resource(&resource, &arena, &shown), 0);
}

Test(plugin_views, resource)
{
    start(1u << 20);
    cr_expect_eq(shown.struct_size, sizeof(shown));
    cr_expect(is(shown.schema_url, "https://opentelemetry.io/schemas/1.44.0"));
    cr_expect(is(find(&shown.attributes, "service.name")->value.text, "shop"));
    cr_expect_eq(find(&shown.attributes, "process.pid")->type, OTEL_AUTO_INT);
    cr_expect_eq(find(&shown.attributes, "process.pid")->value.number, 12);
    oa_arena_release(&arena);
}

static void fill(struct oa_batch *batch)
{
    struct oa_test_record record;

    oa_test_batch_init(batch);
    oa_test_record_init(&record, "GET /", "a=b");
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/x"));
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 80);
    oa_test_batch_add(batch, &record);
    oa_test_batch_add(batch, &record);
}

Test(plugin_views, events_and_links)
{
    struct oa_test_record record;
    struct otel_auto_spans spans;
    struct oa_batch batch;

    start(1u << 20);
    oa_test_batch_init(&batch);
    oa_test_record_init(&record, "GET /", "");
    oa_test_batch_add(&batch, &record);
    oa_test_record_event(&record, 5, "GOT 1xx");
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 103);
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xaa, 0xbb, "a=b");
    oa_test_record_close(&record);
    for (int i = 0; i < 130; i++) {
        oa_test_record_event(&record, 6, "e");
        oa_test_record_close(&record);
    }
    oa_test_batch_add(&batch, &record);
    cr_assert_eq(oa_plugin_spans(&batch, &shown, &arena, &spans), 0);
    cr_expect_eq(spans.list[0]->event_count + spans.list[0]->link_count, 0);
    cr_assert_eq(spans.list[1]->event_count, 128);
    cr_expect_eq(spans.list[1]->dropped_events, 3);
    cr_expect_eq(spans.list[1]->events[0]->struct_size, sizeof(struct otel_auto_event));
    cr_expect_eq(spans.list[1]->events[0]->time_unix_ns, 5);
    cr_expect(is(spans.list[1]->events[0]->name, "GOT 1xx"));
    cr_expect_eq(find(&spans.list[1]->events[0]->attributes, "http.response.status_code")->value.number, 103);
    cr_assert_eq(spans.list[1]->link_count, 1);
    cr_expect_eq(spans.list[1]->links[0]->struct_size, sizeof(struct otel_auto_link));
    cr_expect_eq(spans.list[1]->links[0]->trace_id[15], 0xaa);
    cr_expect_eq(spans.list[1]->links[0]->span_id[0], 0xbb);
    cr_expect_eq(spans.list[1]->links[0]->flags, 0x301);
    cr_expect(is(spans.list[1]->links[0]->trace_state, "a=b"));
    oa_batch_release(&batch);
    oa_arena_release(&arena);
}

/* A plug-in of the first version of the header knows a span as long as this; what it reads stands where it did. */
Test(plugin_views, what_the_first_version_knew_has_not_moved)
{
    cr_expect_eq(offsetof(struct otel_auto_span, attributes), 136);
    cr_expect_eq(offsetof(struct otel_auto_span, events), 152);
    cr_expect_eq(offsetof(struct otel_auto_log, body), 56);
    cr_expect_eq(offsetof(struct otel_auto_log, attributes), 104);
    cr_expect_eq(offsetof(struct otel_auto_log, severity_text), 120);
}

Test(plugin_views, spans)
{
    struct oa_batch batch;
    struct otel_auto_spans spans;
    const struct otel_auto_span *span;
    const struct oa_span_view *view;

    start(1u << 20);
    fill(&batch);
    cr_assert_eq(oa_plugin_spans(&batch, &shown, &arena, &spans), 0);
    cr_assert_eq(spans.count, 2);
    cr_expect_eq(spans.resource, &shown);
    span = spans.list[1];
    view = &batch.spans[1];
    cr_expect_eq(span->struct_size, sizeof(*span));
    cr_expect_arr_eq(span->trace_id, view->trace_id, 16);
    cr_expect_arr_eq(span->span_id, view->span_id, 8);
    cr_expect_eq(span->flags, (uint32_t)view->flags | 0x100u | (view->parent_remote ? 0x200u : 0));
    cr_expect_eq(span->kind, view->kind);
    cr_expect_eq(span->start_unix_ns, view->start_unix_ns);
    cr_expect_eq(span->end_unix_ns, view->end_unix_ns);
    cr_expect(is(span->name, "GET /") && is(span->trace_state, "a=b"));
    cr_expect(is(span->scope_version, OA_SDK_VERSION));
    cr_expect(is(find(&span->attributes, "url.path")->value.text, "/x"));
    cr_expect_eq(find(&span->attributes, "server.port")->value.number, 80);
    oa_batch_release(&batch);
    oa_arena_release(&arena);
}

/* Types that spans of ours rarely have. */
Test(plugin_views, attribute_types)
{
    static const struct oa_slice items[] = { { "a", 1 }, { "b", 1 } };
    const struct oa_attr_view attrs[] = {
        { .key = OA_SLICE("bool"), .type = OA_ATTR_BOOL, .num = 1 },
        { .key = OA_SLICE("double"), .type = OA_ATTR_DOUBLE, .real = 0.5 },
        { .key = OA_SLICE("texts"), .type = OA_ATTR_ARR, .item_count = 2, .items = items },
        { .key = OA_SLICE("none"), .type = OA_ATTR_ARR },
    };
    struct oa_resource odd = { .attrs = (struct oa_attr_view *)(uintptr_t)attrs, .attr_count = 4, .schema_url = "" };
    const struct otel_auto_attribute *texts;

    oa_arena_init(&arena, 1024, 1u << 20);
    cr_assert_eq(oa_plugin_resource(&odd, &arena, &shown), 0);
    cr_expect_eq(find(&shown.attributes, "bool")->type, OTEL_AUTO_BOOL);
    cr_expect_eq(find(&shown.attributes, "bool")->value.number, 1);
    cr_expect_eq(find(&shown.attributes, "double")->value.real, 0.5);
    texts = find(&shown.attributes, "texts");
    cr_assert_eq(texts->count, 2);
    cr_expect(is(texts->value.texts[0], "a") && is(texts->value.texts[1], "b"));
    cr_expect_eq(find(&shown.attributes, "none")->count, 0);
    oa_arena_release(&arena);
}

static const struct otel_auto_metric *metric(const struct otel_auto_metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (is(metrics->list[i]->name, name))
            return metrics->list[i];
    return NULL;
}

Test(plugin_views, metrics)
{
    struct otel_auto_metrics metrics;
    const struct otel_auto_metric *duration;
    const struct otel_auto_point *point;

    start(1u << 20);
    cr_assert_eq(oa_plugin_metrics(&collection, &shown, &arena, &metrics), 0);
    duration = metric(&metrics, "http.server.request.duration");
    cr_assert(duration);
    cr_expect_eq(duration->kind, OTEL_AUTO_HISTOGRAM);
    cr_expect(is(duration->unit, "s"));
    cr_expect_not(duration->is_integer);
    point = duration->points[0];
    cr_expect_eq(point->bucket_count, oa_metric_bounds(OA_METRIC_HTTP_SERVER_DURATION)->count + 1);
    cr_expect_float_eq(point->bounds[0], 0.005, 1e-12);
    cr_expect_gt(point->count, 0);
    for (size_t i = 0; i < metrics.count; i++)
        cr_expect_eq(metrics.list[i]->temporality == 0, metrics.list[i]->kind == OTEL_AUTO_GAUGE);
    oa_arena_release(&arena);
}

Test(plugin_views, logs)
{
    struct oa_batch batch = oa_test_log_batch();
    struct otel_auto_logs logs;
    const struct otel_auto_log *log;

    start(1u << 20);
    cr_assert_eq(oa_plugin_logs(&batch, &shown, &arena, &logs), 0);
    cr_expect_eq(logs.struct_size, sizeof(logs));
    cr_expect_eq(logs.resource, &shown);
    cr_assert_eq(logs.count, OA_TEST_LOG_BATCH);
    log = logs.list[0];
    cr_expect_eq(log->struct_size, sizeof(*log));
    cr_expect_eq(log->time_unix_ns, 1700000000000000000u);
    cr_expect_eq(log->observed_unix_ns, 1700000000012345678u);
    cr_expect_eq(log->severity, 17);
    cr_expect_eq(log->flags, 1);
    cr_expect_eq(log->trace_id[15], 16);
    cr_expect_eq(log->span_id[7], 0xa8);
    cr_expect(is(log->body, "disk \"sda\" \xc3\xa9\n"));
    cr_expect(is(log->severity_text, "err") && is(log->event_name, "disk.full"));
    cr_expect(is(log->scope_name, "libotel-auto.syslog") && is(log->scope_version, OA_SDK_VERSION));
    cr_expect_eq(log->attributes.count, 5);
    cr_expect_eq(find(&log->attributes, "syslog.facility")->value.number, 3);
    cr_expect_eq(logs.list[1]->time_unix_ns + logs.list[1]->severity + logs.list[1]->trace_id[0], 0);
    cr_expect_eq(logs.list[1]->severity_text.len + logs.list[1]->event_name.len + logs.list[1]->attributes.count, 0);
    cr_expect_eq(logs.list[2]->dropped_attributes, 2);
    oa_arena_release(&arena);
}

Test(plugin_views, every_bound_of_memory)
{
    struct oa_batch batch, records = oa_test_log_batch();
    struct otel_auto_spans spans;
    struct otel_auto_metrics metrics;
    struct otel_auto_logs logs;
    bool all = false;

    fill(&batch);
    oa_test_collection(&collection);
    for (size_t bytes = 0; !all && bytes < 1u << 20; bytes += 64) {
        oa_arena_init(&arena, 64, bytes);
        resource = oa_test_resource();
        all = oa_plugin_resource(&resource, &arena, &shown) == 0;
        all = oa_plugin_spans(&batch, &shown, &arena, &spans) == 0 && all;
        all = oa_plugin_metrics(&collection, &shown, &arena, &metrics) == 0 && all;
        all = oa_plugin_logs(&records, &shown, &arena, &logs) == 0 && all;
        oa_arena_release(&arena);
    }
    cr_expect(all);
    oa_batch_release(&batch);
}
