/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * tests/support/http1_transcript.c tests/support/http1_rows.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>

#include "preload/base/err.h"
#include "tests/support/http1_rows.h"
#include "tests/support/http1_transcript.h"

static const struct oa_http1_row connections[] = {
    REQUEST("two requests", "GET /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n",
            "start|target[/a]|GET 1.1|host[h]|blank|head none keep|end 0|start|target[/b]|HEAD 1.1|blank|head none "
            "keep|end 0|idle"),
    REQUEST(
        "nothing is carried over",
        "POST /a HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"
        "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\nGET /c HTTP/1.1\r\n\r\n",
        "start|target[/a]|POST 1.0|connection[upgrade]|upgrade[x]|expect[100-continue]|content-length[2]|blank"
        "|head length cl=2 close expect upgrade|body[ab]|end 2|start|target[/b]|POST "
        "1.1|transfer-encoding[chunked]|blank"
        "|head chunked keep|body[c]|end 1|start|target[/c]|GET 1.1|blank|head none keep|end 0|idle"),
    REQUEST("malformed second", "GET /a HTTP/1.1\r\n\r\n{}",
            "start|target[/a]|GET 1.1|blank|head none keep|end 0|malformed"),
    REQUEST("body longer than said", "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nab",
            "start|target[/a]|POST 1.1|content-length[1]|blank|head length cl=1 keep|body[a]|end 1|malformed"),
    RESPONSE("three responses",
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
             "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n"
             "HTTP/1.1 500 x\r\nConnection: close\r\n\r\nc",
             "start|200 1.1|content-length[1]|blank|head length cl=1 keep|body[a]|end 1|start|404 "
             "1.1|transfer-encoding[chunked]"
             "|blank|head chunked keep|body[b]|end 1|start|500 1.1|connection[close]|blank|head eof "
             "close|body[c]|complete"),
    REQUEST("curl",
            "GET /index.html?q=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
            "start|target[/index.html?q=1]|GET 1.1|host[127.0.0.1:8080]|user-agent[curl/7.88.1]|~accept[*/*]"
            "|traceparent[00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01]|blank|head none keep|end 0|idle"),
};

Test(http1, connections)
{
    oa_http1_rows_run(connections, OA_COUNT(connections));
}

static struct oa_http1_transcript transcript;

static void begin(bool response, const char *input)
{
    oa_http1_transcript_init(&transcript, response, NULL);
    oa_http1_transcript_feed(&transcript, input, strlen(input));
}

Test(http1, empty_steps)
{
    struct oa_http1_event ev;
    struct oa_http1 p;

    oa_http1_init(&p, false);
    cr_assert_eq(oa_http1_step(&p, NULL, 0, &ev), 0);
    cr_assert_eq(ev.type, OA_HTTP1_NONE);
    cr_assert(oa_http1_idle(&p) && oa_http1_eof(&p));
}

Test(http1, idle_ends_at_start)
{
    begin(false, "\r\n");
    cr_assert(oa_http1_idle(&transcript.parser) && oa_http1_eof(&transcript.parser));
    begin(false, "G");
    cr_assert(!oa_http1_idle(&transcript.parser) && !oa_http1_eof(&transcript.parser));
    begin(true, "HTTP/1.1 100 x\r\n\r\n");
    cr_assert(oa_http1_idle(&transcript.parser));
    begin(true, "HTTP/1.1 200 x\r\n\r\n");
    cr_assert(!oa_http1_idle(&transcript.parser) && oa_http1_eof(&transcript.parser));
}

Test(http1, dead_stays_dead)
{
    struct oa_http1_event ev;

    begin(false, "{}");
    cr_assert(transcript.parser.dead && !oa_http1_idle(&transcript.parser) && !oa_http1_eof(&transcript.parser));
    cr_assert_eq(oa_http1_step(&transcript.parser, "GET / HTTP/1.1\r\n\r\n", 18, &ev), OA_EMALFORMED);
    cr_assert_eq(oa_http1_skip(&transcript.parser, 1, &ev), OA_EMALFORMED);
    cr_assert_eq(ev.type, OA_HTTP1_NONE);
}

/* The facts of a message stay readable from its END until the next START. */
Test(http1, facts_outlive_the_end)
{
    begin(true, "HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nab");
    cr_assert_eq(transcript.ends, 1);
    cr_assert(transcript.parser.status == 404 && transcript.parser.body_bytes == 2 && transcript.parser.keep_alive);
}

/* Who skips the parser's dry run relies on it: between BLANK and HEAD_END the insert is still to come. */
Test(http1, in_body_is_certain)
{
    begin(false, "POST / HTTP/1.1\r\nX: a       ");
    cr_assert_not(oa_http1_in_body(&transcript.parser, 1), "spaces held back");
    begin(false, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r");
    cr_assert_not(oa_http1_in_body(&transcript.parser, 1), "the head has not ended");
    oa_http1_transcript_feed(&transcript, "\nabc", 4);
    cr_assert(oa_http1_in_body(&transcript.parser, 7));
    cr_assert_not(oa_http1_in_body(&transcript.parser, 8));
    oa_http1_transcript_feed(&transcript, "defghij", 7);
    cr_assert_not(oa_http1_in_body(&transcript.parser, 1), "the next head");
}

Test(http1, skip_known_length)
{
    struct oa_http1_event ev;

    begin(true, "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nab");
    cr_assert_eq(oa_http1_skip(&transcript.parser, 0, &ev), 0);
    cr_assert_eq(ev.type, OA_HTTP1_NONE);
    cr_assert_eq(oa_http1_skip(&transcript.parser, 3, &ev), 3);
    cr_assert(ev.type == OA_HTTP1_BODY && ev.text.len == 3 && !ev.text.ptr);
    cr_assert_eq(oa_http1_skip(&transcript.parser, 99, &ev), 5, "no more than the body has");
    cr_assert_eq(transcript.parser.body_bytes, 10);
    cr_assert(oa_http1_eof(&transcript.parser));
    cr_assert_eq(oa_http1_skip(&transcript.parser, 94, &ev), 0, "the end is due first");
    cr_assert_eq(ev.type, OA_HTTP1_END);
    cr_assert_eq(oa_http1_skip(&transcript.parser, 94, &ev), OA_EMALFORMED, "then unseen bytes have no place");
    cr_assert(transcript.parser.dead);
}

Test(http1, skip_then_step)
{
    struct oa_http1_event ev;

    begin(true, "HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\n");
    cr_assert_eq(oa_http1_skip(&transcript.parser, 10, &ev), 10);
    cr_assert_eq(oa_http1_step(&transcript.parser, NULL, 0, &ev), 0);
    cr_assert_eq(ev.type, OA_HTTP1_END);
    cr_assert(oa_http1_idle(&transcript.parser));
}

Test(http1, skip_until_eof)
{
    struct oa_http1_event ev;

    begin(true, "HTTP/1.1 200 x\r\n\r\nab");
    cr_assert_eq(oa_http1_skip(&transcript.parser, 1ull << 40, &ev), 1ll << 40);
    cr_assert_eq(transcript.parser.body_bytes, (1ull << 40) + 2);
    cr_assert_eq(oa_http1_skip(&transcript.parser, UINT64_MAX, &ev), INT64_MAX, "bounded by its result");
}

/* A server that announces a chunk may pass its data by sendfile, and write the rest. */
Test(http1, skip_inside_a_chunk)
{
    struct oa_http1_event ev;

    begin(true, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n");
    cr_assert_eq(oa_http1_skip(&transcript.parser, 8, &ev), 8);
    oa_http1_transcript_feed(&transcript, "\r\n0\r\n\r\n", 7);
    cr_assert(transcript.ends == 1 && transcript.parser.body_bytes == 8);
}

Test(http1, skip_where_bytes_matter)
{
    static const char *const inputs[] = {
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 x\r\nA",
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    };
    struct oa_http1_event ev;

    for (size_t i = 0; i < OA_COUNT(inputs); i++) {
        begin(true, inputs[i]);
        cr_assert_eq(oa_http1_skip(&transcript.parser, 1, &ev), OA_EMALFORMED, "%s", inputs[i]);
        cr_assert(transcript.parser.dead);
    }
}

Test(http1, skip_opaque)
{
    struct oa_http1_event ev;

    begin(true, "HTTP/1.1 101 x\r\n\r\n");
    cr_assert_eq(oa_http1_skip(&transcript.parser, 5, &ev), 5);
    cr_assert_eq(ev.type, OA_HTTP1_NONE);
    cr_assert(!oa_http1_idle(&transcript.parser) && oa_http1_eof(&transcript.parser));
}

/* A copy is a dry run: what it sees is what the original sees later. */
Test(http1, copies_are_dry_runs)
{
    static struct oa_http1_transcript copy;
    static const char head[] = "GET /abc HTTP/1.1\r\nHost: a\r\n", rest[] = " b\r\nX: y\r\n\r\n";

    begin(false, head);
    copy = transcript;
    oa_http1_transcript_feed(&copy, rest, sizeof(rest) - 1);
    cr_assert_eq(copy.ends, 1);
    cr_assert_eq(transcript.ends, 0);
    oa_http1_transcript_feed(&transcript, rest, sizeof(rest) - 1);
    cr_assert_str_eq(copy.text, transcript.text);
}
