/* SOURCES: preload/deadly.c preload/sigframe.c */
#include <criterion/criterion.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/deadly.h"
#include "tests/support/test_signal.h"

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

static volatile int answer; /* what a handler was told; -1 = it did not run */

static void ask(int sig)
{
    answer = oa_deadly(sig);
}

static void reset_and_ask(int sig)
{
    (void)signal(sig, SIG_DFL);
    answer = oa_deadly(sig);
}

static void reset_other_and_ask(int sig)
{
    (void)sig;
    answer = oa_deadly(SIGTERM);
}

static void handle(int sig, void (*handler)(int), int flags)
{
    oa_test_signal_handle(sig, handler, flags);
    answer = -1;
}

Test(deadly, kind__asks_for_an_end)
{
    static const int yes[] = { SIGHUP, SIGINT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2 };
    static const int no[] = { -1,      0,      SIGKILL, SIGSTOP,  SIGCHLD, SIGCONT, SIGQUIT, SIGABRT, SIGSEGV,
                              SIGTRAP, SIGBUS, SIGTSTP, SIGWINCH, SIGURG,  34,      64,      65,      1000 };

    for (size_t i = 0; i < ROWS(yes); i++)
        cr_expect(oa_deadly_kind(yes[i]), "%d", yes[i]);
    for (size_t i = 0; i < ROWS(no); i++)
        cr_expect_not(oa_deadly_kind(no[i]), "%d", no[i]);
}

Test(deadly, reaches_us__as_kill_reads_it)
{
    cr_expect(oa_deadly_reaches_us(0));
    cr_expect(oa_deadly_reaches_us(getpid()));
    cr_expect(oa_deadly_reaches_us(-getpgrp()));
    cr_expect_not(oa_deadly_reaches_us(getppid()));
    cr_expect_not(oa_deadly_reaches_us(-1), "all but the caller");
    cr_expect_not(oa_deadly_reaches_us(INT_MAX));
    cr_expect_not(oa_deadly_reaches_us(INT_MIN));
}

Test(deadly, deadly__default_action)
{
    (void)signal(SIGINT, SIG_DFL);
    cr_expect(oa_deadly(SIGINT));
    cr_expect_not(oa_deadly(SIGCHLD));
    cr_expect_not(oa_deadly(0));
}

Test(deadly, deadly__handled_or_ignored)
{
    handle(SIGINT, ask, 0);
    (void)signal(SIGTERM, SIG_IGN);
    cr_expect_not(oa_deadly(SIGINT));
    cr_expect_not(oa_deadly(SIGTERM));
}

Test(deadly, deadly__blocked_waits_for_who_takes_it)
{
    (void)signal(SIGTERM, SIG_DFL);
    oa_test_signal_block(SIGTERM);
    cr_expect_not(oa_deadly(SIGTERM));
    handle(SIGUSR1, reset_other_and_ask, 0);
    (void)raise(SIGUSR1);
    cr_expect_eq(answer, 0, "blocked beyond the handler");
}

Test(deadly, deadly__in_its_own_handler)
{
    handle(SIGINT, ask, 0);
    (void)raise(SIGINT);
    cr_expect_eq(answer, 0, "it would run once more");
    handle(SIGINT, reset_and_ask, 0);
    (void)raise(SIGINT);
    cr_expect_eq(answer, 1);
    handle(SIGINT, ask, SA_RESETHAND);
    (void)raise(SIGINT);
    cr_expect_eq(answer, 1);
    handle(SIGINT, ask, SA_RESETHAND | SA_NODEFER);
    (void)raise(SIGINT);
    cr_expect_eq(answer, 1);
}

Test(deadly, deadly__in_the_handler_of_another)
{
    (void)signal(SIGTERM, SIG_DFL);
    handle(SIGUSR1, reset_other_and_ask, 0);
    (void)raise(SIGUSR1);
    cr_expect_eq(answer, 1);
}
