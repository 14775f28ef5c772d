#include "preload/forkgate.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "preload/base/clock.h"

#define WAIT_NS (200 * OA_NS_PER_MS) /* somebody else's allocator may be locked by now: never for good */

/* Each side puts up its own word before it looks at the other's (both sequentially consistent), so one
 * of two that come at once sees the other. Both words are what the other side sleeps on. */
static _Atomic uint32_t opening; /* 0 or 1 */
static _Atomic uint32_t forking; /* how many threads are between before_fork and parent */
static _Atomic uint32_t patient; /* an opening waits for forks: they need not wake anybody else */

static void wake(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Until the word is 0, or the time is over. */
static void wait_zero(_Atomic uint32_t *word, uint64_t end)
{
    uint64_t now = oa_clock_mono_ns();
    uint32_t seen;

    for (; now < end && (seen = atomic_load(word)) != 0; now = oa_clock_mono_ns()) {
        struct timespec left = { .tv_sec = (time_t)((end - now) / OA_NS_PER_S),
                                 .tv_nsec = (long)((end - now) % OA_NS_PER_S) };

        (void)syscall(SYS_futex, word, FUTEX_WAIT, seen, &left, NULL, 0);
    }
}

static void leave(_Atomic uint32_t *word)
{
    atomic_store(word, 0);
    wake(word);
}

static void enter(_Atomic uint32_t *word)
{
    uint64_t end = oa_clock_mono_ns() + WAIT_NS;

    atomic_store(word, 1);
    while (atomic_load(&forking) && oa_clock_mono_ns() < end) { /* who forks goes first */
        leave(word);
        atomic_store(&patient, 1);
        wait_zero(&forking, end);
        atomic_store(&patient, 0);
        atomic_store(word, 1);
    }
}

void oa_forkgate_enter(void)
{
    enter(&opening);
}

void oa_forkgate_leave(void)
{
    leave(&opening);
}

#ifdef OA_FORKGATE_WORK
#define WORK_WAIT_NS (2 * OA_NS_PER_S) /* an export may be in it; a child without an allocator is worse */

static _Atomic uint32_t working; /* 0 or 1 */

void oa_forkgate_work(bool begins)
{
    if (begins)
        enter(&working);
    else
        leave(&working);
}

void oa_forkgate_wait(int begins)
{
    static _Atomic bool in_work; /* not where a thread of the program's does the work */

    if (begins)
        atomic_store(&in_work, atomic_load(&working) != 0);
    if (atomic_load(&in_work))
        oa_forkgate_work(!begins);
}

static void wait_work(void)
{
    if (atomic_load(&working))
        wait_zero(&working, oa_clock_mono_ns() + WORK_WAIT_NS);
}

static void forget_work(void)
{
    atomic_store(&working, 0);
}
#else
static inline void wait_work(void) {}

static inline void forget_work(void) {}
#endif

void oa_forkgate_before_fork(void)
{
    int saved = errno;

    atomic_fetch_add(&forking, 1);
    if (atomic_load(&opening))
        wait_zero(&opening, oa_clock_mono_ns() + WAIT_NS);
    wait_work();
    errno = saved;
}

void oa_forkgate_parent(void)
{
    int saved = errno;

    if (atomic_fetch_sub(&forking, 1) == 1 && atomic_load(&patient))
        wake(&forking);
    errno = saved;
}

bool oa_forkgate_child(void)
{
    atomic_store(&forking, 0);
    atomic_store(&patient, 0);
    forget_work();
    return atomic_exchange(&opening, 0) != 0;
}
