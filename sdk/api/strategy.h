/*
 * The sampling strategy in force, as the sampler asks for it: what a server said last (preload/strategy.h). Written
 * by the one thread that is inside the SDK object, read by any thread at any time without waiting: there are two
 * tables, and the one that is not in force is filled. A forked child goes on with what its parent had.
 *
 * Rates are kept in buckets that hold a second's worth, and one trace at least; one bucket for all, or one for each
 * name of spans while there is room (OA_STRATEGY_BUCKETS). They are of this process, as in every SDK.
 */
#ifndef OA_API_STRATEGY_H
#define OA_API_STRATEGY_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/strategy.h"

/* From now on. A NaN, or a number out of its range, has been refused before. */
void oa_strategy_put(const struct oa_strategy *strategy);

/* What decides about a trace that begins with a span of this name. */
struct oa_strategy_rule {
    uint32_t kind;        /* OA_STRATEGY_NONE: nobody has answered yet */
    uint64_t threshold;   /* of the 56 bits of randomness: keep if not below; not for RATE_LIMITING */
    double probability;   /* the same as a share */
    double per_second;    /* RATE_LIMITING, OPERATIONS */
    uint64_t interval_ns; /* between two traces of that rate; 0: none */
    uint64_t name;        /* OPERATIONS: whose bucket */
};

/* name is looked at under OPERATIONS only, see oa_strategy_by_name(). */
struct oa_strategy_rule oa_strategy_get(struct oa_slice name);
bool oa_strategy_by_name(void);

/* Takes one trace out of the bucket of the rule, at that time; false: it is empty. */
bool oa_strategy_take(const struct oa_strategy_rule *rule, uint64_t now_mono_ns);

/* A share of all traces as a threshold: 0 keeps all, 2^56 none. */
uint64_t oa_strategy_threshold(double share);

#endif
