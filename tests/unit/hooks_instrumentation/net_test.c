/* Connection attempts that failed: which of them become spans, and what those say.
 * SOURCES: tests/support/http.sources LIBS: -lpthread */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "hooks/instrumentation/dns.h"
#include "hooks/instrumentation/net.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/compiler.h"
#include "tests/support/http_fixture.h"

static struct oa_address address(const char *ip, uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    struct oa_address a = { 0 };

    if (inet_pton(AF_INET, ip, &in.sin_addr) == 1)
        oa_address_set(&a, (struct sockaddr *)&in, sizeof(in));
    else if (inet_pton(AF_INET6, ip, &in6.sin6_addr) == 1)
        oa_address_set(&a, (struct sockaddr *)&in6, sizeof(in6));
    cr_assert(a.family);
    return a;
}

/* An attempt as connect.c makes one. */
static struct oa_conn *attempt(const char *ip, uint16_t port)
{
    struct oa_conn *conn = oa_test_http_conn(OA_ROLE_CLIENT);

    conn->peer = address(ip, port);
    oa_when_now(&conn->connect_start);
    oa_net_attempt(conn);
    return conn;
}

static void fails(const char *ip, uint16_t port, int error)
{
    oa_net_failed(attempt(ip, port), error);
}

static void succeeds(const char *ip, uint16_t port)
{
    oa_net_connected(attempt(ip, port));
}

/* Both names resolved to these addresses before. */
static void resolved(const char *name, const char *ip1, const char *ip2)
{
    const char *ips[] = { ip1, ip2 };
    struct oa_dns dns;

    oa_dns_begin(&dns, name);
    for (int i = 0; i < 2; i++) {
        struct oa_address a = address(ips[i], 0);
        struct sockaddr_in in = { .sin_family = AF_INET };
        struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
        struct addrinfo info = { .ai_addr = a.family == AF_INET ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
                                 .ai_addrlen = a.family == AF_INET ? sizeof(in) : sizeof(in6) };

        memcpy(&in.sin_addr, a.ip, 4);
        memcpy(&in6.sin6_addr, a.ip, 16);
        oa_dns_add_addrinfo(&dns, &info);
    }
    oa_dns_end(&dns);
}

/* How many spans are there when everything is told; the last one is kept. */
static struct oa_span_view last;

static int flush(void)
{
    int n = 0;

    oa_net_flush(true);
    while (oa_test_http_span(&last))
        n++;
    return n;
}

Test(net, failure__is_a_client_span)
{
    oa_test_http_start(NULL);
    fails("192.0.2.7", 81, ECONNREFUSED);
    cr_assert(oa_net_waiting());
    cr_assert_neq(oa_thread.flags & OA_THREAD_RECORDED, 0, "the helper must come round");
    cr_assert_eq(flush(), 1);
    cr_assert_not(oa_net_waiting());
    cr_assert(oa_test_name_is(&last, "connect"));
    cr_assert_eq(last.kind, OA_SPAN_CLIENT);
    cr_assert_eq(last.scope, OA_SCOPE_NET);
    cr_assert_eq(last.status, OA_STATUS_ERROR);
    cr_assert(oa_test_attr_is(&last, "error.type", "connection_refused"));
    cr_assert(oa_test_attr_is(&last, "server.address", "192.0.2.7"));
    cr_assert(oa_test_attr_is(&last, "server.port", "81"));
    cr_assert(oa_test_attr_is(&last, "network.peer.address", "192.0.2.7"));
    cr_assert(oa_test_attr_is(&last, "network.peer.port", "81"));
    cr_assert(oa_test_attr_is(&last, "network.transport", "tcp"));
    cr_assert(oa_test_attr_is(&last, "network.type", "ipv4"));
    cr_assert_eq(flush(), 0, "once");
}

Test(net, failure__names_the_service_of_the_users_mapping)
{
    const char *settings[] = { "OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING=192.0.2.7:81=cats", NULL };

    oa_test_http_start(settings);
    fails("192.0.2.7", 81, ECONNREFUSED);
    cr_assert_eq(flush(), 1);
    cr_assert(oa_test_attr_is(&last, "service.peer.name", "cats"));
    fails("192.0.2.7", 82, ECONNREFUSED);
    cr_assert_eq(flush(), 1);
    cr_assert(oa_test_attr_is(&last, "service.peer.name", NULL));
}

Test(net, failure__is_called_by_the_name_that_was_asked_for)
{
    oa_test_http_start(NULL);
    resolved("db.example", "192.0.2.7", "192.0.2.8");
    fails("192.0.2.8", 5432, ETIMEDOUT);
    cr_assert_eq(flush(), 1);
    cr_assert(oa_test_attr_is(&last, "server.address", "db.example"));
    cr_assert(oa_test_attr_is(&last, "network.peer.address", "192.0.2.8"));
    cr_assert(oa_test_attr_is(&last, "error.type", "timeout"));
}

Test(net, race__a_winner_leaves_no_error)
{
    oa_test_http_start(NULL);
    fails("::1", 80, ECONNREFUSED);
    succeeds("127.0.0.1", 80);
    cr_assert_eq(flush(), 0);
    cr_assert_not(oa_net_waiting());
}

Test(net, race__the_last_failure_stands_for_all)
{
    oa_test_http_start(NULL);
    fails("::1", 80, ECONNREFUSED);
    fails("127.0.0.1", 80, ETIMEDOUT);
    cr_assert_eq(flush(), 1);
    cr_assert(oa_test_attr_is(&last, "network.peer.address", "127.0.0.1"));
    cr_assert(oa_test_attr_is(&last, "error.type", "timeout"));
}

Test(net, race__addresses_of_one_name)
{
    oa_test_http_start(NULL);
    resolved("many.example", "192.0.2.7", "192.0.2.8");
    fails("192.0.2.7", 80, ECONNREFUSED);
    succeeds("192.0.2.8", 80);
    cr_assert_eq(flush(), 0);
    fails("192.0.2.7", 80, ECONNREFUSED);
    fails("192.0.2.8", 80, ECONNREFUSED);
    cr_assert_eq(flush(), 1);
}

Test(net, no_race__another_port)
{
    oa_test_http_start(NULL);
    fails("::1", 80, ECONNREFUSED);
    succeeds("127.0.0.1", 81);
    cr_assert_eq(flush(), 1);
}

Test(net, no_race__other_names)
{
    oa_test_http_start(NULL);
    resolved("a.example", "192.0.2.1", "2001:db8::1");
    resolved("b.example", "192.0.2.2", "2001:db8::2");
    fails("2001:db8::1", 80, ECONNREFUSED);
    succeeds("192.0.2.2", 80);
    cr_assert_eq(flush(), 1);
}

Test(net, no_race__two_addresses_that_nobody_named)
{
    oa_test_http_start(NULL);
    fails("192.0.2.1", 80, ECONNREFUSED);
    succeeds("192.0.2.2", 80);
    cr_assert_eq(flush(), 1);
}

static void *succeed_elsewhere(void *arg OA_UNUSED)
{
    succeeds("127.0.0.1", 80);
    return NULL;
}

Test(net, no_race__another_thread)
{
    pthread_t thread;

    oa_test_http_start(NULL);
    fails("::1", 80, ECONNREFUSED);
    cr_assert_eq(pthread_create(&thread, NULL, succeed_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(flush(), 1);
}

Test(net, flush__waits_for_rivals_first)
{
    struct oa_span_view view;

    oa_test_http_start(NULL);
    fails("::1", 80, ECONNREFUSED);
    oa_net_flush(false);
    cr_assert_not(oa_test_http_span(&view), "another address may still win");
    cr_assert(oa_net_waiting());
    nanosleep(&(struct timespec){ .tv_sec = 1, .tv_nsec = 50000000 }, NULL);
    oa_net_flush(false);
    cr_assert(oa_test_http_span(&view));
    cr_assert_not(oa_net_waiting());
}

Test(net, table__full_tells_the_oldest)
{
    char ip[32];

    oa_test_http_start(NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(ip, sizeof(ip), "192.0.2.%d", i);
        fails(ip, 80, ECONNREFUSED);
    }
    cr_assert_eq(flush(), 100, "none is lost");
    cr_assert_not(oa_net_waiting());
}

Test(net, local_sockets__are_absent_all_the_time)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/nscd/socket" };
    struct oa_conn *conn;

    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_CLIENT);
    oa_address_set(&conn->peer, (struct sockaddr *)&un, sizeof(un));
    oa_net_failed(conn, ENOENT);
    cr_assert_eq(flush(), 0);
}

Test(net, off__by_its_switch)
{
    const char *settings[] = { "OTEL_INSTRUMENTATION_NET_ENABLED=false", NULL };

    oa_test_http_start(settings);
    fails("192.0.2.7", 80, ECONNREFUSED);
    cr_assert_eq(flush(), 0);
}

Test(net, parent__is_the_owner_of_the_connection)
{
    struct oa_conn *server, *conn;
    struct oa_span_view parent;

    oa_test_http_start(NULL);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n\r\n"), 0);
    conn = attempt("192.0.2.7", 80);
    conn->owner = oa_op_ref(oa_op_at(server->http.head - 1));
    oa_parent_waited(false);
    oa_net_failed(conn, ECONNREFUSED);
    cr_assert_eq(oa_test_http_out(server, "HTTP/1.1 502 B\r\nContent-Length: 0\r\n\r\n"), 0);
    parent = oa_test_http_next_span();
    cr_assert_eq(flush(), 1);
    cr_assert_str_eq(oa_test_parent_id(&last), oa_test_span_id(&parent));
    cr_assert_str_eq(oa_test_trace_id(&last), oa_test_trace_id(&parent));
}

Test(net, forked__a_child_tells_nothing_of_its_parents)
{
    oa_test_http_start(NULL);
    fails("192.0.2.7", 80, ECONNREFUSED);
    oa_net_forked();
    cr_assert_not(oa_net_waiting());
    cr_assert_eq(flush(), 0);
    fails("192.0.2.8", 80, ECONNREFUSED);
    cr_assert_eq(flush(), 1);
}

static const struct {
    int error;
    const char *word;
} words[] = {
    { ECONNREFUSED, "connection_refused" },
    { ECONNRESET, "connection_reset" },
    { ECONNABORTED, "connection_aborted" },
    { EPIPE, "broken_pipe" },
    { ETIMEDOUT, "timeout" },
    { EHOSTUNREACH, "host_unreachable" },
    { ENETUNREACH, "network_unreachable" },
    { EACCES, "_OTHER" },
    { 0, "_OTHER" },
    { -1, "_OTHER" },
};

Test(net, error_type__rows)
{
    for (size_t i = 0; i < OA_COUNT(words); i++)
        cr_assert(oa_slice_eq(oa_net_error_type(words[i].error), oa_slice_of(words[i].word)), "row %zu", i);
}
