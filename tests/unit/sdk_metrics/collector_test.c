/* Readers over the same cells: intervals, lost exports, independence.
 * SOURCES: tests/support/metrics.sources */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/env.h"
#include "preload/ring.h"
#include "tests/support/metrics_fixture.h"

#define SETTINGS(...)     \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define MS 1000000ull
#define DURATION OA_METRIC_HTTP_SERVER_DURATION

static struct oa_collector collector;
static struct oa_metric_reader readers[2];
static struct oa_collection got;
static const struct oa_span_context sampled = {
    .valid = 1, .flags = OA_FLAG_SAMPLED, .trace_id = { 1 }, .span_id = { 2 }
};

static void begin(const char *const *settings, uint8_t preset, uint8_t second)
{
    oa_test_metrics_start(settings);
    oa_collector_init(&collector, true, 1, 7);
    cr_assert_eq(oa_collector_add(&collector, &readers[0], preset), 0);
    cr_assert_eq(oa_collector_add(&collector, &readers[1], second), 0);
}

static void begin_with(uint8_t preset)
{
    begin(NULL, preset, OA_ENV_TEMPORALITY_CUMULATIVE);
}

static const struct oa_point *collect_by(int reader, uint64_t now, const char *route)
{
    cr_assert_eq(oa_metric_reader_collect(&readers[reader], oa_meter_own(), now, &got), 0);
    return oa_test_point(&got, DURATION, route);
}

static const struct oa_point *collect(uint64_t now, const char *route)
{
    return collect_by(0, now, route);
}

static void told(void)
{
    oa_metric_reader_told(&readers[0]);
}

Test(collector, h6_129_cumulative_keeps_its_start)
{
    begin_with(OA_ENV_TEMPORALITY_CUMULATIVE);
    oa_test_request("/a", MS);
    uint64_t start = collect(100, "/a")->start_unix_ns;

    told();
    cr_assert_eq(collect(200, "/a")->count, 1, "all known series each time");
    cr_assert_eq(collect(200, "/a")->start_unix_ns, start);
    oa_test_request("/a", MS);
    cr_assert_eq(collect(300, "/a")->count, 2);
    cr_assert_eq(collect(300, "/a")->time_unix_ns, 300);
}

Test(collector, h6_128_each_series_starts_with_its_first_measurement)
{
    begin_with(OA_ENV_TEMPORALITY_CUMULATIVE);
    oa_test_request("/a", MS);
    uint64_t first = collect(100, "/a")->start_unix_ns;

    for (volatile int i = 0; i < 100000; i++)
        ;
    oa_test_request("/b", MS);
    cr_assert_gt(collect(100, "/b")->start_unix_ns, first);
}

Test(collector, h6_129_delta_intervals_touch)
{
    begin_with(OA_ENV_TEMPORALITY_DELTA);
    oa_test_request("/a", 2 * MS);
    const struct oa_point *point = collect(100, "/a");

    cr_assert_eq(point->count, 1);
    cr_assert_eq(point->start_unix_ns, oa_meter_own()->start_unix_ns);
    told();
    cr_assert_null(collect(200, "/a"), "only series with new measurements");
    told();
    oa_test_request("/a", 3 * MS);
    oa_test_request("/a", 4 * MS);
    point = collect(300, "/a");
    cr_assert_eq(point->count, 2);
    cr_assert_eq(point->value, (int64_t)(7 * MS));
    cr_assert_eq(point->start_unix_ns, 200, "where the last one ended");
    cr_assert_eq(point->min, 3 * MS);
    cr_assert_eq(point->max, 4 * MS);
}

/* An export that fails is part of the next one: minimum, maximum and exemplars too. */
Test(collector, delta__a_lost_export_is_told_again)
{
    begin_with(OA_ENV_TEMPORALITY_DELTA);
    oa_test_request_in("/a", 2 * MS, &sampled);
    (void)collect(100, "/a");
    oa_test_request("/a", 9 * MS);
    const struct oa_point *point = collect(200, "/a");

    cr_assert_eq(point->count, 2);
    cr_assert_eq(point->min, 2 * MS);
    cr_assert_eq(point->max, 9 * MS);
    cr_assert_eq(point->exemplar_count, 1);
    cr_assert_eq(point->start_unix_ns, oa_meter_own()->start_unix_ns);
    readers[0].told_unix_ns = 0;
    told();
    oa_test_request("/a", MS);
    cr_assert_eq(collect(300, "/a")->count, 1);
    cr_assert_eq(collect(300, "/a")->max, MS);
}

/* C.6: collecting by one reader does not disturb another. */
Test(collector, readers_are_independent)
{
    begin(NULL, OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_DELTA);
    oa_test_request("/a", 5 * MS);
    (void)collect(100, "/a");
    told();
    oa_test_request("/a", MS);
    const struct oa_point *point = collect_by(1, 150, "/a");

    cr_assert_eq(point->count, 2);
    cr_assert_eq(point->min, MS);
    cr_assert_eq(point->max, 5 * MS, "harvested by the other, told by both");
    point = collect(200, "/a");
    cr_assert_eq(point->count, 1);
    cr_assert_eq(point->max, MS);
}

Test(collector, h6_125_an_exemplar_is_told_once)
{
    begin_with(OA_ENV_TEMPORALITY_CUMULATIVE);
    oa_test_request_in("/a", MS, &sampled);
    cr_assert_eq(collect(6000, "/a")->exemplar_count, 1);
    told();
    cr_assert_eq(collect(7000, "/a")->exemplar_count, 0);
}

Test(collector, up_down__cumulative_under_each_preset)
{
    for (uint8_t preset = OA_ENV_TEMPORALITY_CUMULATIVE; preset <= OA_ENV_TEMPORALITY_LOWMEMORY; preset++) {
        begin_with(preset);
        oa_test_active("GET", 1);
        oa_test_active("GET", 1);
        (void)collect(100, "");
        told();
        oa_test_active("GET", -1);
        (void)collect(200, "");
        cr_assert_eq(got.stream[OA_METRIC_HTTP_SERVER_ACTIVE].temporality, OA_TEMPORALITY_CUMULATIVE);
        cr_assert_eq(oa_test_point(&got, OA_METRIC_HTTP_SERVER_ACTIVE, "")->value, 1);
    }
}

/* Observed numbers: the difference to the last one that was told, or the whole (H.6, 123). */
Test(collector, observed__by_temporality)
{
    const struct oa_point *point;

    begin_with(OA_ENV_TEMPORALITY_DELTA);
    (void)collect(100, "");
    point = oa_test_point(&got, OA_METRIC_PROCESS_CPU_TIME, "");
    cr_assert(point);
    cr_assert_eq(point->start_unix_ns, 7);
    int64_t before = point->value;

    told();
    for (volatile int i = 0; i < 3000000; i++)
        ;
    (void)collect(200, "");
    point = oa_test_point(&got, OA_METRIC_PROCESS_CPU_TIME, "");
    cr_assert_eq(point->start_unix_ns, 100);
    cr_assert(point->value < before + (int64_t)(50 * MS) && point->value >= 0);
    begin_with(OA_ENV_TEMPORALITY_LOWMEMORY);
    (void)collect(100, "");
    told();
    (void)collect(200, "");
    cr_assert_eq(oa_test_point(&got, OA_METRIC_PROCESS_CPU_TIME, "")->start_unix_ns, 7, "cumulative");
}

Test(collector, nothing_counted__what_is_observed_is_told)
{
    begin_with(OA_ENV_TEMPORALITY_CUMULATIVE);
    cr_assert_eq(oa_metric_reader_collect(&readers[0], NULL, 100, &got), 0);
    cr_assert_gt(got.point_count, 5);
    cr_assert_null(oa_test_point(&got, DURATION, ""));
}

Test(collector, exponential__delta_at_the_scale_in_force)
{
    begin(SETTINGS("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram"),
          OA_ENV_TEMPORALITY_DELTA, OA_ENV_TEMPORALITY_CUMULATIVE);
    for (int i = 0; i < 100; i++)
        oa_test_request("/a", MS + (uint64_t)i);
    cr_assert_eq(collect(100, "/a")->count, 100);
    told();
    for (uint64_t i = 1; i <= 50; i++)
        oa_test_request("/a", i * i * i * MS); /* lowers the scale */
    const struct oa_point *point = collect(200, "/a");
    uint64_t in_buckets = 0;

    for (uint32_t i = 0; i < point->bucket_count; i++)
        in_buckets += point->buckets[i];
    cr_assert_eq(point->count, 50);
    cr_assert_eq(in_buckets, 50);
    cr_assert_eq(collect_by(1, 300, "/a")->count, 150);
}

Test(collector, many_series)
{
    char route[24];

    begin_with(OA_ENV_TEMPORALITY_DELTA);
    for (int i = 0; i < 2500; i++) {
        snprintf(route, sizeof(route), "/%d", i);
        oa_test_request(route, MS);
    }
    (void)collect(100, "/7");
    cr_assert_eq(got.stream[DURATION].count, 2001, "2000 and the one for the rest");
    uint64_t total = 0;

    for (uint32_t i = 0; i < got.stream[DURATION].count; i++)
        total += got.stream[DURATION].points[i].count;
    cr_assert_eq(total, 2500, "each measurement is in exactly one");
}

Test(collector, broken_memory_is_left_alone)
{
    begin_with(OA_ENV_TEMPORALITY_CUMULATIVE);
    oa_test_request("/a", MS);
    oa_meter_own()->group_words[OA_GROUP_HTTP_SERVER] = 65000;
    cr_assert_null(collect(100, "/a"));
    cr_assert(collector.broken);
}
