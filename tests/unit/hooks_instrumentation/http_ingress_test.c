/* Tags: the server span's context in the request that the application reads.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/err.h"
#include "preload/ring.h"
#include "tests/support/http_fixture.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define CARRIED "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

static struct oa_conn *conn;

static void start(const char *setting)
{
    const char *settings[] = { setting, NULL };

    oa_test_http_start(settings);
    conn = oa_test_http_conn(OA_ROLE_SERVER);
}

/* The answer goes out; returns "trace-span" of the span that ends. */
static const char *finish(void)
{
    static char ids[64];
    struct oa_span_view view;

    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    view = oa_test_http_next_span();
    snprintf(ids, sizeof(ids), "%s-%s", oa_test_trace_id(&view), oa_test_span_id(&view));
    return ids;
}

static const char *tagged(const char *before, const char *ids, const char *flags, const char *after)
{
    static char text[4096];

    snprintf(text, sizeof(text), "%straceparent: 00-%s-%s\r\n%s", before, ids, flags, after);
    return text;
}

Test(http_ingress, insert__before_the_empty_line)
{
    char seen[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, HEAD "\r\n", 1000));
    cr_assert_str_eq(seen, tagged(HEAD, finish(), "03", "\r\n"));
}

Test(http_ingress, insert__what_follows_moves_along)
{
    char seen[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s",
             oa_test_http_reads(conn, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", 1000));
    cr_assert_str_eq(seen,
                     tagged("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n", finish(), "03", "\r\nbody"));
}

Test(http_ingress, insert__needs_room_to_the_byte)
{
    size_t len = strlen(HEAD "\r\n");

    start(NULL);
    cr_assert_str_eq(oa_test_http_reads(conn, HEAD "\r\n", len + OA_HTTP_TAG_LEN - 1), HEAD "\r\n",
                     "no room: as it came");
    (void)finish();
    cr_assert_eq(strlen(oa_test_http_reads(conn, HEAD "\r\n", len + OA_HTTP_TAG_LEN)), len + OA_HTTP_TAG_LEN);
    (void)finish();
    cr_assert_str_eq(oa_test_http_reads(conn, HEAD "\r\n", len), HEAD "\r\n");
}

/* The head may arrive in two reads, cut anywhere: the tag goes into the one that holds the empty line's
 * beginning, once. */
Test(http_ingress, insert__at_every_split)
{
    static const char head[] = HEAD "\r\n";
    char seen[4096];

    start(NULL);
    for (size_t cut = 1; cut < strlen(head); cut++) {
        char first[64];

        snprintf(first, sizeof(first), "%.*s", (int)cut, head);
        snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, first, 1000));
        strncat(seen, oa_test_http_reads(conn, head + cut, 1000), sizeof(seen) - strlen(seen) - 1);
        cr_assert_str_eq(seen, tagged(HEAD, finish(), "03", "\r\n"), "cut at %zu", cut);
    }
}

/* By a sampler that tells its threshold: beside the tag, or beside the traceparent that came without a tracestate. */
Test(http_ingress, threshold__of_our_own_is_inserted)
{
    char seen[4096], want[4096];

    start("OTEL_TRACES_SAMPLER=probability");
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, HEAD "\r\n", 1000));
    snprintf(want, sizeof(want), "%s", tagged(HEAD, finish(), "03", "tracestate: ot=th:0\r\n\r\n"));
    cr_assert_str_eq(seen, want);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, HEAD "traceparent: 00-" CARRIED "-00\r\n\r\n", 1000));
    snprintf(want, sizeof(want), "%s", tagged(HEAD, finish(), "01", "tracestate: ot=th:0\r\n\r\n"));
    cr_assert_str_eq(seen, want);
}

/* In the tracestate that came: what does not hold for our span gives way to blanks, or to what does. */
static const struct {
    const char *setting, *before, *after;
} thresholds[] = {
    { NULL, "a=1, ot=th:3,b=2", NULL }, /* the random bits are ce929d0e0e4736 */
    { NULL, "a=1, ot=th:ce9;x:y,b=2", NULL },
    { NULL, "a=1, ot=th:cf;x:y,b=2", "a=1, ot=x:y,b=2      " },
    { NULL, "a=1, b=2", NULL },
    { "OTEL_TRACES_SAMPLER=always_on", "ot=th:3", "       " },
    { "OTEL_TRACES_SAMPLER=probability", "a=1,ot=th:3,b=2", "ot=th:0,a=1,b=2" },
    { "OTEL_TRACES_SAMPLER=probability", "a=1,b=2", NULL }, /* no room for it: none */
    { "OTEL_TRACES_SAMPLER=parent_threshold", "a=1,ot=th:3,b=2", NULL },
    { "OTEL_TRACES_SAMPLER=parent_threshold", "a=1,ot=th:cf", "a=1         " },
    { "OTEL_PROPAGATORS=b3", "ot=th:cf", NULL },
    { "OTEL_AUTO_INGRESS_TAG=false", "ot=th:cf", NULL },
};

Test(http_ingress, threshold__in_the_tracestate_that_came)
{
    for (size_t i = 0; i < OA_COUNT(thresholds); i++) {
        const char *after = thresholds[i].after ? thresholds[i].after : thresholds[i].before;
        char head[512], seen[4096], want[512];

        start(thresholds[i].setting);
        snprintf(head, sizeof(head), HEAD "tracestate: %s\r\ntraceparent: 00-" CARRIED "-01\r\n\r\n",
                 thresholds[i].before);
        snprintf(want, sizeof(want), HEAD "tracestate: %s\r\ntraceparent: 00-", after);
        snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, head, 1000));
        cr_assert_arr_eq(seen, want, strlen(want), "row %zu: %s", i, seen);
        (void)finish();
    }
}

Test(http_ingress, insert__bare_line_feeds)
{
    char seen[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, "GET / HTTP/1.1\nHost: h\n\n", 1000));
    cr_assert_str_eq(seen, tagged("GET / HTTP/1.1\nHost: h\n", finish(), "03", "\n"));
}

Test(http_ingress, insert__each_of_several_requests_has_its_own)
{
    char seen[4096], want[8192] = "";

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, HEAD "\r\n" HEAD "\r\n" HEAD "\r\n", 1000));
    for (int i = 0; i < 3; i++)
        strcat(want, tagged(HEAD, finish(), "03", "\r\n"));
    cr_assert_str_eq(seen, want);
}

Test(http_ingress, insert__as_many_as_there_is_room_for)
{
    size_t len = strlen(HEAD "\r\n");
    char seen[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s",
             oa_test_http_reads(conn, HEAD "\r\n" HEAD "\r\n", 2 * len + OA_HTTP_TAG_LEN + 5));
    cr_assert_str_eq(seen, tagged(HEAD, finish(), "03", "\r\n" HEAD "\r\n"));
}

Test(http_ingress, overwrite__the_parent_id_in_place)
{
    const char *head = HEAD "Traceparent: 00-" CARRIED "-01\r\nX: y\r\n\r\n";
    char seen[4096], want[4096];
    struct oa_span_view view;

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, head, strlen(head))); /* no room is needed */
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(oa_test_trace_id(&view), "4bf92f3577b34da6a3ce929d0e0e4736");
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
    cr_assert(view.parent_remote);
    snprintf(want, sizeof(want), HEAD "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-%s-01\r\nX: y\r\n\r\n",
             oa_test_span_id(&view));
    cr_assert_str_eq(seen, want);
}

Test(http_ingress, overwrite__blanks_around_the_value)
{
    const char *head = "GET / HTTP/1.1\r\nTRACEPARENT:\t 00-" CARRIED "-01 \t\r\n\r\n";
    char seen[4096], want[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, head, 4095));
    snprintf(want, sizeof(want), "GET / HTTP/1.1\r\nTRACEPARENT:\t 00-%s-01 \t\r\n\r\n", finish());
    cr_assert_str_eq(seen, want);
}

static const char *const left_alone[] = {
    /* no valid parent: the application's headers are not ours to mend */
    HEAD "traceparent: 00-" CARRIED "-0\r\n\r\n",
    HEAD "traceparent: garbage\r\n\r\n",
    HEAD "traceparent: \r\n\r\n",
    HEAD "traceparent: ff-" CARRIED "-01\r\n\r\n",
    HEAD "traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01\r\n\r\n",
    HEAD "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01\r\n\r\n",
    HEAD "traceparent: 00-" CARRIED "-01\r\ntraceparent: 00-" CARRIED "-01\r\n\r\n",
};

Test(http_ingress, leave_alone__what_is_no_single_valid_parent)
{
    start(NULL);
    for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++) {
        struct oa_span_view view;

        cr_assert_str_eq(oa_test_http_reads(conn, left_alone[i], 1000), left_alone[i], "row %zu", i);
        cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
        view = oa_test_http_next_span();
        cr_assert_not(view.has_parent, "row %zu", i);
    }
}

/* A value that is split over two reads cannot be overwritten: the first half has been read already. */
Test(http_ingress, leave_alone__a_value_in_two_reads)
{
    static const char first[] = HEAD "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f0";
    static const char second[] = "67aa0ba902b7-01\r\n\r\n";
    struct oa_span_view view;

    start(NULL);
    cr_assert_str_eq(oa_test_http_reads(conn, first, 1000), first);
    cr_assert_str_eq(oa_test_http_reads(conn, second, 1000), second);
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    view = oa_test_http_next_span();
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7", "but it is the parent");
}

Test(http_ingress, leave_alone__a_socket_that_is_not_ours_any_more)
{
    start(NULL);
    oa_test_same_socket = false;
    cr_assert_str_eq(oa_test_http_reads(conn, HEAD "\r\n", 1000), HEAD "\r\n");
}

Test(http_ingress, leave_alone__bodies_that_look_like_heads)
{
    static const char text[] = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 28\r\n\r\n" HEAD "\r\n";
    char seen[4096];

    start(NULL);
    snprintf(seen, sizeof(seen), "%s", oa_test_http_reads(conn, text, 1000));
    cr_assert_str_eq(seen, tagged("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 28\r\n", finish(), "03",
                                  "\r\n" HEAD "\r\n"));
}

static void untouched_with(const char *setting)
{
    start(setting);
    cr_assert_str_eq(oa_test_http_reads(conn, HEAD "\r\n", 1000), HEAD "\r\n");
    cr_assert_str_eq(oa_test_http_reads(conn, HEAD "traceparent: 00-" CARRIED "-01\r\n\r\n", 1000),
                     HEAD "traceparent: 00-" CARRIED "-01\r\n\r\n");
}

Test(http_ingress, off__by_its_own_switch)
{
    untouched_with("OTEL_AUTO_INGRESS_TAG=false");
}

Test(http_ingress, off__without_propagators)
{
    untouched_with("OTEL_PROPAGATORS=none");
}

Test(http_ingress, off__without_tracecontext)
{
    untouched_with("OTEL_PROPAGATORS=baggage");
}

Test(http_ingress, off__with_the_sdk)
{
    untouched_with("OTEL_SDK_DISABLED=true");
}

Test(http_ingress, off__with_http)
{
    untouched_with("OTEL_INSTRUMENTATION_HTTP_ENABLED=false");
}

Test(http_ingress, unsampled__context_flows_on)
{
    static const char head[] = HEAD "traceparent: 00-" CARRIED "-00\r\n\r\n";
    struct oa_span_view view;
    const char *seen;

    start(NULL);
    seen = oa_test_http_reads(conn, head, 1000);
    cr_assert_eq(strlen(seen), strlen(head));
    cr_assert_str_neq(seen, head, "the id is that of the span that is not recorded");
    cr_assert_str_eq(seen + strlen(seen) - 6, "00\r\n\r\n");
    cr_assert_eq(oa_test_http_out(conn, OK_EMPTY), OA_OK);
    cr_assert_not(oa_test_http_span(&view));
}

Test(http_ingress, client__answers_are_not_edited)
{
    start(NULL);
    conn = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_out(conn, HEAD "\r\n"), OA_OK);
    cr_assert_str_eq(oa_test_http_reads(conn, OK_EMPTY, 1000), OK_EMPTY);
}
