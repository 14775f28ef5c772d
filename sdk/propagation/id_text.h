/*
 * Ids as the formats other than W3C's write them: lower-case digits, perhaps fewer than there could be.
 * Pure: no allocation, no state, any thread.
 */
#ifndef OA_ID_TEXT_H
#define OA_ID_TEXT_H

#include "sdk/propagation/propagator.h"

#define OA_TRACE_DIGITS 32u
#define OA_SPAN_DIGITS 16u

/* Reads 1 to 2 * bytes lower-case digits, as if zeros stood in front of them. False (out undefined) on
 * anything else, and for an id that is zero. */
bool oa_id_read(uint8_t *out, size_t bytes, struct oa_slice digits);

/* Both ids of a span context that came from a carrier; everything else in it is cleared. */
bool oa_id_read_span(struct oa_span_context *ret, struct oa_slice trace, struct oa_slice span);

/* "0" and "1", for formats that write one character. */
static inline char oa_sampled_digit(const struct oa_span_context *span)
{
    return span->flags & OA_FLAG_SAMPLED ? '1' : '0';
}

/* Makes span the context's own. The trace state that another format brought belongs to the span which that
 * format named, and so does its random flag: they stay if it is the same. */
void oa_context_take(struct oa_context *ctx, const struct oa_span_context *span);

#endif
