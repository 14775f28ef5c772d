/* SOURCES: sdk/model/utf8.c preload/base/arena.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/utf8.h"
#include "tests/support/guard_page.h"

#define R "\xef\xbf\xbd"

/* Expected values: what Python's bytes.decode("utf-8", "replace") gives, but for the zero byte. */
static const struct {
    struct oa_slice raw;
    struct oa_slice repaired;
    size_t chars;
} rows[] = {
    { OA_SLICE(""), OA_SLICE(""), 0 },
    { OA_SLICE("plain"), OA_SLICE("plain"), 5 },
    { OA_SLICE("gr\xc3\xbc\xc3\x9f"), OA_SLICE("gr\xc3\xbc\xc3\x9f"), 4 },
    { OA_SLICE("\xe2\x82\xac\xf0\x9f\x98\x80"), OA_SLICE("\xe2\x82\xac\xf0\x9f\x98\x80"), 2 },
    { OA_SLICE("\xf4\x8f\xbf\xbf"), OA_SLICE("\xf4\x8f\xbf\xbf"), 1 },
    { OA_SLICE(R), OA_SLICE(R), 1 },
    { OA_SLICE("a\0b"), OA_SLICE("a" R "b"), 3 },
    { OA_SLICE("\x80"), OA_SLICE(R), 1 },
    { OA_SLICE("\xc0\xaf"), OA_SLICE(R R), 2 },             /* overlong */
    { OA_SLICE("\xe0\x80\xaf"), OA_SLICE(R R R), 3 },       /* overlong */
    { OA_SLICE("\xed\xa0\x80"), OA_SLICE(R R R), 3 },       /* surrogate */
    { OA_SLICE("\xf4\x90\x80\x80"), OA_SLICE(R R R R), 4 }, /* beyond U+10FFFF */
    { OA_SLICE("\xf0\x9f\x98"), OA_SLICE(R), 1 },           /* cut */
    { OA_SLICE("\xf0\x9f\x98z"), OA_SLICE(R "z"), 2 },      /* cut short by another character */
    { OA_SLICE("\xe2\x82\xe2\x82\xac"), OA_SLICE(R "\xe2\x82\xac"), 2 },
    { OA_SLICE("\xff\xfe"), OA_SLICE(R R), 2 },
    { OA_SLICE("\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"), OA_SLICE(R R R "b" R "c" R R "d"), 9 },
};

static struct oa_slice copy(struct oa_arena *arena, struct oa_slice raw, uint32_t chars_max)
{
    struct oa_slice text = { NULL, 0 };
    char *guarded = oa_guard_page_copy(raw.ptr, raw.len);

    cr_assert_eq(oa_utf8_copy(arena, (struct oa_slice){ guarded, raw.len }, chars_max, &text), 0);
    cr_assert_eq(text.ptr[text.len], '\0');
    cr_assert_eq(strlen(text.ptr), text.len);
    return text;
}

Test(utf8, copy__repairs)
{
    struct oa_arena arena;

    oa_arena_init(&arena, 1024, 1 << 20);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_slice text = copy(&arena, rows[i].raw, OA_UTF8_NO_LIMIT);

        cr_expect(oa_slice_eq(text, rows[i].repaired), "row %zu: %s", i, text.ptr);
        cr_expect_eq(oa_utf8_chars(text), rows[i].chars, "row %zu", i);
    }
    oa_guard_page_free();
    oa_arena_release(&arena);
}

Test(utf8, copy__every_cut_is_repaired)
{
    struct oa_arena arena;

    oa_arena_init(&arena, 1024, 1 << 20);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        for (size_t len = 0; len <= rows[i].raw.len; len++) {
            struct oa_slice text = copy(&arena, (struct oa_slice){ rows[i].raw.ptr, len }, OA_UTF8_NO_LIMIT);
            struct oa_slice again = copy(&arena, text, OA_UTF8_NO_LIMIT);

            cr_expect(oa_slice_eq(text, again), "repaired text is left alone");
        }
    }
    oa_guard_page_free();
    oa_arena_release(&arena);
}

Test(utf8, copy__limit_counts_characters)
{
    struct oa_arena arena;
    const struct oa_slice mixed = OA_SLICE("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z");
    const size_t bytes[] = { 0, 1, 3, 6, 10, 11, 11 };

    oa_arena_init(&arena, 1024, 1 << 20);
    for (uint32_t chars = 0; chars < OA_COUNT(bytes); chars++)
        cr_expect_eq(copy(&arena, mixed, chars).len, bytes[chars], "%u characters", chars);
    cr_expect(oa_slice_eq(copy(&arena, OA_SLICE("a\xff\xff"), 2), OA_SLICE("a" R)));
    oa_guard_page_free();
    oa_arena_release(&arena);
}

Test(utf8, copy__no_memory)
{
    struct oa_slice text = OA_SLICE("untouched");
    struct oa_arena arena;

    oa_arena_init(&arena, 16, 16);
    cr_assert_eq(oa_utf8_copy(&arena, OA_SLICE("seventeen bytes.."), OA_UTF8_NO_LIMIT, &text), OA_ENOMEM);
    cr_assert_eq(oa_utf8_copy(&arena, OA_SLICE("\xff\xff\xff\xff\xff\xff"), OA_UTF8_NO_LIMIT, &text), OA_ENOMEM);
    cr_assert(oa_slice_eq(text, OA_SLICE("untouched")));
    oa_arena_release(&arena);
}
