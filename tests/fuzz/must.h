/* What a fuzzer says about a property. */
#ifndef OA_TESTS_MUST_H
#define OA_TESTS_MUST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "sdk/model/utf8.h"

static inline void must(bool ok)
{
    if (!ok)
        abort();
}

/* Nothing of it is to be repaired. For fuzzers with sdk/model/utf8.c. */
static inline void must_be_text(struct oa_slice text)
{
    struct oa_arena arena;
    struct oa_slice again;

    oa_arena_init(&arena, 256, 4u << 20);
    must(oa_utf8_copy(&arena, text, UINT32_MAX, &again) == 0 && oa_slice_eq(text, again));
    oa_arena_release(&arena);
}

#endif
