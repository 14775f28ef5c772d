/*
 * W3C trace context, level 2: the traceparent field as bytes. These two functions are what the hot
 * path calls directly; the propagator around them is oa_propagator_tracecontext (formats.h).
 * Pure: no allocation, no state, any thread.
 */
#ifndef OA_TRACECONTEXT_H
#define OA_TRACECONTEXT_H

#include <stdbool.h>

#include "preload/base/slice.h"
#include "sdk/api/context.h"

#define OA_TRACEPARENT_LEN 55

/*
 * Reads one traceparent value (blanks around it are ignored). True: *ret_ctx holds ids, the sampled
 * and random flags, valid and remote set. False: the text is not a valid traceparent of any version
 * (3.2.2 of the recommendation: upper case, version ff, zero ids, a tail after version 00), and
 * *ret_ctx is untouched.
 */
bool oa_traceparent_parse(struct oa_slice text, struct oa_span_context *ret_ctx);

/* Writes the 55 characters of version 00, no terminator. Flags that level 2 does not define are written as 0. */
void oa_traceparent_format(char out[OA_TRACEPARENT_LEN], const struct oa_span_context *ctx);

#endif
