/*
 * Head sampling: one decision per new span, from the parent's flag and the trace id only, so that
 * every process decides alike for one trace. Built once at start; afterwards immutable and read by
 * any thread. No state, no allocation, about two nanoseconds.
 *
 * All six samplers are two facts: does a valid parent decide, and which share of the trace ids is
 * kept where it does not. A share p keeps the ids whose low 56 bits are >= (1 - p) * 2^56, which is
 * the rule of the specification's probability sampler (a larger share keeps all that a smaller one did).
 */
#ifndef OA_API_SAMPLER_H
#define OA_API_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/api/context.h"

/* DROP: a span id is made and context flows on with the sampled flag clear, nothing is recorded. */
enum oa_sample { OA_SAMPLE_DROP = 0, OA_SAMPLE_RECORD = 1 };

struct oa_sampler {
    uint64_t threshold; /* keep if the low 56 bits of the trace id are not below it */
    bool parent_based;
};

/*
 * kind is an enum oa_env_sampler, arg the text of OTEL_TRACES_SAMPLER_ARG ("" or NULL = unset).
 * An argument that is no number in [0, 1] counts as unset (1.0), a kind we do not know as
 * parentbased_always_on; either is said in one log line.
 */
void oa_sampler_init(struct oa_sampler *sampler, uint8_t kind, const char *arg);

/* parent may be NULL or invalid: the span is a root then. */
enum oa_sample oa_sampler_decide(const struct oa_sampler *sampler, const struct oa_span_context *parent,
                                 const uint8_t trace_id[16]);

#endif
