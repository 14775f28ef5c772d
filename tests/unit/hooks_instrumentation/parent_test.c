/* Whose work is this: owner, thread, process, else a root; and the rules for event loops.
 * SOURCES: tests/support/http.sources LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "hooks/instrumentation/parent.h"
#include "preload/base/compiler.h"
#include "sdk/api/ids.h"
#include "tests/support/http_fixture.h"

/* An open operation with ids of its own. */
static struct oa_op *open_op(void)
{
    struct oa_op *op = oa_op_open();

    cr_assert_not_null(op);
    oa_ids_trace(op->self.trace_id);
    oa_ids_span(op->self.span_id, op->slot);
    op->self.valid = 1;
    op->self.flags = OA_FLAG_SAMPLED;
    oa_op_publish(op);
    return op;
}

static const struct oa_op_ref none;

static bool is(struct oa_op_ref a, struct oa_op_ref b)
{
    return a.span_id == b.span_id && (a.span_id == 0 || a.slot == b.slot);
}

/* The operation that a search with this owner finds: what link, and whose child. */
static void found(struct oa_op_ref owner, enum oa_link link, const struct oa_op *parent)
{
    struct oa_op *op = oa_op_open();

    oa_parent_find(op, owner);
    cr_assert_eq(op->link, link);
    cr_assert_eq(op->parent.valid, parent != NULL);
    if (parent) {
        cr_assert_arr_eq((char *)&op->parent, (char *)&parent->self, sizeof(op->parent));
        cr_assert(is(op->parent_ref, oa_op_ref(parent)));
    }
    oa_op_close(op);
}

Test(parent, find__a_new_root_when_nobody_answers)
{
    oa_test_http_start(NULL);
    found(none, OA_LINK_NONE, NULL);
}

Test(parent, find__the_owner_before_the_thread)
{
    struct oa_op *owner, *current;

    oa_test_http_start(NULL);
    owner = open_op();
    current = open_op();
    oa_parent_enter(oa_op_ref(current));
    found(oa_op_ref(owner), OA_LINK_OWNER, owner);
    found(none, OA_LINK_THREAD, current);
    oa_op_close(owner);
    found(oa_op_ref(owner), OA_LINK_THREAD, current);
    oa_op_close(current);
    found(oa_op_ref(owner), OA_LINK_NONE, NULL); /* never a finished request */
}

Test(parent, find__the_process_before_a_root)
{
    const char *settings[] = { "OTEL_INSTRUMENTATION_PROCESS_ENABLED=true", "BAGGAGE=k=v", NULL };
    struct oa_op *op;

    oa_test_http_start(settings);
    op = oa_op_open();
    oa_parent_find(op, none);
    cr_assert_eq(op->link, OA_LINK_PROCESS);
    cr_assert(op->parent.valid);
    cr_assert_eq(op->parent_ref.span_id, 0, "the process is no operation");
    cr_assert(oa_slice_eq(oa_op_text(op, OA_OP_BAGGAGE_LIST), OA_SLICE("k=v")));
}

Test(parent, take__copies_the_lists)
{
    struct oa_op *parent, *op;

    oa_test_http_start(NULL);
    parent = open_op();
    (void)oa_op_set(parent, OA_OP_STATE_LIST, OA_SLICE("a=1"));
    (void)oa_op_set(parent, OA_OP_BAGGAGE_LIST, OA_SLICE("k=v"));
    op = oa_op_open();
    cr_assert(oa_parent_take(op, oa_op_ref(parent), OA_LINK_TAG));
    oa_op_close(parent);
    cr_assert_eq(op->link, OA_LINK_TAG);
    cr_assert(oa_slice_eq(oa_op_text(op, OA_OP_STATE_LIST), OA_SLICE("a=1")));
    cr_assert(oa_slice_eq(oa_op_text(op, OA_OP_BAGGAGE_LIST), OA_SLICE("k=v")));
    cr_assert_not(oa_parent_take(op, oa_op_ref(parent), OA_LINK_TAG));
    cr_assert_not(oa_parent_take(op, none, OA_LINK_TAG));
}

Test(parent, waited__nothing_is_current_afterwards)
{
    struct oa_op *op;

    oa_test_http_start(NULL);
    op = open_op();
    oa_parent_enter(oa_op_ref(op));
    cr_assert(is(oa_parent_current(), oa_op_ref(op)));
    oa_parent_waited(false); /* poll on server sockets: a thread of a pool */
    cr_assert(is(oa_parent_current(), none));
    oa_parent_enter(oa_op_ref(op));
    cr_assert(is(oa_parent_current(), oa_op_ref(op)), "the next request counts again");
}

Test(parent, loop__a_thread_that_waited_in_epoll_has_no_current)
{
    struct oa_op *op;

    oa_test_http_start(NULL);
    oa_parent_init(OA_SLICE("node"));
    op = open_op();
    oa_parent_enter(oa_op_ref(op));
    oa_parent_waited(true);
    cr_assert(is(oa_parent_current(), none));
    oa_parent_enter(oa_op_ref(op)); /* a callback read a request: others may run before it goes on */
    cr_assert(is(oa_parent_current(), none));
    found(none, OA_LINK_NONE, NULL);
}

static void *not_a_loop(void *arg)
{
    oa_parent_enter(*(struct oa_op_ref *)arg);
    return (void *)(uintptr_t)is(oa_parent_current(), *(struct oa_op_ref *)arg);
}

Test(parent, loop__is_a_matter_of_one_thread)
{
    struct oa_op_ref ref;
    pthread_t thread;
    void *usable;

    oa_test_http_start(NULL);
    ref = oa_op_ref(open_op());
    oa_parent_waited(true);
    cr_assert_eq(pthread_create(&thread, NULL, not_a_loop, &ref), 0);
    pthread_join(thread, &usable);
    cr_assert_not_null(usable);
}

static const struct {
    const char *name;
    bool plain;
} programs[] = {
    { "nginx", true }, { "lighttpd", true },    { "apache2", true },      { "httpd", true },
    { "php", true },   { "php8.2", true },      { "php-fpm8.2", true },   { "php-cgi", true },
    { "node", false }, { "python3.11", false }, { "nginx-proxy", false }, { "nginx2", true },
    { "", false },     { "haproxy", false },    { "2.3", false },
};

/* What oa_parent_init decides once holds for the process: each row in a process of its own. */
static void check_program(size_t i)
{
    struct oa_op *op;

    oa_test_http_start(NULL);
    oa_parent_init(oa_slice_of(programs[i].name));
    op = open_op();
    oa_parent_waited(true);
    oa_parent_enter(oa_op_ref(op));
    cr_assert_eq(is(oa_parent_current(), oa_op_ref(op)), programs[i].plain, "%s", programs[i].name);
    oa_parent_waited(true);
    cr_assert(is(oa_parent_current(), none), "%s", programs[i].name);
}

#define PROGRAM(n)             \
    Test(parent, program__##n) \
    {                          \
        check_program(n);      \
    }
PROGRAM(0)
PROGRAM(1)
PROGRAM(2)
PROGRAM(3)
PROGRAM(4)
PROGRAM(5)
PROGRAM(6)
PROGRAM(7)
PROGRAM(8)
PROGRAM(9)
PROGRAM(10)
PROGRAM(11)
PROGRAM(12)
PROGRAM(13)
PROGRAM(14)
_Static_assert(OA_COUNT(programs) == 15, "a test per row");

Test(parent, inherit__until_the_thread_first_waits)
{
    struct oa_op *creator, *own;

    oa_test_http_start(NULL);
    creator = open_op();
    own = open_op();
    oa_parent_inherit(oa_op_ref(creator));
    cr_assert_neq(oa_thread.flags & OA_THREAD_INHERITED, 0);
    found(none, OA_LINK_THREAD, creator);
    oa_parent_enter(oa_op_ref(own));
    cr_assert_eq(oa_thread.flags & OA_THREAD_INHERITED, 0);
    oa_parent_inherit(oa_op_ref(creator));
    oa_parent_waited(false);
    found(none, OA_LINK_NONE, NULL);
}

/* The request that a server connection reads makes its thread work on it; work on the connection later
 * makes it current again. */
Test(parent, server__request_is_current_from_its_head_on)
{
    struct oa_conn *a, *b;

    oa_test_http_start(NULL);
    a = oa_test_http_conn(OA_ROLE_SERVER);
    b = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(a, "POST /a HTTP/1.1\r\nHost: s\r\nContent-Length: 4\r\n"), 0);
    cr_assert(is(oa_parent_current(), none), "the head is not complete");
    cr_assert_eq(oa_test_http_in(a, "\r\nab"), 0);
    cr_assert(is(oa_parent_current(), oa_op_ref(oa_op_at(a->http.head - 1))));
    cr_assert_eq(oa_test_http_in(b, "GET /b HTTP/1.1\r\nHost: s\r\n\r\n"), 0);
    cr_assert(is(oa_parent_current(), oa_op_ref(oa_op_at(b->http.head - 1))));
    cr_assert_eq(oa_test_http_in(a, "cd"), 0);
    cr_assert(is(oa_parent_current(), oa_op_ref(oa_op_at(a->http.head - 1))));
}

Test(parent, server__connect_is_never_current)
{
    struct oa_conn *a;

    oa_test_http_start(NULL);
    a = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(a, "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"), 0);
    cr_assert(is(oa_parent_current(), none));
}

Test(parent, client__its_answer_brings_the_request_back_that_asked)
{
    struct oa_conn *server, *client;
    struct oa_op_ref request;

    oa_test_http_start(NULL);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    client = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_in(server, "GET /a HTTP/1.1\r\nHost: s\r\n\r\n"), 0);
    request = oa_parent_current();
    cr_assert_eq(oa_test_http_out(client, "GET /b HTTP/1.1\r\nHost: t\r\n\r\n"), 0);
    oa_parent_waited(false);
    cr_assert_eq(oa_test_http_in(client, "HTTP/1.1 200 OK\r\n"), 0);
    cr_assert(is(oa_parent_current(), request));
}

/* A connection belongs to the request that opened it for its first request only. */
Test(parent, client__owner_counts_for_the_first_request)
{
    struct oa_conn *client;
    struct oa_op *owner;
    struct oa_span_view view;

    oa_test_http_start(NULL);
    owner = open_op();
    client = oa_test_http_conn(OA_ROLE_CLIENT);
    client->owner = oa_op_ref(owner);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(oa_test_http_out(client, "GET /b HTTP/1.1\r\nHost: t\r\n\r\n"), 0);
        cr_assert_eq(oa_test_http_in(client, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0);
        view = oa_test_http_next_span();
        oa_parent_waited(false);
        cr_assert(oa_test_attr_is(&view, "otel_auto.link", i == 0 ? "connection" : NULL));
    }
}
