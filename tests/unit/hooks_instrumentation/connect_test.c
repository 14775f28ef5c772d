/* Connections that we did not see being made (adopted), and those that are being made (connect).
 * SOURCES: hooks/instrumentation/http.c hooks/instrumentation/http_begin.c hooks/instrumentation/http_plan.c
 * hooks/instrumentation/http_span.c hooks/instrumentation/http_resend.c hooks/instrumentation/http_capture.c
 * hooks/instrumentation/op.c hooks/instrumentation/address.c hooks/instrumentation/parent.c
 * hooks/instrumentation/process.c hooks/instrumentation/begin.c hooks/instrumentation/net.c
 * hooks/instrumentation/dns.c hooks/instrumentation/method.c hooks/instrumentation/route.c
 * hooks/instrumentation/gibberish.c hooks/instrumentation/url.c hooks/instrumentation/forwarded.c
 * hooks/protocols/http1.c hooks/protocols/http1_body.c hooks/protocols/http1_detect.c
 * hooks/protocols/http1_fields.c hooks/protocols/http1_head.c hooks/protocols/http1_start.c sdk/api/ids.c
 * sdk/api/sampler.c sdk/api/span.c sdk/propagation/propagator.c sdk/propagation/tracecontext.c
 * sdk/propagation/tracestate.c sdk/propagation/baggage.c preload/ring.c preload/pool.c preload/base/log.c
 * preload/base/rng.c preload/base/hex.c preload/base/arena.c env/env.c env/rules.c env/message.c env/table.c
 * env/words.c env/parse.c env/text.c env/url.c env/otlp.c env/resource.c env/headers.c sdk/model/span_view.c
 * sdk/model/attrs_reader.c sdk/model/utf8.c tests/support/http_fixture.c tests/support/ring_consumer.c
 * hooks/instrumentation/conn.c hooks/instrumentation/conn_io.c hooks/instrumentation/connect.c
 * hooks/instrumentation/rewrite.c hooks/instrumentation/protocol.c preload/real.c preload/fdtab.c */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hooks/instrumentation/net.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/compiler.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "preload/real.h"
#include "tests/support/http_fixture.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static int kernel_error; /* what the application's next write meets; 0: it works */

uint32_t oa_life_fork_generation(void)
{
    return 0;
}

static ssize_t kernel_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    if (kernel_error == 0)
        return sendmsg(fd, msg, flags);
    errno = kernel_error;
    return -1;
}

static void start(void)
{
    oa_test_http_start(NULL);
    oa_real_resolve();
    oa_real.sendmsg = kernel_sendmsg;
    oa_fd_limit = OA_FD_MAX;
}

static ssize_t plain_write(const struct oa_outgoing *out)
{
    if (kernel_error == 0)
        return writev(out->fd, out->iov, out->count);
    errno = kernel_error;
    return -1;
}

static ssize_t write_text(int fd, const char *text)
{
    struct iovec iov = { .iov_base = (char *)text, .iov_len = strlen(text) };
    struct oa_outgoing out = { .iov = &iov, .count = 1, .plain = plain_write, .fd = fd };

    return oa_conn_write(&out);
}

static ssize_t read_on(int fd, char *buf, size_t cap)
{
    struct iovec iov = { .iov_base = buf, .iov_len = cap };
    struct oa_incoming in = { .iov = &iov, .count = 1, .may_grow = true };
    uint32_t word = oa_fd_word(fd);

    return oa_conn_on_read(fd, word, &in, read(fd, buf, cap));
}

static bool no_span(void)
{
    struct oa_span_view view;

    return !oa_test_http_span(&view);
}

Test(adopt, server__by_its_first_bytes)
{
    char buf[512];
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0); /* inherited: nobody told us */
    cr_assert_eq(write(fds[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(read_on(fds[0], buf, sizeof(buf)), (ssize_t)strlen(GET) + OA_HTTP_TAG_LEN);
    cr_assert_eq(write_text(fds[0], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert_eq(view.kind, OA_SPAN_SERVER);
    cr_assert(oa_test_attr_is(&view, "network.transport", "unix"));
}

Test(adopt, client__by_its_first_bytes)
{
    char buf[512];
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(write_text(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(read(fds[1], buf, sizeof(buf)) > (ssize_t)strlen(GET), "the header is there");
    cr_assert_eq(write(fds[1], OK_EMPTY, strlen(OK_EMPTY)), (ssize_t)strlen(OK_EMPTY));
    cr_assert_eq(read_on(fds[0], buf, sizeof(buf)), (ssize_t)strlen(OK_EMPTY));
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert_eq(view.kind, OA_SPAN_CLIENT);
}

Test(adopt, tcp__addresses_are_asked_for)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(in);
    char buf[512];
    int listener, client, fd;
    struct oa_span_view view;

    start();
    listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&in, &len), 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&in, sizeof(in)), 0);
    fd = accept(listener, NULL, NULL);
    cr_assert_eq(write(client, GET, strlen(GET)), (ssize_t)strlen(GET));
    (void)read_on(fd, buf, sizeof(buf));
    (void)write_text(fd, OK_EMPTY);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "network.peer.address", "127.0.0.1"));
    cr_assert_eq(getsockname(client, (struct sockaddr *)&in, &len), 0);
    cr_assert_eq(atoi(oa_test_attr(&view, "network.peer.port")), ntohs(in.sin_port));
}

Test(adopt, not__files_pipes_and_datagrams)
{
    char buf[512], path[] = "/tmp/otel-auto-adopt-XXXXXX";
    int pipes[2], datagrams[2], file;

    start();
    file = mkstemp(path);
    unlink(path);
    cr_assert_eq(write_text(file, GET), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(file), OA_FD_IGNORED);
    cr_assert_eq(lseek(file, 0, SEEK_END), (off_t)strlen(GET), "no header in a file");
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(read_on(pipes[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(pipes[0]), OA_FD_IGNORED);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams), 0);
    cr_assert_eq(write(datagrams[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(read_on(datagrams[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(datagrams[0]), OA_FD_IGNORED);
}

Test(adopt, not__in_the_middle_of_a_conversation)
{
    char buf[512];
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(write(fds[1], "HTTP/1.1 200", 12), 12);
    cr_assert_eq(read_on(fds[0], buf, sizeof(buf)), 12);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED);
    oa_conn_on_fresh(fds[0]);
    oa_conn_on_skip(fds[0], true, 100);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED, "its beginning passed unseen");
}

Test(adopt, socketpair__either_end_by_what_it_does)
{
    char buf[512];
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socketpair(fds, AF_UNIX, SOCK_STREAM);
    cr_assert_eq(write_text(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(read_on(fds[1], buf, sizeof(buf)) > 0);
    cr_assert_eq(write_text(fds[1], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    cr_assert(read_on(fds[0], buf, sizeof(buf)) > 0);
    struct oa_span_view server = oa_test_http_next_span(), client = oa_test_http_next_span();

    cr_assert_eq(server.kind, OA_SPAN_SERVER);
    cr_assert_eq(client.kind, OA_SPAN_CLIENT);
    cr_assert_str_eq(oa_test_parent_id(&server), oa_test_span_id(&client));
}

/* The number of a connection means a file by now, and nobody saw it happen. */
Test(reuse, write__never_edits_another_file)
{
    char path[] = "/tmp/otel-auto-reuse-XXXXXX", buf[512];
    int fds[2], file;

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socketpair(fds, AF_UNIX, SOCK_STREAM);
    cr_assert_eq(write_text(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(read(fds[1], buf, sizeof(buf)) > (ssize_t)strlen(GET));
    file = mkstemp(path);
    unlink(path);
    cr_assert_eq(dup2(file, fds[0]), fds[0]);
    cr_assert_eq(write_text(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert_eq(lseek(file, 0, SEEK_END), (off_t)strlen(GET));
}

Test(reuse, read__never_tags_what_another_file_holds)
{
    char buf[512];
    int fds[2], other[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    cr_assert_eq(write(fds[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    (void)read_on(fds[0], buf, sizeof(buf));
    cr_assert_eq(dup2(other[0], fds[0]), fds[0]);
    cr_assert_eq(write(other[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(read_on(fds[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
}

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
    start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM);
    connects(10, ECONNREFUSED);
    cr_assert_eq(oa_fd_word(10), OA_FD_SOCKET, "it may be connected anew");
    cr_assert_eq(failures(), 1);
}

Test(connect, failure__told_by_so_error)
{
    start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(10, EINPROGRESS);
    cr_assert_eq(failures(), 0);
    oa_conn_after_connect(10, ECONNREFUSED);
    cr_assert_eq(failures(), 1);
}

Test(connect, failure__told_by_a_second_connect)
{
    uint32_t word;

    start();
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

    start();
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

/* A client that does not wait: its first write is how it learns. */
Test(connect, failure__told_by_the_first_write)
{
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socket(fds[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(fds[0], EINPROGRESS);
    kernel_error = EAGAIN;
    cr_assert_eq(write_text(fds[0], GET), -1);
    cr_assert_eq(errno, EAGAIN);
    kernel_error = ECONNREFUSED;
    cr_assert_eq(write_text(fds[0], GET), -1);
    cr_assert_eq(errno, ECONNREFUSED);
    cr_assert_eq(failures(), 1);
}

/* The same for a protocol that we do not follow. */
Test(connect, failure__told_by_the_first_write_of_anybody)
{
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socket(fds[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connects(fds[0], EINPROGRESS);
    kernel_error = EAGAIN;
    cr_assert_eq(write_text(fds[0], "\x16\x03\x01"), -1);
    cr_assert_eq(failures(), 0);
    kernel_error = ECONNREFUSED;
    cr_assert_eq(write_text(fds[0], "\x16\x03\x01"), -1);
    cr_assert_eq(errno, ECONNREFUSED);
    cr_assert_eq(failures(), 1);
    connects(fds[0], EINPROGRESS);
    kernel_error = 0;
    cr_assert_eq(write_text(fds[0], "\x16\x03\x01"), 3);
    cr_assert_eq(write_text(fds[0], "\x16\x03\x01"), 3);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED);
    cr_assert_eq(failures(), 0);
}

Test(connect, success__then_a_request)
{
    struct oa_span_view view;
    char buf[512];
    int fds[2];

    start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socket(fds[0], AF_INET, SOCK_STREAM);
    connects(fds[0], 0);
    cr_assert_eq(write_text(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert_eq(write(fds[1], OK_EMPTY, strlen(OK_EMPTY)), (ssize_t)strlen(OK_EMPTY));
    cr_assert(read_on(fds[0], buf, sizeof(buf)) > 0);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "network.peer.address", "127.0.0.1"));
    cr_assert(oa_test_attr_is(&view, "network.peer.port", "81"));
    cr_assert_eq(failures(), 0);
}

Test(connect, success__told_late_is_no_second_one)
{
    start();
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

    start();
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

    start();
    oa_conn_on_socket(10, AF_INET, SOCK_STREAM);
    connects(10, 0);
    oa_conn_before_connect(10, &unspec, sizeof(unspec));
    cr_assert_not(oa_fd_is_conn(oa_fd_word(10)));
    cr_assert(no_span());
}

Test(connect, unknown__descriptors_may_be_datagrams)
{
    start();
    connects(10, ECONNREFUSED);
    cr_assert_eq(failures(), 0, "a failure is told only of what is known to be a stream");
    oa_conn_ignore(11);
    connects(11, ECONNREFUSED);
    cr_assert_eq(failures(), 0);
}
