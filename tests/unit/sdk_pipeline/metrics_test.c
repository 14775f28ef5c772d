/* When metrics leave: intervals, missed ones, failures, the end (otel-environment C.7).
 * SOURCES: sdk/pipeline/metrics.c tests/support/metrics.sources tests/support/test_host.c */
#include <criterion/criterion.h>
#include <string.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "sdk/pipeline/metrics.h"
#include "tests/support/metrics_fixture.h"
#include "tests/support/test_host.h"

#define MS OA_NS_PER_MS
#define DURATION OA_METRIC_HTTP_SERVER_DURATION

static struct oa_metrics metrics;
static uint64_t now = 1000 * OA_NS_PER_MS, took;
static uint64_t last_deadline, last_count;
static int exports, shutdowns, flushes, collectings, answer;

static uint64_t fake_now(void)
{
    return now;
}

static int export_metrics(struct oa_exporter *self, const struct oa_collection *collection, uint64_t deadline)
{
    const struct oa_point *point = oa_test_point(collection, DURATION, "");

    (void)self;
    exports++;
    last_deadline = deadline;
    last_count = point ? point->count : 0;
    now += took;
    return answer;
}

static int shut_down(struct oa_exporter *self, uint64_t deadline)
{
    (void)self;
    (void)deadline;
    shutdowns++;
    return 0;
}

static int force_flush(struct oa_exporter *self, uint64_t deadline)
{
    (void)self;
    (void)deadline;
    flushes++;
    return 0;
}

static void collecting(void)
{
    collectings++;
}

static struct oa_exporter exporter = { .export_metrics = export_metrics,
                                       .shutdown = shut_down,
                                       .force_flush = force_flush };

static void begin_as(uint8_t id, uint32_t interval_ms)
{
    oa_test_host_reset();
    oa_test_metrics_start(NULL);
    oa_test_env.metric_export_interval_ms = interval_ms;
    oa_test_env.metric_export_timeout_ms = 30000;
    oa_test_env.otlp_metrics_temporality = OA_ENV_TEMPORALITY_DELTA;
    oa_test_host.cells = oa_meter_own;
    oa_test_host.collecting = collecting;
    oa_metrics_init(&metrics, &oa_test_host, fake_now);
    cr_assert_eq(oa_metrics_add(&metrics, &exporter, id), 0);
}

static void begin(uint32_t interval_ms)
{
    begin_as(OA_ENV_EXPORTER_otlp, interval_ms);
}

static uint64_t work(void)
{
    return oa_metrics_work(&metrics, 0, 0);
}

Test(metrics, first_export_is_one_interval_after_the_start)
{
    begin(100);
    oa_test_request("/a", MS);
    cr_assert_eq(work(), 100 * MS);
    cr_assert_eq(exports, 0);
    now += 99 * MS;
    cr_assert_eq(work(), MS);
    now += MS;
    cr_assert_eq(work(), 100 * MS);
    cr_assert_eq(exports, 1);
    cr_assert_eq(collectings, 1, "hooks put down what they hold back");
    cr_assert_eq(last_deadline, 1100 * MS + 30000 * MS);
}

Test(metrics, intervals_are_from_start_to_start__missed_ones_are_skipped)
{
    begin(100);
    took = 30 * MS;
    now += 100 * MS;
    cr_assert_eq(work(), 70 * MS);
    took = 250 * MS;
    now += 70 * MS;
    cr_assert_eq(work(), 0, "two are over already");
    took = 0;
    cr_assert_eq(work(), 50 * MS, "one of them is made up for, the other is not");
    cr_assert_eq(exports, 3);
}

Test(metrics, default_intervals)
{
    begin(OA_ENV_UNSET);
    cr_assert_eq(work(), 60000 * MS);
    begin_as(OA_ENV_EXPORTER_console, OA_ENV_UNSET);
    cr_assert_eq(work(), 10000 * MS);
}

Test(metrics, a_failed_export_is_told_again)
{
    begin(100);
    oa_test_request("/a", MS);
    answer = -1;
    now += 100 * MS;
    (void)work();
    oa_test_request("/a", MS);
    answer = 0;
    now += 100 * MS;
    (void)work();
    cr_assert_eq(last_count, 2);
    now += 100 * MS;
    (void)work();
    cr_assert_eq(last_count, 0);
}

Test(metrics, the_end__a_last_collection_then_shutdown)
{
    begin(60000);
    oa_test_request("/a", MS);
    cr_assert_eq(oa_metrics_work(&metrics, OA_WORK_SHUTDOWN, now + 200 * MS), UINT64_MAX);
    cr_assert_eq(exports, 1);
    cr_assert_eq(last_count, 1);
    cr_assert_eq(last_deadline, now + 200 * MS);
    cr_assert_eq(shutdowns, 1);
}

Test(metrics, the_end__of_a_process_that_counted_nothing)
{
    begin(60000);
    (void)oa_metrics_work(&metrics, OA_WORK_SHUTDOWN, now + 200 * MS);
    cr_assert_eq(exports, 0);
    cr_assert_eq(shutdowns, 1);
}

static uint32_t add_nothing(void *user OA_UNUSED, struct oa_observation *list OA_UNUSED, uint32_t count)
{
    return count;
}

Test(metrics, the_end__of_one_that_gives_an_account_of_itself)
{
    begin(60000);
    metrics.collector.more.add = add_nothing;
    (void)oa_metrics_work(&metrics, OA_WORK_SHUTDOWN, now + 200 * MS);
    cr_assert_eq(exports, 1);
    cr_assert_eq(shutdowns, 1);
}

Test(metrics, flush__collects_and_flushes)
{
    begin(60000);
    oa_test_request("/a", MS);
    (void)oa_metrics_work(&metrics, OA_WORK_FLUSH, now + 200 * MS);
    cr_assert_eq(exports, 1);
    cr_assert_eq(flushes, 1);
    cr_assert_eq(shutdowns, 0);
}

Test(metrics, no_time_limit)
{
    begin(100);
    metrics.timeout_ms = 0;
    now += 100 * MS;
    (void)work();
    cr_assert_eq(last_deadline, 0);
}
