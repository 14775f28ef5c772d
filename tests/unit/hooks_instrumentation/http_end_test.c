/* Ends that differ by role, forks, limits, malformed bytes, and bytes that pass unseen.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_fixture.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct oa_conn *conn;

static void server(void)
{
    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
}

static void client(void)
{
    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_CLIENT);
}

static void expect(const char *status, const char *error)
{
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert(oa_test_attr_is(&view, "http.response.status_code", status));
    cr_assert(oa_test_attr_is(&view, "error.type", error));
    cr_assert_eq(view.status, error ? OA_STATUS_ERROR : OA_STATUS_UNSET);
}

Test(http_end, client__answer_cut_short)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a") GET("/b")), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), OA_OK);
    oa_http_eof(conn, false);
    expect("200", "unexpected_eof");
    expect(NULL, "unexpected_eof");
    cr_assert(oa_test_http_no_span());
}

Test(http_end, client__chunks_cut_short)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), OA_OK);
    oa_http_eof(conn, false);
    expect("200", "unexpected_eof");
}

Test(http_end, client__no_answer_at_all)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    oa_http_eof(conn, false);
    expect(NULL, "unexpected_eof");
}

Test(http_end, client__interim_answer_then_nothing)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n"), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 100 Continue\r\n\r\n"), OA_OK);
    oa_http_eof(conn, false);
    expect(NULL, "unexpected_eof");
}

Test(http_end, client__its_own_close_is_no_error)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    oa_http_closed(conn, false);
    expect(NULL, NULL);
}

Test(http_end, client__half_close_waits_for_the_answer)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    oa_http_eof(conn, true);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_http_in(conn, OK_EMPTY), OA_OK);
    expect("200", NULL);
}

Test(http_end, client__broken_pipe_may_hide_an_early_answer)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"), OA_OK);
    oa_http_failed(conn, EPIPE);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n"), OA_OK);
    expect("413", "413");
}

Test(http_end, client__broken_pipe_and_no_answer)
{
    client();
    cr_assert_eq(oa_test_http_out(conn, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"), OA_OK);
    oa_http_failed(conn, EPIPE);
    oa_http_closed(conn, false);
    expect(NULL, "broken_pipe");
}

static const struct {
    int error;
    const char *word;
} failures[] = {
    { ECONNRESET, "connection_reset" },
    { ECONNABORTED, "connection_aborted" },
    { ETIMEDOUT, "timeout" },
    { ECONNREFUSED, "connection_refused" },
    { EHOSTUNREACH, "host_unreachable" },
    { ENETUNREACH, "network_unreachable" },
    { EIO, "_OTHER" },
};

Test(http_end, both__failures_have_words)
{
    client();
    for (size_t i = 0; i < OA_COUNT(failures); i++) {
        conn = oa_test_http_conn(i % 2 ? OA_ROLE_SERVER : OA_ROLE_CLIENT);
        cr_assert_eq(i % 2 ? oa_test_http_in(conn, GET("/a")) : oa_test_http_out(conn, GET("/a")), OA_OK);
        oa_http_failed(conn, failures[i].error);
        expect(NULL, failures[i].word);
    }
}

Test(http_end, server__broken_pipe_ends_it)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), OA_OK);
    oa_http_failed(conn, EPIPE);
    expect("200", "broken_pipe");
}

Test(http_end, server__closes_in_the_middle_of_its_answer)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), OA_OK);
    oa_http_closed(conn, false);
    expect("200", "unexpected_eof");
}

Test(http_end, server__closes_without_an_answer)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    oa_http_closed(conn, false);
    expect(NULL, "_OTHER");
}

Test(http_end, server__the_client_left_first)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    oa_http_eof(conn, false);
    cr_assert(oa_test_http_no_span(), "half-closed: the answer may still come");
    oa_http_closed(conn, false);
    expect(NULL, "connection_aborted");
}

Test(http_end, server__answers_a_half_closed_client)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    oa_http_eof(conn, false);
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    expect("200", NULL);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span());
}

Test(http_end, server__a_head_that_never_ended)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, "GET /a HTTP/1.1\r\nHost: h\r\n"), OA_OK);
    oa_http_eof(conn, false);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span(), "nothing was asked");
}

Test(http_end, shared__with_a_child_and_closed_here)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    atomic_fetch_add(&oa_op_fork_generation, 1);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span(), "the other process may answer it");
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 1);
}

Test(http_end, shared__of_a_parent_is_the_parents_to_count)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    atomic_store(&oa_op_born, atomic_fetch_add(&oa_op_fork_generation, 1) + 1);
    oa_http_closed(conn, false);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 0);
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/b")), OA_OK);
    atomic_fetch_add(&oa_op_fork_generation, 1);
    oa_http_closed(conn, false);
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 1, "its own");
}

Test(http_end, shared__and_failed_here)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    atomic_fetch_add(&oa_op_fork_generation, 1);
    oa_http_failed(conn, EPIPE);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 1);
}

Test(http_end, shared__and_answered_here)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    atomic_fetch_add(&oa_op_fork_generation, 1);
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    expect("200", NULL);
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 0);
}

Test(http_end, shared__what_came_after_the_fork_is_ours)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    atomic_fetch_add(&oa_op_fork_generation, 1);
    cr_assert_eq(oa_test_http_in(conn, GET("/b")), OA_OK);
    oa_http_closed(conn, false);
    expect(NULL, "_OTHER");
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_dropped(OA_DROP_FORKED), 1);
}

Test(http_end, queue__its_bound_is_the_last_request)
{
    client();
    for (uint32_t i = 0; i < OA_OP_QUEUE; i++)
        cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK, "request %u", i);
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_EMALFORMED);
}

Test(http_end, queue__a_freed_place_can_be_taken)
{
    client();
    for (uint32_t i = 0; i < OA_OP_QUEUE; i++)
        cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(oa_test_http_in(conn, OK_EMPTY), OA_OK);
        expect("200", NULL);
        cr_assert_eq(oa_test_http_out(conn, GET("/b")), OA_OK);
    }
}

static const char *const malformed_requests[] = {
    "GET\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "\x16\x03\x01\x02\x00",
};

Test(http_end, malformed__request_tells_nothing)
{
    server();
    for (size_t i = 0; i < OA_COUNT(malformed_requests); i++) {
        conn = oa_test_http_conn(OA_ROLE_SERVER);
        cr_assert_eq(oa_test_http_in(conn, malformed_requests[i]), OA_EMALFORMED, "row %zu", i);
        oa_http_closed(conn, true);
        cr_assert(oa_test_http_no_span());
    }
}

Test(http_end, malformed__answers)
{
    client();
    cr_assert_eq(oa_test_http_in(conn, OK_EMPTY), OA_EMALFORMED, "an answer without a question");
    conn = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "220 smtp.example ESMTP\r\n"), OA_EMALFORMED);
}

Test(http_end, skip__a_body_that_passed_unseen)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a") GET("/b")), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), OA_OK);
    cr_assert_eq(oa_test_http_skip(conn, true, 99999), OA_OK);
    cr_assert(oa_test_http_no_span());
    cr_assert_eq(oa_test_http_skip(conn, true, 1), OA_OK);
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert(oa_test_attr_is(&view, "http.response.body.size", "100000"));
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    expect("200", NULL);
}

Test(http_end, skip__where_a_head_may_hide_is_malformed)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_skip(conn, true, 10), OA_EMALFORMED);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(conn, GET("/a")), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), OA_OK);
    cr_assert_eq(oa_test_http_skip(conn, true, 11), OA_EMALFORMED, "more than the body");
}

Test(http_end, skip__a_request_body)
{
    server();
    cr_assert_eq(oa_test_http_in(conn, "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"), OA_OK);
    cr_assert_eq(oa_test_http_skip(conn, false, 10), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert(oa_test_attr_is(&view, "http.request.body.size", "10"));
}

Test(http_end, slots__all_come_back)
{
    server();
    for (int i = 0; i < 3 * (int)OA_OP_MAX / 64; i++) {
        conn = oa_test_http_conn(OA_ROLE_SERVER);
        cr_assert_eq(oa_test_http_in(conn, GET("/a") GET("/b")), OA_OK);
        oa_http_closed(conn, true);
    }
    cr_assert_eq(oa_test_dropped(OA_DROP_NO_SLOT), 0);
    cr_assert(oa_op_open()->slot < OA_OP_FIRST, "nothing was leaked");
}

Test(http_end, timing__duration_is_that_of_the_dialogue)
{
    struct timespec pause = { .tv_nsec = 20000000 };
    struct oa_span_view view;

    client();
    cr_assert_eq(oa_test_http_out(conn, GET("/a")), OA_OK);
    nanosleep(&pause, NULL);
    cr_assert_eq(oa_test_http_in(conn, OK_EMPTY), OA_OK);
    view = oa_test_http_next_span();
    cr_assert(view.end_unix_ns - view.start_unix_ns >= 20 * OA_NS_PER_MS);
    cr_assert(view.end_unix_ns - view.start_unix_ns < 10 * OA_NS_PER_S);
    cr_assert(view.start_unix_ns + 60 * OA_NS_PER_S > oa_clock_unix_ns());
}
