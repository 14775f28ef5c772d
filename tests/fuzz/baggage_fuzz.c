/* SOURCES: sdk/propagation/baggage.c */
/*
 * The input is a baggage list. Properties: the result is not longer, has nothing that could end a
 * header line, and is normal already: normalising it again drops nothing and changes nothing.
 */
#include "sdk/propagation/baggage.h"

#include <stdint.h>

#include "preload/base/limits.h"
#include "tests/fuzz/must.h"

static char one[OA_BAGGAGE_MAX + 64], two[OA_BAGGAGE_MAX + 64];

static void fuzz_list(struct oa_slice text, size_t cap)
{
    struct oa_scratch a = { one, cap, 0 }, b = { two, sizeof(two), 0 };
    struct oa_slice list, again;

    (void)oa_baggage_normalise(text, &a, &list);
    must(list.len == a.len && list.len <= cap && list.len <= OA_BAGGAGE_MAX && list.len <= text.len);
    for (size_t i = 0; i < list.len; i++)
        must((list.ptr[i] >= ' ' && list.ptr[i] <= '~') || list.ptr[i] == '\t');
    must(oa_baggage_normalise(list, &b, &again) == 0);
    must(oa_slice_eq(list, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice text = { (const char *)data, size };

    fuzz_list(text, sizeof(one));
    fuzz_list(text, size % 97);
    return 0;
}
