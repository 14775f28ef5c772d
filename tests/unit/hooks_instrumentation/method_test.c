/* SOURCES: hooks/instrumentation/method.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "hooks/instrumentation/method.h"
#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"

static const char *const standard[] = { "CONNECT", "DELETE", "GET", "HEAD",  "OPTIONS",
                                        "PATCH",   "POST",   "PUT", "TRACE", "QUERY" };
static const char *const unknown[] = {
    "", "get", "Get", "GE", "GETS", "GET,POST", " GET", ",", "PROPFIND", "_OTHER"
};

Test(method, known__standard)
{
    for (size_t i = 0; i < OA_COUNT(standard); i++)
        cr_assert(oa_method_known(oa_slice_of(standard[i])), "%s", standard[i]);
    for (size_t i = 0; i < OA_COUNT(unknown); i++)
        cr_assert_not(oa_method_known(oa_slice_of(unknown[i])), "%s", unknown[i]);
}

Test(method, init__replaces_the_list)
{
    oa_method_init(" GET ,PROPFIND,,  get");
    cr_assert(oa_method_known(OA_SLICE("GET")));
    cr_assert(oa_method_known(OA_SLICE("PROPFIND")));
    cr_assert(oa_method_known(OA_SLICE("get")));
    cr_assert_not(oa_method_known(OA_SLICE("POST")));
    cr_assert_not(oa_method_known(OA_SLICE("")));
}

Test(method, init__a_list_of_nothing_is_unset)
{
    static const char *const lists[] = { "", " ", ",", " , ,\t" };

    for (size_t i = 0; i < OA_COUNT(lists); i++) {
        oa_method_init("FOO");
        oa_method_init(lists[i]);
        cr_assert(oa_method_known(OA_SLICE("QUERY")));
        cr_assert_not(oa_method_known(OA_SLICE("FOO")));
    }
    oa_method_init(NULL);
    cr_assert(oa_method_known(OA_SLICE("GET")));
}

Test(method, known__every_prefix_on_a_guard_page)
{
    static const char text[] = "OPTIONS";

    for (size_t n = 0; n < sizeof(text); n++) {
        struct oa_slice part = { oa_guard_page_copy(text, n), n };

        cr_assert_eq(oa_method_known(part), n == sizeof(text) - 1);
    }
    oa_guard_page_free();
}
