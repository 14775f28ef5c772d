/* Many threads count in the same series: nothing is lost, nothing counts twice.
 * SOURCES: tests/support/metrics.sources
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>

#include "tests/support/metrics_fixture.h"

#define THREADS 16
#define EACH 20000

static void *count(void *arg)
{
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        oa_test_request(i % 2 ? "/a" : "/b", (uint64_t)i);
        oa_test_active("GET", 1);
        oa_test_active("GET", -1);
    }
    return NULL;
}

Test(cells_threads, exact)
{
    pthread_t threads[THREADS];
    struct oa_collector collector;
    struct oa_metric_reader reader;
    struct oa_collection got;

    oa_test_metrics_start(NULL);
    oa_collector_init(&collector, true, 1, 1);
    cr_assert_eq(oa_collector_add(&collector, &reader, OA_TEMPORALITY_CUMULATIVE), 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < 20; i++) /* a reader in between disturbs nobody */
        (void)!oa_metric_reader_collect(&reader, oa_meter_own(), 10, &got);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    cr_assert_eq(oa_metric_reader_collect(&reader, oa_meter_own(), 10, &got), 0);
    cr_assert_eq(oa_test_point(&got, OA_METRIC_HTTP_SERVER_DURATION, "/a")->count, THREADS * EACH / 2);
    cr_assert_eq(oa_test_point(&got, OA_METRIC_HTTP_SERVER_DURATION, "/b")->count, THREADS * EACH / 2);
    cr_assert_eq(oa_test_point(&got, OA_METRIC_HTTP_SERVER_DURATION, "/b")->value,
                 (int64_t)THREADS * (EACH / 2) * (EACH - 2) / 2);
    cr_assert_eq(oa_test_point(&got, OA_METRIC_HTTP_SERVER_ACTIVE, "")->value, 0);
    cr_assert_eq(atomic_load(&oa_meter_own()->lost), 0);
}
