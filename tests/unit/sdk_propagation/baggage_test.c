/* SOURCES: sdk/propagation/baggage.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "sdk/propagation/baggage.h"
#include "sdk/propagation/formats.h"
#include "tests/support/guard_page.h"

static char memory[16384];

static const char *normalise(struct oa_slice text, size_t cap, uint32_t *ret_dropped)
{
    static char result[sizeof(memory)];
    struct oa_scratch s = { memory, cap, 0 };
    struct oa_slice list;

    *ret_dropped = oa_baggage_normalise(text, &s, &list);
    cr_assert_eq(s.len, list.len);
    cr_assert_leq(list.len, OA_BAGGAGE_MAX);
    snprintf(result, sizeof(result), "%.*s", (int)list.len, list.len ? list.ptr : "");
    return result;
}

static const struct {
    const char *text, *list;
    uint32_t dropped;
} rows[] = {
    { "k1=v1", "k1=v1", 0 },
    { "k1=v1,k2=v2", "k1=v1,k2=v2", 0 },
    { "k1=v1;p1;p2=x, k2=v2", "k1=v1;p1;p2=x,k2=v2", 0 },
    { " k1 = v1 ; p1 ; p2 = x\t,\tk2\t=\tv2 ", "k1=v1; p1 ; p2 = x,k2=v2", 0 }, /* metadata is opaque */
    { "k=a%20b%2Cc,l=%E4%BD%A0", "k=a%20b%2Cc,l=%E4%BD%A0", 0 },
    { "k=100%", "k=100%", 0 },
    { "k=a+b", "k=a+b", 0 },
    { "k=v=w==", "k=v=w==", 0 },
    { "k=", "k=", 0 },
    { "k=,l=1", "k=,l=1", 0 },
    { "k=v;", "k=v", 0 },
    { "k=v;;x", "k=v;;x", 0 },
    { "", "", 0 },
    { " , ,, ", "", 0 },
    { "k", "", 1 },
    { "k,l=1", "l=1", 1 },
    { "=v,l=1", "l=1", 1 },
    { ";k=v,l=1", "l=1", 1 },
    { "k;x=1,l=1", "l=1", 1 },
    { "k k=v,l=1", "l=1", 1 },
    { "k(=v,l=1", "l=1", 1 },
    { "k=v w,l=1", "l=1", 1 },
    { "k=\"v\",l=1", "l=1", 1 },
    { "k=a\\b,l=1", "l=1", 1 },
    { "k=\xc3\xa4,l=1", "l=1", 1 },
    { "\xc3\xa4=k,l=1", "l=1", 1 },
    { "k=v;a\r\nX: y,l=1", "l=1", 1 }, /* could end the header line */
    { "k=v;\xff,l=1", "l=1", 1 },
    { "k=v\n,l=1", "l=1", 1 },
    { "!#$%&'*+-.^_`|~09azAZ=1", "!#$%&'*+-.^_`|~09azAZ=1", 0 },
    { "k=!#$%&'()*+-./0:<=>?@AZ[]^_`az{|}~", "k=!#$%&'()*+-./0:<=>?@AZ[]^_`az{|}~", 0 },
    { "k=1,l=2,k=3", "l=2,k=3", 0 }, /* of equal keys the later one stays */
    { "k=1,k=3", "k=3", 0 },
    { "l=2,k=1,k=3;m", "l=2,k=3;m", 0 },
    { "k=1;k=2,kk=3,K=4,k=5", "kk=3,K=4,k=5", 0 },
    { "k=1,k", "k=1", 1 },
    { "userId=alice,serverNode=DF%2028,isProduction=false", "userId=alice,serverNode=DF%2028,isProduction=false", 0 },
};

Test(baggage, normalise__rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        uint32_t dropped;

        cr_assert_str_eq(normalise(oa_slice_of(rows[i].text), sizeof(memory), &dropped), rows[i].list, "row %zu: %s",
                         i, rows[i].text);
        cr_assert_eq(dropped, rows[i].dropped, "row %zu: %s", i, rows[i].text);
    }
}

Test(baggage, normalise__result_is_stable)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        uint32_t dropped;

        cr_assert_str_eq(normalise(oa_slice_of(rows[i].list), sizeof(memory), &dropped), rows[i].list);
        cr_assert_eq(dropped, 0, "row %zu", i);
    }
}

static size_t make_list(char *text, unsigned members, const char *value)
{
    size_t n = 0;

    for (unsigned i = 0; i < members; i++)
        n += (size_t)sprintf(text + n, "%skey%u=%s", i ? "," : "", i, value);
    return n;
}

Test(baggage, normalise__64_members_always_pass)
{
    static char text[OA_BAGGAGE_MAX + 1];
    char value[128];
    uint32_t dropped;
    size_t n;

    memset(value, 'v', 121);
    value[121] = '\0';
    n = make_list(text, 64, value);
    cr_assert_leq(n, OA_BAGGAGE_MAX);
    cr_assert_gt(n, OA_BAGGAGE_MAX - 256);
    cr_assert_str_eq(normalise((struct oa_slice){ text, n }, sizeof(memory), &dropped), text);
    cr_assert_eq(dropped, 0);
}

Test(baggage, normalise__180_members_and_no_more)
{
    static char text[4096], more[8192];
    uint32_t dropped;
    size_t n = make_list(text, 180, "1");

    cr_assert_str_eq(normalise((struct oa_slice){ text, n }, sizeof(memory), &dropped), text);
    cr_assert_eq(dropped, 0);
    n = make_list(more, 200, "1");
    cr_assert_str_eq(normalise((struct oa_slice){ more, n }, sizeof(memory), &dropped), text);
    cr_assert_eq(dropped, 20);
}

Test(baggage, normalise__one_member_of_4096_bytes)
{
    static char text[4100];
    uint32_t dropped;

    memset(text, 'v', sizeof(text));
    memcpy(text, "k=", 2);
    cr_assert_eq(strlen(normalise((struct oa_slice){ text, 4096 }, sizeof(memory), &dropped)), 4096);
    cr_assert_str_eq(normalise((struct oa_slice){ text, 4097 }, sizeof(memory), &dropped), "");
    cr_assert_eq(dropped, 1);
}

Test(baggage, normalise__8192_bytes_in_whole_members)
{
    static char text[16000];
    char value[300];
    uint32_t dropped;
    const char *list;

    memset(value, 'v', 299);
    value[299] = '\0';
    list = normalise((struct oa_slice){ text, make_list(text, 40, value) }, sizeof(memory), &dropped);
    cr_assert_eq(strncmp(list, text, strlen(list)), 0);
    cr_assert_eq(text[strlen(list)], ',', "cut between members");
    cr_assert_eq(dropped, 40 - 26);
}

Test(baggage, normalise__small_scratch)
{
    uint32_t dropped;

    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=22222,c=3"), 7, &dropped), "a=1,c=3");
    cr_assert_eq(dropped, 1);
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2"), 3, &dropped), "a=1");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2"), 2, &dropped), "");
    cr_assert_str_eq(normalise(OA_SLICE("a=1,b=2"), 0, &dropped), "");
    cr_assert_eq(dropped, 2);
}

Test(baggage, normalise__every_prefix_on_a_guard_page)
{
    static const char text[] = "k1=v1;p1;p2=x, k2 = v2 ,k1=3,bad,,k2=;";

    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = oa_guard_page_copy(text, n), *out = oa_guard_page_copy(text, n);
        struct oa_scratch s = { out, n, 0 };
        struct oa_slice list;

        (void)oa_baggage_normalise((struct oa_slice){ copy, n }, &s, &list);
        cr_assert_leq(list.len, n);
    }
    oa_guard_page_free();
}

static struct oa_slice set_value;

static void record(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    (void)self;
    cr_assert_eq(field, OA_FIELD_BAGGAGE);
    set_value = value;
}

Test(baggage, propagator__both_ways)
{
    struct oa_carrier c = { .lines = { [OA_FIELD_BAGGAGE] = 2 } };
    struct oa_scratch s = { memory, sizeof(memory), 0 };
    struct oa_setter setter = { record };
    struct oa_context ctx = { .span = { .valid = 0 } };

    c.value[OA_FIELD_BAGGAGE] = OA_SLICE("a=1, b=2;x,c=3"); /* two lines, joined */
    oa_propagator_baggage.extract(&c, &ctx, &s);
    cr_assert(oa_slice_eq(ctx.baggage, OA_SLICE("a=1,b=2;x,c=3")));
    oa_propagator_baggage.inject(&ctx, &setter); /* no valid span is needed */
    cr_assert(oa_slice_eq(set_value, ctx.baggage));
}

Test(baggage, propagator__nothing_valid_leaves_the_context)
{
    struct oa_carrier c = { .lines = { [OA_FIELD_BAGGAGE] = 1 } };
    struct oa_scratch s = { memory, sizeof(memory), 0 };
    struct oa_setter setter = { record };
    struct oa_context ctx = { .baggage = OA_SLICE("old=1") }, none = { .baggage = { NULL, 0 } };

    c.value[OA_FIELD_BAGGAGE] = OA_SLICE("bad,;");
    oa_propagator_baggage.extract(&c, &ctx, &s);
    cr_assert(oa_slice_eq(ctx.baggage, OA_SLICE("old=1")));
    oa_propagator_baggage.inject(&none, &setter);
    cr_assert_null(set_value.ptr);
}
