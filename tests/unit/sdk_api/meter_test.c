/* Recording, as a collection sees it.
 * SOURCES: tests/support/metrics.sources */
#include <criterion/criterion.h>
#include <string.h>

#include "env/env.h"
#include "preload/thread.h"
#include "tests/support/metrics_fixture.h"

#define SETTINGS(...)     \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define MS 1000000ull

static struct oa_collector collector;
static struct oa_metric_reader reader;
static struct oa_collection got;

static void begin(const char *const *settings)
{
    oa_test_metrics_start(settings);
    oa_collector_init(&collector, true, 1, 1);
    cr_assert_eq(oa_collector_add(&collector, &reader, OA_ENV_TEMPORALITY_CUMULATIVE), 0);
}

static const struct oa_point *collect(const char *route)
{
    cr_assert_eq(oa_metric_reader_collect(&reader, oa_meter_own(), 99, &got), 0);
    return oa_test_point(&got, OA_METRIC_HTTP_SERVER_DURATION, route);
}

static const struct oa_span_context sampled = {
    .valid = 1, .flags = OA_FLAG_SAMPLED, .trace_id = { 1 }, .span_id = { 2 }
};
static const struct oa_span_context unsampled = { .valid = 1, .trace_id = { 3 }, .span_id = { 4 } };

Test(meter, off__where_nobody_reads)
{
    begin(SETTINGS("OTEL_METRICS_EXPORTER=none"));
    cr_assert_not(oa_meter_on);
    oa_test_request("/a", MS);
    cr_assert_null(oa_meter_own());
    cr_assert_not(oa_meter_pending());
    begin(SETTINGS("OTEL_SDK_DISABLED=true"));
    cr_assert_not(oa_meter_on);
}

Test(meter, first_measurement__opens_the_cells_and_calls_the_helper)
{
    begin(NULL);
    cr_assert(oa_meter_on);
    cr_assert_null(oa_meter_own(), "nothing is mapped before");
    oa_test_request("/a", MS);
    cr_assert(oa_meter_own());
    cr_assert(oa_meter_pending());
    cr_assert(oa_thread.flags & OA_THREAD_RECORDED);
}

/* A bucket covers (lower, upper] (C.5); the boundaries are those of the semantic conventions (H.6, 118). */
Test(meter, h6_118_boundaries_are_upper_and_inclusive)
{
    begin(NULL);
    oa_test_request("/a", 5 * MS);
    oa_test_request("/a", 5 * MS + 1);
    oa_test_request("/a", 10000 * MS);
    oa_test_request("/a", 10000 * MS + 1);
    const struct oa_point *point = collect("/a");

    cr_assert_eq(point->bucket_count, 15);
    cr_assert_eq(point->buckets[0], 1);
    cr_assert_eq(point->buckets[1], 1);
    cr_assert_eq(point->buckets[13], 1);
    cr_assert_eq(point->buckets[14], 1);
    cr_assert_eq(point->count, 4);
    cr_assert(point->has_range);
    cr_assert_eq(point->min, 5 * MS);
    cr_assert_eq(point->max, 10000 * MS + 1);
}

Test(meter, zero_is_a_minimum)
{
    begin(NULL);
    oa_test_request("/a", 0);
    cr_assert(collect("/a")->has_range);
    cr_assert_eq(collect("/a")->min, 0);
    cr_assert_eq(collect("/a")->max, 0);
}

Test(meter, h6_125_exemplars_trace_based)
{
    begin(NULL);
    oa_test_request_in("/a", MS, &unsampled);
    oa_test_request_in("/a", MS, NULL);
    cr_assert_eq(collect("/a")->exemplar_count, 0);
    oa_test_request_in("/a", MS, &sampled);
    const struct oa_point *point = collect("/a");

    cr_assert_eq(point->exemplar_count, 1);
    cr_assert_eq(point->exemplars[0].value, MS);
    cr_assert_eq(point->exemplars[0].time_unix_ns, 5000);
    cr_assert_eq(memcmp(point->exemplars[0].trace_id, sampled.trace_id, 16), 0);
    cr_assert_eq(memcmp(point->exemplars[0].span_id, sampled.span_id, 8), 0);
}

Test(meter, h6_125_exemplars_always_on)
{
    begin(SETTINGS("OTEL_METRICS_EXEMPLAR_FILTER=always_on"));
    oa_test_request_in("/a", MS, NULL);
    cr_assert_eq(collect("/a")->exemplar_count, 1);
}

Test(meter, h6_125_exemplars_always_off)
{
    begin(SETTINGS("OTEL_METRICS_EXEMPLAR_FILTER=always_off"));
    oa_test_request_in("/a", MS, &sampled);
    cr_assert_eq(collect("/a")->exemplar_count, 0);
    cr_assert_eq(oa_meter_own()->group_exemplars[OA_GROUP_HTTP_SERVER], 0, "no room is kept either");
}

/* One slot a bucket (H.6, 126), filled at random. */
Test(meter, h6_126_one_exemplar_a_bucket)
{
    begin(NULL);
    for (uint64_t i = 1; i <= 4000; i++)
        oa_test_request_in("/a", i * 4 * MS, &sampled);
    cr_assert_eq(collect("/a")->exemplar_count, 15);
}

Test(meter, exponential__by_variable)
{
    begin(SETTINGS("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram"));
    for (uint64_t i = 1; i <= 1000; i++)
        oa_test_request_in("/a", i * MS, &sampled);
    const struct oa_point *point = collect("/a");

    cr_assert(got.stream[OA_METRIC_HTTP_SERVER_DURATION].exponential);
    cr_assert_eq(point->count, 1000);
    cr_assert_leq(point->bucket_count, OA_EXP_BUCKETS);
    cr_assert(point->exemplar_count > 0 && point->exemplar_count <= OA_EXEMPLARS_EXP);
}

Test(meter, h6_131_attributes_are_not_cut)
{
    char route[3001];

    begin(SETTINGS("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=5", "OTEL_ATTRIBUTE_COUNT_LIMIT=1"));
    memset(route, 'r', sizeof(route) - 1);
    route[sizeof(route) - 1] = '\0';
    oa_test_request(route, MS);
    cr_assert(collect(route));
    cr_assert_eq(collect(route)->attr_count, 3);
}

Test(meter, forked__starts_with_nothing)
{
    begin(NULL);
    oa_test_request("/a", MS);
    oa_meter_forked();
    cr_assert_null(oa_meter_own());
    oa_test_request("/b", MS);
    oa_collector_init(&collector, true, 1, 1);
    cr_assert_eq(oa_collector_add(&collector, &reader, OA_ENV_TEMPORALITY_CUMULATIVE), 0);
    cr_assert_null(collect("/a"));
    cr_assert_eq(collect("/b")->count, 1);
}

Test(meter, family__is_there_from_the_start_and_stays)
{
    begin(SETTINGS("OTEL_METRICS_EXPORTER=prometheus"));
    struct oa_cells *family = oa_meter_family();

    cr_assert(family);
    oa_test_request("/a", MS);
    cr_assert_null(oa_meter_own(), "nobody is sent anything");
    oa_meter_forked();
    cr_assert_eq(oa_meter_family(), family);
    cr_assert_eq(atomic_load(&family->series_count), 1);
}

static void set_gauge(uint64_t value)
{
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_DNS_QUESTION_NAME, OA_SLICE("db.example"));
    oa_meter_record(&set, &(struct oa_measurement){ OA_METRIC_DNS_LOOKUP_ADDRESSES, value }, 1, NULL);
}

static int64_t gauge_now(void)
{
    const struct oa_point *point;

    cr_assert_eq(oa_metric_reader_collect(&reader, oa_meter_own(), 99, &got), 0);
    point = oa_test_point(&got, OA_METRIC_DNS_LOOKUP_ADDRESSES, "");
    cr_assert_eq(got.stream[OA_METRIC_DNS_LOOKUP_ADDRESSES].count, 1);
    cr_assert_eq(point->attr_count, 1);
    return point->value;
}

/* H.6, 115: what was set last, by whichever thread; also where it is nothing, and again where nothing is new. */
Test(meter, h6_115_gauge__is_what_was_set_last)
{
    for (int preset = OA_ENV_TEMPORALITY_CUMULATIVE; preset <= OA_ENV_TEMPORALITY_LOWMEMORY; preset++) {
        oa_test_metrics_start(SETTINGS(NULL));
        oa_collector_init(&collector, true, 1, 1);
        cr_assert_eq(oa_collector_add(&collector, &reader, (uint8_t)preset), 0);
        set_gauge(4);
        cr_assert_eq(gauge_now(), 4);
        oa_metric_reader_told(&reader);
        cr_assert_eq(gauge_now(), 4);
        oa_thread.flags ^= 3u << OA_THREAD_STRIPE; /* as another thread */
        set_gauge(6);
        cr_assert_eq(gauge_now(), 6);
        oa_thread.flags ^= 3u << OA_THREAD_STRIPE;
        set_gauge(0);
        cr_assert_eq(gauge_now(), 0);
    }
}
