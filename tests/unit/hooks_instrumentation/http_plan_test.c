/* The dry run: where an outgoing head is edited, how, and what stays as it is.
 * SOURCES: tests/support/http.sources tests/support/http_sender.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_sender.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n"

static const char *sent; /* the wire after a call */

Test(http_plan, insert__before_the_empty_line)
{
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send(HEAD "\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "03", "\r\n"));
    cr_assert_not(view.has_parent);
    cr_assert(oa_test_attr_is(&view, "otel_auto.link", NULL));
}

static void every_split(bool one_call)
{
    static const char head[] = HEAD "\r\n";
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    for (size_t cut = 1; cut < strlen(head); cut++) {
        oa_test_send_cut(head, cut, one_call);
        sent = oa_test_take_wire();
        view = oa_test_answered();
        cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "03", "\r\n"), "cut at %zu", cut);
        cr_assert(oa_test_attr_is(&view, "url.full", "http://h/a"), "cut at %zu", cut);
        cr_assert_eq(oa_test_sender->http.head, 0);
    }
}

Test(http_plan, insert__at_every_split_into_two_writes)
{
    every_split(false);
}

Test(http_plan, insert__at_every_split_into_two_pieces)
{
    every_split(true);
}

Test(http_plan, insert__byte_by_byte)
{
    struct oa_span_view view;
    const char *head = HEAD "\r\n";

    oa_test_sender_start(NULL);
    for (; *head; head++)
        oa_test_send_pieces(&(struct iovec){ .iov_base = (char *)head, .iov_len = 1 }, 1);
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "03", "\r\n"));
}

Test(http_plan, insert__the_body_goes_with_its_head)
{
    static const char head[] = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 41\r\n";
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 41\r\n\r\n" HEAD "\r\n");
    cr_assert_eq(oa_test_edits, 1, "what looks like a head in a body is a body");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent(head, &view, "03", "\r\n" HEAD "\r\n"));
    cr_assert(oa_test_attr_is(&view, "http.request.body.size", "41"));
}

Test(http_plan, insert__after_the_rest_of_a_body)
{
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
    (void)oa_test_take_wire();
    oa_test_send("678");
    cr_assert_str_eq(oa_test_wire, "678");
    cr_assert_eq(oa_test_edits, 0);
    (void)oa_test_take_wire();
    oa_test_send("90" HEAD "\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert(oa_test_attr_is(&view, "http.request.body.size", "10"));
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent("90" HEAD, &view, "03", "\r\n"));
}

Test(http_plan, pipelined__one_edit_each)
{
    char want[16384] = "";
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send(HEAD "\r\n" HEAD "\r\n" HEAD "\r\n");
    cr_assert_eq(oa_test_edits, 3);
    sent = oa_test_take_wire();
    for (int i = 0; i < 3; i++) {
        view = oa_test_answered();
        strcat(want, oa_test_with_parent(HEAD, &view, "03", "\r\n"));
    }
    cr_assert_str_eq(sent, want);
}

Test(http_plan, pipelined__up_to_the_queues_bound)
{
    oa_test_sender_start(NULL);
    for (uint32_t i = 0; i < OA_OP_QUEUE; i++) {
        oa_test_send(HEAD "\r\n");
        cr_assert_eq(oa_test_edits, 1);
    }
    struct iovec iov = { .iov_base = (char *)HEAD "\r\n", .iov_len = strlen(HEAD) + 2 };
    struct oa_flow flow = { .outgoing = true };
    struct oa_edit edit;

    cr_assert_not(oa_test_sender->protocol->plan(oa_test_sender, &flow,
                                                 &(struct oa_outgoing){ .iov = &iov, .count = 1 }, 0, &edit));
}

static void own_context(const char *head, bool one_call)
{
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    for (size_t cut = 1; cut < strlen(head); cut++) {
        oa_test_send_cut(head, cut, one_call);
        cr_assert_str_eq(oa_test_wire, head, "cut at %zu", cut);
        (void)oa_test_take_wire();
        cr_assert_eq(oa_test_http_in(oa_test_sender, OA_TEST_OK_EMPTY), OA_OK);
        cr_assert_not(oa_test_http_span(&view), "the application has a span of its own");
    }
}

Test(http_plan, leave_alone__an_existing_traceparent)
{
    own_context(HEAD "TraceParent: " OA_TEST_PARENT "\r\nX: y\r\n\r\n", false);
}

Test(http_plan, leave_alone__an_existing_traceparent_in_pieces)
{
    own_context(HEAD "traceparent: " OA_TEST_PARENT "\r\n\r\n", true);
}

Test(http_plan, leave_alone__exporters)
{
    own_context("POST /v1/traces HTTP/1.1\r\nUser-Agent: OTel-OTLP-Exporter-Python/1.2\r\nHost: h\r\n\r\n", false);
}

Test(http_plan, leave_alone__connect)
{
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n");
    cr_assert_str_eq(oa_test_wire, "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n");
    view = oa_test_answered();
    cr_assert(oa_test_attr_is(&view, "http.request.method", "CONNECT"));
}

/* While the rest of a head goes out, another thread may read an answer that came early. */
Test(http_plan, continued__answered_between_plan_and_commit)
{
    struct iovec iov = { .iov_base = (char *)"X: y\r\n\r\n", .iov_len = 8 };
    struct oa_outgoing out = { .iov = &iov, .count = 1 };
    struct oa_flow flow = { .outgoing = true };
    struct oa_edit edit;
    struct oa_span_view view;

    oa_test_sender_start(NULL);
    oa_test_send(HEAD);
    cr_assert(oa_test_sender->protocol->plan(oa_test_sender, &flow, &out, 0, &edit));
    cr_assert(edit.continues);
    cr_assert_eq(oa_test_http_in(oa_test_sender, "HTTP/1.1 408 Slow\r\nContent-Length: 0\r\n\r\n"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "http.response.status_code", "408"));
    cr_assert_not(oa_test_sender->protocol->plan_commit(oa_test_sender, &edit, false));
    cr_assert_eq(
        oa_test_sender->protocol->feed(oa_test_sender, &flow, (struct oa_slice){ iov.iov_base, iov.iov_len }), OA_OK);
    cr_assert_eq(oa_test_sender->http.count, 0);
    (void)oa_test_take_wire();
    oa_test_send(HEAD "\r\n");
    sent = oa_test_take_wire();
    view = oa_test_answered();
    cr_assert_str_eq(sent, oa_test_with_parent(HEAD, &view, "03", "\r\n"));
}

Test(http_plan, drop__nothing_has_happened)
{
    struct iovec iov = { .iov_base = (char *)HEAD "\r\n", .iov_len = strlen(HEAD) + 2 };
    struct oa_outgoing out = { .iov = &iov, .count = 1 };
    struct oa_flow flow = { .outgoing = true };
    struct oa_http_conn before;
    struct oa_edit edit;
    uint32_t slot;

    oa_test_sender_start(NULL);
    before = oa_test_sender->http;
    cr_assert(oa_test_sender->protocol->plan(oa_test_sender, &flow, &out, 0, &edit));
    cr_assert_eq(edit.at, strlen(HEAD));
    cr_assert_eq(edit.stop, strlen(HEAD) + 2);
    cr_assert_not(edit.replace);
    slot = edit.op->slot;
    oa_test_sender->protocol->plan_drop(&edit);
    cr_assert_arr_eq((char *)&oa_test_sender->http, (char *)&before, sizeof(before));
    cr_assert_eq(oa_test_sender->requests, 0);
    cr_assert_eq(oa_op_open()->slot, slot, "the slot came back");
}

/* What a connection and its newest request know after a call. */
struct after {
    struct oa_http1 out;
    uint32_t count, open; /* open: 1 if the newest request has not ended */
    bool has_body, done, hold;
    uint64_t bytes;
};

static struct after after_sending(const char *text, size_t cut, bool one_call, bool feeds)
{
    const struct oa_http_conn *http;
    const struct oa_op *op;

    oa_test_sender = oa_test_http_conn(OA_ROLE_CLIENT);
    oa_test_sender_feeds = feeds;
    oa_test_send_cut(text, cut, one_call);
    (void)oa_test_take_wire();
    http = &oa_test_sender->http;
    op = http->tail ? oa_op_at(http->tail - 1) : NULL;
    return (struct after){
        .out = http->out,
        .count = http->count,
        .open = op && http->building == op->slot + 1,
        .has_body = op && op->has_request_body,
        .done = op && op->request_done,
        .hold = http->hold,
        .bytes = op ? op->request_body_bytes : 0,
    };
}

/* Wherever the application cuts its bytes. */
static void taken_over(const char *text)
{
    for (size_t cut = 1; cut <= strlen(text); cut++) {
        for (int one_call = 0; one_call < 2; one_call++) {
            struct after fed = after_sending(text, cut, one_call, true);
            struct after taken = after_sending(text, cut, one_call, false);

            cr_assert_arr_eq((char *)&taken.out, (char *)&fed.out, sizeof(fed.out), "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.count, fed.count, "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.open, fed.open, "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.has_body, fed.has_body, "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.done, fed.done, "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.hold, fed.hold, "cut at %zu: %s", cut, text);
            cr_assert_eq(taken.bytes, fed.bytes, "cut at %zu: %s", cut, text);
            oa_http_closed(oa_test_sender, true);
        }
    }
}

Test(http_plan, taken_over__as_if_it_had_been_fed)
{
    oa_test_sender_start(NULL);
    taken_over(HEAD "\r\n");
    taken_over("\r\n" HEAD "\r\n" HEAD "\n");
    taken_over("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345" HEAD "\r\n");
    taken_over("POST /a HTTP/1.0\r\nContent-Length: 0\r\n\r\n" HEAD "\r\n");
    taken_over("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: t\r\n\r\n" HEAD "\r\n");
    taken_over("GET /a HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
}

Test(http_plan, taken_over__the_parser_of_the_dry_run)
{
    struct iovec iov = { .iov_base = (char *)HEAD "\r\n" HEAD, .iov_len = 2 * strlen(HEAD) + 2 };
    struct oa_outgoing out = { .iov = &iov, .count = 1 };
    struct oa_flow flow = { .outgoing = true };
    struct oa_edit edit;

    oa_test_sender_start(NULL);
    cr_assert(oa_test_sender->protocol->plan(oa_test_sender, &flow, &out, 0, &edit));
    cr_assert_eq(edit.stop, strlen(HEAD) + 2);
    cr_assert(oa_test_sender->protocol->plan_commit(oa_test_sender, &edit, true), "nothing is read twice");
    cr_assert(oa_http1_idle(&oa_test_sender->http.out));
    cr_assert_eq(oa_test_sender->http.building, 0);
    cr_assert_eq(oa_test_sender->http.planned, 0);
}

/* What is not in order is fed, so that the connection is given up as ever. */
Test(http_plan, taken_over__nothing_that_is_malformed)
{
    static const char text[] = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    struct iovec iov = { .iov_base = (char *)text, .iov_len = strlen(text) };
    struct oa_outgoing out = { .iov = &iov, .count = 1 };
    struct oa_flow flow = { .outgoing = true };
    struct oa_edit edit;

    oa_test_sender_start(NULL);
    cr_assert(oa_test_sender->protocol->plan(oa_test_sender, &flow, &out, 0, &edit));
    cr_assert_not(oa_test_sender->protocol->plan_commit(oa_test_sender, &edit, true));
    cr_assert_eq(oa_test_sender->protocol->feed(oa_test_sender, &flow, (struct oa_slice){ text, edit.stop }), OA_OK);
    cr_assert_lt(oa_test_sender->protocol->feed(oa_test_sender, &flow,
                                                (struct oa_slice){ text + edit.stop, strlen(text) - edit.stop }),
                 0);
}
