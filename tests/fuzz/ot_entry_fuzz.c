/* SOURCES: sdk/propagation/ot_entry.c sdk/propagation/tracestate.c */
/*
 * The input is a tracestate, brought to its normal form first. Properties: numbers have 56 bits; a threshold
 * that was erased is gone, one that was written is there or none is, the list is still normal, and nothing else
 * of the entry has changed.
 */
#include "sdk/propagation/ot_entry.h"

#include "preload/base/limits.h"
#include "sdk/propagation/tracestate.h"
#include "tests/fuzz/must.h"

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

/* As it was sent: members of others are all there, in their order, and the length is the same. */
static void patch_one(struct oa_slice raw, uint64_t threshold)
{
    struct oa_ot_entry want = { .has_threshold = threshold != 0, .threshold = threshold };
    char text[OA_TRACESTATE_MAX];
    struct oa_slice now = { text, raw.len }, rest;

    if (raw.len == 0 || raw.len > sizeof(text))
        return;
    memcpy(text, raw.ptr, raw.len);
    if (!oa_ot_entry_patch(text, raw.len, &want)) {
        must(memcmp(text, raw.ptr, raw.len) == 0);
        return;
    }
    must(!oa_ot_entry_read(now).has_threshold || oa_ot_entry_read(now).threshold == threshold);
    rest = now;
    while (raw.len) {
        struct oa_slice member = oa_slice_trim(oa_slice_next(&raw, ',')), found;

        if (member.len == 0 || oa_slice_starts(member, OA_SLICE("ot=")))
            continue;
        do {
            must(rest.len > 0);
            found = oa_slice_trim(oa_slice_next(&rest, ','));
        } while (!oa_slice_eq(found, member));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[OA_TRACESTATE_MAX], again[OA_TRACESTATE_MAX];
    struct oa_scratch scratch = { text, sizeof(text), 0 }, other = { again, sizeof(again), 0 };
    struct oa_slice list = oa_tracestate_normalise((struct oa_slice){ (const char *)data, size }, &scratch);
    struct oa_ot_entry before = oa_ot_entry_read(list), after;
    size_t len;

    patch_one((struct oa_slice){ (const char *)data, size }, size & 1 ? UINT64_C(0xc0000000000000) : 0);
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
