/* OTEL_AUTO_HTTP_EVENTS: the moments of a request, as events of its span.
 * SOURCES: tests/support/http.sources tests/support/http_sender.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/http_extras.h"
#include "preload/base/err.h"
#include "tests/support/http_fixture.h"
#include "tests/support/http_sender.h"

#define EVENTS "OTEL_AUTO_HTTP_EVENTS=true"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

static struct oa_conn *conn;

static void start(enum oa_role role, const char *setting, const char *more)
{
    const char *settings[] = { setting, more, NULL };

    oa_test_http_start(settings);
    conn = oa_test_http_conn(role);
}

/* The names of the events, divided by "|"; each is within the span, and none before the one that it follows. */
static const char *events_of(const struct oa_span_view *view)
{
    static char text[1024];
    uint64_t last = view->start_unix_ns;

    text[0] = '\0';
    for (uint32_t i = 0; view->extras && i < view->extras->event_count; i++) {
        const struct oa_event_view *event = &view->extras->events[i];

        cr_assert_geq(event->unix_ns, last);
        cr_assert_leq(event->unix_ns, view->end_unix_ns);
        last = event->unix_ns;
        strcat(text, i ? "|" : "");
        strcat(text, event->name.ptr);
    }
    return text;
}

static void pause_1ms(void)
{
    uint64_t end = oa_clock_mono_ns() + OA_NS_PER_MS;

    while (oa_clock_mono_ns() < end)
        ;
}

static uint64_t at(const struct oa_span_view *view, unsigned i)
{
    return view->extras->events[i].unix_ns - view->start_unix_ns;
}

Test(http_extras, off__nothing_is_told)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, NULL, NULL);
    cr_assert_eq(oa_test_http_out(conn, GET), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_null(view.extras);
}

Test(http_extras, client__each_moment_at_its_time)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, POST), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 100 Continue\r\n\r\n"), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_out(conn, "body"), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_in(conn, "H"), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_in(conn, &ANSWER[1]), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.receive.start|GOT 100 - Continue|http.send.done");
    cr_assert_geq(at(&view, 1) - at(&view, 0), OA_NS_PER_MS);
    cr_assert_geq(at(&view, 3) - at(&view, 2), OA_NS_PER_MS);
    cr_assert_geq(view.end_unix_ns - view.extras->events[3].unix_ns, 2 * OA_NS_PER_MS);
    cr_assert_eq(view.attr_dropped, 0);
}

Test(http_extras, client__a_request_without_a_body_is_written_with_its_head)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_trickle(conn, true, GET), OA_OK);
    cr_assert_eq(oa_test_http_trickle(conn, false, ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start");
}

Test(http_extras, client__other_interim_answers_have_their_status)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, GET), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 X\r\n\r\n" ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start|GOT 1xx|GOT 1xx");
    cr_assert_eq(view.extras->events[3].attr_count, 1);
    cr_assert(oa_slice_eq(view.extras->events[3].attrs[0].key, OA_SLICE("http.response.status_code")));
    cr_assert_eq(view.extras->events[3].attrs[0].num, 103);
    cr_assert_eq(view.extras->events[4].attrs[0].num, 102);
    cr_assert(oa_test_attr_is(&view, "http.response.status_code", "200"), "the span's is the last one");
}

/* Answered before the request was whole: what did not happen is not told. */
Test(http_extras, client__early_answer)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, POST), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.receive.start");
}

Test(http_extras, client__no_answer)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, GET), OA_OK);
    conn->protocol->eof(conn, false);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done");
    cr_assert(oa_test_attr_is(&view, "error.type", "unexpected_eof"));
}

Test(http_extras, server__request_read_and_answer_begun)
{
    struct oa_span_view view;

    start(OA_ROLE_SERVER, EVENTS, NULL);
    cr_assert_eq(oa_test_http_in(conn, POST), OA_OK);
    cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 100 Continue\r\n\r\n"), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_in(conn, "body"), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_out(conn, ANSWER), OA_OK);
    pause_1ms();
    cr_assert_eq(oa_test_http_out(conn, "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(events_of(&view), "http.receive.done|http.send.start");
    cr_assert_geq(at(&view, 0), OA_NS_PER_MS);
    cr_assert_geq(at(&view, 1) - at(&view, 0), OA_NS_PER_MS);
    cr_assert_geq(view.end_unix_ns - view.extras->events[1].unix_ns, OA_NS_PER_MS);
}

Test(http_extras, pipelined__each_has_its_own)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, GET GET), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, ANSWER "ok" ANSWER "ok"), OA_OK);
    for (int i = 0; i < 2; i++) {
        view = oa_test_http_next_span();
        cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start");
    }
}

/* One end of many interim answers: the first ones stay, the others are counted. */
Test(http_extras, more_than_there_are_places)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, NULL);
    cr_assert_eq(oa_test_http_out(conn, GET), OA_OK);
    for (unsigned i = 0; i < OA_OP_EVENTS + 4; i++)
        cr_assert_eq(oa_test_http_in(conn, "HTTP/1.1 102 Processing\r\n\r\n"), OA_OK);
    cr_assert_eq(oa_test_http_in(conn, ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_eq(view.extras->event_count, OA_OP_EVENTS);
    cr_assert_eq(view.extras->event_dropped, 3 + 4);
    cr_assert_eq(view.attr_dropped, 0);
}

Test(http_extras, what_is_not_recorded_has_none)
{
    struct oa_span_view view;

    start(OA_ROLE_CLIENT, EVENTS, "OTEL_TRACES_SAMPLER=always_off");
    cr_assert_eq(oa_test_http_out(conn, GET), OA_OK);
    cr_assert_eq(oa_op_at(conn->http.head - 1)->event_count, 0);
    cr_assert_eq(oa_test_http_in(conn, ANSWER "ok"), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

/* Both at once: a link first, and room for all of it. */
Test(http_extras, link_and_events)
{
    struct oa_span_view view;

    start(OA_ROLE_SERVER, EVENTS, "OTEL_AUTO_PUBLIC_ENDPOINT=true");
    cr_assert_eq(oa_test_http_in(conn, "GET /a HTTP/1.1\r\nHost: h\r\ntraceparent: " OA_TEST_PARENT "\r\n\r\n"),
                 OA_OK);
    cr_assert_eq(oa_test_http_out(conn, ANSWER "ok"), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_eq(view.extras->link_count, 1);
    cr_assert_str_eq(events_of(&view), "http.receive.done|http.send.start");
    cr_assert_eq(view.attr_dropped, 0);
}

/* As the engine sends: the dry run has read the bytes before, and its parser may be taken over. */
static void sent_with_edits(bool feeds)
{
    static const char *const settings[] = { EVENTS, NULL };
    static const char get[] = GET;
    struct oa_span_view view;

    oa_test_sender_start(settings);
    oa_test_sender_feeds = feeds;
    for (size_t cut = 2; cut < 2 * (sizeof(get) - 1); cut++) {
        oa_test_send_cut(get, cut / 2, cut & 1); /* in pieces of one call, and in two calls */
        view = oa_test_answered();
        cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start", "cut at %zu", cut);
    }
    oa_test_send(POST);
    oa_test_send("bo");
    oa_test_send("dy");
    view = oa_test_answered();
    cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start");
    oa_test_send(GET GET);
    for (int i = 0; i < 2; i++) {
        view = oa_test_answered();
        cr_assert_str_eq(events_of(&view), "http.send.start|http.send.done|http.receive.start");
    }
}

Test(http_extras, client__sent_with_edits)
{
    sent_with_edits(false);
}

Test(http_extras, client__sent_with_edits_in_short_writes)
{
    sent_with_edits(true);
}
