/*
 * Head sampling: one decision per new span, from the parent's flag and the trace's randomness only, so
 * that every process decides alike for one trace. Built once at start; any thread may ask. No
 * allocation, a few nanoseconds.
 *
 * The samplers are a few facts: does a valid parent decide, and which share of the traces is kept where
 * it does not. A share p keeps those whose 56 random bits are >= (1 - p) * 2^56, which is the rule of the
 * specification's probability sampler (a larger share keeps all that a smaller one did). The bits are
 * `rv` of the tracestate where somebody gave it, else the low ones of the trace id.
 *
 * probability and its kin write the threshold into the tracestate (ot_entry.h) of what they sample, and decide by a
 * share that can be written in few digits. Followed parents (parentbased_probability, and the composite sampler
 * parent_threshold) decide with their flag, and keep their threshold if it agrees with that; one that does not says
 * nothing ("TraceState: Probability Sampling", general requirements).
 *
 * jaeger_remote keeps its initial share until its server has answered, then what the strategy in force says
 * (strategy.h): a share, a rate, or for each name of spans a share and a least rate. xray does what it does without a
 * server: one trace a second and 5 % of the others. Both follow their parent.
 */
#ifndef OA_API_SAMPLER_H
#define OA_API_SAMPLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "sdk/api/context.h"

/* DROP: a span id is made and context flows on with the sampled flag clear, nothing is recorded. RECORD: recorded and
 * sampled. RECORD_ONLY: like DROP for whoever comes after, and recorded for exporters that take it. */
enum oa_sample { OA_SAMPLE_DROP, OA_SAMPLE_RECORD, OA_SAMPLE_RECORD_ONLY };

struct oa_sampler {
    uint64_t threshold; /* keep if the trace's randomness is not below it */
    bool parent_based;
    bool writes;                  /* the threshold, into the tracestate of what is sampled */
    bool composite;               /* and of what is not sampled none is passed on */
    bool remote;                  /* a strategy comes before all that, once there is one */
    bool one_a_second;            /* and the first of each second, whatever its randomness */
    bool always_records;          /* decorated: what would be DROP is RECORD_ONLY */
    _Atomic uint64_t kept_second; /* the last second (+1) that had its one; any thread, by exchange */
};

/*
 * kind is an enum oa_env_sampler, arg the text of OTEL_TRACES_SAMPLER_ARG ("" or NULL = unset).
 * An argument that is no number in [0, 1] counts as unset (1.0), a kind we do not know as
 * parentbased_always_on; either is said in one log line.
 */
void oa_sampler_init(struct oa_sampler *sampler, uint8_t kind, const char *arg);

/* Decorates it: AlwaysRecord of the specification. */
void oa_sampler_always_record(struct oa_sampler *sampler);

struct oa_sampler_question {
    const struct oa_span_context *parent; /* NULL or invalid: the span is a root */
    struct oa_slice tracestate;           /* the parent's, normalised */
    const uint8_t *trace_id;              /* 16 bytes */
    struct oa_slice name;                 /* of the span, if oa_sampler_by_name() */
    struct oa_sampled_by *ret_by;         /* NULL: nobody wants to know */
};

/* Is this a sampler whose server is asked with libcurl? */
bool oa_sampler_asks_by_libcurl(uint8_t kind, const char *arg);

enum oa_sample oa_sampler_decide(struct oa_sampler *sampler, const struct oa_sampler_question *question);

/* Does the name of a root decide at present? */
bool oa_sampler_by_name(const struct oa_sampler *sampler);

/* A tracestate, normalised, in place: cap is how far it may grow, if oa_sampler_writes(). */
struct oa_sampler_state {
    char *text;
    size_t len, cap;
};

/*
 * Brings the tracestate of a span to what was decided for it. A sampling threshold that somebody wrote there is
 * passed on only if the parent's decision was followed and agrees with it: others would make the sampled spans count
 * for too many, or too few. The threshold of our own decision is written by the samplers that do so.
 */
void oa_sampler_settle_state(const struct oa_sampler *sampler, enum oa_sample decision,
                             const struct oa_sampler_question *question, struct oa_sampler_state *state);

/* May it write into a tracestate? */
static inline bool oa_sampler_writes(const struct oa_sampler *sampler)
{
    return sampler->writes;
}

#endif
