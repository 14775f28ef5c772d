/* OTEL_AUTO_PUBLIC_ENDPOINT: the client's context is a link, and what the application reads names the new trace.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/err.h"
#include "tests/support/http_fixture.h"

#define PUBLIC "OTEL_AUTO_PUBLIC_ENDPOINT=true"
#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define PARENT "traceparent: 00-" TRACE "-" SPAN "-01\r\n"
#define UNSAMPLED "traceparent: 00-" TRACE "-" SPAN "-00\r\n"

static struct oa_conn *conn;
static const char *buf; /* what the application has read */

static void start(const char *setting, const char *more)
{
    const char *settings[] = { setting, more, NULL };

    oa_test_http_start(settings);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
}

static const char *read_into(const char *text, size_t cap)
{
    return buf = oa_test_http_reads(conn, text, cap);
}

static const char *read_all(const char *text)
{
    return read_into(text, 4095);
}

static struct oa_span_view finish(void)
{
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    return oa_test_http_next_span();
}

/* format with %t for the trace id, %h for its second half, %s for the span id. */
static const char *with_ids(const char *format, const struct oa_span_view *view)
{
    static char text[4096];
    char *at = text;

    for (; *format; format++) {
        const char *part = format[1] == 't'   ? oa_test_trace_id(view)
                           : format[1] == 'h' ? oa_test_trace_id(view) + 16
                                              : oa_test_span_id(view);

        if (*format == '%')
            at = stpcpy(at, part), format++;
        else
            *at++ = *format;
    }
    *at = '\0';
    return text;
}

static void expect_link(const struct oa_span_view *view, uint8_t flags, const char *tracestate)
{
    static const uint8_t trace[] = { 0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                                     0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36 };
    static const uint8_t span[] = { 0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7 };
    const struct oa_link_view *link;

    cr_assert_not_null(view->extras);
    cr_assert_eq(view->extras->link_count, 1);
    link = &view->extras->links[0];
    cr_assert_arr_eq(link->trace_id, trace, sizeof(trace));
    cr_assert_arr_eq(link->span_id, span, sizeof(span));
    cr_assert_eq(link->flags, flags);
    cr_assert(link->remote);
    cr_assert_str_eq(link->tracestate.ptr, tracestate);
    cr_assert_not(view->has_parent || view->parent_remote);
    cr_assert_neq(memcmp(view->trace_id, trace, sizeof(trace)), 0, "a trace of its own");
    cr_assert_eq(view->tracestate.len, 0);
}

Test(http_public, off__is_as_always)
{
    struct oa_span_view view;

    start(NULL, NULL);
    read_all(HEAD PARENT "\r\n");
    view = finish();
    cr_assert_null(view.extras);
    cr_assert_str_eq(oa_test_trace_id(&view), TRACE);
    cr_assert(view.has_parent && view.parent_remote);
}

Test(http_public, the_context_becomes_a_link)
{
    struct oa_span_view view;
    char got[1024];

    start(PUBLIC, NULL);
    strcpy(got, read_all(HEAD PARENT "tracestate: a=b,c=d\r\nX: y\r\n\r\n"));
    view = finish();
    expect_link(&view, 1, "a=b,c=d");
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_str_eq(got, with_ids(HEAD "traceparent: 00-%t-%s-03\r\ntracestate:        \r\nX: y\r\n\r\n", &view));
}

/* The decision is that of a root: the client's does not count, neither way. */
Test(http_public, unsampled_by_the_client__sampled_here)
{
    struct oa_span_view view;

    start(PUBLIC, NULL);
    read_all(HEAD UNSAMPLED "\r\n");
    view = finish();
    expect_link(&view, 0, "");
}

Test(http_public, sampled_by_the_client__not_here)
{
    struct oa_span_view view;

    start(PUBLIC, "OTEL_TRACES_SAMPLER=parentbased_always_off");
    read_all(HEAD PARENT "\r\n");
    cr_assert_null(strstr(buf, TRACE));
    cr_assert_not_null(strstr(buf, "-02\r\n\r\n"));
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

Test(http_public, no_context__no_link)
{
    struct oa_span_view view;
    char got[1024];

    start(PUBLIC, NULL);
    strcpy(got, read_all(HEAD "\r\n"));
    view = finish();
    cr_assert_null(view.extras);
    cr_assert_str_eq(got, with_ids(HEAD "traceparent: 00-%t-%s-03\r\n\r\n", &view));
}

Test(http_public, rubbish__no_link_and_it_is_not_handed_on)
{
    struct oa_span_view view;
    char got[1024];

    start(PUBLIC, NULL);
    strcpy(got, read_all(HEAD "traceparent: 00-abc\r\ntracestate: a=b\r\n\r\n"));
    view = finish();
    cr_assert_null(view.extras);
    cr_assert_str_eq(got, HEAD "traceparent:       \r\ntracestate:    \r\n\r\n");
}

/* What this request's own children get: nothing of the client's. */
Test(http_public, baggage_is_not_taken_over)
{
    struct oa_op *op;

    start(PUBLIC, NULL);
    read_all(HEAD PARENT "baggage: user=alice\r\n\r\n");
    cr_assert_not_null(strstr(buf, "baggage: user=alice\r\n"), "the bytes are the application's own");
    op = oa_op_at(conn->http.head - 1);
    cr_assert_eq(oa_op_text(op, OA_OP_BAGGAGE_LIST).len, 0);
    cr_assert_eq(oa_op_text(op, OA_OP_STATE_LIST).len, 0);
}

/* Two lines contradict each other, and none may reach the application. */
Test(http_public, two_lines)
{
    struct oa_span_view view;

    start(PUBLIC, NULL);
    read_all(HEAD PARENT UNSAMPLED "\r\n");
    cr_assert_null(strstr(buf, TRACE));
    view = finish();
    cr_assert_null(view.extras);
}

Test(http_public, in_pieces__at_every_byte)
{
    static const char text[] = HEAD PARENT "tracestate: a=b\r\nX: y\r\n\r\n";

    start(PUBLIC, NULL);
    for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
        struct oa_span_view view;
        char seen[1024] = "";
        char part[256];

        conn = oa_test_http_conn(OA_ROLE_SERVER);
        memcpy(part, text, cut);
        part[cut] = '\0';
        strcat(seen, read_all(part));
        strcat(seen, read_all(text + cut));
        cr_assert_null(strstr(seen, TRACE), "cut at %zu: %s", cut, seen);
        cr_assert_null(strstr(seen, SPAN), "cut at %zu: %s", cut, seen);
        cr_assert_null(strstr(seen, "a=b"), "cut at %zu: %s", cut, seen);
        cr_assert_not_null(strstr(seen, "\r\nX: y\r\n"));
        view = finish();
        expect_link(&view, 1, "a=b");
    }
}

/* A buffer that is full: what is there is overwritten, nothing is inserted. */
Test(http_public, no_room)
{
    static const char bare[] = HEAD "\r\n", text[] = HEAD PARENT "\r\n";

    start(PUBLIC, NULL);
    cr_assert_str_eq(read_into(bare, sizeof(bare) - 1), bare);
    (void)finish();
    read_into(text, sizeof(text) - 1);
    cr_assert_null(strstr(buf, TRACE));
    cr_assert_not_null(strstr(buf, "traceparent: 00-"));
}

/* A format that would need a line more does without, and takes nothing from the others. */
Test(http_public, no_room_for_one_of_two_formats)
{
    static const char text[] = HEAD PARENT "\r\n";
    struct oa_span_view view;
    char got[1024];

    start(PUBLIC, "OTEL_PROPAGATORS=tracecontext,b3");
    strcpy(got, read_into(text, sizeof(text) - 1));
    view = finish();
    cr_assert_str_eq(got, with_ids(HEAD "traceparent: 00-%t-%s-03\r\n\r\n", &view));
}

Test(http_public, another_file_by_now)
{
    static const char text[] = HEAD PARENT "\r\n";

    start(PUBLIC, NULL);
    oa_test_same_socket = false;
    cr_assert_str_eq(read_all(text), text);
}

Test(http_public, without_tags_the_bytes_stay)
{
    static const char text[] = HEAD PARENT "\r\n";
    struct oa_span_view view;

    start(PUBLIC, "OTEL_AUTO_INGRESS_TAG=false");
    cr_assert_str_eq(read_all(text), text);
    view = finish();
    expect_link(&view, 1, "");
}

Test(http_public, excluded_urls_hide_it_too)
{
    struct oa_span_view view;

    start(PUBLIC, "OTEL_AUTO_EXCLUDED_URLS=/a");
    cr_assert_str_eq(read_all(HEAD PARENT "\r\n"),
                     HEAD "traceparent:                                                        \r\n\r\n");
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

Test(http_public, pipelined)
{
    struct oa_span_view first, second;
    char got[2048];

    start(PUBLIC, NULL);
    strcpy(got, read_all("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" PARENT
                         "\r\n1\r\nx\r\n0\r\n\r\n" HEAD PARENT "\r\n"));
    cr_assert_null(strstr(got, TRACE));
    first = finish();
    second = finish();
    expect_link(&first, 1, "");
    expect_link(&second, 1, "");
    cr_assert_not_null(strstr(got, with_ids("traceparent: 00-%t-%s-03\r\n\r\n1\r\nx\r\n0\r\n\r\n", &first)));
    cr_assert_not_null(strstr(got, with_ids(HEAD "traceparent: 00-%t-%s-03\r\n\r\n", &second)));
}

/* Other formats: what stands in the head, and what the application reads (NULL: not a byte of the client's ids). */
struct format_row {
    const char *propagators, *head, *read;
};

/* One process each: the list of what is watched is built once. */
static void check_row(const struct format_row *row)
{
    char setting[64], text[512], want[1024], got[1024];
    struct oa_span_view view;

    snprintf(setting, sizeof(setting), "OTEL_PROPAGATORS=%s", row->propagators);
    snprintf(text, sizeof(text), HEAD "%s\r\n", row->head);
    start(PUBLIC, setting);
    strcpy(got, read_all(text));
    view = finish();
    cr_expect(view.extras && view.extras->link_count == 1);
    cr_expect_not(view.has_parent);
    snprintf(want, sizeof(want), HEAD "%s\r\n", row->read ? with_ids(row->read, &view) : "");
    if (row->read)
        cr_expect_str_eq(got, want, "%s%s", got, want);
    else
        cr_expect(!strstr(got, SPAN) && !strstr(got, "4bf92f35") && strlen(got) == strlen(text), "%s", got);
}

#define ROW(name, ...)                                        \
    Test(http_public, formats__##name)                        \
    {                                                         \
        check_row(&(const struct format_row){ __VA_ARGS__ }); \
    }

ROW(b3, "b3", "b3: " TRACE "-" SPAN "-1-" SPAN "\r\n", "b3: %t-%s-1                 \r\n")
ROW(b3_deferred, "b3", "b3: " TRACE "-" SPAN "\r\n", "b3:                                                  \r\n")
ROW(b3_multi_in, "b3", "X-B3-TraceId: " TRACE "\r\nX-B3-SpanId: " SPAN "\r\nX-B3-Sampled: 1\r\n",
    "X-B3-TraceId:                                 \r\nX-B3-SpanId:                 \r\nX-B3-Sampled:  \r\n"
    "b3: %t-%s-1\r\n")
ROW(b3multi, "b3multi", "X-B3-TraceId: " TRACE "\r\nX-B3-SpanId: " SPAN "\r\nX-B3-Sampled: 0\r\n",
    "X-B3-TraceId: %t\r\nX-B3-SpanId: %s\r\nX-B3-Sampled: 1\r\n")
ROW(b3multi_debug, "b3multi", "X-B3-TraceId: " TRACE "\r\nX-B3-SpanId: " SPAN "\r\nX-B3-Flags: 1\r\n",
    "X-B3-TraceId: %t\r\nX-B3-SpanId: %s\r\nX-B3-Flags:  \r\nx-b3-sampled: 1\r\n")
ROW(b3multi_64, "b3multi", "X-B3-TraceId: a3ce929d0e0e4736\r\nX-B3-SpanId: " SPAN "\r\nX-B3-Sampled: 1\r\n",
    "X-B3-TraceId:                 \r\nX-B3-SpanId:                 \r\nX-B3-Sampled:  \r\n")
ROW(xray, "xray", "X-Amzn-Trace-Id: Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=" SPAN ";Sampled=0\r\n", NULL)
ROW(jaeger, "jaeger", "uber-trace-id: " TRACE ":" SPAN ":0:0\r\n", "uber-trace-id: %t:%s:0:1\r\n")
ROW(ottrace, "ottrace",
    "ot-tracer-traceid: a3ce929d0e0e4736\r\not-tracer-spanid: " SPAN "\r\not-tracer-sampled: true\r\n",
    "ot-tracer-traceid: %h\r\not-tracer-spanid: %s\r\not-tracer-sampled: true\r\n")
ROW(two, "tracecontext,b3", PARENT "b3: " TRACE "-" SPAN "-1\r\n", "traceparent: 00-%t-%s-03\r\nb3: %t-%s-1\r\n")
ROW(not_configured, "tracecontext", PARENT "b3: " TRACE "-" SPAN "-1\r\n",
    "traceparent: 00-%t-%s-03\r\nb3: " TRACE "-" SPAN "-1\r\n")
