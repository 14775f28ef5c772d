/*
 * Writing to what somebody else reads: once that reader has gone, write() means SIGPIPE. Our helper thread blocks
 * every signal; lines of the log, and an export on the exit path, are written on the application's own thread, where
 * they must not be able to kill the process. Threads have their own masks: nothing is shared. System calls
 * throughout, as in the log: sigtimedwait() is a cancellation point.
 */
#ifndef OA_BASE_SIGPIPE_H
#define OA_BASE_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define OA_SIGPIPE_SET (UINT64_C(1) << (SIGPIPE - 1)) /* as the kernel has it */

struct oa_sigpipe {
    uint64_t old_mask;
    bool was_pending;
};

static inline void oa_sigpipe_hold(struct oa_sigpipe *state)
{
    uint64_t set = 0;

    (void)syscall(SYS_rt_sigpending, &set, sizeof(set));
    state->was_pending = set & OA_SIGPIPE_SET;
    set = OA_SIGPIPE_SET;
    (void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &state->old_mask, sizeof(set));
}

/* Takes away a SIGPIPE of ours, leaves one that was pending before. */
static inline void oa_sigpipe_release(struct oa_sigpipe *state)
{
    const struct timespec now = { 0, 0 };
    const uint64_t set = OA_SIGPIPE_SET;

    if (!state->was_pending)
        (void)syscall(SYS_rt_sigtimedwait, &set, NULL, &now, sizeof(set));
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &state->old_mask, NULL, sizeof(set));
}

#endif
