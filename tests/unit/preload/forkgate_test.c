/* SOURCES: preload/forkgate.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/forkgate.h"

#define ROUNDS 20000

static atomic_int opening_now, forking_now, together;

Test(forkgate, forkgate__open_and_fork_in_turn)
{
    errno = 77;
    oa_forkgate_before_fork();
    oa_forkgate_parent();
    oa_forkgate_enter();
    oa_forkgate_leave();
    oa_forkgate_before_fork();
    cr_expect_not(oa_forkgate_child());
    oa_forkgate_enter();
    oa_forkgate_leave();
    cr_expect_eq(errno, 77);
}

Test(forkgate, forkgate__child_of_an_unseen_fork)
{
    oa_forkgate_enter();
    cr_expect(oa_forkgate_child());
    cr_expect_not(oa_forkgate_child(), "said once");
}

static void *opens_for_long(void *arg)
{
    (void)arg;
    oa_forkgate_enter();
    atomic_store(&opening_now, 1);
    usleep(30000);
    atomic_store(&opening_now, 0);
    oa_forkgate_leave();
    return NULL;
}

Test(forkgate, forkgate__fork_waits_for_an_opening)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, opens_for_long, NULL), 0);
    while (!atomic_load(&opening_now))
        usleep(100);
    oa_forkgate_before_fork();
    cr_expect_eq(atomic_load(&opening_now), 0);
    oa_forkgate_parent();
    pthread_join(thread, NULL);
}

Test(forkgate, forkgate__neither_waits_for_ever)
{
    uint64_t began = oa_clock_mono_ns();

    oa_forkgate_enter();
    oa_forkgate_before_fork(); /* the same thread: nobody will leave */
    cr_expect_lt(oa_clock_mono_ns() - began, 5 * OA_NS_PER_S);
    oa_forkgate_enter(); /* and nobody will come back from the fork */
    cr_expect_lt(oa_clock_mono_ns() - began, 10 * OA_NS_PER_S);
}

static void *opens_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        oa_forkgate_enter();
        atomic_store(&opening_now, 1);
        if (atomic_load(&forking_now))
            atomic_store(&together, 1);
        atomic_store(&opening_now, 0);
        oa_forkgate_leave();
    }
    return NULL;
}

static void *forks_often(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        oa_forkgate_before_fork();
        atomic_fetch_add(&forking_now, 1);
        if (atomic_load(&opening_now))
            atomic_store(&together, 1);
        atomic_fetch_sub(&forking_now, 1);
        oa_forkgate_parent();
    }
    return NULL;
}

Test(forkgate, forkgate__never_at_once)
{
    pthread_t threads[3];

    cr_assert_eq(pthread_create(&threads[0], NULL, opens_often, NULL), 0);
    cr_assert_eq(pthread_create(&threads[1], NULL, forks_often, NULL), 0);
    cr_assert_eq(pthread_create(&threads[2], NULL, forks_often, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(atomic_load(&together), 0);
}

#ifdef OA_FORKGATE_WORK
static uint64_t fork_takes_ns(void)
{
    uint64_t began = oa_clock_mono_ns();

    oa_forkgate_before_fork();
    oa_forkgate_parent();
    return oa_clock_mono_ns() - began;
}

Test(forkgate, work__holds_a_fork_up_but_for_what_only_waits)
{
    oa_forkgate_work(true);
    cr_expect_geq(fork_takes_ns(), OA_NS_PER_S, "nobody will leave");
    oa_forkgate_wait(1);
    cr_expect_lt(fork_takes_ns(), OA_NS_PER_S);
    oa_forkgate_wait(0);
    cr_expect_geq(fork_takes_ns(), OA_NS_PER_S);
    oa_forkgate_work(false);
    oa_forkgate_wait(1); /* in the exit path there is no helper */
    oa_forkgate_wait(0);
    cr_expect_lt(fork_takes_ns(), OA_NS_PER_S);
}
#endif
