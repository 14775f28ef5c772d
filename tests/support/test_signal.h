/* Signals of a test's own: a handler set, a signal blocked in the calling thread. */
#ifndef OA_TESTS_TEST_SIGNAL_H
#define OA_TESTS_TEST_SIGNAL_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>

static inline void oa_test_signal_handle(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

    (void)sigemptyset(&action.sa_mask);
    cr_assert_eq(sigaction(sig, &action, NULL), 0);
}

static inline void oa_test_signal_block(int sig)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, sig);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

#endif
