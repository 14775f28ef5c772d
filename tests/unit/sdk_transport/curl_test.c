/* SOURCES: sdk/transport/curl.c sdk/transport/curl_api.c sdk/transport/curl_fds.c sdk/transport/curl_pace.c
 * sdk/transport/curl_request.c sdk/transport/own_fd.c
 *   sdk/transport/resolve.c sdk/transport/retry.c sdk/transport/wait.c env/url.c preload/base/arena.c
 *   tests/support/test_host.c tests/support/tiny_server.c tests/support/http_post.c
 * LIBS: -ldl
 * What curl.c does around libcurl, over http:// (TLS itself is libcurl's; end-to-end cases cover it). */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/own_fd.h"
#include "sdk/transport/retry.h"
#include "tests/support/http_post.h"
#include "tests/support/test_host.h"

/* Handles of libcurl are left alone on purpose (see curl_close). */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return 1;
}

static int refuse; /* the so-and-so-many next allocation of libcurl; 0: none */

static bool refused(void)
{
    return refuse > 0 && --refuse == 0;
}

void *oa_host_malloc(size_t size)
{
    return refused() ? NULL : malloc(size);
}

void *oa_host_calloc(size_t n, size_t size)
{
    return refused() ? NULL : calloc(n, size);
}

void *oa_host_realloc(void *ptr, size_t size)
{
    return refused() ? NULL : realloc(ptr, size);
}

void oa_host_free(void *ptr)
{
    free(ptr);
}

static struct oa_http_transport *transport_to(uint16_t port)
{
    return post_transport(oa_http_curl_new, "127.0.0.1", port, "/v1/traces?q=1");
}

static struct oa_http_transport *start(void (*talk)(int fd, int number))
{
    return post_start(oa_http_curl_new, talk, "/v1/traces?q=1");
}

Test(curl, post__keeps_the_connection, .init = post_reset)
{
    struct oa_http_transport *t = start(post_talk_ok);

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
        cr_expect_eq(post_response.status, 200);
        cr_expect(oa_slice_eq(post_response.body, OA_SLICE("ok")));
        cr_expect_eq(post_response.retry_after_ns, OA_RETRY_AFTER_NONE);
        cr_expect(strstr(post_seen, "POST /v1/traces?q=1 HTTP/1.1\r\n") && strstr(post_seen, "\r\nX-One: 1\r\n") &&
                      strstr(post_seen, "\r\nX-Two:\r\n") && strstr(post_seen, "\r\nContent-Length: 5\r\n") &&
                      strstr(post_seen, "\r\n\r\nhello") && !strstr(post_seen, "Expect:"),
                  "%s", post_seen);
    }
    cr_expect_eq(post_server.accepted, 1);
    cr_expect_geq(oa_test_fds, 1);
    post_stop(t);
    cr_expect_eq(oa_test_fds, 0);
}

Test(curl, get__has_no_body, .init = post_reset)
{
    struct oa_http_transport *t = start(post_talk_ok);

    for (int i = 0; i < 4; i++) { /* and is not remembered */
        cr_assert_eq(i % 2 ? post(t, 5000) : post_body(t, 5000, (struct oa_slice){ NULL, 0 }), 0, "%s",
                     post_response.reason);
        cr_expect(oa_slice_starts(oa_slice_of(post_seen), i % 2 ? OA_SLICE("POST /v1/traces?q=1 HTTP/1.1\r\n")
                                                                : OA_SLICE("GET /v1/traces?q=1 HTTP/1.1\r\n")),
                  "%s", post_seen);
        cr_expect_eq(strstr(post_seen, "Content-Length: 5\r\n") != NULL, i % 2, "%s", post_seen);
    }
    post_stop(t);
}

/* Everything that libcurl keeps open is gone after an exec. */
Test(curl, descriptors__are_close_on_exec, .init = post_reset)
{
    struct oa_http_transport *t;

    cr_assert_eq(tiny_server_start(&post_server, post_talk_ok), 0);
    for (int fd = 3; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0) /* the test runner's own */
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    t = transport_to(post_server.port);
    cr_assert_eq(post(t, 5000), 0);
    for (int fd = 3; fd < (int)OA_OWN_FD_CEILING; fd++)
        cr_expect(fcntl(fd, F_GETFD) < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC), "descriptor %d", fd);
    post_stop(t);
}

static void answer_busy(int fd, int number)
{
    char buf[4096];

    (void)number;
    if (tiny_server_read_request(fd, buf, sizeof(buf)))
        tiny_server_write(fd, "HTTP/1.1 100 Go\r\nRetry-After: 9\r\n\r\nHTTP/1.1 503 Busy\r\nretry-after: 3\r\n"
                              "Content-Length: 2\r\n\r\nno");
}

Test(curl, answer__status_and_retry_after, .init = post_reset)
{
    struct oa_http_transport *t = start(answer_busy);

    cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
    cr_expect_eq(post_response.status, 503);
    cr_expect_eq(post_response.retry_after_ns, 3 * OA_NS_PER_S);
    cr_expect(oa_slice_eq(post_response.body, OA_SLICE("no")));
    post_stop(t);
}

static void talk_garbage(int fd, int number)
{
    char buf[4096];

    (void)number;
    if (tiny_server_read_request(fd, buf, sizeof(buf)))
        tiny_server_write(fd, "\x16\x03\x01 no\r\n\r\n");
}

static void talk_nothing(int fd, int number)
{
    char buf[4096];

    (void)number;
    (void)tiny_server_read_request(fd, buf, sizeof(buf));
}

static int post_against(void (*talk)(int fd, int number), unsigned deadline_ms)
{
    struct oa_http_transport *t = start(talk);
    int err = post(t, deadline_ms);

    post_stop(t);
    return err;
}

Test(curl, failures__are_told_apart, .init = post_reset)
{
    struct oa_http_transport *t = transport_to(1);

    cr_expect_eq(post(t, 2000), OA_EIO);
    cr_expect_neq(post_response.reason[0], '\0');
    t->close(t);
    cr_expect_eq(post_against(talk_garbage, 2000), OA_EMALFORMED, "%s", post_response.reason);
    cr_expect_eq(post_against(talk_nothing, 2000), OA_EIO, "%s", post_response.reason);
    cr_expect_eq(post_against(post_talk_mute, 150), OA_ETIMEOUT, "%s", post_response.reason);
    cr_expect_lt(post_took_ms, 500);
    oa_test_stopping = 1;
    cr_expect_eq(post_against(post_talk_mute, 30000), OA_ETIMEOUT);
    cr_expect_lt(post_took_ms, 500, "the exit time-out counts");
    cr_expect_eq(oa_test_fds, 0);
}

static _Atomic int inside_at_answer;

static void talk_and_look(int fd, int number)
{
    inside_at_answer = oa_test_inside;
    post_talk_ok(fd, number);
}

/* Exit handlers end OpenSSL: they wait while we are in there, and we do not come in behind them. */
Test(curl, end_of_the_process__knows_whether_we_are_inside, .init = post_reset)
{
    struct oa_http_transport *t = start(talk_and_look);

    cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
    cr_expect(inside_at_answer && !oa_test_inside);
    oa_test_ended = 1;
    cr_expect_eq(post(t, 5000), OA_ETIMEOUT);
    cr_expect_str_eq(post_response.reason, "the process ended");
    cr_expect(post_server.accepted == 1 && !oa_test_inside);
    post_stop(t);
}

Test(curl, end_of_the_process__loads_nothing_behind_it, .init = post_reset)
{
    struct oa_http_transport *t;

    oa_test_ended = 1;
    t = transport_to(1);
    cr_expect_eq(post(t, 5000), OA_ETIMEOUT);
    cr_expect_null(dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD));
    t->close(t);
    oa_test_ended = 0;
    t = transport_to(1);
    cr_expect_not_null(dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD));
    t->close(t);
}

/* The program closed our socket and opened its own there: libcurl must not meet it. */
Test(curl, descriptor__taken_by_the_program_is_left_alone, .init = post_reset)
{
    struct oa_http_transport *t = start(post_talk_ok);
    int pair[2], fd = -1;
    char byte;

    cr_assert_eq(post(t, 5000), 0);
    for (int i = (int)OA_OWN_FD_CEILING; fd < 0 && i > 64; i--)
        if (fcntl(i, F_GETFD) >= 0)
            fd = i;
    cr_assert_gt(fd, 64);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    cr_assert_eq(dup2(pair[0], fd), fd);
    cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
    cr_expect_eq(post_server.accepted, 2);
    cr_expect_eq(recv(pair[1], &byte, 1, 0), -1, "nothing was written there");
    cr_expect_eq(send(fd, "x", 1, 0), 1, "and it is still open");
    post_stop(t);
}

/* ---- HTTP/2 without TLS: frames of RFC 9113 4.1, by hand ------------------------------------------------------- */

static _Atomic int asked_by_http1;
static int mute_fd = -1;

static bool read_all(int fd, void *buf, size_t len)
{
    return len == 0 || recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len;
}

static void write_frame(int fd, const uint8_t *frame, size_t len)
{
    cr_assert_eq(send(fd, frame, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Answers `:status: 200` (entry 8 of HPACK's static table) to `requests` requests. */
static void serve_h2(int fd, int requests)
{
    static const uint8_t settings[9] = { [3] = 4 }, acknowledged[9] = { [3] = 4, [4] = 1 };
    uint8_t head[9], payload[16384], answer[10] = { [2] = 1, [3] = 1, [4] = 5, [9] = 0x88 };

    write_frame(fd, settings, sizeof(settings));
    while (requests > 0 && read_all(fd, head, sizeof(head))) {
        size_t len = (size_t)head[1] << 8 | head[2];

        if (len > sizeof(payload) || !read_all(fd, payload, len))
            return;
        if (head[3] == 4 && !(head[4] & 1))
            write_frame(fd, acknowledged, sizeof(acknowledged));
        if (head[3] > 1 || !(head[4] & 1)) /* HEADERS or DATA that end a request */
            continue;
        memcpy(answer + 5, head + 5, 4);
        write_frame(fd, answer, sizeof(answer));
        requests--;
    }
}

static bool reads_preface(int fd)
{
    char preface[24];

    if (recv(fd, preface, 3, MSG_PEEK | MSG_WAITALL) != 3 || memcmp(preface, "PRI", 3) != 0)
        return false;
    return read_all(fd, preface, sizeof(preface));
}

/* Both versions on one port; the first connection ends behind its first answer. */
static void serve_both(int fd, int number)
{
    char buf[4096];

    if (reads_preface(fd)) {
        serve_h2(fd, number == 0 ? 1 : 100);
        (void)shutdown(fd, SHUT_WR); /* an end, not a reset: what the client still sends is read */
        while (recv(fd, buf, sizeof(buf), 0) > 0)
            ;
        return;
    }
    while (tiny_server_read_request(fd, buf, sizeof(buf))) {
        asked_by_http1++;
        tiny_server_write(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    }
}

/* The first connection stays open behind its first answer, and nobody listens any more. */
static void serve_then_mute(int fd, int number)
{
    if (!reads_preface(fd))
        return;
    serve_h2(fd, number == 0 ? 1 : 100);
    if (number == 0)
        mute_fd = dup(fd);
}

static struct oa_http_transport *new_h2(const struct oa_http_setup *setup)
{
    struct oa_http_setup h2 = *setup;

    h2.http2 = true;
    return oa_http_curl_new(&h2);
}

Test(curl, http2__never_asks_by_http1, .init = post_reset)
{
    struct oa_http_transport *t = post_start(new_h2, serve_both, "/x");

    for (int i = 0; i < 4; i++) {
        cr_expect_eq(post(t, 5000), 0, "%d: %s", i, post_response.reason);
        cr_expect_eq(post_response.status, 200, "%d", i);
    }
    cr_expect_eq(asked_by_http1, 0);
    cr_expect_eq(post_server.accepted, 2);
    post_stop(t);
}

Test(curl, http2__a_mute_connection_is_asked_once, .init = post_reset)
{
    struct oa_http_transport *t = post_start(new_h2, serve_then_mute, "/x");

    cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
    cr_expect_eq(post(t, 300), OA_ETIMEOUT);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(post(t, 10000), 0, "%d: %s", i, post_response.reason);
    post_stop(t);
    (void)close(mute_fd);
}

/* Memory that is refused once costs one post at most, whatever it was wanted for: the next one goes where it is
 * to go. */
Test(curl, post__after_refused_memory, .init = post_reset, .timeout = 60)
{
    struct oa_http_transport *t = start(post_talk_ok);
    int k = 0;

    cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason); /* libcurl itself is there from here on */
    t->close(t);
    do {
        t = transport_to(post_server.port);
        refuse = ++k;
        (void)post(t, 5000);
        refuse = refuse > 0 ? -1 : 0; /* so many there were not */
        if (refuse == 0)
            cr_assert_eq(post(t, 5000), 0, "%d refused: %s", k, post_response.reason);
        t->close(t);
    } while (refuse == 0 && k < 1000);
    cr_assert_gt(k, 20);
    cr_assert_lt(k, 1000);
    tiny_server_stop(&post_server);
}
