/* SOURCES: sdk/encode/json_reader.c env/parse.c env/words.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "sdk/encode/json_reader.h"
#include "tests/support/guard_page.h"

/* Each text once behind a page that cannot be read. */
static struct oa_slice guarded(const char *text, size_t len)
{
    return (struct oa_slice){ oa_guard_page_copy(text, len), len };
}

static bool is_json(const char *text, size_t len)
{
    struct oa_json_reader r;

    oa_json_reader_init(&r, guarded(text, len));
    oa_json_skip(&r);
    return oa_json_reader_end(&r);
}

static const char *const good[] = {
    "null",
    "true",
    "false",
    "0",
    "-1.5e+3",
    "\"\"",
    "\"a\\\"\\u00fc\\n\"",
    "{}",
    "[]",
    " { } ",
    "[1,2 , 3]",
    "{\"a\":1,\"b\":[{},[],[[null]],{\"c\":{}}],\"d\":\"x\"}",
    "\n[\t0.5\r]",
    "[-0,1E5,10,0.25]",
    "\"\xc3\xbc\"",
};

static const char *const bad[] = {
    "",        " ",        "{",          "[",         "}",      "]",         "[1,]",        "[,1]",       "[1 2]",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",     "{1:1}",  "{\"a\":1]", "[1}",         "[1]]",       "1 2",
    "nul",     "nullx",    "tru",        "01",        "1.",     ".5",        "+1",          "-",          "1e",
    "1e+",     "0x1",      "NaN",        "\"",        "\"\\\"", "\"\\x\"",   "\"\\u12g4\"", "\"\\u123\"", "\"\n\"",
    "'a'",     "- 1",      "[\"a\":1]",  "{\"a\",1}", "1.5.2",
};

Test(json_reader, texts, .fini = oa_guard_page_free)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(is_json(good[i], strlen(good[i])), "%s", good[i]);
        for (size_t len = 0; len < strlen(good[i]); len++)
            (void)is_json(good[i], len);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(is_json(bad[i], strlen(bad[i])), "%s", bad[i]);
}

/* Arrays and objects by turns, as deep as that. */
Test(json_reader, depth, .fini = oa_guard_page_free)
{
    for (size_t depth = 1; depth < 100; depth++) {
        char text[512] = "", end[512] = "";

        for (size_t i = 0; i < depth; i++) {
            strcat(text, i % 2 ? "{\"\":" : "[");
            memmove(end + 1, end, strlen(end) + 1);
            end[0] = i % 2 ? '}' : ']';
        }
        strcat(strcat(text, "0"), end);
        cr_assert_eq(is_json(text, strlen(text)), depth <= OA_JSON_READ_DEPTH_MAX, "%s", text);
        text[strlen(text) - 1] ^= ']' ^ '}';
        cr_assert_not(is_json(text, strlen(text)), "%s", text);
    }
}

Test(json_reader, members)
{
    struct oa_slice key, text = { "", 0 };
    struct oa_json_reader r;
    double sum = 0;

    oa_json_reader_init(&r, OA_SLICE("{\"a\":[1,2.5,null,-3],\"b\":{\"x\":[{}]},\"c\":\"t\\u0041\",\"d\":null}"));
    cr_assert(oa_json_read_object(&r));
    while (oa_json_read_key(&r, &key)) {
        if (oa_slice_eq(key, OA_SLICE("a"))) {
            cr_assert(oa_json_read_array(&r));
            while (oa_json_read_item(&r))
                sum += oa_json_read_number(&r);
        } else if (oa_slice_eq(key, OA_SLICE("c"))) {
            text = oa_json_read_string(&r);
        } else if (oa_slice_eq(key, OA_SLICE("d"))) {
            cr_assert_not(oa_json_read_object(&r), "null is no object, and no error");
        } else {
            oa_json_skip(&r);
        }
    }
    cr_assert(oa_json_reader_end(&r));
    cr_assert_eq(sum, 0.5);
    cr_assert(oa_slice_eq(text, OA_SLICE("t\\u0041")));
}

static const struct {
    const char *raw, *text;
} escapes[] = {
    { "plain", "plain" },
    { "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
    { "\\u0041\\u00fc\\u20ac", "A\xc3\xbc\xe2\x82\xac" },
    { "\\ud83d\\ude00", "\xf0\x9f\x98\x80" },
    { "\\ud83d", "\xef\xbf\xbd" },
    { "\\ude00x", "\xef\xbf\xbdx" },
    { "\\ud83d\\u0041", "\xef\xbf\xbd"
                        "A" },
    { "\xc3\xbc", "\xc3\xbc" },
};

Test(json_reader, unescape)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        char out[64];
        size_t len = oa_json_unescape(oa_slice_of(escapes[i].raw), out);

        cr_assert(oa_slice_eq((struct oa_slice){ out, len }, oa_slice_of(escapes[i].text)), "%s", escapes[i].raw);
        cr_assert_leq(len, strlen(escapes[i].raw));
    }
}
