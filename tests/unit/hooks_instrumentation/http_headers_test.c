/* Captured header lines in an operation, however they arrive.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/http_headers.h"
#include "hooks/instrumentation/http_watch.h"
#include "tests/support/http_fixture.h"

static struct oa_op *op;
static struct oa_http1 parser;

static void line(const char *name, const char *value)
{
    parser.name_len = (uint8_t)strlen(name);
    memcpy(parser.name, name, parser.name_len);
    for (size_t at = 0, len = strlen(value), step; at < len || at == 0; at += step) { /* byte by byte */
        step = 1;
        oa_http_headers_capture(op, &parser,
                                &(struct oa_http1_event){ .type = OA_HTTP1_HEADER,
                                                          .text = { value + at, len ? 1 : 0 },
                                                          .first = at == 0,
                                                          .last = at + 1 >= len });
    }
}

static void check(uint32_t i, const char *name, const char *value)
{
    const struct oa_op_header *h = &op->header[i];

    cr_assert_lt(i, op->header_count);
    cr_assert(h->name_len == strlen(name) && memcmp(op->text + h->off, name, h->name_len) == 0);
    cr_assert(h->len == strlen(value) && memcmp(op->text + h->off + h->name_len, value, h->len) == 0);
}

static void start(void)
{
    op = oa_op_open();
    cr_assert(op);
    oa_op_append(op, OA_OP_TARGET, OA_SLICE("/x"), true, 100);
}

Test(http_headers, lines_in_pieces, .init = start)
{
    line("x-one", "1");
    line("x-two", "");
    line("x-one", "a longer value");
    cr_assert_eq(op->header_count, 3);
    check(0, "x-one", "1");
    check(1, "x-two", "");
    check(2, "x-one", "a longer value");
    cr_assert(oa_slice_eq(oa_op_text(op, OA_OP_TARGET), OA_SLICE("/x")), "other text stays");
}

/* Half a value is none. */
Test(http_headers, too_long_is_left_out, .init = start)
{
    static char value[OA_HEADER_MAX + 2];

    memset(value, 'v', sizeof(value) - 1);
    line("x-long", value);
    line("x-one", "1");
    cr_assert_eq(op->header_count, 1);
    check(0, "x-one", "1");
    value[OA_HEADER_MAX] = '\0';
    line("x-fits", value);
    check(1, "x-fits", value);
}

Test(http_headers, many_are_left_out, .init = start)
{
    for (uint32_t i = 0; i < OA_OP_HEADERS + 5; i++)
        line("x", "1");
    cr_assert_eq(op->header_count, OA_OP_HEADERS);
}

/* The URL that is made at the end has its room, whatever was captured. */
Test(http_headers, room_is_kept, .init = start)
{
    static char value[OA_HEADER_MAX + 1];

    memset(value, 'v', OA_HEADER_MAX);
    for (int i = 0; i < 64; i++)
        line("x-big", value);
    cr_assert_leq(op->text_len, OA_OP_TEXT - 4096);
}

Test(http_headers, cut_names_are_left_out, .init = start)
{
    char name[OA_HTTP1_NAME_MAX + 1];

    memset(name, 'n', OA_HTTP1_NAME_MAX);
    name[OA_HTTP1_NAME_MAX] = '\0';
    line(name, "1");
    cr_assert_eq(op->header_count, 0);
}

static bool is_watched(const struct oa_http_watch *watch, enum oa_field field)
{
    for (unsigned i = 0; i < watch->names.count; i++)
        if (watch->target[i] == field)
            return true;
    return false;
}

/* More names than there is room for: those of the propagators have theirs, beginnings of names as well. */
Test(http_headers, propagators_keep_their_room)
{
    char setting[1024] = "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS=x-00";
    const char *settings[] = { "OTEL_PROPAGATORS=jaeger,ottrace", setting, NULL };
    const struct oa_http_watch *watch;
    unsigned wanted = 0;

    for (size_t i = 1, len = strlen(setting); i < OA_HTTP1_WATCH_MAX + 2; i++)
        len += (size_t)snprintf(setting + len, sizeof(setting) - len, ",x-%02zu", i);
    oa_test_http_start(settings);
    watch = oa_http_watch(false, false);
    cr_assert(watch);
    cr_assert(is_watched(watch, OA_FIELD_UBER_TRACE_ID));
    cr_assert(is_watched(watch, OA_FIELD_UBERCTX));
    cr_assert(is_watched(watch, OA_FIELD_OT_BAGGAGE));
    for (unsigned i = 0; i < OA_HTTP1_WATCH_MAX; i++)
        wanted += watch->wanted[i];
    cr_assert_geq(wanted, OA_HTTP1_WATCH_MAX - OA_FIELD_COUNT);
    cr_assert_leq(watch->names.count, OA_HTTP1_WATCH_MAX);
}

static void check_list(const struct oa_span_view *view, const char *key, const char *value)
{
    const struct oa_attr_view *attr = oa_span_view_attr(view, oa_slice_of(key));

    cr_assert(attr && attr->type == OA_ATTR_ARR && attr->item_count == 1, "%s", key);
    cr_assert(oa_slice_eq(attr->items[0], oa_slice_of(value)), "%s", key);
}

/* What is kept of a field for itself and for the user lies behind each other, whatever comes between. */
Test(http_headers, known_fields_are_kept_twice)
{
    static const char *const settings[] = {
        "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS=host,user-agent,baggage,x-one", NULL
    };
    static const char head[] = "GET /a HTTP/1.1\r\nHost: example.test:81\r\nUser-Agent: agent/1\r\nBaggage: k=v\r\n"
                               "X-One: 1\r\n\r\n";

    oa_test_http_start(settings);
    for (size_t cut = 0; cut < sizeof(head); cut++) { /* 0: byte by byte */
        struct oa_conn *conn = oa_test_http_conn(OA_ROLE_SERVER);
        struct oa_span_view view;
        char first[sizeof(head)];

        snprintf(first, sizeof(first), "%.*s", (int)cut, head);
        if (cut == 0)
            cr_assert_eq(oa_test_http_trickle(conn, false, head), 0);
        else
            cr_assert(oa_test_http_in(conn, first) == 0 && oa_test_http_in(conn, head + cut) == 0);
        cr_assert_eq(oa_test_http_out(conn, "HTTP/1.1 204 No\r\n\r\n"), 0);
        view = oa_test_http_next_span();
        cr_assert(oa_test_attr_is(&view, "server.address", "example.test"), "cut at %zu", cut);
        cr_assert(oa_test_attr_is(&view, "user_agent.original", "agent/1"), "cut at %zu", cut);
        check_list(&view, "http.request.header.host", "example.test:81");
        check_list(&view, "http.request.header.user-agent", "agent/1");
        check_list(&view, "http.request.header.baggage", "k=v");
        check_list(&view, "http.request.header.x-one", "1");
    }
}
