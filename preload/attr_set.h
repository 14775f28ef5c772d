/*
 * The attributes that a measurement is counted under, as borrowed values on the caller's stack. What is absent is
 * left out. The order is part of a set's identity: each group of instruments (sdk/metrics/metrics.def) is always
 * recorded in one.
 */
#ifndef OA_ATTR_SET_H
#define OA_ATTR_SET_H

#include <stdint.h>

#include "preload/base/slice.h"
#include "preload/record.h"

#define OA_SET_MAX 8u

struct oa_set_item {
    uint16_t key; /* enum oa_key */
    uint8_t type; /* OA_ATTR_STR, OA_ATTR_INT or OA_ATTR_BOOL */
    uint32_t len;
    union {
        const char *text;
        int64_t number;
    };
};

/* Items in a fixed order per group: the order is part of a set's identity. Text is borrowed. */
struct oa_set {
    uint32_t count;
    struct oa_set_item item[OA_SET_MAX];
};

static inline void oa_set_str(struct oa_set *set, enum oa_key key, struct oa_slice value)
{
    if (value.len == 0 || set->count == OA_SET_MAX)
        return;
    set->item[set->count++] = (struct oa_set_item){
        .key = (uint16_t)key, .type = OA_ATTR_STR, .len = (uint32_t)value.len, .text = value.ptr
    };
}

static inline void oa_set_int(struct oa_set *set, enum oa_key key, int64_t value)
{
    if (set->count < OA_SET_MAX)
        set->item[set->count++] =
            (struct oa_set_item){ .key = (uint16_t)key, .type = OA_ATTR_INT, .len = 8, .number = value };
}

#endif
