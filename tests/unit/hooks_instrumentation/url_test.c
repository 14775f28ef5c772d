/* SOURCES: hooks/instrumentation/url.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "hooks/instrumentation/url.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "tests/support/guard_page.h"

static bool same(struct oa_slice got, const char *want)
{
    return oa_slice_eq(got, oa_slice_of(want));
}

/* form -1: malformed. */
static const struct {
    const char *target;
    bool to_connect;
    int form;
    const char *scheme, *host, *path, *query;
    uint16_t port;
    bool userinfo;
} targets[] = {
    { "/", 0, OA_HTTP_URL_ORIGIN, "", "", "/", "", 0, 0 },
    { "/a/b?x=1&y=2", 0, OA_HTTP_URL_ORIGIN, "", "", "/a/b", "x=1&y=2", 0, 0 },
    { "/a?x?y", 0, OA_HTTP_URL_ORIGIN, "", "", "/a", "x?y", 0, 0 },
    { "/a?", 0, OA_HTTP_URL_ORIGIN, "", "", "/a", "", 0, 0 },
    { "/a#f?x", 0, OA_HTTP_URL_ORIGIN, "", "", "/a", "", 0, 0 },
    { "/a?x#f", 0, OA_HTTP_URL_ORIGIN, "", "", "/a", "x", 0, 0 },
    { "//host/a", 0, OA_HTTP_URL_ORIGIN, "", "", "//host/a", "", 0, 0 },
    { "/http://h/", 0, OA_HTTP_URL_ORIGIN, "", "", "/http://h/", "", 0, 0 },
    { "*", 0, OA_HTTP_URL_ASTERISK, "", "", "*", "", 0, 0 },
    { "http://a.example/x?y", 0, OA_HTTP_URL_ABSOLUTE, "http", "a.example", "/x", "y", 0, 0 },
    { "HTTPS://a.example:8443", 0, OA_HTTP_URL_ABSOLUTE, "https", "a.example", "/", "", 8443, 0 },
    { "http://a?x=1", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "x=1", 0, 0 },
    { "http://a#f", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "", 0, 0 },
    { "http://u:p@a:80/", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "", 80, 1 },
    { "http://u@a/", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "", 0, 1 },
    { "http://@a/", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "", 0, 1 },
    { "http://u:p@w@a/", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/", "", 0, 1 },
    { "http://[2001:db8::1]:81/x", 0, OA_HTTP_URL_ABSOLUTE, "http", "2001:db8::1", "/x", "", 81, 0 },
    { "http://a/x@y:z", 0, OA_HTTP_URL_ABSOLUTE, "http", "a", "/x@y:z", "", 0, 0 },
    { "coap+tcp://a/", 0, OA_HTTP_URL_ABSOLUTE, "coap+tcp", "a", "/", "", 0, 0 },
    { "a.example:443", 1, OA_HTTP_URL_AUTHORITY, "", "a.example", "", "", 443, 0 },
    { "[::1]:443", 1, OA_HTTP_URL_AUTHORITY, "", "::1", "", "", 443, 0 },
    { "a.example", 1, OA_HTTP_URL_AUTHORITY, "", "a.example", "", "", 0, 0 },
    { "", 1, -1, "", "", "", "", 0, 0 },
    { "/x", 1, -1, "", "", "", "", 0, 0 },
    { "*", 1, OA_HTTP_URL_AUTHORITY, "", "*", "", "", 0, 0 },
    { "", 0, -1, "", "", "", "", 0, 0 },
    { "#f", 0, -1, "", "", "", "", 0, 0 },
    { "a", 0, -1, "", "", "", "", 0, 0 },
    { "a.example:80", 0, -1, "", "", "", "", 0, 0 },
    { "http:", 0, -1, "", "", "", "", 0, 0 },
    { "http:/", 0, -1, "", "", "", "", 0, 0 },
    { "http:/a", 0, -1, "", "", "", "", 0, 0 },
    { "http://", 0, -1, "", "", "", "", 0, 0 },
    { "http:///x", 0, -1, "", "", "", "", 0, 0 },
    { "http://:80/", 0, -1, "", "", "", "", 0, 0 },
    { "http://u@/", 0, -1, "", "", "", "", 0, 0 },
    { "://a/", 0, -1, "", "", "", "", 0, 0 },
    { "1http://a/", 0, -1, "", "", "", "", 0, 0 },
    { "ht tp://a/", 0, -1, "", "", "", "", 0, 0 },
    { "http://a:x/", 0, -1, "", "", "", "", 0, 0 },
    { "*x", 0, -1, "", "", "", "", 0, 0 },
};

Test(url, split__rows)
{
    for (size_t i = 0; i < OA_COUNT(targets); i++) {
        struct oa_http_url u = { .port = 4711 };
        int err = oa_http_url_split(oa_slice_of(targets[i].target), targets[i].to_connect, &u);

        cr_assert_eq(err, targets[i].form < 0 ? OA_EMALFORMED : OA_OK, "%s", targets[i].target);
        if (err) {
            cr_assert_eq(u.port, 4711, "%s touched its result", targets[i].target);
            continue;
        }
        cr_assert_eq(u.form, targets[i].form, "%s", targets[i].target);
        cr_assert(same(u.scheme, targets[i].scheme), "%s", targets[i].target);
        cr_assert(same(u.host, targets[i].host), "%s", targets[i].target);
        cr_assert(same(u.path, targets[i].path), "%s", targets[i].target);
        cr_assert(same(u.query, targets[i].query), "%s", targets[i].target);
        cr_assert_eq(u.port, targets[i].port, "%s", targets[i].target);
        cr_assert_eq(u.userinfo, targets[i].userinfo, "%s", targets[i].target);
    }
}

/* host NULL: malformed. */
static const struct {
    const char *text, *host;
    uint16_t port;
} authorities[] = {
    { "example.com", "example.com", 0 },
    { "example.com:8080", "example.com", 8080 },
    { "example.com:", "example.com", 0 },
    { "example.com:0", "example.com", 0 },
    { "example.com:65535", "example.com", 65535 },
    { "EXAMPLE.com", "EXAMPLE.com", 0 },
    { "127.0.0.1:1", "127.0.0.1", 1 },
    { "a_b-c.d", "a_b-c.d", 0 },
    { "h%C3%A4.example", "h%C3%A4.example", 0 },
    { "[::1]", "::1", 0 },
    { "[::1]:", "::1", 0 },
    { "[::1]:443", "::1", 443 },
    { "[fe80::1%25eth0]:443", "fe80::1%25eth0", 443 },
    { "::1", "::1", 0 },
    { "2001:db8::1", "2001:db8::1", 0 },
    { "u:p@example.com:1", "example.com", 1 },
    { "", NULL, 0 },
    { ":80", NULL, 0 },
    { "a:65536", NULL, 0 },
    { "a:99999999999999999999", NULL, 0 },
    { "a:-1", NULL, 0 },
    { "a:8x", NULL, 0 },
    { "a: 80", NULL, 0 },
    { "a b", NULL, 0 },
    { "a/b", NULL, 0 },
    { "a?b", NULL, 0 },
    { "a#b", NULL, 0 },
    { "a\\b", NULL, 0 },
    { "a\x01", NULL, 0 },
    { "\xc3\xa4.example", NULL, 0 },
    { "[::1", NULL, 0 },
    { "[]", NULL, 0 },
    { "[", NULL, 0 },
    { "]", NULL, 0 },
    { "[::1]x", NULL, 0 },
    { "[::1]80", NULL, 0 },
    { "[example.com]:80", NULL, 0 },
    { "[1.2.3.4]", NULL, 0 },
    { "a:b:c", NULL, 0 }, /* hexadecimal, but no address */
    { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", 0 },
    { "1:2:3:4:5:6:7:8:9", NULL, 0 },
    { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", 0 },
    { "a@b:c:d", NULL, 0 },
};

Test(url, authority__rows)
{
    for (size_t i = 0; i < OA_COUNT(authorities); i++) {
        struct oa_http_url u = { .path = OA_SLICE("/kept"), .port = 4711 };
        int err = oa_http_url_authority(oa_slice_of(authorities[i].text), &u);

        cr_assert(same(u.path, "/kept"));
        cr_assert_eq(err, authorities[i].host ? OA_OK : OA_EMALFORMED, "%s", authorities[i].text);
        if (err) {
            cr_assert(u.port == 4711 && u.host.ptr == NULL, "%s touched its result", authorities[i].text);
            continue;
        }
        cr_assert(same(u.host, authorities[i].host), "%s", authorities[i].text);
        cr_assert_eq(u.port, authorities[i].port, "%s", authorities[i].text);
    }
}

static const struct {
    const char *query, *redacted;
} queries[] = {
    { "", "" },
    { "a=1", "a=1" },
    { "obi_urlquery_test=2&sig=SECRET", "obi_urlquery_test=2&sig=REDACTED" },
    { "sig=SECRET&a=1", "sig=REDACTED&a=1" },
    { "sig=a=b&sig=c", "sig=REDACTED&sig=REDACTED" },
    { "AWSAccessKeyId=A&Signature=B", "AWSAccessKeyId=REDACTED&Signature=REDACTED" },
    { "X-Amz-Signature=A&X-Amz-Credential=B&X-Amz-Security-Token=C&X-Goog-Signature=D",
      "X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED&X-Goog-Signature=REDACTED" },
    { "s%69g=SECRET", "s%69g=REDACTED" }, /* compared decoded, written as sent */
    { "%73%69%67=SECRET", "%73%69%67=REDACTED" },
    { "X%2DAmz%2dSignature=A", "X%2DAmz%2dSignature=REDACTED" },
    { "s%2569g=ok", "s%2569g=ok" }, /* decoded once */
    { "Sig=ok&SIG=ok&signature=ok&x-amz-signature=ok", "Sig=ok&SIG=ok&signature=ok&x-amz-signature=ok" },
    { "sign=ok&si=ok&xsig=ok&sig%=ok&sig%3=ok&sig%00=ok", "sign=ok&si=ok&xsig=ok&sig%=ok&sig%3=ok&sig%00=ok" },
    { "sig", "sig" },
    { "sig=", "sig=REDACTED" },
    { "&&sig=x&", "&&sig=REDACTED&" },
    { "=sig&a=sig", "=sig&a=sig" },
    { "sig%", "sig%" },
};

Test(url, write_query__rows)
{
    for (size_t i = 0; i < OA_COUNT(queries); i++) {
        char out[256];
        size_t n = oa_http_url_write_query(out, sizeof(out), oa_slice_of(queries[i].query));

        cr_assert(same((struct oa_slice){ out, n }, queries[i].redacted), "%s gave %.*s", queries[i].query, (int)n,
                  out);
    }
}

static const struct {
    const char *target, *host, *full; /* host: a Host value for targets that have none */
} fulls[] = {
    { "/echoBack", "localhost:8080", "http://localhost:8080/echoBack" },
    { "/", "a", "http://a/" },
    { "/?", "a", "http://a/" },
    { "/x?a=1&sig=2", "a:80", "http://a/x?a=1&sig=REDACTED" }, /* the default port is not written */
    { "/x", "a:443", "http://a:443/x" },
    { "/x#f", "[::1]:65535", "http://[::1]:65535/x" },
    { "/x", "::1", "http://[::1]/x" },
    { "/x", "u:p@a", "http://REDACTED:REDACTED@a/x" },
    { "*", "a:81", "http://a:81" },
    { "http://user:secret@a.example/x?y=1", NULL, "http://REDACTED:REDACTED@a.example/x?y=1" },
    { "https://a:443", NULL, "https://a/" },
    { "https://a:80?sig=1", NULL, "https://a:80/?sig=REDACTED" },
    { "HTTP://a:8080/", NULL, "http://a:8080/" },
};

static struct oa_http_url parse_full(size_t row)
{
    struct oa_http_url u;

    cr_assert_eq(oa_http_url_split(oa_slice_of(fulls[row].target), false, &u), OA_OK);
    if (fulls[row].host) {
        u.scheme = OA_SLICE("http");
        cr_assert_eq(oa_http_url_authority(oa_slice_of(fulls[row].host), &u), OA_OK);
    }
    return u;
}

static void expect_query(const char *query, const char *expected)
{
    char out[128];
    size_t len = oa_http_url_write_query(out, sizeof(out), oa_slice_of(query));

    cr_assert(oa_slice_eq((struct oa_slice){ out, len }, oa_slice_of(expected)), "%.*s", (int)len, out);
}

Test(url, write_query__parameters_of_the_users)
{
    oa_http_url_sensitive(" token ,, pass word,sig");
    expect_query("token=1&Signature=2&pass%20word=3&sig=4&toke=5", "token=REDACTED&Signature=2&pass%20word=REDACTED&"
                                                                   "sig=REDACTED&toke=5");
    oa_http_url_sensitive(" ");
    expect_query("token=1&Signature=2", "token=1&Signature=REDACTED");
}

Test(url, write_full__rows)
{
    for (size_t i = 0; i < OA_COUNT(fulls); i++) {
        struct oa_http_url u = parse_full(i);
        char out[256];
        size_t n = oa_http_url_write_full(out, sizeof(out), &u);

        cr_assert(same((struct oa_slice){ out, n }, fulls[i].full), "%s gave %.*s", fulls[i].full, (int)n, out);
    }
}

Test(url, write_full__authority_form)
{
    struct oa_http_url u;
    char out[64];

    cr_assert_eq(oa_http_url_split(OA_SLICE("a.example:443"), true, &u), OA_OK);
    cr_assert(same((struct oa_slice){ out, oa_http_url_write_full(out, sizeof(out), &u) }, "a.example:443"));
}

Test(url, write__every_cap_on_a_guard_page)
{
    for (size_t i = 0; i < OA_COUNT(fulls); i++) {
        struct oa_http_url u = parse_full(i);

        for (size_t cap = 0; cap <= strlen(fulls[i].full) + 1; cap++) {
            char *out = oa_guard_page_copy(fulls[i].full, cap);
            size_t n = oa_http_url_write_full(out, cap, &u);

            cr_assert_leq(n, cap);
            cr_assert_eq(strncmp(out, fulls[i].full, n), 0);
        }
    }
    oa_guard_page_free();
}

Test(url, write__cut_on_whole_characters)
{
    /* 1, 2, 3 and 4 bytes a character, then an escape. */
    static const char text[] = "a\xc3\xa4\xe4\xbd\xa0\xf0\x9f\x98\x80%41b";
    static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10, 10, 13, 14, 14 };
    char out[32];

    for (size_t cap = 0; cap < OA_COUNT(expected); cap++)
        cr_assert_eq(oa_http_url_write_query(out, cap, OA_SLICE(text)), expected[cap], "cap %zu", cap);
    cr_assert_eq(oa_http_url_write_query(out, 3, OA_SLICE("aaa\x80\x80\x80")), 2,
                 "a wild continuation goes with its character");
}

Test(url, scheme__rows)
{
    cr_assert(same(oa_http_url_scheme(OA_SLICE("HtTp")), "http"));
    cr_assert(same(oa_http_url_scheme(OA_SLICE("HTTPS")), "https"));
    cr_assert(same(oa_http_url_scheme(OA_SLICE("ws")), "ws"));
    cr_assert(same(oa_http_url_scheme(OA_SLICE("a+b-c.d1")), "a+b-c.d1"));
    cr_assert_eq(oa_http_url_scheme(OA_SLICE("")).len, 0);
    cr_assert_eq(oa_http_url_scheme(OA_SLICE("1a")).len, 0);
    cr_assert_eq(oa_http_url_scheme(OA_SLICE("a b")).len, 0);
    cr_assert_eq(oa_http_url_scheme(OA_SLICE("a\xc3")).len, 0);
    cr_assert_eq(oa_http_url_default_port(OA_SLICE("http")), 80);
    cr_assert_eq(oa_http_url_default_port(OA_SLICE("https")), 443);
    cr_assert_eq(oa_http_url_default_port(OA_SLICE("")), 0);
}

Test(url, split__every_prefix_on_a_guard_page)
{
    static const char *const texts[] = { "http://u:p@[2001:db8::1%25e]:81/x?s%69g=1#f", "/a/b?sig=%41%&x#", "a:80" };

    for (size_t i = 0; i < OA_COUNT(texts); i++) {
        for (size_t n = 0; n <= strlen(texts[i]); n++) {
            struct oa_slice part = { oa_guard_page_copy(texts[i], n), n };
            struct oa_http_url u;
            char out[128];

            if (oa_http_url_split(part, false, &u) == OA_OK)
                oa_http_url_write_full(out, sizeof(out), &u);
            (void)!oa_http_url_split(part, true, &u);
            oa_http_url_write_query(out, sizeof(out), part);
        }
    }
    oa_guard_page_free();
}
