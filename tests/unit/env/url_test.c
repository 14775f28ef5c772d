/* SOURCES: env/url.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "env/url.h"
#include "preload/base/err.h"
#include "tests/support/guard_page.h"

static struct oa_slice guarded(const char *text, size_t n)
{
    return (struct oa_slice){ oa_guard_page_copy(text, n), n };
}

static const struct {
    const char *text;
    bool https;
    const char *authority, *userinfo, *host;
    uint16_t port;
    const char *path, *query, *fragment;
} good[] = {
    { "http://h", false, "h", NULL, "h", 80, "", "", "" },
    { "https://h", true, "h", NULL, "h", 443, "", "", "" },
    { "HttpS://H.example:1/", true, "H.example:1", NULL, "H.example", 1, "/", "", "" },
    { "http://h:65535/a/b?c=d#e", false, "h:65535", NULL, "h", 65535, "/a/b", "?c=d", "#e" },
    { "http://h?x/y", false, "h", NULL, "h", 80, "", "?x/y", "" },
    { "http://h#f?g", false, "h", NULL, "h", 80, "", "", "#f?g" },
    { "http://h:", false, "h:", NULL, "h", 80, "", "", "" },
    { "http://[::1]:4318/x", false, "[::1]:4318", NULL, "::1", 4318, "/x", "", "" },
    { "http://[fe80::1%25eth0]", false, "[fe80::1%25eth0]", NULL, "fe80::1%25eth0", 80, "", "", "" },
    { "https://u:p@h:8/", true, "u:p@h:8", "u:p", "h", 8, "/", "", "" },
    { "https://u@v:p@h", true, "u@v:p@h", "u@v:p", "h", 443, "", "", "" },
    { "https://@h", true, "@h", "", "h", 443, "", "", "" },
    { "http://h/@x:y", false, "h", NULL, "h", 80, "/@x:y", "", "" },
};

static void expect_slice(struct oa_slice got, const char *want, const char *text)
{
    if (want == NULL)
        cr_assert_null(got.ptr, "%s", text);
    else
        cr_assert(oa_slice_eq(got, oa_slice_of(want)), "%s: %.*s, not %s", text, (int)got.len, got.ptr, want);
}

Test(url, split)
{
    for (size_t i = 0; i < OA_COUNT(good); i++) {
        struct oa_url url;

        cr_assert_eq(oa_url_split(guarded(good[i].text, strlen(good[i].text)), &url), 0, "%s", good[i].text);
        cr_assert_eq(url.https, good[i].https);
        cr_assert_eq(url.port, good[i].port, "%s", good[i].text);
        expect_slice(url.authority, good[i].authority, good[i].text);
        expect_slice(url.userinfo, good[i].userinfo, good[i].text);
        expect_slice(url.host, good[i].host, good[i].text);
        expect_slice(url.path, good[i].path, good[i].text);
        expect_slice(url.query, good[i].query, good[i].text);
        expect_slice(url.fragment, good[i].fragment, good[i].text);
    }
    oa_guard_page_free();
}

Test(url, refused)
{
    static const char *const bad[] = {
        "",
        "h",
        "h:4318",
        "http:",
        "http:/h",
        "http//h",
        "http://",
        "https://",
        "http:///x",
        "http://:80",
        "http://?x",
        "ftp://h",
        "unix:///x",
        "http://u@",
        "http://u@:1",
        "http://h:0",
        "http://h:65536",
        "http://h:100000",
        "http://h:x",
        "http://h:-1",
        "http://h:80x",
        "http://h:8 0",
        "http://h /x",
        "http://h\r\nX: y",
        "http://h\t",
        "http://h/\x7f",
        "http://[::1",
        "http://[::1]x",
        "http://[]",
        "http://::1",
        "http://a]b",
        "http://a\\b",
        "http://a%62",
        "grpc://h",
        "httpx://h",
    };

    for (size_t i = 0; i < OA_COUNT(bad); i++) {
        struct oa_url url = { .port = 7 };

        cr_assert_eq(oa_url_split(guarded(bad[i], strlen(bad[i])), &url), OA_EMALFORMED, "%s", bad[i]);
        cr_assert_eq(url.port, 7);
    }
    oa_guard_page_free();
}

Test(url, zero_byte)
{
    struct oa_url url;

    cr_assert_eq(oa_url_split(OA_SLICE("http://h/\0x"), &url), OA_EMALFORMED);
    cr_assert(!oa_url_is_target(OA_SLICE("h\0")));
}

Test(url, cut_at_every_byte)
{
    const char *text = "https://u:p@[::1]:4318/a?b#c";

    for (size_t n = 0; n <= strlen(text); n++) {
        struct oa_url url;
        int result = oa_url_split(guarded(text, n), &url);

        /* "https://u", "https://u:" and so on are URLs of their own; a bracket or an '@' left open is not. */
        cr_assert_eq(result == 0, n == 9 || n == 10 || n >= 17, "%zu", n);
    }
    oa_guard_page_free();
}

Test(url, target)
{
    static const char *const good_targets[] = { "h", "h:1", "collector.example:4317", "[::1]:4317", "10.0.0.1" };
    static const char *const bad_targets[] = { "",       ":1",    "h:x", "a/b", "http://h", "u@h",
                                               "unix:x", "h:1:2", "h 1", "#o",  "h?x" };

    for (size_t i = 0; i < OA_COUNT(good_targets); i++)
        cr_assert(oa_url_is_target(guarded(good_targets[i], strlen(good_targets[i]))), "%s", good_targets[i]);
    for (size_t i = 0; i < OA_COUNT(bad_targets); i++)
        cr_assert(!oa_url_is_target(guarded(bad_targets[i], strlen(bad_targets[i]))), "%s", bad_targets[i]);
    oa_guard_page_free();
}
