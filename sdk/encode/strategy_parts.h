/*
 * What both readers of strategies have gathered, and what becomes of it; see strategy.h.
 */
#ifndef OA_SDK_ENCODE_STRATEGY_PARTS_H
#define OA_SDK_ENCODE_STRATEGY_PARTS_H

#include <stdbool.h>

#include "sdk/encode/strategy.h"

struct oa_strategy_parts {
    bool has_probability, has_rate, has_operations;
    double probability, traces_per_second;
    double default_probability, lower_bound;
    struct oa_strategy_operation *operations; /* in the order of the answer */
    uint32_t operation_count;
};

/* Sorts the operations; of two of one name the later one counts. */
int oa_strategy_of_parts(struct oa_strategy_parts *parts, struct oa_strategy *ret_strategy) OA_MUST_CHECK;

#endif
