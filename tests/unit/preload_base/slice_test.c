/* Slices are inline functions. SOURCES: tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"
#include "tests/support/guard_page.h"

/* A slice that ends at an unreadable page. */
static struct oa_slice edge(const char *text)
{
    size_t len = strlen(text);

    return (struct oa_slice){ oa_guard_page_copy(text, len), len };
}

static bool is(struct oa_slice s, const char *want)
{
    return oa_slice_eq(s, oa_slice_of(want));
}

Test(slice, of__null_is_empty)
{
    cr_assert_eq(oa_slice_of(NULL).len, 0);
    cr_assert_eq(oa_slice_of("abc").len, 3);
    cr_assert_eq(OA_SLICE("a\0b").len, 3);
}

Test(slice, eq__length_and_bytes)
{
    cr_assert(oa_slice_eq(edge("abc"), edge("abc")));
    cr_assert_not(oa_slice_eq(edge("abc"), edge("abd")));
    cr_assert_not(oa_slice_eq(edge("abc"), edge("ab")));
    cr_assert_not(oa_slice_eq(edge("abc"), edge("ABC")));
    cr_assert(oa_slice_eq(OA_SLICE("a\0b"), OA_SLICE("a\0b")));
    cr_assert_not(oa_slice_eq(OA_SLICE("a\0b"), OA_SLICE("a\0c")));
    cr_assert(oa_slice_eq((struct oa_slice){ NULL, 0 }, edge("")));
}

Test(slice, ieq__folds_ascii_letters_only)
{
    cr_assert(oa_slice_ieq(edge("Trace-Parent"), edge("tRACE-pARENT")));
    cr_assert_not(oa_slice_ieq(edge("a"), edge("ab")));
    cr_assert_not(oa_slice_ieq(edge("@"), edge("`")));
    cr_assert_not(oa_slice_ieq(edge("["), edge("{")));
    cr_assert_not(oa_slice_ieq(edge("\xc4"), edge("\xe4")), "no locale");
    cr_assert(oa_slice_ieq(edge(""), edge("")));
}

Test(slice, starts__with_a_prefix)
{
    cr_assert(oa_slice_starts(edge("abc"), OA_SLICE("ab")));
    cr_assert(oa_slice_starts(edge("abc"), OA_SLICE("")));
    cr_assert(oa_slice_starts(edge("ab"), OA_SLICE("ab")));
    cr_assert_not(oa_slice_starts(edge("a"), OA_SLICE("ab")));
    cr_assert_not(oa_slice_starts(edge("xb"), OA_SLICE("ab")));
}

static const struct {
    const char *text, *want;
} trims[] = {
    { "", "" },       { "a", "a" },     { " a", "a" },    { "a ", "a" },      { "\t a b \t", "a b" },
    { " \t \t", "" }, { "\ra", "\ra" }, { "a\n", "a\n" }, { "\v a", "\v a" },
};

Test(slice, trim__spaces_and_tabs_at_both_ends)
{
    for (size_t i = 0; i < OA_COUNT(trims); i++)
        cr_assert(is(oa_slice_trim(edge(trims[i].text)), trims[i].want), "row %zu", i);
}

Test(slice, next__cuts_at_each_separator)
{
    struct oa_slice rest = edge("a,,bc,");

    cr_assert(is(oa_slice_next(&rest, ','), "a"));
    cr_assert(is(oa_slice_next(&rest, ','), ""));
    cr_assert(is(oa_slice_next(&rest, ','), "bc"));
    cr_assert_not_null(rest.ptr, "a separator at the end is followed by one empty part");
    cr_assert(is(oa_slice_next(&rest, ','), ""));
    cr_assert_null(rest.ptr);
    cr_assert(is(oa_slice_next(&rest, ','), ""));
}
