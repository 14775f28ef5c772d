/* http.request.resend_count: which requests follow a redirect.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_fixture.h"

static struct oa_conn *conn;

static void start(void)
{
    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_CLIENT);
}

/* One request and its answer on c; location NULL: the answer has none. */
static struct oa_span_view call(struct oa_conn *c, const char *target, const char *host, const char *answer)
{
    char request[3000];

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, host);
    cr_assert_eq(oa_test_http_out(c, request), OA_OK);
    cr_assert_eq(oa_test_http_in(c, answer), OA_OK);
    return oa_test_http_next_span();
}

static const char *redirect(int status, const char *location)
{
    static char text[3000];

    snprintf(text, sizeof(text), "HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status, location);
    return text;
}

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static bool count_is(const struct oa_span_view *view, const char *want)
{
    return oa_test_attr_is(view, "http.request.resend_count", want);
}

static const struct {
    int status;
    const char *location; /* answer to a request for http://h/a */
    const char *host, *target;
    bool resend;
} rows[] = {
    { 302, "/b", "h", "/b", true },
    { 301, "http://h/b", "h", "/b", true },
    { 303, "http://h:80/b", "h", "/b", true },
    { 307, "http://other.example:8080/b?x=1", "other.example:8080", "/b?x=1", true },
    { 308, "/b?x", "h:80", "/b?x", true },
    { 302, "http://h", "h", "/", true },
    { 302, "/b#part", "h", "/b", true }, /* a fragment is never sent */
    { 302, "/a", "h", "/a", true },      /* to itself */
    { 302, "/b", "h", "/c", false },
    { 302, "/b", "h", "/b?x", false },
    { 302, "/b", "other", "/b", false },
    { 302, "/b", "h:81", "/b", false },
    { 302, "http://other/b", "h", "/b", false },
    { 302, "https://h/b", "h", "/b", false },
    { 300, "/b", "h", "/b", false },
    { 200, "/b", "h", "/b", false },
    { 201, "/b", "h", "/b", false },
    { 404, "/b", "h", "/b", false },
    { 302, "", "h", "/b", false },
};

Test(http_resend, rows)
{
    start();
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_span_view view;

        view = call(conn, "/a", "h", redirect(rows[i].status, rows[i].location));
        cr_assert(count_is(&view, NULL), "row %zu", i);
        view = call(conn, rows[i].target, rows[i].host, OK_EMPTY);
        cr_assert(count_is(&view, rows[i].resend ? "1" : NULL), "row %zu: %s", i, rows[i].location);
        /* Whatever still waits is used up, so that rows do not meet. */
        (void)call(conn, "/a", "h", OK_EMPTY);
        (void)call(conn, "/b", "h", OK_EMPTY);
        (void)call(conn, "/b", "other", OK_EMPTY);
    }
}

Test(http_resend, chain__counts_up)
{
    char location[32];
    struct oa_span_view view;

    start();
    for (int i = 0; i < 5; i++) {
        char target[32], want[8];

        snprintf(target, sizeof(target), "/%d", i);
        snprintf(location, sizeof(location), "/%d", i + 1);
        snprintf(want, sizeof(want), "%d", i);
        view = call(conn, target, "h", redirect(302, location));
        cr_assert(count_is(&view, i ? want : NULL));
    }
    view = call(conn, "/5", "h", OK_EMPTY);
    cr_assert(count_is(&view, "5"));
}

Test(http_resend, once__the_second_request_to_the_place_is_its_own)
{
    struct oa_span_view view;

    start();
    (void)call(conn, "/a", "h", redirect(302, "/b"));
    view = call(conn, "/b", "h", OK_EMPTY);
    cr_assert(count_is(&view, "1"));
    view = call(conn, "/b", "h", OK_EMPTY);
    cr_assert(count_is(&view, NULL));
}

Test(http_resend, connection__may_be_another)
{
    struct oa_span_view view;

    start();
    (void)call(conn, "/a", "h", redirect(302, "http://other.example/b"));
    view = call(oa_test_http_conn(OA_ROLE_CLIENT), "/b", "other.example", OK_EMPTY);
    cr_assert(count_is(&view, "1"));
}

Test(http_resend, under_way__a_request_that_was_sent_before_is_no_resend)
{
    struct oa_conn *other;
    struct oa_span_view view;

    start();
    other = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_out(other, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), OA_OK);
    (void)call(conn, "/a", "h", redirect(302, "/b"));
    cr_assert_eq(oa_test_http_in(other, OK_EMPTY), OA_OK);
    view = oa_test_http_next_span();
    cr_assert(count_is(&view, NULL));
    view = call(conn, "/b", "h", OK_EMPTY);
    cr_assert(count_is(&view, "1"), "the one that followed");
}

Test(http_resend, parent__of_another_request_does_not_count)
{
    struct oa_conn *server;
    struct oa_span_view view;

    start();
    server = oa_test_http_conn(OA_ROLE_SERVER);
    (void)call(conn, "/a", "h", redirect(302, "/b"));
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n\r\n"), OA_OK);
    view = call(conn, "/b", "h", OK_EMPTY);
    cr_assert(view.has_parent);
    cr_assert(count_is(&view, NULL));
}

Test(http_resend, table__old_ones_give_way)
{
    char location[64];
    struct oa_span_view view;

    start();
    for (int i = 0; i < 200; i++) {
        snprintf(location, sizeof(location), "/place/%d", i);
        (void)call(conn, "/a", "h", redirect(302, location));
    }
    view = call(conn, "/place/199", "h", OK_EMPTY);
    cr_assert(count_is(&view, "1"), "the newest is there");
    view = call(conn, "/place/0", "h", OK_EMPTY);
    cr_assert(count_is(&view, NULL), "the oldest is not");
}

Test(http_resend, absolute__requests_through_a_proxy)
{
    struct oa_span_view view;

    start();
    (void)call(conn, "http://h.example/a", "h.example", redirect(302, "/b"));
    view = call(conn, "http://h.example/b", "h.example", OK_EMPTY);
    cr_assert(count_is(&view, "1"));
}

/* A place that was cut at the limit of a target is not known exactly. */
Test(http_resend, long__places_are_exact_or_nothing)
{
    char path[2600], other[2600];
    struct oa_span_view view;

    start();
    snprintf(path, sizeof(path), "/%02500d", 1);
    snprintf(other, sizeof(other), "/%02500d", 2);
    (void)call(conn, "/a", "h", redirect(302, path));
    view = call(conn, other, "h", OK_EMPTY);
    cr_assert(count_is(&view, NULL));
}
