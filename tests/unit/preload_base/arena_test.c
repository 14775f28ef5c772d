/* SOURCES: preload/base/arena.c */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "preload/base/arena.h"

Test(arena, blocks__are_aligned_and_apart)
{
    struct oa_arena arena;
    char *last = NULL;

    oa_arena_init(&arena, 256, 1 << 20);
    for (size_t bytes = 0; bytes < 600; bytes++) {
        char *block = oa_arena_alloc(&arena, bytes);

        cr_assert_not_null(block);
        cr_assert_eq((uintptr_t)block % OA_ARENA_ALIGN, 0);
        cr_assert_neq(block, last);
        memset(block, 0xee, bytes);
        last = block;
    }
    oa_arena_release(&arena);
}

Test(arena, bound__gives_null_then_works_again)
{
    struct oa_arena arena;

    oa_arena_init(&arena, 64, 1024);
    cr_assert_null(oa_arena_alloc(&arena, 1025));
    cr_assert_null(oa_arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(oa_arena_alloc(&arena, SIZE_MAX - 3));
    cr_assert_null(oa_arena_strndup(&arena, "", SIZE_MAX));
    cr_assert_not_null(oa_arena_alloc(&arena, 1000));
    cr_assert_null(oa_arena_alloc(&arena, 100));
    oa_arena_reset(&arena);
    cr_assert_not_null(oa_arena_alloc(&arena, 100));
    cr_assert_leq(arena.total_bytes, 1024);
    oa_arena_release(&arena);
    cr_assert_eq(arena.total_bytes, 0);
}

Test(arena, calloc__clears_and_checks_the_product)
{
    struct oa_arena arena;
    char *block;

    oa_arena_init(&arena, 64, 1 << 20);
    memset(oa_arena_alloc(&arena, 64), 0xff, 64);
    oa_arena_reset(&arena);
    block = oa_arena_calloc(&arena, 8, 8);
    for (size_t i = 0; i < 64; i++)
        cr_assert_eq(block[i], 0);
    cr_assert_null(oa_arena_calloc(&arena, SIZE_MAX / 2, 3));
    cr_assert_not_null(oa_arena_calloc(&arena, 0, 8));
    oa_arena_release(&arena);
}

Test(arena, grow__in_place_when_newest)
{
    struct oa_arena arena;
    char *block, *grown;

    oa_arena_init(&arena, 4096, 1 << 20);
    block = oa_arena_strndup(&arena, "abc", 3);
    grown = oa_arena_grow(&arena, block, 4, 1000);
    cr_assert_eq(grown, block);
    cr_assert_eq(oa_arena_grow(&arena, block, 1000, 10), block);
    cr_assert_not_null(oa_arena_alloc(&arena, 1));
    grown = oa_arena_grow(&arena, block, 1000, 2000);
    cr_assert_neq(grown, block);
    cr_assert_str_eq(grown, "abc");
    cr_assert_null(oa_arena_grow(&arena, grown, 2000, SIZE_MAX));
    cr_assert_str_eq(grown, "abc");
    oa_arena_release(&arena);
}

Test(arena, grow__from_nothing)
{
    struct oa_arena arena;

    oa_arena_init(&arena, 64, 1 << 20);
    cr_assert_not_null(oa_arena_grow(&arena, NULL, 0, 10));
    oa_arena_release(&arena);
    oa_arena_release(NULL);
}

Test(arena, reset__settles_to_one_chunk)
{
    struct oa_arena arena;
    struct oa_arena_chunk *settled;

    oa_arena_init(&arena, 64, 1 << 20);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 100; i++)
            cr_assert_not_null(oa_arena_alloc(&arena, 100));
        oa_arena_reset(&arena);
    }
    settled = arena.current;
    for (int i = 0; i < 100; i++)
        cr_assert_not_null(oa_arena_alloc(&arena, 100));
    cr_assert_eq(arena.current, settled);
    oa_arena_release(&arena);
}

Test(arena, shrink__gives_room_to_the_next)
{
    struct oa_arena arena;
    char *first, *second;

    oa_arena_init(&arena, 4096, 65536);
    first = oa_arena_alloc(&arena, 4000);
    oa_arena_shrink(&arena, first, 4000, 20);
    second = oa_arena_alloc(&arena, 1000);
    cr_expect_eq(second - first, 32);
    oa_arena_shrink(&arena, first, 20, 1);
    oa_arena_shrink(&arena, second, 1000, 2000);
    cr_expect_eq((char *)oa_arena_alloc(&arena, 1) - second, 1008, "only the newest, only shorter");
    oa_arena_release(&arena);
}
