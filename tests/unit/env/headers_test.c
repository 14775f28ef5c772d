/* SOURCES: env/headers.c env/text.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/headers.h"
#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"

static char seen[2048];
static size_t seen_len;

static void note(void *user, struct oa_slice name, struct oa_slice value)
{
    cr_assert_eq(user, (void *)seen);
    seen_len += (size_t)snprintf(seen + seen_len, sizeof(seen) - seen_len, "[%.*s|%.*s]", (int)name.len, name.ptr,
                                 (int)value.len, value.ptr);
}

static struct oa_env_header_faults parse(const char *text, size_t n)
{
    static char none[1];
    struct oa_slice slice = { oa_guard_page_copy(text, n), n };
    struct oa_env_header_faults faults;

    seen_len = 0;
    seen[0] = '\0';
    oa_env_headers_parse(slice, n ? oa_guard_page_copy(text, n) : none, note, seen);
    faults = oa_env_headers_check(slice);
    oa_guard_page_free();
    return faults;
}

enum { FORM = OA_ENV_HEADER_FORM, VALUE = OA_ENV_HEADER_VALUE, RESERVED = OA_ENV_HEADER_RESERVED };

static const struct {
    const char *text, *seen;
    uint32_t count, first_item;
    int first;
} rows[] = {
    { "", "", 0, 0, 0 },
    { " ,, \t", "", 0, 0, 0 },
    { "k1=v1,k2=v%20x", "[k1|v1][k2|v x]", 0, 0, 0 },
    { " API-Key = abc , x=y ", "[api-key|abc][x|y]", 0, 0, 0 },
    { "Authorization=Basic abc==", "[authorization|Basic abc==]", 0, 0, 0 },
    { "a=b;c=d", "[a|b;c=d]", 0, 0, 0 },
    { "a=", "[a|]", 0, 0, 0 },
    { "a=1+1", "[a|1+1]", 0, 0, 0 },
    { "a=50%", "[a|50%]", 0, 0, 0 },
    { "a=%zz%4%", "[a|%zz%4%]", 0, 0, 0 },
    { "a=%2C%3D%C3%A9", "[a|,=\xc3\xa9]", 0, 0, 0 },
    { "a=x%09y", "[a|x\ty]", 0, 0, 0 },
    { "a=1,A=2,b=3,a=4", "[b|3][a|4]", 0, 0, 0 },
    { "a=1,a=bad%0a", "[a|1]", 1, 2, VALUE },
    { "User-Agent=me", "[user-agent|me]", 0, 0, 0 },
    { "abc", "", 1, 1, FORM },
    { "=v", "", 1, 1, FORM },
    { "ok=1,a b=v,(x)=y", "[ok|1]", 2, 2, FORM },
    { "\xc3\xa9=v", "", 1, 1, FORM },
    { ":path=/", "", 1, 1, FORM },
    { "a=x%0dy,b=2", "[b|2]", 1, 1, VALUE },
    { "a=x%0A", "", 1, 1, VALUE },
    { "a=x%00", "", 1, 1, VALUE },
    { "a=x\ny", "", 1, 1, VALUE },
    { "a=%7f", "", 1, 1, VALUE },
    { "Content-Type=x,HOST=x,te=x,grpc-timeout=1,Grpc-=2,Transfer-Encoding=z", "", 6, 1, RESERVED },
    { "grpc=ok,hosts=ok", "[grpc|ok][hosts|ok]", 0, 0, 0 },
};

Test(headers, cases)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_env_header_faults faults = parse(rows[i].text, strlen(rows[i].text));

        cr_assert_str_eq(seen, rows[i].seen, "%s: %s", rows[i].text, seen);
        cr_assert_eq(faults.count, rows[i].count, "%s", rows[i].text);
        cr_assert_eq(faults.first_item, rows[i].first_item, "%s", rows[i].text);
        cr_assert_eq((int)faults.first, rows[i].first, "%s", rows[i].text);
    }
}

static struct oa_env_header_faults parse_many(int count)
{
    char text[1024];
    size_t len = 0;

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "h%d=v,", i);
    return parse(text, len);
}

Test(headers, bound)
{
    struct oa_env_header_faults faults = parse_many((int)OA_ENV_HEADERS_MAX);

    cr_assert_eq(faults.count, 0);
    cr_assert_not_null(strstr(seen, "[h63|v]"));
    faults = parse_many((int)OA_ENV_HEADERS_MAX + 10);
    cr_assert_eq(faults.count, 1);
    cr_assert_eq(faults.first_item, OA_ENV_HEADERS_MAX + 1);
    cr_assert_eq(faults.first, OA_ENV_HEADER_MANY);
    cr_assert_not_null(strstr(seen, "[h63|v]"));
    cr_assert_null(strstr(seen, "[h64|v]"));
}

Test(headers, cut_at_every_byte)
{
    const char *text = "a=%41,b=x%0d,c d=e";
    static const char *const seen_at[] = { "",      "",      "[a|]",      "[a|%]",      "[a|%4]",      "[a|A]",
                                           "[a|A]", "[a|A]", "[a|A][b|]", "[a|A][b|x]", "[a|A][b|x%]", "[a|A][b|x%0]",
                                           "[a|A]" };

    for (size_t n = 0; n <= strlen(text); n++) {
        parse(text, n);
        cr_assert_str_eq(seen, seen_at[n < OA_COUNT(seen_at) ? n : OA_COUNT(seen_at) - 1], "%zu: %s", n, seen);
    }
}
