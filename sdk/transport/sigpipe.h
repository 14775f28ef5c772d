/*
 * TLS libraries write() to sockets, and a peer that has gone turns that into SIGPIPE. Our helper
 * thread blocks every signal; an export on the exit path runs on the application's own thread,
 * where it must not be able to kill the process. Threads have their own masks: nothing is shared.
 */
#ifndef OA_SDK_TRANSPORT_SIGPIPE_H
#define OA_SDK_TRANSPORT_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct oa_sigpipe {
    sigset_t old_mask;
    bool was_pending;
};

static inline void oa_sigpipe_hold(struct oa_sigpipe *state)
{
    sigset_t set;

    (void)sigpending(&set);
    state->was_pending = sigismember(&set, SIGPIPE) == 1;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &set, &state->old_mask);
}

/* Takes away a SIGPIPE of ours, leaves one that was pending before. */
static inline void oa_sigpipe_release(struct oa_sigpipe *state)
{
    const struct timespec now = { 0, 0 };
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    if (!state->was_pending)
        (void)sigtimedwait(&set, NULL, &now);
    (void)pthread_sigmask(SIG_SETMASK, &state->old_mask, NULL);
}

#endif
