/*
 * A sampling strategy as a server gave it: what the SDK object, which asks, hands to the sampler of the hooks
 * (struct oa_host, sampling). Plain data, borrowed for the call. The words are those of Jaeger's remote sampling.
 */
#ifndef OA_STRATEGY_H
#define OA_STRATEGY_H

#include <stdint.h>

#include "preload/base/limits.h"
#include "preload/base/slice.h"

enum oa_strategy_kind {
    OA_STRATEGY_NONE,
    OA_STRATEGY_PROBABILISTIC,
    OA_STRATEGY_RATE_LIMITING,
    OA_STRATEGY_OPERATIONS
};

/* One operation, that is one name of spans. */
struct oa_strategy_operation {
    uint64_t name; /* oa_strategy_name() of it */
    double probability;
};

struct oa_strategy {
    uint32_t kind;            /* enum oa_strategy_kind, never NONE */
    uint32_t operation_count; /* OA_STRATEGY_OPERATIONS_MAX at most */
    double probability;       /* 0 to 1; OPERATIONS: of those that are not listed */
    double traces_per_second; /* >= 0; RATE_LIMITING: so many; OPERATIONS: so many at least, each name (0: none) */
    const struct oa_strategy_operation *operations; /* in ascending order of name, each once */
};

/* A number that stands for a name: FNV-1a, stirred; never 0. That two of a service's names share one is as likely as
 * one in 2^40 or so; they would then be sampled alike. */
static inline uint64_t oa_strategy_name(struct oa_slice name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.ptr[i]) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9fb21c651e98df25);
    hash ^= hash >> 28;
    return hash ? hash : 1;
}

#endif
