/*
 * A consumer of the ring written after the text of preload/record.h, so that the project's own two
 * ends cannot agree on a mistake; and a producer that puts one number into each record. One thread
 * consumes; any thread may put.
 */
#ifndef OA_TESTS_RING_CONSUMER_H
#define OA_TESTS_RING_CONSUMER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/record.h"

/* The oldest finished record, NULL if there is none. A pad that does not end the ring aborts. */
struct oa_record *oa_test_ring_peek(struct oa_ring_header *ring);

/* Gives back the record that peek returned. */
void oa_test_ring_release(struct oa_ring_header *ring, struct oa_record *record);

/* A record of `bytes` bytes (24 at least) through oa_ring_reserve; false if it was dropped. */
bool oa_test_ring_send(uint32_t bytes, uint64_t value);
/* The same, but `reserved` bytes were asked for before it was known how many are needed. */
bool oa_test_ring_send_part(uint32_t reserved, uint32_t bytes, uint64_t value);
uint64_t oa_test_ring_value(const struct oa_record *record);

/* Count of the current ring. */
uint64_t oa_test_ring_dropped(enum oa_drop reason);

#endif
