/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * tests/support/http1_transcript.c tests/support/http1_rows.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>

#include "tests/support/http1_rows.h"

#define REST "|blank|head none keep|end 0|idle"

static const struct oa_http1_row requests[] = {
    REQUEST("plain", "GET /x HTTP/1.1\r\n\r\n", "start|target[/x]|GET 1.1" REST),
    REQUEST("bare line feeds", "GET /x HTTP/1.1\n\n", "start|target[/x]|GET 1.1" REST),
    REQUEST("version 1.0", "GET / HTTP/1.0\r\n\r\n", "start|target[/]|GET 1.0|blank|head none close|end 0|idle"),
    REQUEST("version 1.9 counts as 1", "GET / HTTP/1.9\r\n\r\n", "start|target[/]|GET 1.1" REST),
    REQUEST("query and fragment", "GET /a/b?c=d%20e&f#g HTTP/1.1\r\n\r\n",
            "start|target[/a/b?c=d%20e&f#g]|GET 1.1" REST),
    REQUEST("absolute form", "GET http://u:p@h:80/a HTTP/1.1\r\n\r\n",
            "start|target[http://u:p@h:80/a]|GET 1.1" REST),
    REQUEST("authority form", "CONNECT h:443 HTTP/1.1\r\n\r\n", "start|target[h:443]|CONNECT 1.1" REST),
    REQUEST("asterisk form", "OPTIONS * HTTP/1.1\r\n\r\n", "start|target[*]|OPTIONS 1.1" REST),
    REQUEST("raw high bytes", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", "start|target[/\\xc3\\xa9]|GET 1.1" REST),
    REQUEST("unknown method", "M-SEARCH_9 * HTTP/1.1\r\n\r\n", "start|target[*]|M-SEARCH_9 1.1" REST),
    REQUEST("method of 23", "ABCDEFGHIJKLMNOPQRSTUVW / HTTP/1.1\r\n\r\n",
            "start|target[/]|ABCDEFGHIJKLMNOPQRSTUVW 1.1" REST),
    REQUEST("empty lines before", "\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", "start|target[/]|GET 1.1" REST),
    REQUEST("eight empty lines", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "start|target[/]|GET 1.1" REST),
    REQUEST("empty line between", "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx\r\nGET / HTTP/1.1\r\n\r\n",
            "start|target[/]|POST 1.1|content-length[1]|blank|head length cl=1 keep|body[x]|end "
            "1|start|target[/]|GET 1.1" REST),
    REQUEST("only empty lines", "\r\n\r\n", "idle"),
    REQUEST("nothing", "", "idle"),
};

static const struct oa_http1_row bad_requests[] = {
    REQUEST("lower case method", "get / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("space first", " GET / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("TLS record", "\x16\x03\x01\x02", "malformed"),
    REQUEST("zero byte", "\0GET / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("method goes lower", "GEt / HTTP/1.1\r\n\r\n", "start|malformed"),
    REQUEST("method of 24", "ABCDEFGHIJKLMNOPQRSTUVWX / HTTP/1.1\r\n\r\n", "start|malformed"),
    REQUEST("method and tab", "GET\t/ HTTP/1.1\r\n\r\n", "start|malformed"),
    REQUEST("method and line end", "GET\r\n\r\n", "start|malformed"),
    REQUEST("two spaces", "GET  / HTTP/1.1\r\n\r\n", "start|malformed"),
    REQUEST("no target", "GET \r\n\r\n", "start|malformed"),
    REQUEST("no version", "GET /\r\n\r\n", "start|target[/|malformed"),
    REQUEST("tab in target", "GET /a\tb HTTP/1.1\r\n\r\n", "start|target[/a|malformed"),
    REQUEST("zero in target", "GET /a\0b HTTP/1.1\r\n\r\n", "start|target[/a|malformed"),
    REQUEST("space after target", "GET /  HTTP/1.1\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("space in target", "GET /a b HTTP/1.1\r\n\r\n", "start|target[/a]|malformed"),
    REQUEST("version 2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "start|target[*]|malformed"),
    REQUEST("version without digit", "GET / HTTP/1.\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("version of two digits", "GET / HTTP/1.10\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("version in lower case", "GET / http/1.1\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("other protocol", "GET / ICAP/1.0\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("space after version", "GET / HTTP/1.1 \r\n\r\n", "start|target[/]|malformed"),
    REQUEST("carriage return alone", "GET / HTTP/1.1\rHost: a\r\n\r\n", "start|target[/]|malformed"),
    REQUEST("leading CR alone", "\rGET / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("leading CR CR", "\r\r\nGET / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("nine empty lines", "\n\n\n\n\n\n\n\n\nGET / HTTP/1.1\r\n\r\n", "malformed"),
    REQUEST("response among requests", "HTTP/1.1 200 OK\r\n\r\n", "start|malformed"),
};

#define BODILESS "|blank|head none keep|end 0|idle"

static const struct oa_http1_row responses[] = {
    RESPONSE("plain", "HTTP/1.1 204 No Content\r\n\r\n", "start|204 1.1" BODILESS),
    RESPONSE("bare line feeds", "HTTP/1.1 204 No Content\n\n", "start|204 1.1" BODILESS),
    RESPONSE("empty reason", "HTTP/1.1 204 \r\n\r\n", "start|204 1.1" BODILESS),
    RESPONSE("no reason, no space", "HTTP/1.1 204\r\n\r\n", "start|204 1.1" BODILESS),
    RESPONSE("no reason, bare line feed", "HTTP/1.1 204\n\n", "start|204 1.1" BODILESS),
    RESPONSE("reason of any bytes", "HTTP/1.1 204 \xe2\x82\xac: \t!\r\n\r\n", "start|204 1.1" BODILESS),
    RESPONSE("version 1.0", "HTTP/1.0 304 x\r\n\r\n", "start|304 1.0|blank|head none close|end 0|idle"),
    RESPONSE("status 999", "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n",
             "start|999 1.1|content-length[0]|blank|head length cl=0 keep|end 0|idle"),
};

static const struct oa_http1_row bad_responses[] = {
    RESPONSE("request among responses", "GET / HTTP/1.1\r\n\r\n", "malformed"),
    RESPONSE("empty line before", "\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed"),
    RESPONSE("HTTP/2", "HTTP/2 200\r\n\r\n", "start|malformed"),
    RESPONSE("version without digit", "HTTP/1. 200 OK\r\n\r\n", "start|malformed"),
    RESPONSE("version of two digits", "HTTP/1.11 200 OK\r\n\r\n", "start|malformed"),
    RESPONSE("two spaces", "HTTP/1.1  200 OK\r\n\r\n", "start|malformed"),
    RESPONSE("no status", "HTTP/1.1\r\n\r\n", "start|malformed"),
    RESPONSE("two digits", "HTTP/1.1 20 OK\r\n\r\n", "start|malformed"),
    RESPONSE("four digits", "HTTP/1.1 2000 OK\r\n\r\n", "start|malformed"),
    RESPONSE("below 100", "HTTP/1.1 099 OK\r\n\r\n", "start|malformed"),
    RESPONSE("no digits", "HTTP/1.1 abc OK\r\n\r\n", "start|malformed"),
    RESPONSE("text at the status", "HTTP/1.1 200OK\r\n\r\n", "start|malformed"),
};

Test(http1_start, requests)
{
    oa_http1_rows_run(requests, OA_COUNT(requests));
}

Test(http1_start, malformed_requests)
{
    oa_http1_rows_run(bad_requests, OA_COUNT(bad_requests));
}

Test(http1_start, responses)
{
    oa_http1_rows_run(responses, OA_COUNT(responses));
}

Test(http1_start, malformed_responses)
{
    oa_http1_rows_run(bad_responses, OA_COUNT(bad_responses));
}
