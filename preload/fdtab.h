/*
 * Descriptor -> what we know about it: one 32-bit word per descriptor number in the object's zero
 * pages (4 MiB of address space, touched only where descriptors are used). The fast path of every
 * hook is one load from here.
 *
 * A word is UNKNOWN (never seen: first I/O decides), IGNORED (looked at, not ours to follow), OUTPUT (the same of
 * stdout and stderr where lines are recorded), SOCKET (a stream socket not connected yet), or a connection:
 * index and a few bits of its generation, so that a stale word never reaches a reused connection. Words are written
 * by the thread that creates or closes the descriptor; readers tolerate any value.
 */
#ifndef OA_FDTAB_H
#define OA_FDTAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"

enum oa_fd_word { OA_FD_UNKNOWN = 0, OA_FD_IGNORED = 1, OA_FD_SOCKET = 2, OA_FD_OUTPUT = 3, OA_FD_FIRST_CONN = 16 };

#define OA_FD_INDEX_BITS 21u
_Static_assert(OA_CONN_MAX + OA_FD_FIRST_CONN <= 1u << OA_FD_INDEX_BITS, "an index fits a word");

extern _Atomic uint32_t oa_fd_words[OA_FD_MAX];

/* Descriptors below this are looked up; 0 while we are not recording. Written at start and exit, by one thread; read
 * by all. Nothing hangs on who sees it when: relaxed on the fast path. */
extern _Atomic uint32_t oa_fd_limit;

/* One past the highest descriptor that ever had a word set: bounds close_range. */
extern _Atomic uint32_t oa_fd_high;

/* Descriptors 1 to this one are OUTPUT where others are IGNORED: 0, or 2. Set by the constructor. */
extern uint32_t oa_fd_outputs;

static inline bool oa_fd_in_range(int fd)
{
    return (uint32_t)fd < atomic_load_explicit(&oa_fd_limit, memory_order_relaxed);
}

/* The word of fd; IGNORED while we are not recording and for numbers out of range. */
static inline uint32_t oa_fd_word(int fd)
{
    if (!oa_fd_in_range(fd))
        return OA_FD_IGNORED;
    return atomic_load_explicit(&oa_fd_words[fd], memory_order_relaxed);
}

/* The fast path's question: must a hook look closer? */
static inline bool oa_fd_followed(int fd)
{
    return oa_unlikely(oa_fd_word(fd) != OA_FD_IGNORED);
}

/* Nobody's connection, and never to become one. */
static inline bool oa_fd_is_ignored(uint32_t word)
{
    return word == OA_FD_IGNORED || word == OA_FD_OUTPUT;
}

/* Sets the word and returns the one it replaces. */
static inline uint32_t oa_fd_exchange(int fd, uint32_t word)
{
    uint32_t high;

    if (!oa_fd_in_range(fd))
        return OA_FD_IGNORED;
    if (oa_fd_is_ignored(word))
        word = (uint32_t)fd - 1u < oa_fd_outputs ? OA_FD_OUTPUT : OA_FD_IGNORED;
    high = atomic_load_explicit(&oa_fd_high, memory_order_relaxed);
    while ((uint32_t)fd >= high && !atomic_compare_exchange_weak_explicit(&oa_fd_high, &high, (uint32_t)fd + 1,
                                                                          memory_order_relaxed, memory_order_relaxed))
        ;
    return atomic_exchange_explicit(&oa_fd_words[fd], word, memory_order_acq_rel);
}

static inline void oa_fd_set(int fd, uint32_t word)
{
    (void)oa_fd_exchange(fd, word);
}

static inline uint32_t oa_fd_word_of(uint32_t conn_index, uint32_t generation)
{
    return (generation << OA_FD_INDEX_BITS) | (conn_index + OA_FD_FIRST_CONN);
}

static inline bool oa_fd_is_conn(uint32_t word)
{
    return (word & ((1u << OA_FD_INDEX_BITS) - 1)) >= OA_FD_FIRST_CONN;
}

static inline uint32_t oa_fd_index(uint32_t word)
{
    return (word & ((1u << OA_FD_INDEX_BITS) - 1)) - OA_FD_FIRST_CONN;
}

#endif
