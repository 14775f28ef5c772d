/*
 * Ever more memory for what is made in an arena, until it is enough:
 *
 *     struct oa_test_memory memory = { 0 };
 *
 *     while (oa_test_memory_grows(&memory))
 *         memory.err = make(&memory.arena, &result);
 *     cr_assert_eq(memory.err, 0);
 */
#ifndef OA_TESTS_TEST_MEMORY_H
#define OA_TESTS_TEST_MEMORY_H

#include "preload/base/arena.h"
#include "preload/base/err.h"

#define OA_TEST_MEMORY_MAX (1u << 20)

struct oa_test_memory {
    struct oa_arena arena; /* gone when the loop has ended */
    size_t bytes;          /* 0: not begun */
    int err;
};

/* False where the last try said anything but OA_ENOMEM. */
static inline bool oa_test_memory_grows(struct oa_test_memory *memory)
{
    if (memory->bytes)
        oa_arena_release(&memory->arena);
    if (memory->bytes && (memory->err != OA_ENOMEM || memory->bytes > OA_TEST_MEMORY_MAX))
        return false;
    oa_arena_init(&memory->arena, 16, memory->bytes);
    memory->bytes += 16;
    return true;
}

#endif
