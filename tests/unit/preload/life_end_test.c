/* The end of a process: libraries that its exit handlers shut down, and handlers that have interrupted code of ours.
 * The loader is played by the test.
 * SOURCES: preload/life.c preload/ring.c preload/shared_memory.c preload/fdtab.c preload/sigframe.c
 * preload/forkgate.c preload/base/log.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/life.h"
#include "preload/loader.h"
#include "preload/ring.h"
#include "preload/thread.h"

static bool helper;
static int endings, drains, entered_while_draining;

void oa_loader_forked(bool by_libc)
{
    (void)by_libc;
}

bool oa_loader_has_helper(void)
{
    return helper;
}

void oa_loader_drain(uint64_t deadline_mono_ns, bool last)
{
    (void)deadline_mono_ns;
    drains += last;
    entered_while_draining = oa_life_in_library(1) == 0;
    (void)oa_life_in_library(0);
}

static void ending(int status)
{
    (void)status;
    endings++;
}

static bool pending(void)
{
    return false;
}

static void start(uint32_t exit_timeout_ms)
{
    static const struct oa_life_ops ops = { .ending = ending, .pending = pending };

    cr_assert_eq(oa_ring_open(10), OA_OK);
    oa_life_start(&ops, exit_timeout_ms, false, false);
}

static _Atomic bool left;

static void *leaves_when_it_is_over(void *arg)
{
    (void)arg;
    while (oa_life_state() != OA_STATE_OFF)
        (void)usleep(1000);
    (void)usleep(20000);
    left = true;
    (void)oa_life_in_library(0);
    return NULL;
}

/* Also where the end is not to wait: exit handlers would take away what is in use. */
Test(life_end, exit__waits_until_a_library_is_left)
{
    pthread_t thread;

    start(0);
    cr_assert_eq(oa_life_in_library(1), 0);
    oa_life_before_exec();
    cr_assert_eq(pthread_create(&thread, NULL, leaves_when_it_is_over, NULL), 0);
    oa_life_exit(0);
    cr_assert(left);
    cr_assert_eq(drains, 0, "nothing is queued");
    cr_assert_neq(oa_life_in_library(1), 0, "too late");
    pthread_join(thread, NULL);
}

Test(life_end, exit__does_not_wait_for_a_library_that_has_returned)
{
    uint64_t began = oa_clock_mono_ns();

    start(200);
    oa_life_exit(oa_life_in_library(1) + oa_life_in_library(0));
    cr_assert_eq(drains, 0);
    cr_assert_lt(oa_clock_mono_ns() - began, 400 * OA_NS_PER_MS);
}

Test(life_end, exit__does_not_wait_for_ever_for_a_library)
{
    uint64_t began = oa_clock_mono_ns();

    start(0);
    cr_assert_eq(oa_life_in_library(1), 0);
    oa_life_exit(0);
    cr_assert_geq(oa_clock_mono_ns() - began, 400 * OA_NS_PER_MS);
}

/* What is queued goes out through it. */
Test(life_end, exit__the_last_drain_may_use_the_library)
{
    struct oa_record *record;

    start(200);
    record = oa_ring_reserve(64);
    cr_assert_not_null(record);
    oa_ring_commit(record);
    oa_life_exit(0);
    cr_assert(drains == 1 && entered_while_draining);
}

/* A handler of the program's has interrupted one of our hooks. */
Test(life_end, exit_within__lets_the_helper_drain_and_records_nothing)
{
    start(200);
    helper = true;
    oa_thread.depth = 1;
    oa_life_exit_within();
    oa_life_exit_within();
    cr_assert(drains == 1 && endings == 0);
    cr_assert_eq(oa_life_state(), OA_STATE_OFF);
}

Test(life_end, exit_within__leaves_alone_what_is_not_its_own)
{
    start(200);
    oa_thread.depth = 1;
    oa_life_exit_within(); /* nobody else may open anything here */
    helper = true;
    oa_thread.depth = OA_DEPTH_VFORK;
    oa_life_exit_within();
    oa_thread.depth = OA_DEPTH_VFORK + 1;
    oa_life_exit_within();
    cr_assert_eq(drains, 0);
    cr_assert_eq(oa_life_state(), OA_STATE_RECORD);
}

Test(life_end, exit_within__no_time_no_drain)
{
    start(0);
    helper = true;
    oa_thread.depth = 1;
    oa_life_exit_within();
    cr_assert_eq(drains, 0);
}
