/* What was packed is unpacked again by protobuf-c.
 * SOURCES: sdk/encode/otlp_metrics.c sdk/encode/otlp_attrs.c sdk/encode/otlp_resource.c sdk/metrics/instruments.c
 * preload/metric.c
 * sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c
 * build/gen/sdk/encode/proto/metrics.pb-c.c build/gen/sdk/encode/proto/common.pb-c.c
 * build/gen/sdk/encode/proto/resource.pb-c.c tests/support/collection_fixture.c
 * LIBS: -lprotobuf-c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_metrics.h"
#include "sdk/encode/proto/metrics.pb-c.h"
#include "tests/support/collection_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_collection collection;
static struct oa_resource resource;
static struct oa_arena arena;
static struct oa_otlp_request body;
static OaOtlp__ExportMetricsServiceRequest *request;

static void pack(void)
{
    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    oa_arena_init(&arena, 4096, 1u << 20);
    cr_assert_eq(oa_otlp_metrics_request(&collection, &resource, &arena, &body), 0);
    cr_assert_eq(body.part_count, 1);
    request = oa_otlp__export_metrics_service_request__unpack(NULL, body.bytes, (const uint8_t *)body.parts[0].ptr);
    cr_assert(request);
    cr_assert_eq(request->n_resource_metrics, 1);
}

static const OaOtlp__Metric *find(const char *name, const char *scope)
{
    const OaOtlp__ResourceMetrics *all = request->resource_metrics[0];

    for (size_t s = 0; s < all->n_scope_metrics; s++)
        for (size_t m = 0; m < all->scope_metrics[s]->n_metrics; m++) {
            const OaOtlp__Metric *metric = all->scope_metrics[s]->metrics[m];

            if (metric->name.len == strlen(name) && memcmp(metric->name.data, name, strlen(name)) == 0) {
                cr_assert_str_eq(all->scope_metrics[s]->scope->name, scope);
                cr_assert_str_eq(all->scope_metrics[s]->scope->version, OA_SDK_VERSION);
                cr_assert_str_eq(all->scope_metrics[s]->schema_url, OA_SCHEMA_URL);
                return metric;
            }
        }
    cr_assert_fail("no %s", name);
    return NULL;
}

static bool is(ProtobufCBinaryData data, const char *text)
{
    return data.len == strlen(text) && memcmp(data.data, text, data.len) == 0;
}

Test(otlp_metrics, h6_120_resource_and_scopes)
{
    pack();
    cr_assert_eq(request->resource_metrics[0]->resource->n_attributes, 4);
    cr_assert_str_eq(request->resource_metrics[0]->schema_url, OA_SCHEMA_URL);
    cr_assert_eq(request->resource_metrics[0]->n_scope_metrics, 3, "HTTP, connections, process");
}

Test(otlp_metrics, explicit_histogram)
{
    pack();
    const OaOtlp__Metric *metric = find("http.server.request.duration", "libotel-auto.http");

    cr_assert(is(metric->unit, "s") && metric->description.len);
    cr_assert_eq(metric->data_case, OA_OTLP__METRIC__DATA_HISTOGRAM);
    cr_assert_eq(metric->histogram->aggregation_temporality, 2);
    const OaOtlp__HistogramDataPoint *point = metric->histogram->data_points[0];

    cr_assert_eq(point->count, 3);
    cr_assert_float_eq(point->sum, 0.0405, 1e-12);
    cr_assert_float_eq(point->min, 0.0005, 1e-12);
    cr_assert_float_eq(point->max, 0.02, 1e-12);
    cr_assert_eq(point->n_bucket_counts, 15);
    cr_assert_eq(point->n_explicit_bounds, 14);
    cr_assert_eq(point->explicit_bounds[0], 0.005);
    cr_assert_eq(point->explicit_bounds[13], 10.0);
    cr_assert_eq(point->bucket_counts[2], 2);
    cr_assert_eq(point->start_time_unix_nano, 1700000000000000001u);
    cr_assert_eq(point->time_unix_nano, 1700000060000000002u);
    cr_assert_eq(point->n_attributes, 2);
    cr_assert(is(point->attributes[0]->key, "http.request.method"));
    cr_assert_eq(point->attributes[1]->value->int_value, 200);
    cr_assert_eq(point->n_exemplars, 1);
    cr_assert_eq(point->exemplars[0]->as_double, 0.02);
    cr_assert_eq(point->exemplars[0]->trace_id.len, 16);
    cr_assert_eq(point->exemplars[0]->span_id.data[7], 2);
}

Test(otlp_metrics, exponential_histogram)
{
    pack();
    const OaOtlp__Metric *metric = find("http.client.request.duration", "libotel-auto.http");

    cr_assert_eq(metric->data_case, OA_OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM);
    cr_assert_eq(metric->exponential_histogram->aggregation_temporality, 1);
    const OaOtlp__ExponentialHistogramDataPoint *point = metric->exponential_histogram->data_points[0];

    cr_assert_eq(point->count, 7);
    cr_assert_eq(point->scale, 0);
    cr_assert_eq(point->zero_count, 2);
    cr_assert_eq(point->positive->offset, -1);
    cr_assert_eq(point->positive->n_bucket_counts, 3);
    cr_assert_eq(point->positive->bucket_counts[0], 4);
    cr_assert_eq(point->has_min_case, OA_OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__HAS_MIN_MIN,
                 "a minimum of 0 is told");
    cr_assert_eq(point->min, 0);
    cr_assert_eq(point->attributes[0]->value->bool_value, 1);
}

Test(otlp_metrics, sums_and_gauges)
{
    pack();
    const OaOtlp__Metric *active = find("http.server.active_requests", "libotel-auto.http");
    const OaOtlp__Metric *io = find("otel_auto.connection.io", "libotel-auto.net");
    const OaOtlp__Metric *uptime = find("process.uptime", "libotel-auto.process");
    const OaOtlp__Metric *cpu = find("process.cpu.time", "libotel-auto.process");

    cr_assert_not(active->sum->is_monotonic);
    cr_assert_eq(active->sum->data_points[0]->as_int, -1);
    cr_assert(io->sum->is_monotonic);
    cr_assert_eq(io->sum->n_data_points, 2);
    cr_assert_eq(uptime->data_case, OA_OTLP__METRIC__DATA_GAUGE);
    cr_assert_eq(uptime->gauge->data_points[0]->as_double, 2.5);
    cr_assert_eq(uptime->gauge->data_points[0]->start_time_unix_nano, 0);
    cr_assert_eq(cpu->sum->data_points[0]->as_double, 3.0);
}

Test(otlp_metrics, every_bound_of_memory)
{
    struct oa_test_memory memory = { 0 };

    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    while (oa_test_memory_grows(&memory))
        memory.err = oa_otlp_metrics_request(&collection, &resource, &memory.arena, &body);
    cr_assert_eq(memory.err, 0);
}
