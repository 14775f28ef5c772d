/* SOURCES: sdk/propagation/ot_entry.c sdk/propagation/tracestate.c */
/*
 * The input is a tracestate, brought to its normal form first. Properties: numbers have 56 bits; a threshold
 * that was erased is gone, one that was written is there or none is, the list is still normal, and nothing else
 * of the entry has changed.
 */
#include "sdk/propagation/ot_entry.h"

#include <stdlib.h>

#include "preload/base/limits.h"
#include "sdk/propagation/tracestate.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void write_one(struct oa_slice list, size_t room, uint64_t threshold)
{
    char text[OA_TRACESTATE_MAX + 32], again[OA_TRACESTATE_MAX];
    struct oa_scratch other = { again, sizeof(again), 0 };
    struct oa_ot_entry before = oa_ot_entry_read(list), after;
    struct oa_slice now = { text, 0 };

    if (list.len)
        memcpy(text, list.ptr, list.len);
    now.len = oa_ot_entry_write_threshold(text, list.len, list.len + room, threshold);
    must(now.len <= list.len + room && now.len <= OA_TRACESTATE_MAX);
    after = oa_ot_entry_read(now);
    must(after.has_random == before.has_random && after.random == before.random);
    must(!after.has_threshold || after.threshold == threshold);
    must(now.len == 0 || oa_slice_eq(oa_tracestate_normalise(now, &other), now));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[OA_TRACESTATE_MAX], again[OA_TRACESTATE_MAX];
    struct oa_scratch scratch = { text, sizeof(text), 0 }, other = { again, sizeof(again), 0 };
    struct oa_slice list = oa_tracestate_normalise((struct oa_slice){ (const char *)data, size }, &scratch);
    struct oa_ot_entry before = oa_ot_entry_read(list), after;
    size_t len;

    write_one(list, size % 32, size & 1 ? UINT64_C(0xfd70a000000000) : 0);
    len = oa_ot_entry_erase_threshold(text, list.len);

    must(before.random >> OA_OT_RANDOM_BITS == 0 && before.threshold >> OA_OT_RANDOM_BITS == 0);
    must(len <= list.len);
    list.len = len;
    after = oa_ot_entry_read(list);
    must(after.has_random == before.has_random && after.random == before.random);
    must(!after.has_threshold);
    if (before.has_threshold)
        must(len < scratch.len);
    must(len == 0 || oa_slice_eq(oa_tracestate_normalise(list, &other), list));
    return 0;
}
