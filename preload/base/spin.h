/*
 * A lock of one word, 0 = free, around a few stores. It is asked so many times and never waited for: who does not get
 * it goes without. Any thread; a signal handler that interrupted the holder goes without, too.
 */
#ifndef OA_BASE_SPIN_H
#define OA_BASE_SPIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"

static inline bool oa_spin_try(_Atomic uint32_t *lock, unsigned tries)
{
    while (atomic_exchange_explicit(lock, 1, memory_order_acquire) != 0) {
        if (--tries == 0)
            return false;
        oa_pause();
    }
    return true;
}

static inline void oa_spin_unlock(_Atomic uint32_t *lock)
{
    atomic_store_explicit(lock, 0, memory_order_release);
}

/* In a forked child: frees a lock whose holder has not come along. True if there was one: what it guards may be
 * half written. */
static inline bool oa_spin_forked(_Atomic uint32_t *lock)
{
    return atomic_exchange_explicit(lock, 0, memory_order_acquire) != 0;
}

#endif
