/* SOURCES: sdk/transport/curl.c sdk/transport/curl_api.c sdk/transport/curl_fds.c sdk/transport/curl_pace.c
 * sdk/transport/curl_request.c sdk/transport/own_fd.c
 *   sdk/transport/resolve.c sdk/transport/retry.c sdk/transport/wait.c env/url.c preload/base/arena.c
 *   tests/support/test_host.c tests/support/tiny_server.c tests/support/http_post.c
 * LIBS: -ldl
 * What curl.c does around libcurl, over http:// (TLS itself is libcurl's; end-to-end cases cover it). */
#include <criterion/criterion.h>
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
#include "tests/support/tiny_server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static char seen[4096];

/* Handles of libcurl are left alone on purpose (see curl_close). */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
    return 1;
}

void *oa_host_malloc(size_t size)
{
    return malloc(size);
}

void *oa_host_calloc(size_t n, size_t size)
{
    return calloc(n, size);
}

void *oa_host_realloc(void *ptr, size_t size)
{
    return realloc(ptr, size);
}

void oa_host_free(void *ptr)
{
    free(ptr);
}

static struct oa_http_transport *transport_to(uint16_t port)
{
    return post_transport(oa_http_curl_new, "127.0.0.1", port, "/v1/traces?q=1");
}

static void keep_answering(int fd, int number)
{
    char buf[4096];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf))) {
        memcpy(seen, buf, sizeof(buf));
        tiny_server_write(fd, OK_ANSWER);
    }
}

Test(curl, post__keeps_the_connection, .init = post_reset)
{
    struct tiny_server server;
    struct oa_http_transport *t;

    cr_assert_eq(tiny_server_start(&server, keep_answering), 0);
    t = transport_to(server.port);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
        cr_expect_eq(post_response.status, 200);
        cr_expect(oa_slice_eq(post_response.body, OA_SLICE("ok")));
        cr_expect_eq(post_response.retry_after_ns, OA_RETRY_AFTER_NONE);
        cr_expect(strstr(seen, "POST /v1/traces?q=1 HTTP/1.1\r\n") && strstr(seen, "\r\nX-One: 1\r\n") &&
                      strstr(seen, "\r\nX-Two:\r\n") && strstr(seen, "\r\nContent-Length: 5\r\n") &&
                      strstr(seen, "\r\n\r\nhello") && !strstr(seen, "Expect:"),
                  "%s", seen);
    }
    cr_expect_eq(server.accepted, 1);
    cr_expect_geq(oa_test_fds, 1);
    t->close(t);
    cr_expect_eq(oa_test_fds, 0);
    tiny_server_stop(&server);
}

/* Everything that libcurl keeps open is gone after an exec. */
Test(curl, descriptors__are_close_on_exec, .init = post_reset)
{
    struct tiny_server server;
    struct oa_http_transport *t;

    cr_assert_eq(tiny_server_start(&server, keep_answering), 0);
    for (int fd = 3; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0) /* the test runner's own */
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    t = transport_to(server.port);
    cr_assert_eq(post(t, 5000), 0);
    for (int fd = 3; fd < (int)OA_OWN_FD_CEILING; fd++)
        cr_expect(fcntl(fd, F_GETFD) < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC), "descriptor %d", fd);
    t->close(t);
    tiny_server_stop(&server);
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
    struct tiny_server server;
    struct oa_http_transport *t;

    cr_assert_eq(tiny_server_start(&server, answer_busy), 0);
    t = transport_to(server.port);
    cr_assert_eq(post(t, 2000), 0, "%s", post_response.reason);
    cr_expect_eq(post_response.status, 503);
    cr_expect_eq(post_response.retry_after_ns, 3 * OA_NS_PER_S);
    cr_expect(oa_slice_eq(post_response.body, OA_SLICE("no")));
    t->close(t);
    tiny_server_stop(&server);
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

static void never_answer(int fd, int number)
{
    char buf[4096];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf)))
        ;
}

static int post_against(void (*talk)(int fd, int number), unsigned deadline_ms)
{
    struct tiny_server server;
    struct oa_http_transport *t;
    int err;

    cr_assert_eq(tiny_server_start(&server, talk), 0);
    t = transport_to(server.port);
    err = post(t, deadline_ms);
    t->close(t);
    tiny_server_stop(&server);
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
    cr_expect_eq(post_against(never_answer, 150), OA_ETIMEOUT, "%s", post_response.reason);
    cr_expect_lt(post_took_ms, 500);
    oa_test_stopping = 1;
    cr_expect_eq(post_against(never_answer, 30000), OA_ETIMEOUT);
    cr_expect_lt(post_took_ms, 500, "the exit time-out counts");
    cr_expect_eq(oa_test_fds, 0);
}

/* The program closed our socket and opened its own there: libcurl must not meet it. */
Test(curl, descriptor__taken_by_the_program_is_left_alone, .init = post_reset)
{
    struct tiny_server server;
    struct oa_http_transport *t;
    int pair[2], fd = -1;
    char byte;

    cr_assert_eq(tiny_server_start(&server, keep_answering), 0);
    t = transport_to(server.port);
    cr_assert_eq(post(t, 5000), 0);
    for (int i = (int)OA_OWN_FD_CEILING; fd < 0 && i > 64; i--)
        if (fcntl(i, F_GETFD) >= 0)
            fd = i;
    cr_assert_gt(fd, 64);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    cr_assert_eq(dup2(pair[0], fd), fd);
    cr_assert_eq(post(t, 5000), 0, "%s", post_response.reason);
    cr_expect_eq(server.accepted, 2);
    cr_expect_eq(recv(pair[1], &byte, 1, 0), -1, "nothing was written there");
    cr_expect_eq(send(fd, "x", 1, 0), 1, "and it is still open");
    t->close(t);
    tiny_server_stop(&server);
}
