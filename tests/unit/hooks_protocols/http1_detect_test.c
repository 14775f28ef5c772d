/* SOURCES: hooks/protocols/http1_detect.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/support/guard_page.h"

static enum oa_http1_guess guess(const char *text, size_t len)
{
    enum oa_http1_guess g = oa_http1_detect(oa_guard_page_copy(text, len), len);

    oa_guard_page_free();
    return g;
}

static const char *const methods[] = {
    "GET",  "HEAD",     "POST",      "PUT",   "DELETE", "CONNECT", "OPTIONS", "TRACE",  "PATCH",  "QUERY",
    "COPY", "PROPFIND", "PROPPATCH", "MKCOL", "MOVE",   "LOCK",    "UNLOCK",  "REPORT", "SEARCH", "PURGE",
};
static const char *const leads[] = { "", "\n", "\r\n", "\r\n\r\n" };

static void check_method(const char *lead, const char *method)
{
    char text[64];
    size_t known = strlen(lead) + strlen(method) + 1;
    int len = snprintf(text, sizeof(text), "%s%s / HTTP/1.1", lead, method);

    for (size_t n = 0; n <= (size_t)len; n++)
        cr_assert_eq(guess(text, n), n < known ? OA_HTTP1_MAYBE_REQUEST : OA_HTTP1_IS_REQUEST, "%s at %zu", text, n);
}

Test(http1_detect, methods_at_each_prefix)
{
    for (size_t i = 0; i < OA_COUNT(methods); i++)
        for (size_t j = 0; j < OA_COUNT(leads); j++)
            check_method(leads[j], methods[i]);
}

Test(http1_detect, response_at_each_prefix)
{
    static const char text[] = "HTTP/1.1 200 OK";

    for (size_t n = 2; n < sizeof(text); n++)
        cr_assert_eq(guess(text, n), n < 7 ? OA_HTTP1_MAYBE_RESPONSE : OA_HTTP1_IS_RESPONSE, "at %zu", n);
    cr_assert_eq(guess(text, 1), OA_HTTP1_MAYBE_REQUEST, "H may still become HEAD");
}

static const struct {
    const char *text;
    enum oa_http1_guess want;
} rows[] = {
    { "get / HTTP/1.1", OA_HTTP1_NOT },
    { "GETX / HTTP/1.1", OA_HTTP1_NOT },
    { "GET\t/", OA_HTTP1_NOT },
    { " GET /", OA_HTTP1_NOT },
    { "\rGET /", OA_HTTP1_NOT },
    { "\r\r\nGET /", OA_HTTP1_NOT },
    { "BREW /pot HTTP/1.1", OA_HTTP1_NOT },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", OA_HTTP1_NOT },
    { "HTTP/2 200", OA_HTTP1_NOT },
    { "HTTP/2", OA_HTTP1_NOT },
    { "\r\nHTTP/1.1 200 OK", OA_HTTP1_NOT },
    { "*1\r\n$4\r\nPING\r\n", OA_HTTP1_NOT },
    { "\x16\x03\x01", OA_HTTP1_NOT },
    { "\n\n\n\n\n\n\n\nGET /", OA_HTTP1_IS_REQUEST },
    { "\n\n\n\n\n\n\n\n\nGET /", OA_HTTP1_NOT },
    { "\n\n\n\n\n\n\n\n", OA_HTTP1_MAYBE_REQUEST },
    { "\n\n\n\n\n\n\n\n\r", OA_HTTP1_NOT },
    { "\r\n\r", OA_HTTP1_MAYBE_REQUEST },
};

Test(http1_detect, rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_eq(guess(rows[i].text, strlen(rows[i].text)), rows[i].want, "row %zu: %s", i, rows[i].text);
    cr_assert_eq(oa_http1_detect("\0GET ", 5), OA_HTTP1_NOT);
    cr_assert_eq(oa_http1_detect(NULL, 0), OA_HTTP1_MAYBE_REQUEST);
}
