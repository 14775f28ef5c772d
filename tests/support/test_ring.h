/*
 * A ring in private memory and a small producer that follows preload/record.h, for tests of the
 * consumer. Any number of threads may put.
 */
#ifndef OA_TESTS_TEST_RING_H
#define OA_TESTS_TEST_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/record.h"

/* capacity: a power of two. Given back by free(). */
struct oa_ring_header *oa_test_ring_new(uint32_t capacity, uint32_t max_items);

/* Reserves without publishing; NULL if there is no room (counted as dropped). */
struct oa_record *oa_test_ring_reserve(struct oa_ring_header *ring, uint32_t bytes);

void oa_test_ring_commit(struct oa_record *record);

/* A whole span named `span N`, padded by one attribute to at least `bytes`; N also in span_id. */
extern uint8_t oa_test_ring_flags; /* of the next spans; sampled at start */
bool oa_test_ring_put(struct oa_ring_header *ring, uint32_t number, uint32_t bytes);

#endif
