/*
 * Does this thread run a signal handler right now? A handler may have interrupted malloc or the
 * dynamic linker, so nothing may be allocated or opened below it. Blocked signals alone say too
 * little: programs block signals on purpose, for good (make, sigwait threads, Apache's workers), and
 * would never be observed. The frame that the kernel puts on the stack for a handler says it.
 * Stateless; any thread; a handful of system calls; for rare decisions only.
 */
#ifndef OA_SIGFRAME_H
#define OA_SIGFRAME_H

#include <stdbool.h>
#include <stdint.h>

/* The signals that this thread has blocked, signal 1 in the lowest bit. One system call. */
uint64_t oa_sigframe_blocked(void);
/* Is the default action set for it? One system call, which fails for no signal (1 to 64). */
bool oa_sigframe_default(int sig);

/* True if a signal frame lies above the caller on this stack. blocked: the signals, one bit each, that
 * are blocked without having been at start; a running handler is that of one of them (SA_NODEFER
 * aside). Where the frame's form is not known the answer is true unless blocked is empty. ret_mask (or NULL): the
 * signals that are blocked again when the innermost handler returns; all of them where that is not known. */
bool oa_sigframe_above(uint64_t blocked, uint64_t *ret_mask);

#endif
