/*
 * The attributes that a measurement is counted under, as borrowed values on the caller's stack. What is absent is
 * left out. The order is part of a set's identity: each group of instruments (sdk/metrics/metrics.def) is always
 * recorded in one.
 */
#ifndef OA_ATTR_SET_H
#define OA_ATTR_SET_H

#include <stdint.h>
#include <string.h>

#include "preload/base/slice.h"
#include "preload/record.h"

#define OA_SET_MAX 8u

struct oa_set_item {
    struct oa_record_attr head; /* key; type STR, INT or BOOL; len */
    const char *text;           /* of STR; borrowed */
    uint64_t first;             /* its first 8 bytes as they lie in memory, zeros behind the end; or the number */
};

struct oa_set {
    uint32_t count;
    struct oa_set_item item[OA_SET_MAX];
};

static inline uint64_t oa_set_load8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static inline uint64_t oa_set_load4(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

/* At most 8 bytes, nothing beyond them is read. len > 0. */
static inline uint64_t oa_set_word(const char *text, size_t len)
{
    if (len >= 8)
        return oa_set_load8(text);
    if (len >= 4)
        return oa_set_load4(text) | oa_set_load4(text + len - 4) << 8 * (len - 4);
    return (uint64_t)(uint8_t)text[0] | (uint64_t)(uint8_t)text[len / 2] << 8 * (len / 2) |
           (uint64_t)(uint8_t)text[len - 1] << 8 * (len - 1);
}

static inline void oa_set_str(struct oa_set *set, enum oa_key key, struct oa_slice value)
{
    if (value.len == 0 || set->count == OA_SET_MAX)
        return;
    set->item[set->count++] = (struct oa_set_item){
        .head = { .key = (uint16_t)key, .type = OA_ATTR_STR, .len = (uint32_t)value.len },
        .text = value.ptr,
        .first = oa_set_word(value.ptr, value.len),
    };
}

static inline void oa_set_number(struct oa_set *set, enum oa_key key, enum oa_attr_type type, int64_t value)
{
    if (set->count < OA_SET_MAX)
        set->item[set->count++] =
            (struct oa_set_item){ .head = { .key = (uint16_t)key, .type = (uint8_t)type, .len = 8 },
                                  .first = (uint64_t)value };
}

static inline void oa_set_int(struct oa_set *set, enum oa_key key, int64_t value)
{
    oa_set_number(set, key, OA_ATTR_INT, value);
}

#endif
