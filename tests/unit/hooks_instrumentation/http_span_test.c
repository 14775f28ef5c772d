/* Attributes of finished operations, by the semantic conventions for HTTP spans 1.44.0.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/ring.h"
#include "sdk/api/strategy.h"
#include "tests/support/http_fixture.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define PAIRS 8

struct want {
    const char *key, *value; /* value NULL: absent */
};

static void check(const struct oa_span_view *view, const struct want *want, const char *what)
{
    for (int i = 0; i < PAIRS && want[i].key; i++)
        cr_assert(oa_test_attr_is(view, want[i].key, want[i].value), "%s", what);
}

static struct oa_span_view serve_on(struct oa_conn *conn, const char *request, const char *answer)
{
    cr_assert_eq(oa_test_http_in(conn, request), OA_OK, "%s", request);
    cr_assert_eq(oa_test_http_out(conn, answer), OA_OK, "%s", request);
    return oa_test_http_next_span();
}

static struct oa_span_view serve(const char *request)
{
    return serve_on(oa_test_http_conn(OA_ROLE_SERVER), request, OK_EMPTY);
}

static struct oa_span_view call_on(struct oa_conn *conn, const char *request, const char *answer)
{
    cr_assert_eq(oa_test_http_out(conn, request), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, answer), OA_OK);
    return oa_test_http_next_span();
}

static struct oa_span_view call(const char *request)
{
    return call_on(oa_test_http_conn(OA_ROLE_CLIENT), request, OK_EMPTY);
}

static const struct {
    const char *request, *name;
    struct want want[PAIRS];
} server_rows[] = {
    { "GET /items/42?x=1&sig=SECRET HTTP/1.1\r\nHost: shop.example:8081\r\nUser-Agent: t/1\r\n\r\n",
      "GET /items/*",
      { { "http.request.method", "GET" },
        { "url.path", "/items/42" },
        { "url.query", "x=1&sig=REDACTED" },
        { "url.scheme", "http" },
        { "http.route", "/items/*" },
        { "server.address", "shop.example" },
        { "server.port", "8081" },
        { "user_agent.original", "t/1" } } },
    { "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
      "GET /",
      { { "server.address", "shop.example" },
        { "server.port", "80" },
        { "url.query", NULL },
        { "client.address", "192.0.2.1" },
        { "network.peer.address", "192.0.2.1" },
        { "network.peer.port", "8080" },
        { "network.protocol.version", "1.1" },
        { "user_agent.original", NULL } } },
    { "GET / HTTP/1.0\r\n\r\n",
      "GET /",
      { { "server.address", NULL },
        { "server.port", NULL },
        { "network.protocol.version", "1.0" },
        { "network.protocol.name", NULL },
        { "network.transport", NULL },
        { "error.type", NULL },
        { "http.request.method_original", NULL },
        { "url.full", NULL } } },
    { "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
      "HTTP /pot",
      { { "http.request.method", "_OTHER" }, { "http.request.method_original", "BREW" } } },
    { "GET /x HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 203.0.113.7, 10.0.0.1\r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-Host: www.example\r\n\r\n",
      "GET /x",
      { { "client.address", "203.0.113.7" },
        { "url.scheme", "https" },
        { "server.address", "www.example" },
        { "server.port", "443" },
        { "network.peer.address", "192.0.2.1" } } },
    { "GET /x HTTP/1.1\r\nHost: inner\r\nForwarded: for=\"[2001:db8::7]:99\";proto=https;host=a.example:444\r\n"
      "X-Forwarded-For: 203.0.113.7\r\n\r\n",
      "GET /x",
      { { "client.address", "2001:db8::7" },
        { "url.scheme", "https" },
        { "server.address", "a.example" },
        { "server.port", "444" } } },
    { "GET http://abs.example:81/p?q HTTP/1.1\r\nHost: other\r\n\r\n",
      "GET /p",
      { { "url.path", "/p" }, { "url.query", "q" }, { "server.address", "abs.example" }, { "server.port", "81" } } },
    { "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
      "OPTIONS",
      { { "url.path", "*" }, { "http.route", NULL }, { "server.address", "h" } } },
    { "GET /x HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n",
      "GET /x",
      { { "server.address", "2001:db8::1" }, { "server.port", "8080" } } },
    { "GET /x HTTP/1.1\r\nHost: not a host\r\n\r\n",
      "GET /x",
      { { "server.address", NULL }, { "server.port", NULL } } },
};

Test(http_span, server__rows)
{
    oa_test_http_start(NULL);
    for (size_t i = 0; i < OA_COUNT(server_rows); i++) {
        struct oa_span_view view = serve(server_rows[i].request);

        cr_assert_eq(view.kind, OA_SPAN_SERVER);
        cr_assert_eq(view.scope, OA_SCOPE_HTTP);
        cr_assert_eq(view.attr_dropped, 0);
        cr_assert(oa_test_name_is(&view, server_rows[i].name));
        check(&view, server_rows[i].want, server_rows[i].request);
    }
}

static const struct {
    const char *request, *name;
    struct want want[PAIRS];
} client_rows[] = {
    { "GET /items/42?x=1&sig=SECRET HTTP/1.1\r\nHost: shop.example:8081\r\nUser-Agent: t/1\r\n\r\n",
      "GET",
      { { "http.request.method", "GET" },
        { "url.full", "http://shop.example:8081/items/42?x=1&sig=REDACTED" },
        { "server.address", "shop.example" },
        { "server.port", "8081" },
        { "http.route", NULL },
        { "url.path", NULL },
        { "url.scheme", NULL },
        { "client.address", NULL } } },
    { "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
      "GET",
      { { "url.full", "http://shop.example/" },
        { "server.port", "80" },
        { "network.peer.address", "192.0.2.1" },
        { "network.peer.port", "8080" },
        { "network.protocol.version", "1.1" },
        { "http.request.resend_count", NULL } } },
    { "GET /x HTTP/1.0\r\n\r\n",
      "GET", /* no Host: the address is all there is */
      { { "url.full", "http://192.0.2.1:8080/x" },
        { "server.address", "192.0.2.1" },
        { "server.port", "8080" },
        { "network.protocol.version", "1.0" } } },
    { "GET http://u:p@abs.example/p HTTP/1.1\r\nHost: proxy\r\n\r\n",
      "GET",
      { { "url.full", "http://REDACTED:REDACTED@abs.example/p" },
        { "server.address", "abs.example" },
        { "server.port", "80" } } },
    { "CONNECT x.example:443 HTTP/1.1\r\nHost: x.example:443\r\n\r\n",
      "CONNECT",
      { { "url.full", NULL }, { "server.address", "x.example" }, { "server.port", "443" } } },
    { "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
      "HTTP",
      { { "http.request.method", "_OTHER" }, { "http.request.method_original", "BREW" } } },
    { "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: other\r\n\r\n",
      "GET",
      { { "server.address", "h" }, { "url.full", "http://h/x" } } },
};

Test(http_span, client__rows)
{
    oa_test_http_start(NULL);
    for (size_t i = 0; i < OA_COUNT(client_rows); i++) {
        struct oa_span_view view = call(client_rows[i].request);

        cr_assert_eq(view.kind, OA_SPAN_CLIENT);
        cr_assert_eq(view.scope, OA_SCOPE_HTTP);
        cr_assert_eq(view.attr_dropped, 0);
        cr_assert(oa_test_name_is(&view, client_rows[i].name));
        check(&view, client_rows[i].want, client_rows[i].request);
    }
}

static const struct {
    const char *status, *server_error, *client_error;
} statuses[] = {
    { "200", NULL, NULL },   { "204", NULL, NULL },   { "301", NULL, NULL },  { "399", NULL, NULL },
    { "400", NULL, "400" },  { "404", NULL, "404" },  { "499", NULL, "499" }, { "500", "500", "500" },
    { "503", "503", "503" }, { "599", "599", "599" },
};

/* Only spans of this name are sampled, the others never. */
static void sample_only(const char *name)
{
    struct oa_strategy_operation operation = { oa_strategy_name(oa_slice_of(name)), 1 };

    oa_strategy_put(
        &(struct oa_strategy){ .kind = OA_STRATEGY_OPERATIONS, .operation_count = 1, .operations = &operation });
}

static void check_sampled(const struct oa_span_view *view, const char *name)
{
    cr_assert(oa_test_name_is(view, name));
    cr_assert(oa_test_attr_is(view, "sampler.type", "probabilistic"), "%s", name);
    cr_assert_eq(oa_span_view_attr(view, OA_SLICE("sampler.param"))->real, 1, "%s", name);
    cr_assert_eq(view->attr_dropped, 0);
}

Test(http_span, statement_97__a_strategy_goes_by_the_name_that_the_span_will_have)
{
    const char *settings[] = { "OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=initialSamplingRate=0",
                               NULL };
    struct oa_span_view view;

    oa_test_http_start(settings);
    for (size_t i = 0; i < OA_COUNT(server_rows); i++) {
        sample_only(server_rows[i].name);
        view = serve(server_rows[i].request);
        check_sampled(&view, server_rows[i].name);
    }
    for (size_t i = 0; i < OA_COUNT(client_rows); i++) {
        sample_only(client_rows[i].name);
        view = call(client_rows[i].request);
        check_sampled(&view, client_rows[i].name);
    }
    sample_only("GET /other");
    cr_assert_eq(oa_test_http_in(oa_test_http_conn(OA_ROLE_SERVER), server_rows[0].request), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

Test(http_span, status__is_an_error_by_role)
{
    oa_test_http_start(NULL);
    for (size_t i = 0; i < OA_COUNT(statuses); i++) {
        char answer[64];
        struct oa_span_view view;

        snprintf(answer, sizeof(answer), "HTTP/1.1 %s X\r\nContent-Length: 0\r\n\r\n", statuses[i].status);
        view = serve_on(oa_test_http_conn(OA_ROLE_SERVER), "GET / HTTP/1.1\r\nHost: h\r\n\r\n", answer);
        cr_assert(oa_test_attr_is(&view, "http.response.status_code", statuses[i].status));
        cr_assert(oa_test_attr_is(&view, "error.type", statuses[i].server_error), "%s", statuses[i].status);
        cr_assert_eq(view.status, statuses[i].server_error ? OA_STATUS_ERROR : OA_STATUS_UNSET);
        view = call_on(oa_test_http_conn(OA_ROLE_CLIENT), "GET / HTTP/1.1\r\nHost: h\r\n\r\n", answer);
        cr_assert(oa_test_attr_is(&view, "error.type", statuses[i].client_error), "%s", statuses[i].status);
        cr_assert_eq(view.status, statuses[i].client_error ? OA_STATUS_ERROR : OA_STATUS_UNSET);
    }
}

Test(http_span, sizes__of_bodies_only_where_there_is_one)
{
    struct oa_span_view view;

    oa_test_http_start(NULL);
    view =
        serve_on(oa_test_http_conn(OA_ROLE_SERVER),
                 "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    cr_assert(oa_test_attr_is(&view, "http.request.body.size", "5"));
    cr_assert(oa_test_attr_is(&view, "http.response.body.size", "2"));
    view = serve("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "http.request.body.size", NULL));
    view = serve_on(oa_test_http_conn(OA_ROLE_SERVER), "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "http.response.body.size", NULL));
}

Test(http_span, version__is_the_lower_of_the_two)
{
    struct oa_span_view view;

    oa_test_http_start(NULL);
    view = call_on(oa_test_http_conn(OA_ROLE_CLIENT), "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                   "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "network.protocol.version", "1.0"));
}

Test(http_span, unix_socket__path_is_the_server)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/app.sock" };
    struct oa_conn *conn;
    struct oa_span_view view;

    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
    oa_address_set(&conn->local, (struct sockaddr *)&un, sizeof(un));
    oa_address_set(&conn->peer, (struct sockaddr *)&un, sizeof(sa_family_t)); /* unnamed */
    view = serve_on(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", OK_EMPTY);
    cr_assert(oa_test_attr_is(&view, "server.address", "/run/app.sock"));
    cr_assert(oa_test_attr_is(&view, "server.port", NULL));
    cr_assert(oa_test_attr_is(&view, "network.transport", "unix"));
    cr_assert(oa_test_attr_is(&view, "network.peer.address", NULL));
    cr_assert(oa_test_attr_is(&view, "client.address", NULL));
}

Test(http_span, route__can_be_switched_off)
{
    const char *settings[] = { "OTEL_AUTO_HTTP_ROUTE=false", NULL };
    struct oa_span_view view;

    oa_test_http_start(settings);
    view = serve("GET /items/42 HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(oa_test_name_is(&view, "GET"));
    cr_assert(oa_test_attr_is(&view, "http.route", NULL));
}

Test(http_span, methods__of_the_users_list)
{
    const char *settings[] = { "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS=BREW", NULL };
    struct oa_span_view view;

    oa_test_http_start(settings);
    view = serve("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "http.request.method", "BREW"));
    view = serve("GET /pot HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "http.request.method", "_OTHER"));
}

Test(http_span, peer_service__of_the_users_mapping)
{
    const char *settings[] = {
        "OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING=shop.example=shop,shop.example:8081/api=api", NULL
    };
    struct oa_span_view view;

    oa_test_http_start(settings);
    view = call("GET /api/1 HTTP/1.1\r\nHost: shop.example:8081\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "service.peer.name", "api"));
    view = call("GET / HTTP/1.1\r\nHost: shop.example:8081\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "service.peer.name", "shop"));
    view = call("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "service.peer.name", NULL));
    view = serve("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    cr_assert(oa_test_attr_is(&view, "service.peer.name", NULL), "a server is no peer");
}

/* Everything at its limit at once: the span is still whole. */
Test(http_span, limits__the_largest_request_fits)
{
    static char request[20000];
    size_t n;
    struct oa_span_view view;

    oa_test_http_start(NULL);
    n = (size_t)snprintf(request, sizeof(request),
                         "GET /%01000d?%02000d HTTP/1.1\r\nHost: h\r\nUser-Agent: %0500d\r\n", 0, 0, 0);
    n += (size_t)snprintf(request + n, sizeof(request) - n,
                          "traceparent: " OA_TEST_PARENT "\r\nbaggage: k=%04000d\r\n", 0);
    snprintf(request + n, sizeof(request) - n, "tracestate: a=%0200d\r\n\r\n", 0);
    view = serve(request);
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(strlen(oa_test_attr(&view, "url.path")), 1001);
    cr_assert_eq(strlen(oa_test_attr(&view, "url.query")), OA_TARGET_MAX - 1002);
    cr_assert_eq(strlen(oa_test_attr(&view, "user_agent.original")), 500);
    cr_assert_eq(view.tracestate.len, 202);
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
}

/* A field that is longer than its limit is left out, also when it comes in pieces. */
Test(http_span, limits__no_half_host)
{
    static char request[4000];
    struct oa_conn *conn;
    struct oa_span_view view;

    oa_test_http_start(NULL);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
    snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nUser-Agent: %0600d\r\nHost: %0600d", 0, 0);
    cr_assert_eq(oa_test_http_in(conn, request), OA_OK);
    view = serve_on(conn, ".example\r\n\r\n", OK_EMPTY);
    cr_assert(oa_test_attr_is(&view, "server.address", NULL));
    cr_assert(oa_test_attr_is(&view, "user_agent.original", NULL));
}
