/* SOURCES: env/resource.c env/text.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/resource.h"
#include "env/text.h"
#include "preload/base/err.h"
#include "tests/support/guard_page.h"

static char seen[512];
static size_t seen_len;

/* Writes what it gets as "[key|value]". */
static void note(void *user, struct oa_slice key, struct oa_slice value)
{
    cr_assert_eq(user, (void *)seen);
    cr_assert_gt(key.len, 0);
    cr_assert(oa_text_is_utf8(key) && oa_text_is_utf8(value));
    seen_len += (size_t)snprintf(seen + seen_len, sizeof(seen) - seen_len, "[%.*s|%.*s]", (int)key.len, key.ptr,
                                 (int)value.len, value.ptr);
}

static int parse(const char *text, size_t n)
{
    static char none[1];
    int result;

    seen_len = 0;
    seen[0] = '\0';
    result = oa_env_resource_parse((struct oa_slice){ oa_guard_page_copy(text, n), n },
                                   n ? oa_guard_page_copy(text, n) : none, note, seen);
    oa_guard_page_free();
    return result;
}

static const struct {
    const char *text, *seen;
} good[] = {
    { "", "" },
    { ",", "" },
    { " , \t,", "" },
    { "a=1,b=two", "[a|1][b|two]" },
    { "a=1,b=two,", "[a|1][b|two]" },
    { " a = 1 ,\tb=two words ", "[a|1][b|two words]" },
    { "a=", "[a|]" },
    { "a= ", "[a|]" },
    { "k=a%2Cb%3dc", "[k|a,b=c]" },
    { "k%2Cx=v", "[k,x|v]" },
    { "a=1+1", "[a|1+1]" },
    { "a=%20x%20", "[a| x ]" },
    { "a=caf\xc3\xa9,b=caf%C3%A9", "[a|caf\xc3\xa9][b|caf\xc3\xa9]" },
    { "a=\xc3%a9", "[a|\xc3\xa9]" },
    { "a=%25", "[a|%]" },
    { "a=1,a=2", "[a|1][a|2]" },
    { "service.name=x;y", "[service.name|x;y]" },
};

static const struct {
    const char *text, *item;
} bad[] = {
    { "a", "a" },
    { "a=1,b", "b" },
    { "=1", "=1" },
    { " =1", "=1" },
    { "=", "=" },
    { "a=1=2", "a=1=2" },
    { "a==", "a==" },
    { "a=b,c=%", "c=%" },
    { "a=%4", "a=%4" },
    { "a=%4g", "a=%4g" },
    { "a%=b", "a%=b" },
    { "a=%ff", "a=%ff" },
    { "a=\xff", "a=\xff" },
    { "a=%c3", "a=%c3" },
    { "%c3=%a9", "%c3=%a9" },
    { "a=%ed%a0%80", "a=%ed%a0%80" },
    { "a=%00", "a=%00" },
    { "%00=a", "%00=a" },
    { "ok=1, bad ,ok=2", "bad" },
};

Test(resource, good)
{
    for (size_t i = 0; i < OA_COUNT(good); i++) {
        cr_assert_eq(parse(good[i].text, strlen(good[i].text)), 0, "%s", good[i].text);
        cr_assert_str_eq(seen, good[i].seen);
    }
}

Test(resource, bad_item_discards_all)
{
    for (size_t i = 0; i < OA_COUNT(bad); i++) {
        struct oa_slice item = { NULL, 0 };

        cr_assert_eq(parse(bad[i].text, strlen(bad[i].text)), OA_EMALFORMED, "%s", bad[i].text);
        cr_assert_str_eq(seen, "");
        cr_assert_eq(oa_env_resource_check(oa_slice_of(bad[i].text), &item), OA_EMALFORMED);
        cr_assert(oa_slice_eq(item, oa_slice_of(bad[i].item)), "%s", bad[i].text);
    }
}

Test(resource, zero_byte)
{
    cr_assert_eq(parse("a=b\0c", 5), OA_EMALFORMED);
}

Test(resource, cut_at_every_byte)
{
    const char *text = "a=1,%62=%C3%A9,c";
    static const char results[] = "yn" /* a */ "yyy" /* =1, */ "nnn" /* %62 */ "ynnnnnyy" /* =%C3%A9, */ "n";

    for (size_t n = 0; n <= strlen(text); n++)
        cr_assert_eq(parse(text, n) == 0, results[n] == 'y', "%zu", n);
}
