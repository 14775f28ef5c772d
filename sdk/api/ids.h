/*
 * Trace and span ids from the per-thread generator. Never zero. Called in hooks only.
 */
#ifndef OA_API_IDS_H
#define OA_API_IDS_H

#include <stdint.h>

#include "sdk/api/context.h"

/* 64 random bits of this thread; seeds the generator at the first use and after a fork. */
uint64_t oa_ids_random(void);

/* A new random trace id: the W3C random flag may be set on it. */
void oa_ids_trace(uint8_t trace_id[16]);

/* The number that an operation in `slot` gets as span id: random, but for 16 bits that name the slot
 * (masked by a per-process random word), so that one load tells whether an id seen on the wire is
 * one of our open operations. */
void oa_ids_span(uint8_t span_id[8], uint32_t slot);

/* The slot that an id would name; any number if the id is not ours. */
uint32_t oa_ids_slot(const uint8_t span_id[8]);

static inline uint64_t oa_ids_number(const uint8_t span_id[8])
{
    uint64_t n;

    memcpy(&n, span_id, sizeof(n));
    return n;
}

/* A forked child must not repeat its parent's ids. */
void oa_ids_forked(void);

#endif
