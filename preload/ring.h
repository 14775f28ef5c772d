/*
 * Producer side of the ring of finished operations (layout and protocol: record.h). Lock-free, no
 * system call but the futex wake when the consumer asked for one, legal in any hook. A full ring
 * drops and counts. One ring a process: a forked child makes its own at its first record, so that
 * nothing of the parent is ever sent twice.
 */
#ifndef OA_RING_H
#define OA_RING_H

#include <stdint.h>

#include "preload/record.h"

/* Maps a ring for max_items spans. Returns 0 or a negative OA_E*. Thread-safe, idempotent. */
int oa_ring_open(uint32_t max_items);

/* Forked child: forget the parent's ring (not unmapped: the parent's helper still drains it). The next
 * reserve opens a new one. */
void oa_ring_forget(void);

/* The shared header, or NULL while there is no ring. */
struct oa_ring_header *oa_ring(void);

/* Room for one record of at most `bytes` (head included), state BUSY, size set; NULL if dropped. */
struct oa_record *oa_ring_reserve(uint32_t bytes);

/* Publishes, with record->used set and nothing written behind that: the rest of what was reserved goes back
 * if nobody has reserved behind it. Wakes a sleeping consumer when it asked to be woken at this fill. */
void oa_ring_commit(struct oa_record *record);

/* Spans that are not exported and not given up yet, also those that the consumer has read. */
uint32_t oa_ring_items(void);

/* Counts something that was lost. Legal at any time. */
void oa_drop(enum oa_drop reason);

/* Wakes the consumer unconditionally. */
void oa_ring_wake(void);

#endif
