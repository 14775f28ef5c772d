/*
 * Trace context as values: ids, flags, and the two lists that travel beside them. POD, copied
 * freely; the slices of struct oa_context borrow from whoever filled them.
 */
#ifndef OA_API_CONTEXT_H
#define OA_API_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "preload/base/slice.h"

#define OA_FLAG_SAMPLED 0x01u /* W3C trace context level 2, 3.2.2.5 */
#define OA_FLAG_RANDOM 0x02u

struct oa_span_context {
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t flags;  /* OA_FLAG_*; all other bits zero */
    uint8_t valid;  /* both ids non-zero */
    uint8_t remote; /* extracted from a carrier */
    uint8_t debug;  /* b3 only: somebody wants this trace whatever samplers say; handed on */
};

struct oa_context {
    struct oa_span_context span;
    struct oa_slice tracestate; /* normalised list, empty if none */
    struct oa_slice baggage;    /* normalised list, empty if none */
};

/* What a strategy of a server has decided by, as Jaeger's own attributes tell it (sampler.type, sampler.param). */
enum oa_sampled_by_kind {
    OA_SAMPLED_BY_NOTHING, /* no strategy has decided */
    OA_SAMPLED_BY_PROBABILISTIC,
    OA_SAMPLED_BY_RATE_LIMITING,
    OA_SAMPLED_BY_LOWER_BOUND,
};

struct oa_sampled_by {
    double param;
    uint8_t kind; /* enum oa_sampled_by_kind */
};

#endif
