/* SOURCES: sdk/transport/plain.c sdk/transport/own_fd.c sdk/transport/reply.c sdk/transport/request_head.c
 *   sdk/transport/resolve.c sdk/transport/retry.c sdk/transport/wait.c env/url.c preload/base/arena.c
 *   hooks/protocols/http1.c hooks/protocols/http1_body.c hooks/protocols/http1_detect.c
 * hooks/protocols/http1_fields.c hooks/protocols/http1_head.c hooks/protocols/http1_lines.c
 * hooks/protocols/http1_start.c
 *   tests/support/test_host.c tests/support/tiny_server.c tests/support/http_post.c */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/retry.h"
#include "tests/support/http_post.h"
#include "tests/support/test_host.h"

Test(plain, post__sends_what_it_should_and_keeps_the_connection, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_ok, "/v1/traces?a=b#c");

    for (int i = 0; i < 3; i++) {
        char want[256];

        cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
        cr_expect_eq(post_response.status, 200);
        cr_expect(oa_slice_eq(post_response.body, OA_SLICE("ok")));
        cr_expect_eq(post_response.retry_after_ns, OA_RETRY_AFTER_NONE);
        snprintf(want, sizeof(want),
                 "POST /v1/traces?a=b HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: 5\r\n"
                 "X-One: 1\r\nX-Two: \r\n\r\nhello",
                 post_server.port);
        cr_expect_str_eq(post_seen, want);
    }
    cr_expect_eq(post_server.accepted, 1);
    cr_expect_eq(oa_test_fds, 1);
    post_stop(t);
    cr_expect_eq(oa_test_fds, 0);
}

Test(plain, get__has_no_body, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_ok, "/sampling?service=a");
    char want[256];

    cr_assert_eq(post_body(t, 1000, (struct oa_slice){ NULL, 0 }), 0, "%s", post_response.reason);
    snprintf(want, sizeof(want),
             "GET /sampling?service=a HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nX-One: 1\r\nX-Two: \r\n\r\n",
             post_server.port);
    cr_expect_str_eq(post_seen, want);
    cr_expect(oa_slice_eq(post_response.body, OA_SLICE("ok")));
    post_stop(t);
}

Test(plain, post__bare_url_and_name, .init = post_reset)
{
    struct oa_http_transport *t;

    cr_assert_eq(tiny_server_start(&post_server, post_talk_ok), 0);
    t = post_transport(oa_http_plain_new, "user:pass@localhost", post_server.port, "");
    cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
    cr_expect_eq(strncmp(post_seen, "POST / HTTP/1.1\r\nHost: localhost:", 33), 0, "%s", post_seen);
    post_stop(t);
}

Test(plain, no_listener__fails_at_once, .init = post_reset)
{
    struct oa_http_transport *t;

    post_stop(post_start(oa_http_plain_new, post_talk_ok, "/"));
    t = post_transport(oa_http_plain_new, "127.0.0.1", post_server.port, "/");
    cr_expect_eq(post(t, 2000), OA_EIO);
    cr_expect_str_eq(post_response.reason, "connection refused");
    cr_expect_lt(post_took_ms, 500);
    cr_expect_eq(oa_test_fds, 0);
    t->close(t);
}

static const struct talk_row {
    const char *name, *answer;
    int err, status;
    const char *reason;
    uint64_t retry_s;
} talk_rows[] = {
    { "close", "", OA_EIO, 0, "connection closed", UINT64_MAX },
    { "garbage", "\x16\x03\x01 no\r\n\r\n", OA_EMALFORMED, 0, "the answer is not HTTP", UINT64_MAX },
    { "cut off", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", OA_EIO, 0, "connection closed", UINT64_MAX },
    { "busy", "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", 0, 503, "", 3 },
    { "refused", "HTTP/1.1 400 Bad\r\n\r\nwhy", 0, 400, "", UINT64_MAX },
    { "moved", "HTTP/1.1 307 M\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0, 307, "",
      UINT64_MAX },
    { "interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 200, "",
      UINT64_MAX },
    { "chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 0, 200, "", UINT64_MAX },
};
static _Atomic size_t talk_row;

static void talk_by_row(int fd, int number)
{
    char buf[4096];

    (void)number;
    if (tiny_server_read_request(fd, buf, sizeof(buf)))
        tiny_server_write(fd, talk_rows[atomic_load(&talk_row)].answer); /* an index alone is none for gcc 12 */
}

Test(plain, answers__rows, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, talk_by_row, "/");

    for (talk_row = 0; talk_row < OA_COUNT(talk_rows); talk_row++) {
        const struct talk_row *row = &talk_rows[talk_row];
        int before = post_server.accepted, err = post(t, 10000);

        cr_expect_eq(err, row->err, "%s: %d", row->name, err);
        cr_expect_eq(post_response.status, row->status, "%s", row->name);
        cr_expect_str_eq(post_response.reason, row->reason, "%s", row->name);
        cr_expect_eq(post_response.retry_after_ns,
                     row->retry_s == UINT64_MAX ? OA_RETRY_AFTER_NONE : row->retry_s * OA_NS_PER_S, "%s", row->name);
        cr_expect_eq(post_server.accepted, before + 1, "%s: a connection each", row->name);
    }
    post_stop(t);
}

static void close_after_first(int fd, int number)
{
    char buf[4096];

    (void)number;
    if (tiny_server_read_request(fd, buf, sizeof(buf)))
        tiny_server_write(fd, POST_OK_ANSWER);
}

/* Every kept connection is closed by the server; each post gets through without a failure. */
Test(plain, stale_connection__is_replaced, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, close_after_first, "/");

    for (int i = 0; i < 20; i++) {
        cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
        if (i % 2)
            poll(NULL, 0, 5);
    }
    cr_expect_eq(post_server.accepted, 20);
    cr_expect_eq(oa_test_fds, 1);
    post_stop(t);
}

/* The second request on a kept connection is read, then the connection is closed without an answer. */
static void close_on_second(int fd, int number)
{
    char buf[4096];

    if (!tiny_server_read_request(fd, buf, sizeof(buf)))
        return;
    tiny_server_write(fd, POST_OK_ANSWER);
    if (number == 0)
        (void)tiny_server_read_request(fd, buf, sizeof(buf));
    else
        post_talk_ok(fd, number);
}

Test(plain, stale_connection__one_immediate_resend, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, close_on_second, "/");

    cr_assert_eq(post(t, 10000), 0);
    cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
    cr_expect_str_eq(post_response.reason, "");
    cr_expect_eq(post_server.accepted, 2);
    post_stop(t);
}

Test(plain, silence__ends_at_the_deadline, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_mute, "/");

    cr_expect_eq(post(t, 150), OA_ETIMEOUT);
    cr_expect_str_eq(post_response.reason, "timed out");
    cr_expect(post_took_ms >= 150 && post_took_ms < 400, "%llu ms", (unsigned long long)post_took_ms);
    cr_expect_eq(oa_test_fds, 0, "a connection with an answer to come is not kept");
    post_stop(t);
}

static void *stop_soon(void *unused)
{
    (void)unused;
    poll(NULL, 0, 100);
    oa_test_stopping = 1;
    return NULL;
}

Test(plain, silence__ends_with_the_process, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_mute, "/");
    pthread_t stopper;

    oa_test_env.auto_exit_timeout_ms = 100;
    pthread_create(&stopper, NULL, stop_soon, NULL);
    cr_expect_eq(post(t, 30000), OA_ETIMEOUT);
    cr_expect(post_took_ms >= 175 && post_took_ms < 500, "%llu ms", (unsigned long long)post_took_ms);
    pthread_join(stopper, NULL);
    post_stop(t);
}

static void answer_slowly(int fd, int number)
{
    static const char answer[] = POST_OK_ANSWER;
    char buf[4096];

    (void)number;
    if (!tiny_server_read_request(fd, buf, sizeof(buf)))
        return;
    for (size_t i = 0; i < sizeof(answer) - 1; i++) {
        (void)!send(fd, answer + i, 1, MSG_NOSIGNAL);
        poll(NULL, 0, 2);
    }
}

Test(plain, slow_answer__is_awaited, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, answer_slowly, "/");

    cr_expect_eq(post(t, 10000), 0, "%s", post_response.reason);
    cr_expect(oa_slice_eq(post_response.body, OA_SLICE("ok")));
    post_stop(t);
}

/* Answers without reading more than a little of a large request, then closes. */
static void refuse_early(int fd, int number)
{
    char buf[512];

    (void)number;
    (void)!recv(fd, buf, sizeof(buf), 0);
    tiny_server_write(fd, "HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n");
    (void)shutdown(fd, SHUT_WR);
    poll(NULL, 0, 50);
}

Test(plain, early_answer__to_a_large_request, .init = post_reset)
{
    static char large[8u << 20];
    struct oa_http_transport *t = post_start(oa_http_plain_new, refuse_early, "/");

    cr_expect_eq(post_body(t, 2000, (struct oa_slice){ large, sizeof(large) }), 0, "%s", post_response.reason);
    cr_expect_eq(post_response.status, 413);
    cr_expect_eq(oa_test_fds, 0, "not reusable: half a request is on its way");
    post_stop(t);
}

static void count_large(int fd, int number)
{
    static char all[9u << 20];

    (void)number;
    if (tiny_server_read_request(fd, all, sizeof(all)))
        tiny_server_write(fd, POST_OK_ANSWER);
}

Test(plain, large_request__is_sent_in_pieces, .init = post_reset)
{
    static char large[4u << 20];
    struct oa_http_transport *t = post_start(oa_http_plain_new, count_large, "/");

    cr_expect_eq(post_body(t, 4000, (struct oa_slice){ large, sizeof(large) }), 0, "%s", post_response.reason);
    post_stop(t);
}

Test(plain, nobody_accepts__ends_at_the_deadline, .init = post_reset)
{
    struct oa_http_transport *t = post_transport(oa_http_plain_new, "[::1]", 1, "/");
    int err = post(t, 200);

    cr_expect(err == OA_EIO || err == OA_ETIMEOUT);
    cr_expect_lt(post_took_ms, 600);
    cr_expect_neq(post_response.reason[0], '\0');
    t->close(t);
}
