/* The guard is inline; its block is the test's own.
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#include "preload/guard.h"

OA_TLS struct oa_thread oa_thread;

Test(guard, enter__nested_passes_through)
{
    struct oa_guard outer = { 0 }, inner;

    cr_assert(oa_guard_enter(&outer));
    cr_assert_not(oa_guard_enter(&inner));
    cr_assert_not(oa_guard_enter(&inner), "however often");
    oa_guard_leave(&outer);
    cr_assert(oa_guard_enter(&outer));
    oa_guard_leave(&outer);
    cr_assert_eq(oa_thread.depth, 0);
}

Test(guard, errno__is_what_the_real_call_left)
{
    struct oa_guard guard = { 0 };

    errno = EAGAIN;
    cr_assert(oa_guard_enter(&guard));
    errno = ENOENT;
    oa_guard_leave(&guard);
    cr_assert_eq(errno, EAGAIN);
    errno = 0;
    cr_assert(oa_guard_enter(&guard));
    errno = ENOENT;
    oa_guard_leave(&guard);
    cr_assert_eq(errno, 0, "also after success");
}

Test(guard, errno__of_a_foreign_call_is_kept)
{
    struct oa_guard guard = { 0 };

    errno = EINTR;
    cr_assert(oa_guard_enter(&guard));
    errno = ENOENT; /* ours */
    oa_guard_foreign(&guard, &guard);
    cr_assert_eq(errno, EINTR, "the foreign call sees the caller's value");
    errno = ETIMEDOUT; /* its own */
    oa_guard_foreign(&guard, NULL);
    errno = ENOENT; /* ours again */
    oa_guard_leave(&guard);
    cr_assert_eq(errno, ETIMEDOUT);
}

static void *enter_elsewhere(void *arg)
{
    struct oa_guard guard = { 0 };
    bool entered = oa_guard_enter(&guard);

    if (entered)
        oa_guard_leave(&guard);
    *(bool *)arg = entered;
    return NULL;
}

Test(guard, threads__each_has_its_own)
{
    struct oa_guard guard = { 0 };
    pthread_t thread;
    bool entered = false;

    cr_assert(oa_guard_enter(&guard));
    cr_assert_eq(pthread_create(&thread, NULL, enter_elsewhere, &entered), 0);
    pthread_join(thread, NULL);
    cr_assert(entered);
    oa_guard_leave(&guard);
}

static volatile sig_atomic_t handler_entered = -1;

static void on_signal(int number OA_UNUSED)
{
    struct oa_guard guard = { 0 };

    handler_entered = 0;
    if (!oa_guard_enter(&guard))
        return;
    handler_entered = 1;
    oa_guard_leave(&guard);
}

Test(guard, signal__a_handler_inside_passes_through)
{
    struct oa_guard guard = { 0 };

    signal(SIGUSR1, on_signal);
    cr_assert(oa_guard_enter(&guard));
    raise(SIGUSR1);
    cr_assert_eq(handler_entered, 0);
    oa_guard_leave(&guard);
    raise(SIGUSR1);
    cr_assert_eq(handler_entered, 1);
    cr_assert_eq(oa_thread.depth, 0);
}

static jmp_buf out;
static bool nested_entered;

/* A hook called by the foreign code. */
OA_NOINLINE static void hook(void)
{
    struct oa_guard guard = { 0 };

    nested_entered = false;
    if (!oa_guard_enter(&guard))
        return;
    nested_entered = true;
    oa_guard_leave(&guard);
}

/* What an NSS module does, at some depth of the stack; leaves by longjmp if asked to. */
OA_NOINLINE static int foreign(int depth, bool jump)
{
    volatile char room[64];

    room[0] = (char)depth;
    if (depth > 0)
        return foreign(depth - 1, jump) + room[0];
    hook();
    if (jump)
        longjmp(out, 1);
    return 0;
}

/* A wrapper with the guard raised around foreign code. */
OA_NOINLINE static void wrapper(bool jump)
{
    struct oa_guard guard = { 0 };
    char room[512]; /* what a wrapper of look-ups keeps */

    if (!oa_guard_enter(&guard))
        return;
    oa_guard_foreign(&guard, room);
    (void)foreign(20, jump);
    oa_guard_foreign(&guard, NULL);
    oa_guard_leave(&guard);
}

Test(guard, foreign__nested_hooks_pass_through)
{
    wrapper(false);
    cr_assert_not(nested_entered);
    cr_assert_eq(oa_thread.depth, 0);
    cr_assert_eq(oa_thread.foreign_mark, 0);
}

Test(guard, longjmp__out_of_foreign_code_leaves_a_stale_guard_that_opens_again)
{
    if (setjmp(out) == 0)
        wrapper(true);
    cr_assert_not(nested_entered);
    cr_assert_eq(oa_thread.depth, 1, "the wrapper never came back");
    hook(); /* of the very function that called the wrapper */
    cr_assert(nested_entered);
    cr_assert_eq(oa_thread.depth, 0);
    wrapper(false);
    cr_assert_not(nested_entered, "and it works as before");
    cr_assert_eq(oa_thread.depth, 0);
}

Test(guard, held_for_life__is_never_stale)
{
    struct oa_guard guard = { 0 };

    oa_thread.depth = 1; /* the helper thread */
    cr_assert_not(oa_guard_enter(&guard));
    oa_thread.depth = 1 + OA_DEPTH_VFORK;
    oa_thread.foreign_mark = 1; /* any frame is above it */
    cr_assert_not(oa_guard_enter(&guard), "a vfork child stays out");
    cr_assert_eq(oa_thread.depth, 1 + OA_DEPTH_VFORK);
}
