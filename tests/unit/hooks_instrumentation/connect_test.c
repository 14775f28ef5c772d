/* Connecting: who opened a connection, and how an attempt ended, whoever tells.
 * SOURCES: tests/support/http.sources tests/support/conn.sources tests/support/wrapper_calls.c */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hooks/instrumentation/net.h"
#include "preload/fdtab.h"
#include "tests/support/http_fixture.h"
#include "tests/support/wrapper_calls.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct sockaddr_in target = { .sin_family = AF_INET };

/* A connect() to 127.0.0.1:81 that returned with this error (0: success). */
static void connects(int fd, int error)
{
    target.sin_port = htons(81);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    oa_conn_before_connect(fd, (struct sockaddr *)&target, sizeof(target));
    oa_conn_after_connect(fd, error);
}

static int failures(void)
{
    struct oa_span_view view;
    int n = 0;

    oa_net_flush(true);
    while (oa_test_http_span(&view))
        n += view.scope == OA_SCOPE_NET;
    return n;
}

Test(connect, failure__at_once)
{
    oa_test_calls_start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM);
    connects(10, ECONNREFUSED);
    cr_assert_eq(oa_fd_word(10), OA_FD_SOCKET, "it may be connected anew");
    cr_assert_eq(failures(), 1);
}

Test(connect, failure__told_by_so_error)
{
    oa_test_calls_start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(10, EINPROGRESS);
    cr_assert_eq(failures(), 0);
    oa_conn_after_connect(10, ECONNREFUSED);
    cr_assert_eq(failures(), 1);
}

Test(connect, failure__told_by_a_second_connect)
{
    uint32_t word;

    oa_test_calls_start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(10, EINPROGRESS);
    word = oa_fd_word(10);
    connects(10, EALREADY);
    cr_assert_eq(oa_fd_word(10), word, "the same attempt goes on");
    connects(10, ETIMEDOUT);
    cr_assert_eq(failures(), 1);
}

Test(connect, failure__told_by_the_first_read)
{
    struct iovec iov;
    struct oa_incoming in = { .iov = &iov, .count = 1 };
    char buf[16];

    oa_test_calls_start();
    iov = (struct iovec){ buf, sizeof(buf) };
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(10, EINPROGRESS);
    errno = EAGAIN;
    (void)oa_conn_on_read(10, oa_fd_word(10), &in, -1);
    cr_assert_eq(failures(), 0);
    errno = ECONNREFUSED;
    (void)oa_conn_on_read(10, oa_fd_word(10), &in, -1);
    cr_assert_eq(failures(), 1);
}

/* A client that does not wait: its first write is how it learns. Returns its descriptor. */
static int refused_at_first_write(const char *bytes)
{
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socket(fds[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(fds[0], EINPROGRESS);
    oa_test_write_error = EAGAIN;
    cr_assert_eq(oa_test_fd_write(fds[0], bytes), -1);
    cr_assert_eq(errno, EAGAIN);
    cr_assert_eq(failures(), 0);
    oa_test_write_error = ECONNREFUSED;
    cr_assert_eq(oa_test_fd_write(fds[0], bytes), -1);
    cr_assert_eq(errno, ECONNREFUSED);
    cr_assert_eq(failures(), 1);
    return fds[0];
}

Test(connect, failure__told_by_the_first_write)
{
    (void)refused_at_first_write(GET);
}

/* The same for a protocol that we do not follow. */
Test(connect, failure__told_by_the_first_write_of_anybody)
{
    int fd = refused_at_first_write("\x16\x03\x01");

    connects(fd, EINPROGRESS);
    oa_test_write_error = 0;
    cr_assert_eq(oa_test_fd_write(fd, "\x16\x03\x01"), 3);
    cr_assert_eq(oa_test_fd_write(fd, "\x16\x03\x01"), 3);
    cr_assert_eq(oa_fd_word(fd), OA_FD_IGNORED);
    cr_assert_eq(failures(), 0);
}

Test(connect, success__then_a_request)
{
    struct oa_span_view view;
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socket(fds[0], AF_INET, SOCK_STREAM);
    connects(fds[0], 0);
    cr_assert_eq(oa_test_fd_write(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert_eq(write(fds[1], OK_EMPTY, strlen(OK_EMPTY)), (ssize_t)strlen(OK_EMPTY));
    cr_assert(oa_test_fd_read(fds[0], buf, sizeof(buf)) > 0);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "network.peer.address", "127.0.0.1"));
    cr_assert(oa_test_attr_is(&view, "network.peer.port", "81"));
    cr_assert_eq(failures(), 0);
}

Test(connect, success__told_late_is_no_second_one)
{
    oa_test_calls_start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(10, EINPROGRESS);
    connects(10, EISCONN);
    cr_assert(oa_fd_is_conn(oa_fd_word(10)));
    oa_conn_after_connect(10, ECONNRESET); /* SO_ERROR of a connection that was there */
    cr_assert_eq(failures(), 0);
}

Test(connect, owner__is_the_request_of_that_moment)
{
    struct oa_conn *server, *conn;

    oa_test_calls_start();
    server = oa_test_http_conn(OA_ROLE_SERVER);
    server->index = 1000;
    cr_assert_eq(oa_test_http_in(server, GET), 0);
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM);
    connects(10, 0);
    conn = oa_conn_lock(oa_fd_word(10));
    cr_assert_not_null(conn);
    cr_assert_eq(conn->owner.span_id, oa_op_ref(oa_op_at(server->http.head - 1)).span_id);
    oa_conn_unlock(conn);
}

Test(connect, unspec__dissolves_the_connection)
{
    struct sockaddr unspec = { .sa_family = AF_UNSPEC };

    oa_test_calls_start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM);
    connects(10, 0);
    oa_conn_before_connect(10, &unspec, sizeof(unspec));
    cr_assert_not(oa_fd_is_conn(oa_fd_word(10)));
    cr_assert(oa_test_http_no_span());
}

Test(connect, unknown__descriptors_may_be_datagrams)
{
    oa_test_calls_start();
    connects(10, ECONNREFUSED);
    cr_assert_eq(failures(), 0, "a failure is told only of what is known to be a stream");
    oa_conn_ignore(11);
    connects(11, ECONNREFUSED);
    cr_assert_eq(failures(), 0);
}
