/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * tests/support/http1_transcript.c tests/support/http1_rows.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/support/http1_rows.h"
#include "tests/support/http1_transcript.h"

#define HEAD "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BEGIN "start|target[/]|POST 1.1|transfer-encoding[chunked]|blank|head chunked keep"

static const struct oa_http1_row chunked[] = {
    REQUEST("one", HEAD "5\r\nhello\r\n0\r\n\r\n", BEGIN "|body[hello]|end 5|idle"),
    REQUEST("several", HEAD "5\r\nhello\r\n1\r\n,\r\nA\r\n0123456789\r\n0\r\n\r\n",
            BEGIN "|body[hello,0123456789]|end 16|idle"),
    REQUEST("none", HEAD "0\r\n\r\n", BEGIN "|end 0|idle"),
    REQUEST("bare line feeds", HEAD "5\nhello\n0\n\n", BEGIN "|body[hello]|end 5|idle"),
    REQUEST("hex of both cases", HEAD "a\r\n0123456789\r\n00B\r\n0123456789a\r\n000\r\n\r\n",
            BEGIN "|body[01234567890123456789a]|end 21|idle"),
    REQUEST("many zeros", HEAD "000000000000000000000000001\r\nx\r\n0\r\n\r\n", BEGIN "|body[x]|end 1|idle"),
    REQUEST("extensions", HEAD "1;a=b;c=\"d;\r e\"\r\nx\r\n0;z\r\n\r\n", BEGIN "|body[x]|end 1|idle"),
    REQUEST("padded size", HEAD "1  \t\r\nx\r\n0 ;a\r\n\r\n", BEGIN "|body[x]|end 1|idle"),
    REQUEST("trailers", HEAD "1\r\nx\r\n0\r\nTransfer-Encoding: y\r\nA: b\n\r\n", BEGIN "|body[x]|end 1|idle"),
    REQUEST("line ends in data", HEAD "4\r\n\r\n\r\n\r\n0\r\n\r\n", BEGIN "|body[\\x0d\\x0a\\x0d\\x0a]|end 4|idle"),
    REQUEST("largest size", HEAD "FFFFFFFFFFFFFFFF\r\nx", BEGIN "|body[x]|cut"),
    REQUEST("cut after a chunk", HEAD "1\r\nx\r\n", BEGIN "|body[x]|cut"),
    REQUEST("cut before the last line", HEAD "0\r\nA: b\r\n", BEGIN "|cut"),
    REQUEST("pipelined", HEAD "1\r\nx\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
            BEGIN "|body[x]|end 1|start|target[/b]|GET 1.1|blank|head none keep|end 0|idle"),
    REQUEST("no size", HEAD "\r\nx", BEGIN "|malformed"),
    REQUEST("no hex", HEAD "g\r\nx", BEGIN "|malformed"),
    REQUEST("sign", HEAD "+1\r\nx", BEGIN "|malformed"),
    REQUEST("prefix", HEAD "0x1\r\nx", BEGIN "|malformed"),
    REQUEST("space first", HEAD " 1\r\nx", BEGIN "|malformed"),
    REQUEST("digits after space", HEAD "1 1\r\nx", BEGIN "|malformed"),
    REQUEST("size over 64 bits", HEAD "10000000000000000\r\nx", BEGIN "|malformed"),
    REQUEST("carriage return alone", HEAD "1\rx\r\n", BEGIN "|malformed"),
    REQUEST("data too long", HEAD "1\r\nxy\r\n0\r\n\r\n", BEGIN "|body[x|malformed"),
    REQUEST("data and CR alone", HEAD "1\r\nx\r0\r\n\r\n", BEGIN "|body[x|malformed"),
    REQUEST("next size missing", HEAD "1\r\nx\r\n\r\n", BEGIN "|body[x|malformed"),
    REQUEST("last line with CR alone", HEAD "0\r\n\rx", BEGIN "|malformed"),
};

Test(http1_body, chunked)
{
    oa_http1_rows_run(chunked, OA_COUNT(chunked));
}

/* The digits of the status line must not pass for those of a chunk size. */
Test(http1_body, response_without_size)
{
    static const struct oa_http1_row row[] = {
        RESPONSE("no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
                 "start|200 1.1|transfer-encoding[chunked]|blank|head chunked keep|malformed"),
    };

    oa_http1_rows_run(row, OA_COUNT(row));
}

static struct oa_http1_transcript transcript;

static void feed(const char *text)
{
    oa_http1_transcript_feed(&transcript, text, strlen(text));
}

static bool flood_kills(const char *lead, const char *unit, size_t times)
{
    oa_http1_transcript_init(&transcript, false, NULL);
    feed(HEAD);
    feed(lead);
    for (size_t i = 0; i < times && !transcript.parser.dead; i++)
        feed(unit);
    return transcript.parser.dead;
}

/* Framing that never comes to data is an attack: bounded, however it is dressed. */
Test(http1_body, absurd_overhead)
{
    cr_assert(flood_kills("0", "0", 70000), "zeros");
    cr_assert(flood_kills("1;", "extension ", 7000), "extension");
    cr_assert(flood_kills("0\r\n", "A: b\r\n", 20000), "trailers");
    cr_assert_not(flood_kills("1;", "extension ", 6000), "a long extension");
    cr_assert_not(flood_kills("", "1\r\nx\r\n", 20000), "small chunks");
}
