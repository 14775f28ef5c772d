/* Every propagator in requests: read, tagged, recognised in a copy, written; byte by byte.
 * SOURCES: tests/support/http.sources tests/support/http_sender.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/parent.h"
#include "preload/base/err.h"
#include "tests/support/http_sender.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\n"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

/* The lines of a format; t and s are 32 and 16 digits. */
static void trace_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "traceparent: 00-%s-%s-01\r\n", t, s);
}

static void b3_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "b3: %s-%s-1\r\n", t, s);
}

static void b3multi_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "x-b3-traceid: %s\r\nx-b3-spanid: %s\r\nx-b3-sampled: 1\r\n", t, s);
}

static void jaeger_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "uber-trace-id: %s:%s:0:1\r\n", t, s);
}

static void xray_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "x-amzn-trace-id: Root=1-%.8s-%s;Parent=%s;Sampled=1\r\n", t, t + 8, s);
}

static void ottrace_lines(char *out, const char *t, const char *s)
{
    sprintf(out, "ot-tracer-traceid: %s\r\not-tracer-spanid: %s\r\not-tracer-sampled: true\r\n", t + 16, s);
}

static void b3_and_trace_lines(char *out, const char *t, const char *s)
{
    b3_lines(out, t, s);
    trace_lines(out + strlen(out), t, s);
}

static void all_lines(char *out, const char *t, const char *s)
{
    void (*const each[])(char *, const char *, const char *) = { trace_lines,  b3_lines,   b3multi_lines,
                                                                 jaeger_lines, xray_lines, ottrace_lines };

    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
        each[i](out + strlen(out), t, s);
}

static const struct {
    const char *setting;
    void (*lines)(char *out, const char *t, const char *s);
} formats[] = {
    { "OTEL_PROPAGATORS=b3", b3_lines },
    { "OTEL_PROPAGATORS=b3multi", b3multi_lines },
    { "OTEL_PROPAGATORS=jaeger", jaeger_lines },
    { "OTEL_PROPAGATORS=xray", xray_lines },
    { "OTEL_PROPAGATORS=ottrace", ottrace_lines },
    { "OTEL_PROPAGATORS=baggage,b3", b3_lines },
    { "OTEL_PROPAGATORS=b3,tracecontext", b3_and_trace_lines },
    { "OTEL_PROPAGATORS=tracecontext,b3,b3multi,jaeger,xray,ottrace", all_lines },
};

/* Each in a process of its own: what is configured is found out once. */
#define ON(fn, name, i)             \
    Test(http_formats, fn##_##name) \
    {                               \
        fn(i);                      \
    }
#define ON_EVERY(fn) \
    ON(fn, b3, 0)    \
    ON(fn, b3multi, 1) ON(fn, jaeger, 2) ON(fn, xray, 3) ON(fn, ottrace, 4) ON(fn, mixed, 5) ON(fn, two, 6)

static void start(size_t format)
{
    /* the trace id comes without a random flag, so that a flag is never but 0 or 1 */
    const char *settings[] = { formats[format].setting, NULL };

    oa_test_sender_start(settings);
}

/* The text, with 03 for 01 where a trace of our own carries the random flag. */
static const char *random_flag(char *text)
{
    char *at = strstr(text, "traceparent: ");

    if (at)
        at[13 + 54] = '3';
    return text;
}

static struct oa_span_view served(struct oa_conn *server)
{
    cr_assert_eq(oa_test_http_out(server, OA_TEST_OK_EMPTY), OA_OK);
    return oa_test_http_next_span();
}

/* A request with `lines` comes in; what the application reads is left in buf. */
static struct oa_conn *receive(char *buf, size_t cap, const char *lines)
{
    struct oa_conn *server = oa_test_http_conn(OA_ROLE_SERVER);
    ssize_t n;

    snprintf(buf, cap, HEAD "%sX: y\r\n\r\n", lines);
    n = oa_test_http_read(server, buf, strlen(buf), cap - 1);
    cr_assert(n > 0);
    buf[n] = '\0';
    return server;
}

static const char *head_with(void (*lines)(char *, const char *, const char *), const char *trace, const char *span)
{
    static char text[2048];

    strcpy(text, HEAD);
    lines(text + strlen(text), trace, span);
    strcat(text, "X: y\r\n\r\n");
    return text;
}

static void tag__is_inserted(size_t format)
{
    char buf[2048], want[2048] = HEAD "X: y\r\n";
    struct oa_span_view view;
    struct oa_conn *server;

    start(format);
    server = receive(buf, sizeof(buf), "");
    view = served(server);
    formats[format].lines(want + strlen(want), oa_test_trace_id(&view), oa_test_span_id(&view));
    strcat(want, "\r\n");
    cr_assert_str_eq(buf, random_flag(want));
}
ON_EVERY(tag__is_inserted)
ON(tag__is_inserted, all_at_once, 7) /* there is room for them */

static void tag__takes_the_place_of_what_came(size_t format)
{
    char buf[2048], lines[1024];
    struct oa_span_view view;

    start(format);
    formats[format].lines(lines, TRACE, SPAN);
    struct oa_conn *server = receive(buf, sizeof(buf), lines);

    view = served(server);
    cr_assert_str_eq(oa_test_parent_id(&view), SPAN);
    cr_assert_str_eq(oa_test_trace_id(&view) + 16, TRACE + 16);
    cr_assert(view.parent_remote);
    cr_assert_str_eq(buf, head_with(formats[format].lines, TRACE, oa_test_span_id(&view)));
}
ON_EVERY(tag__takes_the_place_of_what_came)

static void inject__lines_once(size_t format)
{
    char want[2048] = HEAD "X: y\r\n", sent[2048];
    struct oa_span_view view;

    start(format);
    oa_test_send(HEAD "X: y\r\n\r\n");
    snprintf(sent, sizeof(sent), "%s", oa_test_take_wire());
    view = oa_test_answered();
    formats[format].lines(want + strlen(want), oa_test_trace_id(&view), oa_test_span_id(&view));
    strcat(want, "\r\n");
    cr_assert_str_eq(sent, random_flag(want));
}
ON_EVERY(inject__lines_once)

/* What a proxy does: the head that it read goes out again, tag and all. */
static void copy__names_the_parent_and_is_rewritten(size_t format)
{
    char buf[2048], want[2048] = HEAD "X: y\r\n", sent[2048];
    struct oa_span_view view, parent;
    struct oa_conn *server;

    start(format);
    server = receive(buf, sizeof(buf), "");
    oa_parent_waited(false); /* nothing is current: the tag alone tells */
    oa_test_send(buf);
    snprintf(sent, sizeof(sent), "%s", oa_test_take_wire());
    view = oa_test_answered();
    parent = served(server);
    cr_assert(oa_test_attr_is(&view, "otel_auto.link", "tag"));
    cr_assert_str_eq(oa_test_parent_id(&view), oa_test_span_id(&parent));
    cr_assert_str_eq(oa_test_trace_id(&view), oa_test_trace_id(&parent));
    formats[format].lines(want + strlen(want), oa_test_trace_id(&view), oa_test_span_id(&view));
    strcat(want, "\r\n");
    cr_assert_str_eq(sent, random_flag(want));
}
ON_EVERY(copy__names_the_parent_and_is_rewritten)

/* Cut anywhere, in pieces or in calls: the same length, the right parent, and no line twice. */
static void copy__at_every_split(size_t format)
{
    char buf[2048];
    struct oa_span_view view, parent;
    struct oa_conn *server;

    start(format);
    server = receive(buf, sizeof(buf), "");
    oa_parent_waited(false);
    for (size_t cut = 1; cut < 2 * strlen(buf); cut++) {
        oa_test_send_cut(buf, cut % strlen(buf) ? cut % strlen(buf) : 1, cut < strlen(buf));
        cr_assert_eq(strlen(oa_test_take_wire()), strlen(buf), "cut at %zu", cut);
        view = oa_test_answered();
        cr_assert(oa_test_attr_is(&view, "otel_auto.link", "tag"), "cut at %zu", cut);
    }
    parent = served(server);
    cr_assert_str_eq(oa_test_parent_id(&view), oa_test_span_id(&parent));
}
ON_EVERY(copy__at_every_split)

static void own__headers_of_the_application_stay_alone(size_t format)
{
    const char *head;
    struct oa_span_view view;

    start(format);
    head = head_with(formats[format].lines, TRACE, SPAN);
    oa_test_send(head);
    cr_assert_str_eq(oa_test_wire, head);
    cr_assert_eq(oa_test_http_in(oa_test_sender, OA_TEST_OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view), "the application has a span of its own");
}
ON_EVERY(own__headers_of_the_application_stay_alone)

static struct oa_span_view exchange(const char *setting, const char *lines, char *buf, size_t cap)
{
    const char *settings[] = { setting, NULL };

    oa_test_sender_start(settings);
    return served(receive(buf, cap, lines));
}

Test(http_formats, unconfigured__is_not_read)
{
    char buf[2048];
    struct oa_span_view view = exchange(NULL, "b3: " TRACE "-" SPAN "-1\r\n", buf, sizeof(buf));

    cr_assert_not(view.has_parent);
    cr_assert_not_null(strstr(buf, "b3: " TRACE "-" SPAN "-1\r\n"));
    cr_assert_not_null(strstr(buf, "traceparent: 00-"));
}

Test(http_formats, unconfigured__traceparent_is_nothing_to_b3)
{
    char buf[2048];
    struct oa_span_view view =
        exchange("OTEL_PROPAGATORS=b3", "traceparent: " OA_TEST_PARENT "\r\n", buf, sizeof(buf));

    cr_assert_not(view.has_parent);
    cr_assert_not_null(strstr(buf, "traceparent: " OA_TEST_PARENT "\r\n"));
    cr_assert_not_null(strstr(buf, "\r\nb3: "));
}

/* Readers believe the single header before the others: the one that came is changed, no others are added. */
Test(http_formats, b3multi__a_single_header_that_came_is_changed)
{
    char buf[2048], want[2048];
    struct oa_span_view view = exchange("OTEL_PROPAGATORS=b3multi", "B3: " TRACE "-" SPAN "-1\r\n", buf, sizeof(buf));

    cr_assert_str_eq(oa_test_parent_id(&view), SPAN);
    snprintf(want, sizeof(want), HEAD "B3: " TRACE "-%s-1\r\nX: y\r\n\r\n", oa_test_span_id(&view));
    cr_assert_str_eq(buf, want);
}

Test(http_formats, b3__debug_is_handed_on)
{
    char buf[2048];
    const char *settings[] = { "OTEL_PROPAGATORS=b3", NULL };
    struct oa_conn *server;

    oa_test_sender_start(settings);
    server = receive(buf, sizeof(buf), "b3: " TRACE "-" SPAN "-d\r\n");
    oa_parent_enter(oa_op_ref(oa_op_at(server->http.head - 1)));
    oa_test_send(HEAD "\r\n");
    cr_assert_not_null(strstr(oa_test_wire, "-d\r\n\r\n"));
}

/* The format that did not come is added beside the one that did. */
Test(http_formats, several__what_is_missing_is_added)
{
    char buf[2048], want[2048];
    struct oa_span_view view =
        exchange("OTEL_PROPAGATORS=tracecontext,b3", "traceparent: " OA_TEST_PARENT "\r\n", buf, sizeof(buf));
    const char *span = oa_test_span_id(&view);

    cr_assert_str_eq(oa_test_parent_id(&view), SPAN);
    snprintf(want, sizeof(want), HEAD "traceparent: 00-" TRACE "-%s-01\r\nX: y\r\nb3: " TRACE "-%s-1\r\n\r\n", span,
             span);
    cr_assert_str_eq(buf, want);
}

/* Two formats that contradict each other: the last valid one of the list is the parent, the other trace is not
 * made to look like ours. */
Test(http_formats, several__another_trace_is_left_as_it_is)
{
    char buf[2048], want[2048];
    struct oa_span_view view =
        exchange("OTEL_PROPAGATORS=tracecontext,b3",
                 "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nb3: " TRACE "-" SPAN
                 "-1\r\n",
                 buf, sizeof(buf));

    snprintf(want, sizeof(want),
             HEAD "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nb3: " TRACE
                  "-%s-1\r\nX: y\r\n\r\n",
             oa_test_span_id(&view));
    cr_assert_str_eq(buf, want);
}

Test(http_formats, jaeger__baggage_is_one_header_a_member)
{
    const char *settings[] = { "OTEL_PROPAGATORS=jaeger", NULL };
    char buf[2048];
    struct oa_conn *server;

    oa_test_sender_start(settings);
    server = receive(buf, sizeof(buf), "uber-trace-id: 1:2:0:1\r\nUberctx-Key: a%20b\r\nuberctx-x: 1\r\n");
    oa_parent_enter(oa_op_ref(oa_op_at(server->http.head - 1)));
    oa_test_send(HEAD "\r\n");
    cr_assert_not_null(strstr(oa_test_wire, ":0:1\r\nuberctx-key: a%20b\r\nuberctx-x: 1\r\n\r\n"), "%s",
                       oa_test_wire);
}

/* A value with a comma would be two members: the list is left out, not half of it. */
Test(http_formats, jaeger__baggage_that_cannot_be_a_list_is_left_out)
{
    const char *settings[] = { "OTEL_PROPAGATORS=jaeger", NULL };
    char buf[2048];
    struct oa_conn *server;

    oa_test_sender_start(settings);
    server = receive(buf, sizeof(buf), "uber-trace-id: 1:2:0:1\r\nuberctx-a: 1\r\nuberctx-b: 2,c=3\r\n");
    oa_parent_enter(oa_op_ref(oa_op_at(server->http.head - 1)));
    oa_test_send(HEAD "\r\n");
    cr_assert_null(strstr(oa_test_wire, "uberctx"));
    cr_assert_not_null(strstr(oa_test_wire, "uber-trace-id: 00000000000000000000000000000001:"));
}
