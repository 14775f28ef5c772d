/*
 * Producer side of the ring of finished operations, and of that of log records (layout and protocol: record.h).
 * Lock-free, no system call but the futex wake when the consumer asked for one, legal in any hook. A full ring drops
 * and counts. Two rings a process, so that many lines of log crowd no span out; the one consumer sleeps on the word
 * of the first. A forked child makes its own at its first record, so that nothing of the parent is ever sent twice.
 */
#ifndef OA_RING_H
#define OA_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/record.h"

/* Maps a ring for max_items spans. Returns 0 or a negative OA_E*. Thread-safe, idempotent. */
int oa_ring_open(uint32_t max_items);

/* The ring of logs is mapped at the first record, for so many. Before any thread may log. */
void oa_ring_expect_logs(uint32_t max_items);

/* Forked child: forget the parent's rings (not unmapped: the parent's helper still drains them). The next
 * reserve opens a new one. */
void oa_ring_forget(void);

/* The shared header, or NULL while there is no ring. */
struct oa_ring_header *oa_ring(void);

/* The same of log records: NULL until there is one. */
struct oa_ring_header *oa_ring_logs(void);

/* Room for one record of at most `bytes` (head included), state BUSY, size set; NULL if dropped. */
struct oa_record *oa_ring_reserve(uint32_t bytes);
struct oa_record *oa_ring_reserve_log(uint32_t bytes);

/* Publishes, with record->used set and nothing written behind that: the rest of what was reserved goes back
 * if nobody has reserved behind it. Wakes a sleeping consumer when it asked to be woken at this fill. */
void oa_ring_commit(struct oa_record *record);
void oa_ring_commit_log(struct oa_record *record);

/* Spans and log records that are not exported and not given up yet, also those that the consumer has read. */
uint32_t oa_ring_items(void);

/* Is anything there that the consumer wants to be woken for? */
bool oa_ring_wants_reader(void);

/* Counts something that was lost. Legal at any time. */
void oa_drop(enum oa_drop reason);

/* What is still queued will not be exported (OA_DROP_EXIT). */
void oa_ring_give_up(void);

/* Wakes the consumer unconditionally. */
void oa_ring_wake(void);

#endif
