/* SOURCES: sdk/encode/json.c sdk/encode/buf.c sdk/model/utf8.c preload/base/arena.c preload/base/hex.c */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "preload/base/err.h"
#include "sdk/encode/json.h"

static struct oa_arena arena;
static struct oa_json json;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 1u << 20);
    oa_json_init(&json, &arena, 0);
}

static void teardown(void)
{
    oa_arena_release(&arena);
}

TestSuite(json, .init = setup, .fini = teardown);

static const char *finish(void)
{
    struct oa_slice text = OA_SLICE("");

    oa_buf_put(&json.buf, (struct oa_slice){ "", 1 });
    cr_assert_eq(oa_json_finish(&json, &text), 0);
    return text.ptr;
}

/* Expected texts: what Python's json.dumps prints. */
Test(json, strings)
{
    static const struct {
        struct oa_slice value;
        const char *text;
    } rows[] = {
        { OA_SLICE(""), "\"\"" },
        { OA_SLICE("plain /~ !"), "\"plain /~ !\"" },
        { OA_SLICE("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
        { OA_SLICE("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\"" },
        { OA_SLICE("\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80"), "\"\\u00e9\\u2028\\ud83d\\ude00\"" },
        { OA_SLICE("\xff"), "\"\\ufffd\"" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_json_init(&json, &arena, 0);
        oa_json_str(&json, rows[i].value);
        cr_expect_str_eq(finish(), rows[i].text);
    }
}

static const struct {
    double value;
    const char *text;
} doubles[] = {
    { 0, "0.0" },
    { -0.0, "-0.0" },
    { 1, "1.0" },
    { 0.1, "0.1" },
    { 123456, "123456.0" },
    { 1e15, "1000000000000000.0" },
    { 1e16, "1e+16" },
    { 1e300, "1e+300" },
    { 0.0001, "0.0001" },
    { 1e-5, "1e-05" },
    { 1.5e-7, "1.5e-07" },
    { 1.0 / 3, "0.3333333333333333" },
    { -2.5, "-2.5" },
    { 1e22, "1e+22" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 5e-324, "5e-324" },
    { 9007199254740993.0, "9007199254740992.0" },
    { INFINITY, "Infinity" },
    { -INFINITY, "-Infinity" },
    { NAN, "NaN" },
};

static void check_doubles(void)
{
    for (size_t i = 0; i < OA_COUNT(doubles); i++) {
        oa_json_init(&json, &arena, 0);
        oa_json_double(&json, doubles[i].value);
        cr_expect_str_eq(finish(), doubles[i].text);
    }
}

Test(json, doubles)
{
    check_doubles();
}

/* The host may have chosen a locale with a decimal comma; where the machine has none, nothing is lost. */
Test(json, doubles__locale_with_comma)
{
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        return;
    check_doubles();
}

Test(json, one_line)
{
    oa_json_object_open(&json);
    oa_json_key(&json, OA_SLICE("a"));
    oa_json_int(&json, INT64_MIN);
    oa_json_key(&json, OA_SLICE("b"));
    oa_json_array_open(&json);
    oa_json_bool(&json, true);
    oa_json_bool(&json, false);
    oa_json_null(&json);
    oa_json_array_close(&json);
    oa_json_key(&json, OA_SLICE("c"));
    oa_json_object_open(&json);
    oa_json_object_close(&json);
    oa_json_object_close(&json);
    cr_assert_str_eq(finish(), "{\"a\": -9223372036854775808, \"b\": [true, false, null], \"c\": {}}");
}

Test(json, indented)
{
    oa_json_init(&json, &arena, 4);
    oa_json_object_open(&json);
    oa_json_key(&json, OA_SLICE("list"));
    oa_json_array_open(&json);
    oa_json_str(&json, OA_SLICE("x"));
    oa_json_array_open(&json);
    oa_json_array_close(&json);
    oa_json_array_close(&json);
    oa_json_key(&json, OA_SLICE("n"));
    oa_json_int(&json, 1);
    oa_json_object_close(&json);
    cr_assert_str_eq(finish(), "{\n    \"list\": [\n        \"x\",\n        []\n    ],\n    \"n\": 1\n}");
}

Test(json, too_deep)
{
    struct oa_slice text;

    for (unsigned i = 0; i < 2 * OA_JSON_DEPTH_MAX; i++)
        oa_json_array_open(&json);
    for (unsigned i = 0; i < 3 * OA_JSON_DEPTH_MAX; i++)
        oa_json_array_close(&json);
    cr_assert_eq(oa_json_finish(&json, &text), OA_EFULL);
}

Test(json, no_memory_sticks)
{
    struct oa_slice text;
    struct oa_arena small;

    oa_arena_init(&small, 64, 2048);
    oa_json_init(&json, &small, 0);
    oa_json_array_open(&json);
    for (int i = 0; i < 10000; i++)
        oa_json_int(&json, i);
    oa_json_array_close(&json);
    cr_assert_eq(oa_json_finish(&json, &text), OA_ENOMEM);
    oa_arena_release(&small);
}
