/* Times of operations, on clocks that a test may move.
 * SOURCES: hooks/instrumentation/op.c preload/pool.c preload/ring.c preload/shared_memory.c sdk/api/ids.c
 * preload/base/rng.c */
#include <criterion/criterion.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hooks/instrumentation/op.h"

OA_TLS struct oa_thread oa_thread;

#define AWAY_NS (OA_NS_PER_MS * 6 / 10) /* within the time for which a look is good */

static int look;          /* at clocks, since the last reset */
static int away_after;    /* the look after which the thread does not run for a while */
static uint64_t away_ns;  /* for how long it has not run by now */
static uint64_t moved_ns; /* by how much the wall clock was set forward */

/* In place of libc's. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
    int err = (int)syscall(SYS_clock_gettime, id, ts);
    uint64_t ns = (uint64_t)ts->tv_sec * OA_NS_PER_S + (uint64_t)ts->tv_nsec + away_ns;

    ns += id == CLOCK_REALTIME ? moved_ns : 0;
    ts->tv_sec = (time_t)(ns / OA_NS_PER_S);
    ts->tv_nsec = (long)(ns % OA_NS_PER_S);
    if (++look == away_after)
        away_ns += AWAY_NS;
    return err;
}

static uint64_t start_unix_ns(void)
{
    struct oa_when when = { 0 };

    oa_when_now(&when);
    return when.unix_ns;
}

/* Between two of the wall clock's readings, give or take. */
static void is_right(const char *what, int number)
{
    uint64_t give = AWAY_NS / 2, low = oa_clock_unix_ns(), got = start_unix_ns();

    cr_assert(got + give > low && got < oa_clock_unix_ns() + give, "%s %d", what, number);
}

Test(when, start__is_what_the_wall_clock_says)
{
    for (int i = 0; i < 20000; i++)
        is_right("round", i);
}

/* Who looks at both clocks may lose the processor between the two: nobody's start is wrong for that. */
Test(when, start__after_a_look_that_was_interrupted)
{
    for (int after = 1; after < 20; after++) {
        away_ns += 2 * OA_NS_PER_MS; /* what was known is too old */
        look = 0;
        away_after = after;
        (void)start_unix_ns();
        away_after = 0;
        is_right("interrupted after look", after);
    }
}

Test(when, start__a_millisecond_after_the_wall_clock_was_set)
{
    uint64_t before = start_unix_ns();

    moved_ns = 3600 * OA_NS_PER_S;
    away_ns += OA_NS_PER_MS;
    cr_assert_gt(start_unix_ns() - before, moved_ns);
    is_right("set", 1);
}

/* A restored checkpoint. */
Test(when, start__after_the_monotonic_clock_was_set_back)
{
    away_ns = 3600 * OA_NS_PER_S;
    (void)start_unix_ns();
    away_ns = 0;
    moved_ns = 7200 * OA_NS_PER_S;
    is_right("set back", 1);
}

/* An end was taken before: the start is of the same moment. */
Test(when, start__of_a_time_taken_before)
{
    struct oa_when when = { 0 }, later = { 0 };

    oa_when_end(&when);
    away_ns += 20 * OA_NS_PER_MS;
    oa_when_now(&when);
    oa_when_now(&later);
    cr_assert_geq(later.mono_ns - when.mono_ns, 20 * OA_NS_PER_MS);
    cr_assert_eq(later.unix_ns - when.unix_ns, later.mono_ns - when.mono_ns);
}
