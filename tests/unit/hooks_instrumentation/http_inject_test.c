/* What an outgoing head says about its parent: tags that the application copied, lists, switches.
 * SOURCES: tests/support/http.sources tests/support/http_sender.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/parent.h"
#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_sender.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n"

static const char *sent; /* the wire after a call */

/* A server span on this thread whose tag the application may copy. */
static struct oa_conn *serving(char *tag, size_t cap)
{
    struct oa_conn *server = oa_test_http_conn(OA_ROLE_SERVER);
    char buf[512] = "GET /in HTTP/1.1\r\nHost: s\r\n\r\n";
    ssize_t n = oa_test_http_read(server, buf, strlen(buf), sizeof(buf) - 1);
    char *at;

    cr_assert(n > 0);
    at = strstr(buf, "traceparent: ");
    cr_assert_not_null(at);
    snprintf(tag, cap, "%.55s", at + 13);
    oa_parent_waited(false); /* nothing is current: the tag alone tells */
    return server;
}

static struct oa_span_view served(struct oa_conn *server)
{
    cr_assert_eq(oa_test_http_out(server, OA_TEST_OK_EMPTY), OA_OK);
    return oa_test_http_next_span();
}

Test(http_inject, tag__is_replaced_by_the_client_spans_id)
{
    char tag[64], head[512], want[512];
    struct oa_conn *server;
    struct oa_span_view view, parent;

    oa_test_sender_start(NULL);
    server = serving(tag, sizeof(tag));
    snprintf(head, sizeof(head), HEAD "traceparent:  %s\r\nX: y\r\n\r\n", tag);
    oa_test_send(head);
    cr_assert_eq(oa_test_edits, 1);
    sent = oa_test_take_wire();
    view = oa_test_answered();
    parent = served(server);
    cr_assert_str_eq(oa_test_parent_id(&view), oa_test_span_id(&parent));
    cr_assert_str_eq(oa_test_trace_id(&view), oa_test_trace_id(&parent));
    cr_assert_not(view.parent_remote);
    cr_assert(oa_test_attr_is(&view, "otel_auto.link", "tag"));
    snprintf(want, sizeof(want), HEAD "traceparent:  00-%s-%s-03\r\nX: y\r\n\r\n", oa_test_trace_id(&view),
             oa_test_span_id(&view));
    cr_assert_str_eq(sent, want);
}

/* In two writes or pieces: replaced where the whole value lies in one of them, else as it was; always one
 * traceparent, always the right parent. */
static void tag_at_every_split(bool one_call)
{
    char tag[64], head[512], want[512];
    size_t value_at, replaced = 0;

    oa_test_sender_start(NULL);
    struct oa_conn *server = serving(tag, sizeof(tag));

    snprintf(head, sizeof(head), HEAD "traceparent: %s\r\nX: y\r\n\r\n", tag);
    value_at = (size_t)(strstr(head, tag) - head);
    for (size_t cut = 1; cut < strlen(head); cut++) {
        oa_test_send_cut(head, cut, one_call);
        sent = oa_test_take_wire();
        struct oa_span_view view = oa_test_answered();

        cr_assert(oa_test_attr_is(&view, "otel_auto.link", "tag"), "cut at %zu", cut);
        snprintf(want, sizeof(want), HEAD "traceparent: 00-%s-%s-03\r\nX: y\r\n\r\n", oa_test_trace_id(&view),
                 oa_test_span_id(&view));
        replaced += strcmp(sent, want) == 0;
        if (cut <= value_at)
            cr_assert_str_eq(sent, want, "cut at %zu", cut);
        else
            cr_assert(strcmp(sent, want) == 0 || strcmp(sent, head) == 0, "cut at %zu", cut);
    }
    cr_assert(replaced >= value_at);
    (void)served(server);
}

/* A copy of a tracestate whose threshold did not hold when the request came in, or is not that of our own span. */
Test(http_inject, tag__takes_a_foreign_threshold_out_of_the_copy)
{
    static const struct {
        const char *sampler, *before, *after;
    } rows[] = {
        { NULL, "a=1,ot=th:4;x:y,b=2", "a=1,ot=x:y,b=2     " },
        { NULL, "a=1,b=2", "a=1,b=2" },
        { "OTEL_TRACES_SAMPLER=probability", "a=1,ot=th:4;x:y,b=2", "ot=x:y;th:0,a=1,b=2" },
        { "OTEL_TRACES_SAMPLER=probability", "a=1,ot=th:0;x:y,b=2", "a=1,ot=th:0;x:y,b=2" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *settings[] = { rows[i].sampler, NULL };
        char tag[64], head[512], want[512];
        struct oa_conn *server;
        struct oa_span_view view;

        oa_test_sender_start(settings);
        server = serving(tag, sizeof(tag));
        snprintf(head, sizeof(head), HEAD "traceparent: %s\r\ntracestate: %s\r\nX: y\r\n\r\n", tag, rows[i].before);
        oa_test_send(head);
        sent = oa_test_take_wire();
        view = oa_test_answered();
        (void)served(server);
        snprintf(want, sizeof(want), HEAD "traceparent: 00-%s-%s-03\r\ntracestate: %s\r\nX: y\r\n\r\n",
                 oa_test_trace_id(&view), oa_test_span_id(&view), rows[i].after);
        cr_assert_str_eq(sent, want, "row %zu", i);
    }
}

Test(http_inject, tag__at_every_split_into_two_writes)
{
    tag_at_every_split(false);
}

Test(http_inject, tag__at_every_split_into_two_pieces)
{
    tag_at_every_split(true);
}

Test(http_inject, tag__of_a_finished_request_is_foreign)
{
    char tag[64], head[512];
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    (void)served(serving(tag, sizeof(tag)));
    snprintf(head, sizeof(head), HEAD "traceparent: %s\r\n\r\n", tag);
    oa_test_send(head);
    cr_assert_str_eq(oa_test_wire, head);
    cr_assert_eq(oa_test_http_in(oa_test_sender, OA_TEST_OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

/* What one head of a call has found out must not pass to the next one. */
Test(http_inject, pipelined__nothing_is_inherited_from_the_head_before)
{
    char tag[64], head[512];
    struct oa_conn *server;
    struct oa_span_view first, second;

    oa_test_sender_start(NULL);
    server = serving(tag, sizeof(tag));
    snprintf(head, sizeof(head), HEAD "traceparent: %s\r\n\r\n" HEAD "\r\n", tag);
    oa_test_send_cut(head, (size_t)(strstr(head, tag) - head) + 20, true); /* inside the value: it stays as it is */
    cr_assert_eq(oa_test_edits, 1);
    first = oa_test_answered();
    second = oa_test_answered();
    cr_assert(oa_test_attr_is(&first, "otel_auto.link", "tag"));
    cr_assert(oa_test_attr_is(&second, "otel_auto.link", NULL));
    cr_assert_not(second.has_parent);
    cr_assert_str_neq(oa_test_trace_id(&first), oa_test_trace_id(&second));
    (void)served(server);
}

/* The first of two heads wants no edit: the second one's operation must not be taken for its. */
Test(http_inject, pipelined__the_edited_one_keeps_its_place)
{
    struct oa_span_view view, none;

    oa_test_sender_start(NULL);
    oa_test_send(HEAD "traceparent: " OA_TEST_PARENT "\r\n\r\n" HEAD "\r\n");
    cr_assert_eq(oa_test_edits, 1);
    sent = oa_test_take_wire();
    cr_assert_eq(oa_test_http_in(oa_test_sender, "HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n"), OA_OK);
    cr_assert_not(oa_test_http_span(&none), "the first answer is for the application's own span");
    view = oa_test_answered();
    cr_assert(oa_test_attr_is(&view, "http.response.status_code", "200"));
    cr_assert_str_eq(sent,
                     oa_test_with_parent(HEAD "traceparent: " OA_TEST_PARENT "\r\n\r\n" HEAD, &view, "03", "\r\n"));
}

Test(http_inject, parent__is_the_request_that_the_thread_works_on)
{
    char tag[64];
    struct oa_conn *server;
    struct oa_span_view view, parent;

    oa_test_sender_start(NULL);
    server = serving(tag, sizeof(tag));
    oa_parent_enter(oa_op_ref(oa_op_at(server->http.head - 1)));
    oa_test_send(HEAD "\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    parent = served(server);
    cr_assert_str_eq(oa_test_parent_id(&view), oa_test_span_id(&parent));
    cr_assert(oa_test_attr_is(&view, "otel_auto.link", "thread"));
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "03", "\r\n"));
}

Test(http_inject, lists__travel_along)
{
    const char *settings[] = { "TRACEPARENT=" OA_TEST_PARENT, "TRACESTATE=a=1", "BAGGAGE=k=v", NULL };
    struct oa_span_view view;

    oa_test_sender_start(settings);
    oa_test_send(HEAD "\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
    cr_assert(oa_test_attr_is(&view, "otel_auto.link", "process"));
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "01", "tracestate: a=1\r\nbaggage: k=v\r\n\r\n"));
}

Test(http_inject, lists__of_the_application_are_not_doubled)
{
    const char *settings[] = { "TRACEPARENT=" OA_TEST_PARENT, "TRACESTATE=a=1", "BAGGAGE=k=v", NULL };
    struct oa_span_view view;

    oa_test_sender_start(settings);
    oa_test_send(HEAD "Baggage: own=1\r\n\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD "Baggage: own=1\r\n", &view, "01", "tracestate: a=1\r\n\r\n"));
}

static void passes_untouched(const char *setting)
{
    const char *settings[] = { setting, NULL };

    oa_test_sender_start(settings);
    oa_test_send(HEAD "\r\n");
    cr_assert_str_eq(oa_test_wire, HEAD "\r\n");
}

Test(http_inject, off__without_propagators)
{
    passes_untouched("OTEL_PROPAGATORS=none");
}

Test(http_inject, off__with_the_sdk_and_no_context)
{
    passes_untouched("OTEL_SDK_DISABLED=true");
}

Test(http_inject, off__context_flows_through_all_the_same)
{
    const char *settings[] = { "OTEL_SDK_DISABLED=true", "TRACEPARENT=" OA_TEST_PARENT, NULL };

    oa_test_sender_start(settings);
    oa_test_send(HEAD "\r\n");
    cr_assert_str_eq(oa_test_wire, HEAD "traceparent: " OA_TEST_PARENT "\r\n\r\n");
}

Test(http_inject, unsampled__the_header_says_so)
{
    const char *settings[] = { "OTEL_TRACES_SAMPLER=always_off", NULL };
    struct oa_span_view view;

    oa_test_sender_start(settings);
    oa_test_send(HEAD "\r\n");
    cr_assert_eq(oa_test_edits, 1);
    cr_assert_not_null(strstr(oa_test_wire, "-02\r\n\r\n"));
    cr_assert_eq(oa_test_http_in(oa_test_sender, OA_TEST_OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}
