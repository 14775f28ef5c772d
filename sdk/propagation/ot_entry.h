/*
 * The member `ot` of a tracestate: what OpenTelemetry says about sampling there (trace SDK, "TraceState
 * handling": `rv`, explicit randomness, and `th`, the rejection threshold of whoever decided). It is read
 * and, where the threshold does not hold for our own decision, taken out; none is written, because the
 * rules for that are still in development. `rv` and unknown keys are passed on as they came.
 *
 * Pure functions of a normalised list (tracestate.h); no allocation, any thread. An entry that breaks
 * its grammar says nothing and is left alone.
 */
#ifndef OA_OT_ENTRY_H
#define OA_OT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/slice.h"

#define OA_OT_RANDOM_BITS 56

struct oa_ot_entry {
    uint64_t random;    /* of rv, 56 bits */
    uint64_t threshold; /* of th: a trace is sampled if its randomness is not below it */
    bool has_random;
    bool has_threshold;
};

struct oa_ot_entry oa_ot_entry_read(struct oa_slice tracestate);

/* Takes `th` out of the list in text, which is changed in place; without it an entry may be empty and is
 * taken out as a whole. Returns the new length. */
size_t oa_ot_entry_erase_threshold(char *text, size_t len);

#endif
