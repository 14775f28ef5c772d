/*
 * The member `ot` of a tracestate: what OpenTelemetry says about sampling there (trace SDK, "TraceState
 * handling": `rv`, explicit randomness, and `th`, the rejection threshold of whoever decided). It is read; where
 * the threshold does not hold for our own decision it is taken out; the samplers that have one of their own
 * (probability, composite) write it. `rv` and unknown keys are passed on as they came.
 *
 * Pure functions of a normalised list (tracestate.h), but for patch; no allocation, any thread. An entry that
 * breaks its grammar says nothing and is left alone.
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

/*
 * Puts `th` into the list in text, which has room for cap bytes, and returns the new length. The entry becomes the
 * first of the list (W3C: what was changed stands left), the others keep their order; an equal threshold changes
 * nothing. Where the list would pass 32 members or OA_TRACESTATE_MAX bytes, whole members of others go as W3C has
 * it: one of more than 128 bytes first, each time the right-most. Where the entry would pass 256 bytes, or cap is
 * too small, there is no `th` afterwards.
 */
size_t oa_ot_entry_write_threshold(char *text, size_t len, size_t cap, uint64_t threshold);

/* Makes the threshold in a list that need not be normalised, and keeps its length, the wanted one: where that is
 * none, or is longer than there is room for, it is taken out. Blanks follow. False: the list has none, or the wanted
 * one. */
bool oa_ot_entry_patch(char *text, size_t len, const struct oa_ot_entry *want);

/* A share of all traces as a threshold of four hexadecimal digits behind its leading f's, as the specification
 * recommends. OA_OT_NEVER: no trace passes. */
#define OA_OT_NEVER (UINT64_C(1) << OA_OT_RANDOM_BITS)
uint64_t oa_ot_threshold(double share);

#endif
