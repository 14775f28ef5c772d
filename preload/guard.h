/*
 * The recursion guard. Everything of ours that runs in an application thread runs between enter and
 * leave: nested hooks (our own calls, signal handlers) pass through, and errno is put back to what
 * the real call left. The token is handed to everything entered, so that code which forgot the guard
 * does not compile. Never held across a real call that may block: longjmp and cancellation out of
 * the call would leave it raised.
 */
#ifndef OA_GUARD_H
#define OA_GUARD_H

#include <errno.h>
#include <stdbool.h>

#include "preload/thread.h"

struct oa_guard {
    int saved_errno;
};

/* Left by longjmp? The frame that raised the guard around foreign code is gone once the stack is
 * shorter than it was (a resolver's time-out by SIGALRM does that). A function of its own: asking for a
 * frame's address makes one, and the fast paths do without. */
static OA_COLD OA_UNUSED bool oa_guard_stale(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    if (oa_thread.depth != 1 || !oa_thread.foreign_mark || here <= oa_thread.foreign_mark)
        return false;
    oa_thread.foreign_mark = 0;
    oa_thread.depth = 0;
    return true;
}

static inline bool oa_guard_enter(struct oa_guard *guard)
{
    if (oa_unlikely(oa_thread.depth != 0) && !oa_guard_stale())
        return false;
    oa_thread.depth = 1;
    guard->saved_errno = errno;
    return true;
}

static inline void oa_guard_leave(struct oa_guard *guard)
{
    errno = guard->saved_errno;
    oa_thread.depth = 0;
}

/* Around a real call that runs foreign code which must not be seen (NSS modules inside getaddrinfo).
 * mark: an object in the wrapper's own frame, the lower the better: what the call runs lies below it on
 * the stack, what runs after a longjmp out of it does not. NULL: the call is over. */
static inline void oa_guard_foreign(struct oa_guard *guard, const void *mark)
{
    if (mark)
        errno = guard->saved_errno;
    else
        guard->saved_errno = errno;
    oa_thread.foreign_mark = (uintptr_t)mark;
}

#endif
