/* The scrape server on real sockets.
 * SOURCES: sdk/transport/http_server.c sdk/transport/mhd_api.c sdk/transport/own_fd.c tests/support/test_host.c
 * LIBS: -lpthread */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/abi.h"
#include "sdk/transport/http_server.h"
#include "tests/support/test_host.h"

static char answer_text[8192], seen_path[64], seen_accept[64];
static int begun, ended, calls;

static void thread_begin(void)
{
    begun++;
}

static void thread_ended(void)
{
    ended++;
}

static void answer(void *context, const struct oa_http_query *query, struct oa_http_page *page)
{
    cr_assert_eq(context, &calls);
    calls++;
    snprintf(seen_path, sizeof(seen_path), "%s", query->path);
    snprintf(seen_accept, sizeof(seen_accept), "%s", query->accept);
    *page = (struct oa_http_page){ .status = 200, .content_type = "text/x", .body = OA_SLICE("hello\n") };
}

static void reset(void)
{
    oa_test_host_reset();
    oa_test_host.thread_begin = thread_begin;
    oa_test_host.thread_ended = thread_ended;
}

TestSuite(http_server, .init = reset);

static struct oa_http_server *start_at(const char *address, uint16_t port, const char **error)
{
    return oa_http_server_new(
        &(struct oa_http_server_setup){
            .host = &oa_test_host, .address = address, .port = port, .answer = answer, .context = &calls },
        error);
}

static struct oa_http_server *start(void)
{
    const char *error;
    struct oa_http_server *server = start_at("localhost", 0, &error);

    cr_assert(server, "%s", error);
    cr_assert_neq(oa_http_server_port(server), 0);
    return server;
}

static const char *ask(const struct oa_http_server *server, const char *request)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(oa_http_server_port(server)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t len = 0;
    ssize_t n;

    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    cr_assert_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    shutdown(fd, SHUT_WR);
    while ((n = recv(fd, answer_text + len, sizeof(answer_text) - 1 - len, 0)) > 0)
        len += (size_t)n;
    answer_text[len] = '\0';
    close(fd);
    return answer_text;
}

Test(http_server, get)
{
    struct oa_http_server *server = start();
    const char *text =
        ask(server, "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\nConnection: close\r\n\r\n");

    cr_assert(strstr(text, "HTTP/1.1 200 OK\r\n") == text && strstr(text, "\r\n\r\nhello\n"), "%s", text);
    cr_assert(strstr(text, "Content-Type: text/x\r\n"));
    cr_assert_str_eq(seen_path, "/metrics");
    cr_assert_str_eq(seen_accept, "text/plain");
    oa_http_server_stop(server);
    cr_assert_eq(begun, 1);
    cr_assert_eq(ended, 1);
    cr_assert_eq(oa_test_fds, 0, "nothing stays registered");
}

Test(http_server, head_has_no_body)
{
    struct oa_http_server *server = start();
    const char *text = ask(server, "HEAD / HTTP/1.0\r\n\r\n");

    cr_assert(strstr(text, "Content-Length: 6\r\n") && !strstr(text, "hello"), "%s", text);
    oa_http_server_stop(server);
}

Test(http_server, other_methods)
{
    struct oa_http_server *server = start();
    const char *text = ask(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");

    cr_assert(strstr(text, " 405 ") && strstr(text, "Allow: GET, HEAD\r\n"), "%s", text);
    cr_assert_eq(calls, 0);
    oa_http_server_stop(server);
}

Test(http_server, garbage_ends_the_connection_alone)
{
    struct oa_http_server *server = start();

    (void)ask(server, "\x16\x03\x01 what\r\n\r\n");
    cr_assert(strstr(ask(server, "GET / HTTP/1.0\r\n\r\n"), "hello"));
    oa_http_server_stop(server);
}

/* H.10, 167. */
Test(http_server, h10_167_a_taken_port)
{
    struct oa_http_server *server = start();
    uint16_t port = oa_http_server_port(server);
    const char *error = NULL;

    cr_assert_null(start_at("127.0.0.1", port, &error));
    cr_assert_str_eq(error, "the port is taken");
    oa_http_server_stop(server);
    server = start_at("127.0.0.1", port, &error);
    cr_assert(server, "free again: %s", error);
    oa_http_server_stop(server);
}

Test(http_server, no_such_address)
{
    const char *error = NULL;

    cr_assert_null(start_at("192.0.2.1", 0, &error));
    cr_assert_str_eq(error, "there is no such address here");
}

Test(http_server, stops_with_a_client_that_says_nothing)
{
    struct oa_http_server *server = start();
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(oa_http_server_port(server)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    usleep(20000);
    oa_http_server_stop(server);
    close(fd);
    cr_assert_eq(ended, 1);
}
