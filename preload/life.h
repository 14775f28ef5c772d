/*
 * The life of the process as one state word, and its turning points: fork, exec, exit.
 *
 *   BOOT -> OFF                 not wanted here, or not possible: every hook passes through
 *   BOOT -> RECORD -> DRAIN -> OFF
 *
 * What the floors above do at a turning point is handed in by entry.c as struct oa_life_ops; nothing
 * here knows them.
 */
#ifndef OA_LIFE_H
#define OA_LIFE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"

enum oa_state { OA_STATE_BOOT, OA_STATE_OFF, OA_STATE_RECORD, OA_STATE_DRAIN };

struct oa_life_ops {
    void (*ending)(int status); /* before the last drain; as oa_life_exit() was given it */
    void (*forked)(bool child);
    bool (*tick)(void);    /* on the helper thread; true: come again within half a second */
    bool (*pending)(void); /* besides what is in the ring, something is to be exported before the end */
};

/* Start recording. Constructor only. before_handlers: the exporter needs what exit handlers take away.
 * exporting: forks are watched from the start. */
void oa_life_start(const struct oa_life_ops *ops, uint32_t exit_timeout_ms, bool before_handlers, bool exporting);
/* Must the last drain come before the program's exit handlers run? */
bool oa_life_drains_early(void);
/* For good: hooks pass through from here on. */
void oa_life_off(void);
/* The same for a while: hooks pass through between true and false. While recording only. */
void oa_life_hush(bool hushed);

enum oa_state oa_life_state(void);
const struct oa_life_ops *oa_life_ops(void);

/* The process ends in this thread: record what is due, drain, bounded by the exit time-out. Once;
 * later calls return at once. Called with the guard held. status: as waitpid() will tell it; OA_EXIT_UNKNOWN. */
#define OA_EXIT_UNKNOWN (-1)
void oa_life_exit(int status);

/* The same without the guard, where a handler of the program's has interrupted code of ours: nothing more is
 * recorded, and nobody but the helper touches anything. Where there is none, nothing happens. */
void oa_life_exit_within(void);

/* struct oa_host, in_library: exit handlers do not run before the helper is out of it. */
int oa_life_in_library(int at_work);

/* exec comes: what is queued would be lost. Bounded; nothing happens when nothing is queued. */
void oa_life_before_exec(void);

/* A fork that runs no pthread_atfork handlers (_Fork) has returned in the child. */
void oa_life_forked_child(void);

/* A byte that the kernel wipes in every child with memory of its own, also in one that was forked past
 * us: by number, by libc's clone(). Never zero before Linux 4.14. */
extern const volatile uint8_t *oa_life_mark;
OA_COLD void oa_life_forked_unseen(void);

/* Makes that byte. Due before the first thing of this process that a child must not take for its own; whoever only
 * passes through has no need of it. */
void oa_life_watch_forks(void);

/* To be asked where something of this process would be taken for the parent's: ids, records, its end. */
static inline void oa_life_notice_fork(void)
{
    if (oa_unlikely(*oa_life_mark == 0))
        oa_life_forked_unseen();
}
/* 0 in the first process, +1 in each forked child. */
uint32_t oa_life_fork_generation(void);

/* True if this thread runs a signal handler (preload/sigframe.h). One system call, and some more where
 * signals are blocked that were open at start; for rare decisions (may we allocate here?). */
bool oa_life_in_handler(void);

/* Gives this thread (the helper) an empty descriptor table of its own: none of its numbers is in the
 * host's way, not even for the moment between socket() and close(), and the host's are not its own.
 * Without effect before Linux 5.9 under a filter of system calls: then ours live among the host's. */
void oa_life_own_table(void);

/* Descriptors of our own, by number and identity: see struct oa_host. Nothing to note in a table of our
 * own, which no fork copies. */
void oa_life_own_fd_add(int fd);
void oa_life_own_fd_remove(int fd);

#endif
