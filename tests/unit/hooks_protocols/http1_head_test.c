/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * tests/support/http1_transcript.c tests/support/http1_rows.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/http1_rows.h"
#include "tests/support/http1_transcript.h"

#define LINE "GET / HTTP/1.1\r\n"
#define BEGIN "start|target[/]|GET 1.1"
#define NAME_64 "a123456789b123456789c123456789d123456789e123456789f123456789g123"
#define WATCHED_63 "x-a-name-of-sixty-three-bytes-which-is-the-longest-one-kept-who"
#define REST "|blank|head none keep|end 0|idle"

static const struct oa_http1_row fields[] = {
    REQUEST("known", LINE "Host: a.b:80\r\n\r\n", BEGIN "|host[a.b:80]" REST),
    REQUEST("any case", LINE "HOST: a\r\nuSeR-aGeNt: b\r\n\r\n", BEGIN "|host[a]|user-agent[b]" REST),
    REQUEST("other", LINE "X-Thing: a\r\n\r\n", BEGIN "|~x-thing[a]" REST),
    REQUEST("prefix of a known one", LINE "Hos: a\r\nHostx: b\r\n\r\n", BEGIN "|~hos[a]|~hostx[b]" REST),
    REQUEST("no space", LINE "Host:a\r\n\r\n", BEGIN "|host[a]" REST),
    REQUEST("spaces around", LINE "Host: \t  a \t \r\n\r\n", BEGIN "|host[a]" REST),
    REQUEST("spaces inside", LINE "User-Agent: a  b \t c   \r\n\r\n", BEGIN "|user-agent[a  b   c]" REST),
    REQUEST("bare line feeds", LINE "Host: a \nX: b\n\n", BEGIN "|host[a]|~x[b]" REST),
    REQUEST("empty", LINE "Host:\r\nX:  \t\r\nBaggage:\n\r\n", BEGIN "|host[]|~x[]|baggage[]" REST),
    REQUEST("colons in value", LINE "X: a:b: c\r\n\r\n", BEGIN "|~x[a:b: c]" REST),
    REQUEST("high bytes and controls", LINE "X: \xff\x01\x7f\r\n\r\n", BEGIN "|~x[\\xff\\x01\\x7f]" REST),
    REQUEST("all token characters", LINE "!#$%&'*+-.^_`|~09AZaz: a\r\n\r\n",
            BEGIN "|~!#$%&'*+-.^_`\\x7c~09azaz[a]" REST),
    REQUEST("name of 64", LINE NAME_64 ": a\r\n\r\n", BEGIN "|~" NAME_64 "[a]" REST),
    REQUEST("name of 65 is cut", LINE NAME_64 "h: a\r\n\r\n", BEGIN "|~" NAME_64 "[a]" REST),
    REQUEST("longest watched name", LINE WATCHED_63 ": a\r\n\r\n", BEGIN "|" WATCHED_63 "[a]" REST),
    REQUEST("one that begins like it", LINE WATCHED_63 "y: a\r\n\r\n", BEGIN "|~" WATCHED_63 "y[a]" REST),
    REQUEST("watched beginning of names", LINE "Uberctx-A: a\r\nuberctx-: b\r\nuberctx-b-c: c\r\n\r\n",
            BEGIN "|uberctx-a[a]|~uberctx-[b]|uberctx-b-c[c]" REST),
    REQUEST("same name twice", LINE "Tracestate: a=1\r\nTracestate: b=2\r\n\r\n",
            BEGIN "|tracestate[a=1]|tracestate[b=2]" REST),
    REQUEST("continuation", LINE "X: a \r\n  b\r\n\tc\r\n\r\n", BEGIN "|~x[a   b c]" REST),
    REQUEST("continuation, bare line feeds", LINE "X: a\n b\n\n", BEGIN "|~x[a b]" REST),
    REQUEST("continuation of an empty value", LINE "X:\r\n a\r\n\r\n", BEGIN "|~x[a]" REST),
    REQUEST("continuation of nothing but space", LINE "X: a\r\n  \r\n\t\r\nY: b\r\n\r\n", BEGIN "|~x[a]|~y[b]" REST),
    REQUEST("all space and continuation", LINE "X: \r\n \r\n\r\n", BEGIN "|~x[]" REST),
    REQUEST("many spaces inside",
            LINE "X: a                                                                           b\r\n\r\n",
            BEGIN "|~x[a                                                                           b]" REST),
    REQUEST("every known name",
            LINE "Content-Type: a\r\nForwarded: b\r\nLocation: c\r\nTraceparent: d\r\nX-Forwarded-For: e\r\n"
                 "X-Forwarded-Host: f\r\nX-Forwarded-Proto: g\r\n\r\n",
            BEGIN "|~content-type[a]|forwarded[b]|location[c]|traceparent[d]|x-forwarded-for[e]|x-forwarded-host[f]"
                  "|x-forwarded-proto[g]" REST),
};

static const struct oa_http1_row bad_fields[] = {
    REQUEST("continuation of nothing", LINE " a: b\r\n\r\n", BEGIN "|malformed"),
    REQUEST("no colon", LINE "Host\r\n\r\n", BEGIN "|malformed"),
    REQUEST("no name", LINE ": a\r\n\r\n", BEGIN "|malformed"),
    REQUEST("space before colon", LINE "Host : a\r\n\r\n", BEGIN "|malformed"),
    REQUEST("space in name", LINE "Ho st: a\r\n\r\n", BEGIN "|malformed"),
    REQUEST("high byte in name", LINE "Ho\xc3st: a\r\n\r\n", BEGIN "|malformed"),
    REQUEST("zero in name", LINE "Ho\0st: a\r\n\r\n", BEGIN "|malformed"),
    REQUEST("zero in value", LINE "X: a\0b\r\n\r\n", BEGIN "|~x[a|malformed"),
    REQUEST("zero first in value", LINE "X: \0\r\n\r\n", BEGIN "|malformed"),
    REQUEST("zero after space", LINE "X: a \0\r\n\r\n", BEGIN "|~x[a|malformed"),
    REQUEST("carriage return in value", LINE "X: a\rb\r\n\r\n", BEGIN "|~x[a|malformed"),
    REQUEST("two carriage returns", LINE "X: a\r\r\n\r\n", BEGIN "|~x[a|malformed"),
    REQUEST("carriage return at line start", LINE "\rX: a\r\n\r\n", BEGIN "|blank|malformed"),
    REQUEST("two carriage returns at the end", LINE "\r\r\n", BEGIN "|blank|malformed"),
};

Test(http1_head, fields)
{
    oa_http1_rows_run(fields, OA_COUNT(fields));
}

Test(http1_head, malformed_fields)
{
    oa_http1_rows_run(bad_fields, OA_COUNT(bad_fields));
}

static struct oa_http1_transcript transcript;

static char *repeat(char c, size_t n)
{
    char *s = calloc(1, n + 1);

    cr_assert_not_null(s);
    memset(s, c, n);
    return s;
}

/* Nothing is kept of texts: a head may have any size, whatever the pieces are. */
Test(http1_head, any_size)
{
    char *target = repeat('t', 70000), *value = repeat('v', 50000), *gap = repeat(' ', 1000);
    char *input = NULL, *expect = NULL;
    int len = asprintf(&input, "GET /%s HTTP/1.1\r\nX: %s%s%s\r\n\r\n", target, value, gap, value);

    cr_assert(len > 0 &&
              asprintf(&expect, "start|target[/%s]|GET 1.1|~x[%s%s%s]" REST, target, value, gap, value) > 0);
    for (size_t piece = 1; piece < 100000; piece = piece * 7 + 3) {
        oa_http1_transcript_init(&transcript, false, NULL);
        for (size_t at = 0; at < (size_t)len; at += piece)
            oa_http1_transcript_feed(&transcript, input + at, (size_t)len - at < piece ? (size_t)len - at : piece);
        oa_http1_transcript_finish(&transcript);
        cr_assert_null(transcript.broken, "pieces of %zu: %s", piece, transcript.broken);
        cr_assert_str_eq(transcript.text, expect, "pieces of %zu", piece);
    }
    free(target);
    free(value);
    free(gap);
    free(input);
    free(expect);
}

/* A common value comes in one event: whoever captures it need not join anything. */
Test(http1_head, one_event_per_field)
{
    static const char input[] = "Host: a b\r\nX:\r\n\r\n";
    struct oa_http1_event ev;
    struct oa_http1 p;

    oa_http1_init(&p, false);
    for (int i = 0; i < 3; i++) {
        static const char line[] = "GET / HTTP/1.1\r\n";
        static const size_t at[] = { 0, 0, 6 };

        cr_assert_geq(oa_http1_step(&p, line + at[i], sizeof(line) - 1 - at[i], &ev), 0);
    }
    cr_assert_eq(ev.type, OA_HTTP1_REQUEST_LINE);
    cr_assert_eq(oa_http1_step(&p, input, sizeof(input) - 1, &ev), 11);
    cr_assert(ev.type == OA_HTTP1_HEADER && ev.header == OA_HTTP1_HOST && ev.first && ev.last);
    cr_assert(ev.text.ptr == input + 6 && ev.text.len == 3);
    cr_assert_eq(oa_http1_step(&p, input + 11, sizeof(input) - 12, &ev), 4);
    cr_assert(ev.type == OA_HTTP1_HEADER && ev.header == OA_HTTP1_OTHER && ev.first && ev.last && !ev.text.len);
    cr_assert_eq(oa_http1_step(&p, input + 15, 2, &ev), 0);
    cr_assert_eq(ev.type, OA_HTTP1_BLANK);
}
