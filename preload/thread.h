/*
 * What we keep per thread: one small initial-exec TLS block (preload-craft 2.2), no destructor. Read
 * and written by its own thread only; a signal handler on the same thread sees depth != 0 and passes
 * through. A vfork child shares its parent's block: hooks/libc/vfork.S raises depth there.
 */
#ifndef OA_THREAD_H
#define OA_THREAD_H

#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/rng.h"

/* A weak reference to an open operation: valid while the operation in that slot still has that id. */
struct oa_op_ref {
    uint64_t span_id; /* 0 = none */
    uint32_t slot;
};

enum oa_thread_flags {
    OA_THREAD_LOOP = 1,       /* waited in epoll: an event loop, see hooks/instrumentation/parent.c */
    OA_THREAD_RECORDED = 2,   /* a record was committed since the hook was entered */
    OA_THREAD_INHERITED = 4,  /* current was taken over from the creating thread */
    OA_THREAD_MAIN = 8,       /* the process began in this thread */
    OA_THREAD_OWN_TABLE = 16, /* its descriptors are in a table of its own */
    OA_THREAD_STRIPE = 24,    /* from this bit on: 1 + the stripe of metric cells that it uses; 0 = none yet */
};

struct oa_thread {
    uint32_t depth; /* > 0: inside one of our hooks; every nested call passes through */
    uint32_t flags;
    struct oa_op_ref current; /* the request this thread is working on */
    uintptr_t foreign_mark;   /* in the frame that called into foreign code with depth raised, 0 = none */
    struct oa_rng rng;
};
_Static_assert(sizeof(struct oa_thread) <= 64, "static TLS surplus is small");

extern OA_TLS struct oa_thread oa_thread;

/* Added to depth between vfork and the child's exec or exit. */
#define OA_DEPTH_VFORK 0x10000u

#endif
