/* Connections that nobody saw being made, and descriptors that mean something else by now.
 * SOURCES: tests/support/http.sources tests/support/conn.sources tests/support/wrapper_calls.c */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/fdtab.h"
#include "tests/support/http_fixture.h"
#include "tests/support/wrapper_calls.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

Test(adopt, server__by_its_first_bytes)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0); /* inherited: nobody told us */
    cr_assert_eq(write(fds[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_test_fd_read(fds[0], buf, sizeof(buf)), (ssize_t)strlen(GET) + OA_HTTP_TAG_LEN);
    cr_assert_eq(oa_test_fd_write(fds[0], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    struct oa_span_view view = oa_test_http_next_span();

    cr_assert_eq(view.kind, OA_SPAN_SERVER);
    cr_assert(oa_test_attr_is(&view, "network.transport", "unix"));
}

Test(adopt, client__by_its_first_bytes)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(oa_test_fd_write(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(read(fds[1], buf, sizeof(buf)) > (ssize_t)strlen(GET), "the header is there");
    cr_assert_eq(write(fds[1], OK_EMPTY, strlen(OK_EMPTY)), (ssize_t)strlen(OK_EMPTY));
    cr_assert_eq(oa_test_fd_read(fds[0], buf, sizeof(buf)), (ssize_t)strlen(OK_EMPTY));
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

    oa_test_calls_start();
    listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&in, &len), 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&in, sizeof(in)), 0);
    fd = accept(listener, NULL, NULL);
    cr_assert_eq(write(client, GET, strlen(GET)), (ssize_t)strlen(GET));
    (void)oa_test_fd_read(fd, buf, sizeof(buf));
    (void)oa_test_fd_write(fd, OK_EMPTY);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "network.peer.address", "127.0.0.1"));
    cr_assert_eq(getsockname(client, (struct sockaddr *)&in, &len), 0);
    cr_assert_eq(atoi(oa_test_attr(&view, "network.peer.port")), ntohs(in.sin_port));
}

Test(adopt, not__files_pipes_and_datagrams)
{
    char buf[512], path[] = "/tmp/otel-auto-adopt-XXXXXX";
    int pipes[2], datagrams[2], file;

    oa_test_calls_start();
    file = mkstemp(path);
    unlink(path);
    cr_assert_eq(oa_test_fd_write(file, GET), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(file), OA_FD_IGNORED);
    cr_assert_eq(lseek(file, 0, SEEK_END), (off_t)strlen(GET), "no header in a file");
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_test_fd_read(pipes[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(pipes[0]), OA_FD_IGNORED);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams), 0);
    cr_assert_eq(write(datagrams[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_test_fd_read(datagrams[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_fd_word(datagrams[0]), OA_FD_IGNORED);
}

Test(adopt, not__in_the_middle_of_a_conversation)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(write(fds[1], "HTTP/1.1 200", 12), 12);
    cr_assert_eq(oa_test_fd_read(fds[0], buf, sizeof(buf)), 12);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED);
    oa_conn_on_fresh(fds[0]);
    oa_conn_on_skip(fds[0], true, 100);
    cr_assert_eq(oa_fd_word(fds[0]), OA_FD_IGNORED, "its beginning passed unseen");
}

Test(adopt, socketpair__either_end_by_what_it_does)
{
    char buf[512];
    int fds[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socketpair(fds, AF_UNIX, SOCK_STREAM);
    cr_assert_eq(oa_test_fd_write(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(oa_test_fd_read(fds[1], buf, sizeof(buf)) > 0);
    cr_assert_eq(oa_test_fd_write(fds[1], OK_EMPTY), (ssize_t)strlen(OK_EMPTY));
    cr_assert(oa_test_fd_read(fds[0], buf, sizeof(buf)) > 0);
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

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    oa_conn_on_socketpair(fds, AF_UNIX, SOCK_STREAM);
    cr_assert_eq(oa_test_fd_write(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert(read(fds[1], buf, sizeof(buf)) > (ssize_t)strlen(GET));
    file = mkstemp(path);
    unlink(path);
    cr_assert_eq(dup2(file, fds[0]), fds[0]);
    cr_assert_eq(oa_test_fd_write(fds[0], GET), (ssize_t)strlen(GET));
    cr_assert_eq(lseek(file, 0, SEEK_END), (off_t)strlen(GET));
}

Test(reuse, read__never_tags_what_another_file_holds)
{
    char buf[512];
    int fds[2], other[2];

    oa_test_calls_start();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    cr_assert_eq(write(fds[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    (void)oa_test_fd_read(fds[0], buf, sizeof(buf));
    cr_assert_eq(dup2(other[0], fds[0]), fds[0]);
    cr_assert_eq(write(other[1], GET, strlen(GET)), (ssize_t)strlen(GET));
    cr_assert_eq(oa_test_fd_read(fds[0], buf, sizeof(buf)), (ssize_t)strlen(GET));
}
