/*
 * While the SDK object and its libraries are being opened, the dynamic linker's lists are half made;
 * a child forked in that moment would keep them so for ever: its own dlopen, or the application's,
 * finds libraries that were never relocated. So forks and openings exclude each other: whoever comes
 * second waits, some milliseconds once in a process, within a bound. A child that was forked all the
 * same (the bound was reached, or the fork ran no handlers) is told so and does without the SDK object.
 */
#ifndef OA_FORKGATE_H
#define OA_FORKGATE_H

#include <stdbool.h>

#include "preload/base/compiler.h"

/* Around the opening. One thread at a time. */
void oa_forkgate_enter(void);
void oa_forkgate_leave(void);

/* The helper's work: glibc's allocator comes through a fork in one piece, those of the sanitizers do not where
 * another thread is in them, so instrumented builds keep the two apart as well, two seconds at most. Nothing in
 * others. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OA_FORKGATE_WORK 1
void oa_forkgate_work(bool begins);
/* struct oa_host, waiting: a part of the work in which nobody allocates. */
void oa_forkgate_wait(int begins);
#else
static inline void oa_forkgate_work(bool begins OA_UNUSED) {}
#define oa_forkgate_wait NULL
#endif

/* pthread_atfork: in the forking thread before, in the parent and in the child after. */
void oa_forkgate_before_fork(void);
void oa_forkgate_parent(void);
/* Was this child forked in the middle of an opening? */
bool oa_forkgate_child(void);

#endif
