/*
 * struct oa_log_limit: at most one line per kind of trouble and minute, with nothing lost: what
 * happened between two lines is counted and told by the next one.
 */
#ifndef OA_SDK_TRANSPORT_LOG_LIMIT_H
#define OA_SDK_TRANSPORT_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define OA_LOG_LIMIT_NS (60 * 1000000000ull)

struct oa_log_limit {
    uint64_t next_mono_ns; /* no line before this; all zero = none was written yet */
    uint64_t items;        /* since the last line */
};

/* Counts items; true: write the line now, *ret_items is everything since the last one. */
static inline bool oa_log_limit_due(struct oa_log_limit *limit, uint64_t items, uint64_t now, uint64_t *ret_items)
{
    limit->items += items;
    if (now < limit->next_mono_ns)
        return false;
    *ret_items = limit->items;
    limit->items = 0;
    limit->next_mono_ns = now + OA_LOG_LIMIT_NS;
    return true;
}

#endif
