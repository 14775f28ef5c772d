/* Pairing: which answer ends which request, and every other way a request can end.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_fixture.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define ANSWER(status, body) "HTTP/1.1 " status " X\r\nContent-Length: " body "\r\n\r\n"

static struct oa_conn *conn;
static bool as_server;

static void start(bool server)
{
    as_server = server;
    oa_test_http_start(NULL);
    conn = oa_test_http_conn(server ? OA_ROLE_SERVER : OA_ROLE_CLIENT);
}

/* The same dialogue in either role. */
static int ask(const char *text)
{
    return as_server ? oa_test_http_in(conn, text) : oa_test_http_out(conn, text);
}

static int answer(const char *text)
{
    return as_server ? oa_test_http_out(conn, text) : oa_test_http_in(conn, text);
}

/* The next span has this path, status and error (NULL: none). */
static void expect(const char *path, const char *status, const char *error)
{
    struct oa_span_view view = oa_test_http_next_span();
    char url[64];

    snprintf(url, sizeof(url), "http://h%s", path);
    cr_assert_eq(view.kind, as_server ? OA_SPAN_SERVER : OA_SPAN_CLIENT);
    cr_assert(as_server ? oa_test_attr_is(&view, "url.path", path) : oa_test_attr_is(&view, "url.full", url));
    cr_assert(oa_test_attr_is(&view, "http.response.status_code", status), "%s", path);
    cr_assert(oa_test_attr_is(&view, "error.type", error), "%s", path);
    cr_assert_eq(view.status, error ? OA_STATUS_ERROR : OA_STATUS_UNSET);
    cr_assert(view.end_unix_ns >= view.start_unix_ns);
}

/* A test for each role. */
#define BOTH(name)                     \
    static void name##_dialogue(void); \
    Test(http, name##__server)         \
    {                                  \
        start(true);                   \
        name##_dialogue();             \
    }                                  \
    Test(http, name##__client)         \
    {                                  \
        start(false);                  \
        name##_dialogue();             \
    }                                  \
    static void name##_dialogue(void)

BOTH(one_request)
{
    cr_assert_eq(ask(GET("/a")), OA_OK);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh"), OA_OK);
    cr_assert(oa_test_http_no_span(), "the last byte ends it");
    cr_assert_eq(answer("i"), OA_OK);
    expect("/a", "200", NULL);
    cr_assert(oa_test_http_no_span());
}

BOTH(byte_by_byte)
{
    static const char request[] =
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    static const char response[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 E\r\nContent-Length: 3\r\n\r\nabc";
    struct oa_span_view view;

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(oa_test_http_trickle(conn, !as_server, request), OA_OK);
        cr_assert_eq(oa_test_http_trickle(conn, as_server, response), OA_OK);
        view = oa_test_http_next_span();
        cr_assert(oa_test_attr_is(&view, "http.request.method", "POST"));
        cr_assert(oa_test_attr_is(&view, "http.response.status_code", "500"));
        cr_assert(oa_test_attr_is(&view, "http.request.body.size", "2"));
        cr_assert(oa_test_attr_is(&view, "http.response.body.size", "3"));
    }
    cr_assert(oa_test_http_no_span());
}

BOTH(keep_alive)
{
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(ask(GET("/a")), OA_OK);
        cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
        expect("/a", "200", NULL);
    }
}

BOTH(pipelining_is_first_in_first_out)
{
    cr_assert_eq(ask(GET("/1") GET("/2") "HEAD /3 HTTP/1.1\r\nHost: h\r\n\r\n" GET("/4")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0") ANSWER("201", "1") "x"), OA_OK);
    expect("/1", "200", NULL);
    expect("/2", "201", NULL);
    cr_assert_eq(answer(ANSWER("203", "100") ANSWER("202", "0")), OA_OK);
    expect("/3", "203", NULL); /* the method of its own request decides that there is no body */
    expect("/4", "202", NULL);
    cr_assert(oa_test_http_no_span());
}

BOTH(head_has_no_body)
{
    cr_assert_eq(ask("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "12345")), OA_OK);
    expect("/a", "200", NULL);
    cr_assert_eq(ask(GET("/b")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/b", "200", NULL);
}

BOTH(interim_answers_are_not_the_answer)
{
    cr_assert_eq(ask("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 100 Continue\r\n\r\n"), OA_OK);
    cr_assert_eq(ask("ab"), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), OA_OK);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/a", "200", NULL);
    cr_assert(oa_test_http_no_span());
}

BOTH(statuses_without_body)
{
    cr_assert_eq(ask(GET("/a") GET("/b") GET("/c")), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 204 No\r\n\r\n" ANSWER("304", "999") ANSWER("200", "0")), OA_OK);
    expect("/a", "204", NULL);
    expect("/b", "304", NULL);
    expect("/c", "200", NULL);
}

BOTH(answer_before_the_body_is_complete)
{
    const char *error = as_server ? NULL : "413";

    cr_assert_eq(ask("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc"), OA_OK);
    cr_assert_eq(answer(ANSWER("413", "0")), OA_OK);
    expect("/a", "413", error);
    cr_assert_eq(ask("def" GET("/b")), OA_OK); /* it was on its way */
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/b", "200", NULL);
    cr_assert(oa_test_http_no_span());
}

BOTH(answer_before_the_head_is_complete)
{
    cr_assert_eq(ask("GET /a HTTP/1.1\r\nHost: h\r\nX: aaaaaaaaaaaaa"), OA_OK);
    cr_assert_eq(answer(ANSWER("500", "0")), OA_OK);
    expect("/a", "500", "500");
    cr_assert_eq(ask("aaa\r\n\r\n" GET("/b")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/b", "200", NULL);
}

BOTH(answer_before_anything_is_known)
{
    cr_assert_eq(ask("GE"), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"), OA_OK);
    cr_assert(oa_test_http_no_span(), "no method, no target: no span");
}

BOTH(connect_that_went_through)
{
    struct oa_span_view view;

    cr_assert_eq(ask("CONNECT x.example:443 HTTP/1.1\r\nHost: x.example:443\r\n\r\n"), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 200 Connection established\r\n\r\n"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "http.request.method", "CONNECT"));
    cr_assert(oa_test_attr_is(&view, "http.response.status_code", "200"));
    cr_assert(oa_test_name_is(&view, "CONNECT"));
    cr_assert(conn->opaque, "what follows is not ours to read");
}

BOTH(connect_that_was_refused)
{
    const char *error = as_server ? NULL : "407";
    struct oa_span_view view;

    cr_assert_eq(ask("CONNECT x.example:443 HTTP/1.1\r\nHost: x.example:443\r\n\r\n"), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nno"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "error.type", error));
    cr_assert_not(conn->opaque);
    cr_assert_eq(ask(GET("/b")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/b", "200", NULL);
}

#define UPGRADE "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

BOTH(upgrade_that_went_through)
{
    cr_assert_eq(ask(UPGRADE), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                        "GET /not-a-request HTTP/1.1\r\n\r\n"),
                 OA_OK);
    expect("/chat", "101", NULL);
    cr_assert(conn->opaque);
    cr_assert(oa_test_http_no_span());
}

BOTH(upgrade_that_was_refused)
{
    cr_assert_eq(ask(UPGRADE), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/chat", "200", NULL);
    cr_assert_not(conn->opaque);
    cr_assert_eq(ask(GET("/b")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/b", "200", NULL);
}

BOTH(bytes_while_an_upgrade_waits_are_nobodys)
{
    cr_assert_eq(ask(UPGRADE), OA_OK);
    cr_assert_eq(ask(GET("/smuggled")), OA_EMALFORMED);
}

BOTH(body_until_the_connection_ends)
{
    cr_assert_eq(ask(GET("/a")), OA_OK);
    cr_assert_eq(answer("HTTP/1.0 200 OK\r\n\r\nsome"), OA_OK);
    cr_assert_eq(answer(" body"), OA_OK);
    cr_assert(oa_test_http_no_span());
    if (as_server)
        oa_http_eof(conn, true); /* shutdown(SHUT_WR) */
    else
        oa_http_eof(conn, false);
    expect("/a", "200", NULL);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span());
}

BOTH(body_until_close)
{
    cr_assert_eq(ask(GET("/a")), OA_OK);
    cr_assert_eq(answer("HTTP/1.0 200 OK\r\n\r\nsome"), OA_OK);
    oa_http_closed(conn, false);
    expect("/a", "200", NULL);
}

BOTH(reset)
{
    cr_assert_eq(ask(GET("/a") GET("/b")), OA_OK);
    cr_assert_eq(answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), OA_OK);
    oa_http_failed(conn, ECONNRESET);
    expect("/a", "200", "connection_reset");
    expect("/b", NULL, "connection_reset");
    cr_assert(oa_test_http_no_span());
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span());
}

BOTH(closed_after_a_reset_of_an_idle_connection)
{
    cr_assert_eq(ask(GET("/a")), OA_OK);
    cr_assert_eq(answer(ANSWER("200", "0")), OA_OK);
    expect("/a", "200", NULL);
    oa_http_failed(conn, ECONNRESET);
    oa_http_eof(conn, false);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span(), "nobody waited for anything");
}

BOTH(lost_tells_nothing)
{
    cr_assert_eq(ask(GET("/a")), OA_OK);
    oa_http_closed(conn, true);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 0);
    cr_assert_eq(conn->http.head, 0);
}
