/* Connections from birth to close on real sockets; the wrappers' part is played by the test.
 * SOURCES: tests/support/http.sources tests/support/conn.sources tests/support/wrapper_calls.c */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/process.h"
#include "preload/base/compiler.h"
#include "preload/fdtab.h"
#include "tests/support/http_fixture.h"
#include "tests/support/wrapper_calls.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* A connected pair; the first end is followed as a server's, the second one never. */
static void accepted_pair(int fds[2])
{
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons(4321),
                                .sin_addr.s_addr = htonl(0x7f000001) };

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_accept(-1, fds[0], (struct sockaddr *)&peer, sizeof(peer));
    oa_conn_ignore(fds[1]);
}

/* Text arrives on the other end, and is read. */
static ssize_t read_text(const int fds[2], const char *text, char *buf, size_t cap)
{
    cr_assert_eq(write(fds[1], text, strlen(text)), (ssize_t)strlen(text));
    return oa_test_fd_read(fds[0], buf, cap);
}

static const struct {
    int domain, type;
    uint32_t word;
} sockets[] = {
    { AF_INET, SOCK_STREAM, OA_FD_SOCKET },  { AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, OA_FD_SOCKET },
    { AF_UNIX, SOCK_STREAM, OA_FD_SOCKET },  { AF_INET, SOCK_DGRAM, OA_FD_IGNORED },
    { AF_INET, SOCK_RAW, OA_FD_IGNORED },    { AF_UNIX, SOCK_SEQPACKET, OA_FD_IGNORED },
    { AF_NETLINK, SOCK_RAW, OA_FD_IGNORED },
};

Test(conn, socket__streams_are_followed)
{
    oa_test_calls_start();
    for (size_t i = 0; i < OA_COUNT(sockets); i++) {
        oa_conn_on_socket(10, sockets[i].domain, sockets[i].type);
        cr_assert_eq(oa_fd_word(10), sockets[i].word, "row %zu", i);
    }
}

Test(conn, accept__serves_a_request)
{
    struct oa_span_view view;
    char buf[512];
    ssize_t n;
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    cr_assert(oa_fd_is_conn(oa_fd_word(fds[0])));
    n = read_text(fds, GET, buf, sizeof(buf));
    cr_assert_eq(n, (ssize_t)strlen(GET) + OA_HTTP_TAG_LEN, "the application reads its tag too");
    buf[n] = '\0';
    cr_assert_not_null(strstr(buf, "\r\ntraceparent: 00-"));
    cr_assert_eq(oa_test_fd_write(fds[0], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    view = oa_test_http_next_span();
    cr_assert_eq(view.kind, OA_SPAN_SERVER);
    cr_assert(oa_test_attr_is(&view, "network.peer.address", "127.0.0.1"));
    cr_assert(oa_test_attr_is(&view, "network.peer.port", "4321"));
}

Test(conn, accept__on_a_path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/app.sock" };
    struct oa_span_view view;
    char buf[512];
    int fds[2], listener = 200;

    oa_test_calls_start();
    oa_conn_on_socket(listener, AF_UNIX, SOCK_STREAM);
    oa_conn_on_bind(listener, (struct sockaddr *)&un, sizeof(un));
    oa_conn_on_listen(listener);
    cr_assert(oa_process_listens());
    cr_assert(oa_conn_is_serving(listener));
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_accept(listener, fds[0], (struct sockaddr *)&un, sizeof(sa_family_t));
    oa_conn_ignore(fds[1]);
    (void)read_text(fds, GET, buf, sizeof(buf));
    cr_assert_eq(oa_test_fd_write(fds[0], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "server.address", "/run/app.sock"));
}

Test(conn, read__malformed_after_a_tag_loses_no_byte)
{
    const char *text = GET "\x01\x02 this is no request";
    char buf[512], want[512];
    ssize_t n;
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    n = read_text(fds, text, buf, sizeof(buf) - 1);
    cr_assert_eq(n, (ssize_t)strlen(text) + OA_HTTP_TAG_LEN);
    buf[n] = '\0';
    snprintf(want, sizeof(want), "GET /a HTTP/1.1\r\nHost: h\r\n%.70s\r\n%s", strstr(buf, "traceparent: "),
             text + strlen(GET));
    cr_assert_str_eq(buf, want);
    cr_assert_eq(oa_test_dropped(OA_DROP_MALFORMED), 1);
    n = read_text(fds, GET, buf, sizeof(buf));
    cr_assert_eq(n, (ssize_t)strlen(GET), "nothing is followed any more");
    oa_test_fd_close(fds[0]);
    cr_assert(oa_test_http_no_span());
}

Test(conn, read__what_is_no_request_is_ignored_from_then_on)
{
    char buf[64];
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    cr_assert_eq(read_text(fds, "\x16\x03\x01", buf, sizeof(buf)), 3);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED);
    cr_assert_eq(oa_test_dropped(OA_DROP_MALFORMED), 0, "other protocols are no error");
}

Test(conn, read__eof_and_errors_reach_the_protocol)
{
    struct iovec iov;
    struct oa_incoming in = { .iov = &iov, .count = 1 };
    struct oa_span_view view;
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    iov = (struct iovec){ buf, sizeof(buf) };
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    errno = EAGAIN;
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, -1), -1);
    errno = EINTR;
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, -1), -1);
    cr_assert(oa_test_http_no_span());
    errno = ECONNRESET;
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, -1), -1);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "error.type", "connection_reset"));
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    iov.iov_len = 0;
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, 0), 0); /* read(fd, buf, 0) is no end */
    iov.iov_len = sizeof(buf);
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, 0), 0);
    oa_test_fd_close(fds[0]);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "error.type", "connection_aborted"));
}

/* A context that is hidden is so in every buffer of a call, and no buffer grows but the last. */
Test(conn, read__hidden_contexts_in_several_buffers)
{
    static const char text[] = "GET /a HTTP/1.1\r\nHost: h\r\ntraceparent: " OA_TEST_PARENT "\r\nX: y\r\n\r\n";
    char first[90], second[512];
    struct iovec iov[] = { { first, sizeof(first) }, { second, sizeof(second) } };
    struct oa_incoming in = { .iov = iov, .count = 2, .may_grow = true };
    ssize_t n = sizeof(text) - 1;
    struct oa_span_view view;
    int fds[2];

    oa_test_calls_start();
    oa_begin_settings.public_endpoint = oa_begin_settings.hides_contexts = true;
    accepted_pair(fds);
    cr_assert_eq(write(fds[1], text, (size_t)n), n);
    cr_assert_eq(readv(fds[0], iov, 2), n);
    cr_assert_eq(oa_conn_on_read(fds[0], oa_fd_word(fds[0]), &in, n), n);
    cr_assert_eq(memcmp(first, text, 39), 0);
    for (size_t i = 39; i < sizeof(first); i++)
        cr_assert_eq(first[i], ' ');
    cr_assert_eq(memcmp(second, "    \r\nX: y\r\n\r\n", 14), 0, "%.14s", second);
    cr_assert_gt(oa_test_fd_write(fds[0], OK_EMPTY), 0);
    view = oa_test_http_next_span();
    cr_assert_eq(view.extras->link_count, 1);
    cr_assert_not(view.has_parent);
}

Test(conn, close__ends_what_is_open)
{
    struct oa_span_view view;
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    oa_test_fd_close(fds[0]);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "error.type", "_OTHER"));
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_UNKNOWN);
}

Test(conn, dup__the_last_descriptor_ends_it)
{
    char buf[512];
    int fds[2], copy;

    oa_test_calls_start();
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    copy = dup(fds[0]);
    oa_conn_on_dup(fds[0], copy);
    cr_assert_eq(oa_fd_word(copy), oa_fd_word(fds[0]));
    oa_conn_on_dup(copy, copy);
    oa_test_fd_close(fds[0]);
    cr_assert(oa_test_http_no_span(), "the copy goes on");
    cr_assert_eq(oa_test_fd_write(copy, OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    cr_assert_not(oa_test_http_no_span());
    oa_test_fd_close(copy);
    cr_assert_eq(oa_fd_word(copy), OA_FD_UNKNOWN);
}

Test(conn, dup__over_a_followed_descriptor_ends_that_one)
{
    char buf[512];
    int fds[2], other[2];

    oa_test_calls_start();
    accepted_pair(fds);
    accepted_pair(other);
    (void)read_text(fds, GET, buf, sizeof(buf));
    oa_conn_on_dup(other[0], fds[0]);
    cr_assert_not(oa_test_http_no_span());
    cr_assert_eq(oa_fd_word(fds[0]), oa_fd_word(other[0]));
}

Test(conn, reuse__a_stale_word_does_not_reach_the_next_connection)
{
    uint32_t old;
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    old = oa_fd_word(fds[0]);
    oa_conn_on_close(fds[0]);
    accepted_pair(fds);
    cr_assert_eq(oa_fd_index(oa_fd_word(fds[0])), oa_fd_index(old), "the slot is used again");
    cr_assert_null(oa_conn_lock(old));
    struct oa_conn *conn = oa_conn_lock(oa_fd_word(fds[0]));

    cr_assert_not_null(conn);
    cr_assert_eq(conn->http.count, 0);
    cr_assert_null(conn->protocol);
    oa_conn_unlock(conn);
}

Test(conn, range__forgets_everything_in_it)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    oa_conn_on_socket(300, AF_INET, SOCK_STREAM);
    oa_conn_forget_range((unsigned)fds[0], (unsigned)fds[0]);
    cr_assert_not(oa_test_http_no_span());
    cr_assert_eq(oa_fd_word(300), OA_FD_SOCKET);
    oa_conn_forget_range(3, ~0u);
    cr_assert_eq(oa_fd_word(300), OA_FD_UNKNOWN);
}

Test(conn, unseen__tells_nothing)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    (void)read_text(fds, GET, buf, sizeof(buf));
    oa_conn_unseen(fds[0]);
    cr_assert_eq(oa_test_fd_write(fds[0], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    oa_test_fd_close(fds[0]);
    cr_assert(oa_test_http_no_span());
}

Test(conn, end_all__open_requests_end_as_if_closed)
{
    char buf[512];
    int fds[300][2];

    oa_test_calls_start();
    for (int i = 0; i < 300; i++) { /* beyond what lies in the object's own pages */
        accepted_pair(fds[i]);
        (void)read_text(fds[i], GET, buf, sizeof(buf));
    }
    oa_conn_end_all();
    for (int i = 0; i < 300; i++)
        cr_assert_not(oa_test_http_no_span());
    cr_assert(oa_test_http_no_span());
}

Test(conn, serving__what_makes_a_thread_wait_for_work)
{
    char buf[512];
    int a[2], b[2];

    oa_test_calls_start();
    accepted_pair(a);
    accepted_pair(b);
    cr_assert(oa_conn_is_serving(a[0]), "idle: more work may come there");
    cr_assert_not(oa_conn_is_serving(a[1]));
    (void)read_text(a, GET, buf, sizeof(buf));
    cr_assert_not(oa_conn_is_serving(a[0]), "this thread's own request: the rest of its body");
    cr_assert(oa_conn_is_serving(b[0]));
}

Test(conn, contention__a_busy_connection_is_lost_not_waited_for)
{
    struct oa_conn *conn;
    int fds[2];

    oa_test_calls_start();
    accepted_pair(fds);
    conn = oa_conn_lock(oa_fd_word(fds[0]));
    cr_assert_not_null(conn);
    cr_assert_null(oa_conn_lock(oa_fd_word(fds[0])));
    cr_assert_eq(oa_test_dropped(OA_DROP_CONTENTION), 1);
    oa_conn_unlock(conn);
    cr_assert_null(oa_conn_lock(oa_fd_word(fds[0])), "for good");
    cr_assert_eq(oa_test_dropped(OA_DROP_CONTENTION), 1, "counted once");
}
