/* SOURCES: sdk/metrics/observers.c preload/metric.c */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sdk/metrics/observers.h"

static struct oa_observation list[OA_OBSERVATIONS_MAX];
static uint32_t count;

static const struct oa_observation *find(enum oa_metric metric, const char *value)
{
    count = oa_observe(list);
    for (uint32_t i = 0; i < count; i++)
        if (list[i].metric == metric && (!*value || oa_slice_eq(list[i].attrs[0].str, oa_slice_of(value))))
            return &list[i];
    return NULL;
}

Test(observers, each_observable_instrument_is_there)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        if (oa_metric_info[i].group == OA_GROUP_PROCESS)
            cr_assert(find((enum oa_metric)i, ""), "instrument %d", i);
    cr_assert(count <= OA_OBSERVATIONS_MAX);
}

Test(observers, memory)
{
    int64_t before = find(OA_METRIC_PROCESS_MEMORY_USAGE, "")->value;
    char *volatile block = malloc(32u << 20); /* volatile: a compiler may do without the block otherwise */

    memset(block, 1, 32u << 20);
    cr_assert_geq(find(OA_METRIC_PROCESS_MEMORY_USAGE, "")->value, before + (31 << 20));
    cr_assert_geq(find(OA_METRIC_PROCESS_MEMORY_VIRTUAL, "")->value, before + (31 << 20));
    cr_assert_eq(block[1 << 20], 1);
    free(block);
}

Test(observers, descriptors)
{
    int64_t before = find(OA_METRIC_PROCESS_FD_COUNT, "")->value;
    int fd = open("/dev/null", O_RDONLY);

    cr_assert_eq(find(OA_METRIC_PROCESS_FD_COUNT, "")->value, before + 1);
    close(fd);
}

static void *wait_in(void *arg)
{
    pthread_barrier_wait(arg);
    pthread_barrier_wait(arg);
    return NULL;
}

static void *end_at_once(void *arg)
{
    return arg;
}

/* With the first thread of a process the thread sanitizer starts one of its own, which stays. */
static int64_t threads_behind_the_first(void)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, end_at_once, NULL), 0);
    pthread_join(thread, NULL);
    return find(OA_METRIC_PROCESS_THREAD_COUNT, "")->value;
}

Test(observers, threads)
{
    int64_t before = threads_behind_the_first();
    pthread_barrier_t barrier;
    pthread_t thread;

    pthread_barrier_init(&barrier, NULL, 2);
    cr_assert_eq(pthread_create(&thread, NULL, wait_in, &barrier), 0);
    pthread_barrier_wait(&barrier);
    cr_assert_eq(find(OA_METRIC_PROCESS_THREAD_COUNT, "")->value, before + 1);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
}

Test(observers, faults_and_switches_have_their_words)
{
    cr_assert(find(OA_METRIC_PROCESS_PAGING_FAULTS, "minor")->value > 0);
    cr_assert(find(OA_METRIC_PROCESS_PAGING_FAULTS, "major"));
    cr_assert(find(OA_METRIC_PROCESS_CONTEXT_SWITCHES, "voluntary"));
    cr_assert(find(OA_METRIC_PROCESS_CPU_TIME, "user")->value >= 0);
}

Test(observers, uptime__of_a_process_that_is_young)
{
    int64_t uptime = find(OA_METRIC_PROCESS_UPTIME, "")->value;

    cr_assert(uptime >= 0 && uptime < 60000000000, "%lld ns", (long long)uptime);
}
