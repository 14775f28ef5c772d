/*
 * Does a signal that this process sends to itself end it? Interpreters and shells (Python, Node, Ruby, bash)
 * that are interrupted tidy up, put the default action back, and die of the very signal, so that whoever waits for
 * them sees it. No exit handler runs there. Stateless; any thread, handlers included; a handful of system calls.
 */
#ifndef OA_DEADLY_H
#define OA_DEADLY_H

#include <stdbool.h>
#include <sys/types.h>

/* May it be one? No system call. False for signals that say that the program is broken (those that leave a core), and
 * for SIGKILL: such an end is not held up. */
bool oa_deadly_kind(int sig);

/* Is this process among those that kill() means by pid: a process, 0 for the caller's group, -group? */
bool oa_deadly_reaches_us(pid_t pid);

/* True if the calling thread, which is about to send it to itself or to its process, will not come back: the default
 * action is set, and the signal is blocked by nothing but handlers that are about to return. False when in doubt. */
bool oa_deadly(int sig);

#endif
