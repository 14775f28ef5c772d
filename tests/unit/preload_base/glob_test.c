/* SOURCES: preload/base/glob.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/glob.h"
#include "tests/support/guard_page.h"

struct row {
    const char *pattern, *text;
    bool expected;
};

/* Each text ends where its page does. */
static struct oa_slice fenced(const char *text)
{
    return (struct oa_slice){ oa_guard_page_copy(text, strlen(text)), strlen(text) };
}

static void check(const struct row *rows, size_t count, bool (*match)(struct oa_slice, struct oa_slice))
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(match(fenced(rows[i].pattern), fenced(rows[i].text)), rows[i].expected, "%s on %s",
                     rows[i].pattern, rows[i].text);
        oa_guard_page_free();
    }
}

Test(glob, match)
{
    static const struct row rows[] = {
        { "nginx", "nginx", true },
        { "nginx", "nginx2", false },
        { "nginx*", "nginx2", true },
        { "*", "", true },
        { "*", "x", true },
        { "", "", true },
        { "", "x", false },
        { "?", "x", true },
        { "?", "", false },
        { "a*b*c", "axxbyyc", true },
        { "a*b*c", "axxbyy", false },
        { "*ab", "aab", true },
        { "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaa", false },
        { "/usr/*/php*", "/usr/bin/php8.2", true },
        { "a**", "a", true },
        { "p?p", "php", true },
        { "a.*", "ab", false },
    };

    check(rows, OA_COUNT(rows), oa_glob_match);
}

Test(glob, search)
{
    static const struct row rows[] = {
        { "healthcheck", "http://h/healthcheck", true },
        { "healthcheck", "http://h/health", false },
        { "client/.*/info", "http://h/client/7/info?x=1", true },
        { "client/.*/info", "http://h/client/info", false },
        { "^http://h/$", "http://h/", true },
        { "^http://h/$", "http://h/x", false },
        { "/ping$", "http://h/ping", true },
        { "/ping$", "http://h/ping/ping", true },
        { "/ping$", "http://h/ping?", false },
        { "^h/", "http://h/", false },
        { ".*", "", true },
        { "a.c", "abc", false },
        { "a.*$", "xxa", true },
    };

    check(rows, OA_COUNT(rows), oa_glob_search);
}

Test(glob, lists)
{
    cr_assert(oa_glob_list(OA_SLICE(" a , b* "), OA_SLICE("bc"), oa_glob_match));
    cr_assert_not(oa_glob_list(OA_SLICE(" a , b* "), OA_SLICE("c"), oa_glob_match));
    cr_assert_not(oa_glob_list(OA_SLICE(",, ,"), OA_SLICE(""), oa_glob_match));
    cr_assert_not(oa_glob_list(OA_SLICE(""), OA_SLICE(""), oa_glob_match));
}
