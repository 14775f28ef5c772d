/* SOURCES: preload/sigframe.c */
#include <criterion/criterion.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/sigframe.h"
#include "tests/support/test_signal.h"

#define BIT(sig) (1ull << ((sig)-1))

static volatile int inside; /* what the handler found; -1 = it did not run */
static sigjmp_buf back;

static void ask(int sig)
{
    inside = oa_sigframe_above(BIT(sig), NULL);
}

static OA_NOINLINE int deeper(int levels, uint64_t blocked)
{
    volatile char room[512];

    room[0] = (char)levels;
    return levels ? deeper(levels - 1, blocked) + room[0] * 0 : oa_sigframe_above(blocked, NULL);
}

static void ask_deep(int sig)
{
    inside = deeper(100, BIT(sig));
}

static void reset_and_ask(int sig)
{
    (void)signal(sig, SIG_DFL);
    ask(sig);
}

static uint64_t afterwards;

static void ask_afterwards(int sig)
{
    inside = oa_sigframe_above(BIT(sig), &afterwards);
}

static void leave(int sig)
{
    (void)sig;
    siglongjmp(back, 1);
}

static void handle(int sig, void (*handler)(int), int flags)
{
    oa_test_signal_handle(sig, handler, flags);
    inside = -1;
}

Test(sigframe, sigframe__not_without_a_signal)
{
    handle(SIGUSR1, ask, 0);
    cr_expect_not(oa_sigframe_above(0, NULL));
    cr_expect_not(oa_sigframe_above(BIT(SIGUSR1), NULL));
}

Test(sigframe, sigframe__inside_a_handler)
{
    handle(SIGUSR1, ask, 0);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
}

Test(sigframe, sigframe__deep_inside_a_handler)
{
    handle(SIGUSR1, ask_deep, 0);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
}

Test(sigframe, sigframe__inside_one_that_was_set_for_one_time)
{
    handle(SIGUSR1, ask, SA_RESETHAND);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
}

Test(sigframe, sigframe__inside_one_that_took_itself_away)
{
    handle(SIGUSR1, reset_and_ask, 0);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
}

Test(sigframe, sigframe__what_is_blocked_when_the_handler_returns)
{
    oa_test_signal_block(SIGTERM);
    handle(SIGUSR1, ask_afterwards, 0);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
    cr_expect_eq(afterwards & (BIT(SIGTERM) | BIT(SIGUSR1)), BIT(SIGTERM));
    cr_expect(oa_sigframe_blocked() & BIT(SIGTERM));
}

Test(sigframe, sigframe__default_action)
{
    handle(SIGUSR1, ask, 0);
    (void)signal(SIGUSR2, SIG_IGN);
    cr_expect(oa_sigframe_default(SIGTERM));
    cr_expect_not(oa_sigframe_default(SIGUSR1));
    cr_expect_not(oa_sigframe_default(SIGUSR2));
}

Test(sigframe, sigframe__on_a_stack_of_its_own)
{
    stack_t stack = { .ss_size = 256 * 1024 };

    stack.ss_sp = malloc(stack.ss_size);
    cr_assert_eq(sigaltstack(&stack, NULL), 0);
    handle(SIGUSR1, ask_deep, SA_ONSTACK | SA_SIGINFO);
    cr_assert_eq(raise(SIGUSR1), 0);
    cr_expect_eq(inside, 1);
    stack.ss_flags = SS_DISABLE;
    (void)sigaltstack(&stack, NULL);
    free(stack.ss_sp);
}

Test(sigframe, sigframe__blocked_on_purpose)
{
    handle(SIGCHLD, ask, 0);
    oa_test_signal_block(SIGCHLD);
    cr_expect_not(oa_sigframe_above(BIT(SIGCHLD), NULL));
    cr_expect_not(deeper(20, BIT(SIGCHLD)));
}

Test(sigframe, sigframe__blocked_without_a_handler)
{
    oa_test_signal_block(SIGTERM);
    cr_expect_not(oa_sigframe_above(BIT(SIGTERM) | BIT(SIGHUP) | BIT(64), NULL));
}

Test(sigframe, sigframe__left_by_a_jump)
{
    handle(SIGUSR1, leave, 0);
    if (sigsetjmp(back, 0) == 0)
        (void)raise(SIGUSR1);
    cr_expect_not(oa_sigframe_above(BIT(SIGUSR1), NULL),
                  "the mask was not put back, the handler is gone all the same");
}

Test(sigframe, sigframe__returned_before)
{
    handle(SIGUSR1, ask, 0);
    for (int i = 0; i < 3; i++)
        (void)raise(SIGUSR1);
    oa_test_signal_block(SIGUSR1);
    cr_expect_not(oa_sigframe_above(BIT(SIGUSR1), NULL));
}

static void *in_thread(void *arg)
{
    oa_test_signal_block(SIGUSR1);
    *(int *)arg = oa_sigframe_above(BIT(SIGUSR1), NULL); /* searched up to the end of this thread's stack */
    (void)pthread_kill(pthread_self(), SIGUSR2);
    return NULL;
}

Test(sigframe, sigframe__threads)
{
    pthread_t thread;
    int blocked_only = -1;

    handle(SIGUSR1, ask, 0);
    handle(SIGUSR2, ask, 0);
    cr_assert_eq(pthread_create(&thread, NULL, in_thread, &blocked_only), 0);
    (void)pthread_join(thread, NULL);
    cr_expect_eq(blocked_only, 0);
    cr_expect_eq(inside, 1);
}
