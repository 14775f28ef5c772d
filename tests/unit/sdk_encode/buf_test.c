/* SOURCES: sdk/encode/buf.c preload/base/arena.c preload/base/hex.c */
#include <criterion/criterion.h>

#include "preload/base/err.h"
#include "sdk/encode/buf.h"

static struct oa_arena arena;
static struct oa_buf buf;

static void setup(void)
{
    oa_arena_init(&arena, 64, 1u << 20);
    oa_buf_init(&buf, &arena);
}

static void teardown(void)
{
    oa_arena_release(&arena);
}

TestSuite(buf, .init = setup, .fini = teardown);

Test(buf, put__all_kinds)
{
    const uint8_t id[] = { 0x0a, 0xff };

    oa_buf_put(&buf, OA_SLICE("a"));
    oa_buf_put(&buf, OA_SLICE(""));
    oa_buf_fill(&buf, '-', 3);
    oa_buf_fill(&buf, '-', 0);
    oa_buf_fmt(&buf, "%d%s", 7, "x");
    oa_buf_hex(&buf, id, sizeof(id));
    cr_assert_eq(buf.err, 0);
    cr_assert(oa_slice_eq((struct oa_slice){ buf.ptr, buf.len }, OA_SLICE("a---7x0aff")));
}

Test(buf, fmt__is_cut)
{
    oa_buf_fmt(&buf, "%0200d", 1);
    cr_assert_eq(buf.len, OA_BUF_FMT_BYTES - 1);
}

/* Blocks of others in between: the text moves, its bytes stay. */
Test(buf, put__grows_and_moves)
{
    for (int i = 0; i < 10000; i++) {
        oa_buf_fill(&buf, (char)('a' + i % 26), 1);
        if (i % 1000 == 0)
            cr_assert_not_null(oa_arena_alloc(&arena, 8));
    }
    cr_assert_eq(buf.len, 10000);
    for (int i = 0; i < 10000; i++)
        cr_assert_eq(buf.ptr[i], 'a' + i % 26);
}

Test(buf, failure__sticks)
{
    struct oa_arena small;

    oa_arena_init(&small, 64, 1024);
    oa_buf_init(&buf, &small);
    oa_buf_put(&buf, OA_SLICE("kept"));
    oa_buf_fill(&buf, 'x', 2000);
    cr_assert_eq(buf.err, OA_ENOMEM);
    oa_buf_put(&buf, OA_SLICE("more"));
    cr_assert_eq(buf.len, 4);
    oa_arena_release(&small);
}
