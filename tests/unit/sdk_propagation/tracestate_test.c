/* SOURCES: sdk/propagation/tracestate.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "sdk/propagation/tracestate.h"
#include "tests/support/guard_page.h"

#define Z16 "zzzzzzzzzzzzzzzz"
#define Z64 Z16 Z16 Z16 Z16
#define Z256 Z64 Z64 Z64 Z64

static char memory[4096];

static const char *normalise(struct oa_slice text, size_t cap)
{
    static char result[4096];
    struct oa_scratch s = { memory, cap, 0 };
    struct oa_slice list = oa_tracestate_normalise(text, &s);

    cr_assert_eq(s.len, list.len);
    cr_assert_leq(list.len, OA_TRACESTATE_MAX);
    snprintf(result, sizeof(result), "%.*s", (int)list.len, list.len ? list.ptr : "");
    return result;
}

static const struct {
    const char *text, *list;
} rows[] = {
    { "foo=1", "foo=1" },
    { "foo=1,bar=2", "foo=1,bar=2" },
    { "foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3" },
    { "foo=1\t \t,\t \tbar=2,\t \tbaz=3", "foo=1,bar=2,baz=3" },
    { " foo=1", "foo=1" },
    { "\tfoo=1", "foo=1" },
    { "foo=1 ", "foo=1" },
    { "foo=1,", "foo=1" },
    { "foo=1,,,bar=2", "foo=1,bar=2" },
    { ",foo=1", "foo=1" },
    { "", "" },
    { ",", "" },
    { " , \t,", "" },
    { "foo= 1", "foo= 1" },         /* blanks before a value belong to it */
    { "foo=a b  c", "foo=a b  c" }, /* also those inside */
    { "foo=1,foo=1", "foo=1" },     /* the first of equal keys stays */
    { "foo=1,bar=2,foo=3,foobar=4", "foo=1,bar=2,foobar=4" },
    { "foo@=1,bar=2", "foo@=1,bar=2" }, /* level 2 has one kind of key */
    { "@foo=1,bar=2", "" },
    { "foo@@bar=1,bar=2", "foo@@bar=1,bar=2" },
    { "0foo=1", "0foo=1" },
    { "a*/-_@0=1", "a*/-_@0=1" },
    { "-foo=1", "" },
    { "foo =1", "" },
    { "FOO=1", "" },
    { "foo.bar=1", "" },
    { "foo\t=1", "" },
    { "foo", "" },
    { "foo,bar=3", "" },
    { "=1", "" },
    { "foo=", "" },
    { "foo=,bar=3", "" },
    { "foo=bar=baz", "" },
    { "foo=1\x7f", "" },
    { "foo=1\x01", "" },
    { "foo=a\tb", "" },
    { "foo=\xc3\xa4", "" },
    { "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~", "foo=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~" },
    { Z256 "=1", Z256 "=1" },
    { Z256 "z=1", "" },
    { "t=" Z256, "t=" Z256 },
    { "t=" Z256 "z", "" },
    { "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE" },
    { "ot=th:c;rv:aabbccddeeff00,v=1", "ot=th:c;rv:aabbccddeeff00,v=1" },
};

Test(tracestate, normalise__rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_str_eq(normalise(oa_slice_of(rows[i].text), sizeof(memory)), rows[i].list, "row %zu: %s", i,
                         rows[i].text);
}

Test(tracestate, normalise__result_is_stable)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_str_eq(normalise(oa_slice_of(rows[i].list), sizeof(memory)), rows[i].list, "row %zu", i);
}

Test(tracestate, normalise__32_members_and_no_more)
{
    char text[512];
    size_t n = 0;

    for (int i = 1; i <= 32; i++)
        n += (size_t)sprintf(text + n, "%sbar%02d=%02d", i > 1 ? "," : "", i, i);
    cr_assert_str_eq(normalise(oa_slice_of(text), sizeof(memory)), text);
    strcat(text, ",bar33=33");
    cr_assert_str_eq(normalise(oa_slice_of(text), sizeof(memory)), "");
    text[n] = '\0';
    strcat(text, ",bar01=33");
    cr_assert_str_eq(normalise(oa_slice_of(text), sizeof(memory)), "", "repeated members count too");
}

Test(tracestate, normalise__long_members_go_first)
{
    /* 131 + 130 + 130 + 3 + 130 bytes and commas: one of the long ones must go, the right-most. */
    static const char text[] = "a=" Z64 Z64 "z,b=" Z64 Z64 ",c=" Z64 Z64 ",d=1,e=" Z64 Z64;

    cr_assert_gt(sizeof(text) - 1, OA_TRACESTATE_MAX);
    cr_assert_str_eq(normalise(OA_SLICE(text), sizeof(memory)), "a=" Z64 Z64 "z,b=" Z64 Z64 ",c=" Z64 Z64 ",d=1");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=" Z256 ",c=2,d=" Z256 ",e=3"), sizeof(memory)),
                     "a=1,b=" Z256 ",c=2,e=3");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=" Z256 ",c=2,d=" Z256 ",e=3"), 20), "a=1,c=2,e=3");
}

Test(tracestate, normalise__short_members_go_from_the_right)
{
    static const char text[] = "a=" Z64 ",b=" Z64 ",c=" Z64 ",d=" Z64 ",e=" Z64 ",f=" Z64 ",g=" Z64 ",h=" Z64 ",i=1";

    cr_assert_str_eq(normalise(OA_SLICE(text), sizeof(memory)),
                     "a=" Z64 ",b=" Z64 ",c=" Z64 ",d=" Z64 ",e=" Z64 ",f=" Z64 ",g=" Z64);
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2,c=3"), 10), "a=1,b=2");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2,c=3"), 3), "a=1");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2,c=3"), 2), "");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2,c=3"), 0), "");
}

Test(tracestate, normalise__appends_to_scratch)
{
    struct oa_scratch s = { memory, sizeof(memory), 10 };
    struct oa_slice list = oa_tracestate_normalise(OA_SLICE("a=1"), &s);

    cr_assert_eq(list.ptr, memory + 10);
    cr_assert_eq(s.len, 13);
}

Test(tracestate, normalise__every_prefix_on_a_guard_page)
{
    static const char text[] = "foo=1 \t , a@b=xyz,foo=2,, bar= \t,";

    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = oa_guard_page_copy(text, n), *out = oa_guard_page_copy(text, n);
        struct oa_scratch s = { out, n, 0 };
        struct oa_slice list = oa_tracestate_normalise((struct oa_slice){ copy, n }, &s);

        cr_assert_leq(list.len, n);
    }
    oa_guard_page_free();
}
