/* SOURCES: env/text.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "env/text.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "tests/support/guard_page.h"

Test(text, utf8)
{
    static const struct {
        struct oa_slice text;
        bool valid;
    } rows[] = {
        { OA_SLICE(""), true },
        { OA_SLICE("abc\x7f\x01"), true },
        { OA_SLICE("\xc2\x80\xdf\xbf"), true },
        { OA_SLICE("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), true },
        { OA_SLICE("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true },
        { OA_SLICE("a\0b"), false },
        { OA_SLICE("\x80"), false },
        { OA_SLICE("\xc0\x80"), false },
        { OA_SLICE("\xc1\xbf"), false },
        { OA_SLICE("\xe0\x9f\xbf"), false },
        { OA_SLICE("\xed\xa0\x80"), false },
        { OA_SLICE("\xf0\x8f\xbf\xbf"), false },
        { OA_SLICE("\xf4\x90\x80\x80"), false },
        { OA_SLICE("\xf5\x80\x80\x80"), false },
        { OA_SLICE("\xff"), false },
        { OA_SLICE("\xc3"), false },
        { OA_SLICE("\xe2\x82"), false },
        { OA_SLICE("\xf0\x9f\x98"), false },
        { OA_SLICE("\xe2\x82z"), false },
        { OA_SLICE("\xc3\xc3"), false },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *copy = oa_guard_page_copy(rows[i].text.ptr, rows[i].text.len);

        cr_assert_eq(oa_text_is_utf8((struct oa_slice){ copy, rows[i].text.len }), rows[i].valid, "row %zu", i);
    }
    oa_guard_page_free();
}

Test(text, utf8_cut_at_every_byte)
{
    const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const bool valid[] = { true, true, false, true, false, false, true, false, false, false, true, true };

    for (size_t n = 0; n < OA_COUNT(valid); n++)
        cr_assert_eq(oa_text_is_utf8((struct oa_slice){ oa_guard_page_copy(text, n), n }), valid[n], "%zu", n);
    oa_guard_page_free();
}

Test(text, percent)
{
    static const struct {
        const char *text;
        int byte;
        size_t left;
    } rows[] = {
        { "a%", 'a', 1 },
        { "+b", '+', 1 },
        { "%41", 'A', 0 },
        { "%4aX", 'J', 1 },
        { "%fF", 0xff, 0 },
        { "%00", 0, 0 },
        { "\xff", 0xff, 0 },
        { "%", OA_EMALFORMED, 1 },
        { "%4", OA_EMALFORMED, 2 },
        { "%4g", OA_EMALFORMED, 3 },
        { "%g4", OA_EMALFORMED, 3 },
        { "%%41", OA_EMALFORMED, 4 },
        { "% 41", OA_EMALFORMED, 4 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_slice text = { oa_guard_page_copy(rows[i].text, strlen(rows[i].text)), strlen(rows[i].text) };

        cr_assert_eq(oa_text_percent_next(&text), rows[i].byte, "%s", rows[i].text);
        cr_assert_eq(text.len, rows[i].left, "%s", rows[i].text);
    }
    oa_guard_page_free();
}
