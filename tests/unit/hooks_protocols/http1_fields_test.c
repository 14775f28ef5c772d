/* SOURCES: hooks/protocols/http1.c hooks/protocols/http1_start.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_fields.c hooks/protocols/http1_body.c
 * tests/support/http1_transcript.c tests/support/http1_rows.c tests/support/guard_page.c */
#include "hooks/protocols/http1.h"

#include <criterion/criterion.h>

#include "tests/support/http1_rows.h"

#define POST "POST / HTTP/1.1\r\n"
#define BEGIN "start|target[/]|POST 1.1"
#define NO_CHUNK "|blank|head chunked keep|end 0|idle"
#define HUGE "18446744073709551615"

static const struct oa_http1_row requests[] = {
    REQUEST("length", POST "Content-Length: 5\r\n\r\nhello",
            BEGIN "|content-length[5]|blank|head length cl=5 keep|body[hello]|end 5|idle"),
    REQUEST("length 0", POST "Content-Length: 0\r\n\r\n",
            BEGIN "|content-length[0]|blank|head length cl=0 keep|end 0|idle"),
    REQUEST("length with zeros", POST "Content-Length: 0001\r\n\r\nx",
            BEGIN "|content-length[0001]|blank|head length cl=1 keep|body[x]|end 1|idle"),
    REQUEST("length twice", POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            BEGIN "|content-length[1]|content-length[1]|blank|head length cl=1 keep|body[x]|end 1|idle"),
    REQUEST("length list", POST "Content-Length: 1, 1 ,1\r\n\r\nx",
            BEGIN "|content-length[1, 1 ,1]|blank|head length cl=1 keep|body[x]|end 1|idle"),
    REQUEST("longest length", POST "Content-Length: " HUGE "\r\n\r\nx",
            BEGIN "|content-length[" HUGE "]|blank|head length cl=" HUGE " keep|body[x]|cut"),
    REQUEST("chunked", POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[chunked]" NO_CHUNK),
    REQUEST("chunked, any case", POST "Transfer-Encoding: CHUNKed\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[CHUNKed]" NO_CHUNK),
    REQUEST("chunked last", POST "Transfer-Encoding: gzip , chunked\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[gzip , chunked]" NO_CHUNK),
    REQUEST("chunked last, two fields", POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[gzip]|transfer-encoding[chunked]" NO_CHUNK),
    REQUEST("chunked and empty elements", POST "Transfer-Encoding: ,chunked,,\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[,chunked,,]" NO_CHUNK),
    REQUEST("chunked, folded", POST "Transfer-Encoding:\r\n\tgzip,\r\n chunked\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[gzip, chunked]" NO_CHUNK),
    REQUEST("chunked beats length", POST "Transfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[chunked]|content-length[50]|blank|head chunked cl=50 keep|end 0|idle"),
    REQUEST("expect", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
            BEGIN "|expect[100-Continue]|content-length[1]|blank|head length cl=1 keep expect|body[x]|end 1|idle"),
    REQUEST("expect something else", POST "Expect: 200-ok\r\n\r\n",
            BEGIN "|expect[200-ok]|blank|head none keep|end 0|idle"),
    REQUEST("close", POST "Connection: Close\r\n\r\n", BEGIN "|connection[Close]|blank|head none close|end 0|idle"),
    REQUEST("close in a list", POST "Connection: foo,\tclose , bar\r\n\r\n",
            BEGIN "|connection[foo, close , bar]|blank|head none close|end 0|idle"),
    REQUEST(
        "close in a long list",
        POST
        "Connection: a1234567890123456789012345678901234567890123456789012345678901234567890123456789,close\r\n\r\n",
        BEGIN "|connection[a1234567890123456789012345678901234567890123456789012345678901234567890123456789,close]"
              "|blank|head none close|end 0|idle"),
    REQUEST(
        "a word too long is no word",
        POST
        "Connection: close                                                                                x\r\n\r\n",
        BEGIN "|connection[close                                                                                x]"
              "|blank|head none keep|end 0|idle"),
    REQUEST("1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "start|target[/]|GET 1.0|connection[keep-alive]|blank|head none keep|end 0|idle"),
    REQUEST("1.0 keep-alive and close", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
            "start|target[/]|GET 1.0|connection[keep-alive, close]|blank|head none close|end 0|idle"),
    REQUEST("upgrade", POST "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
            BEGIN "|connection[keep-alive, Upgrade]|upgrade[websocket]|blank|head none keep upgrade|end 0|idle"),
    REQUEST("upgrade without Connection", POST "Upgrade: websocket\r\n\r\n",
            BEGIN "|upgrade[websocket]|blank|head none keep|end 0|idle"),
    REQUEST("upgrade to nothing", POST "Connection: upgrade\r\nUpgrade:\r\n\r\n",
            BEGIN "|connection[upgrade]|upgrade[]|blank|head none keep|end 0|idle"),
};

static const struct oa_http1_row bad_requests[] = {
    REQUEST("two lengths", POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
            BEGIN "|content-length[1]|content-length[2]|malformed"),
    REQUEST("two lengths in a list", POST "Content-Length: 5, 6\r\n\r\n", BEGIN "|content-length[5, 6]|malformed"),
    REQUEST("length over 64 bits", POST "Content-Length: 18446744073709551616\r\n\r\n",
            BEGIN "|content-length[18446744073709551616]|malformed"),
    REQUEST("length far over", POST "Content-Length: 99999999999999999999999\r\n\r\n",
            BEGIN "|content-length[99999999999999999999999]|malformed"),
    REQUEST("length with sign", POST "Content-Length: +5\r\n\r\n", BEGIN "|content-length[+5]|malformed"),
    REQUEST("length below 0", POST "Content-Length: -1\r\n\r\n", BEGIN "|content-length[-1]|malformed"),
    REQUEST("length in hex", POST "Content-Length: 0x5\r\n\r\n", BEGIN "|content-length[0x5]|malformed"),
    REQUEST("length with space", POST "Content-Length: 1 2\r\n\r\n", BEGIN "|content-length[1 2]|malformed"),
    REQUEST("length with text", POST "Content-Length: 5x\r\n\r\n", BEGIN "|content-length[5x]|malformed"),
    REQUEST("length folded", POST "Content-Length: 1\r\n 2\r\n\r\n", BEGIN "|content-length[1 2]|malformed"),
    REQUEST("length empty", POST "Content-Length: \r\n\r\n", BEGIN "|content-length[]|malformed"),
    REQUEST("length of commas", POST "Content-Length: ,,\r\n\r\n", BEGIN "|content-length[,,]|malformed"),
    REQUEST("bad length, chunked", POST "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n",
            BEGIN "|transfer-encoding[chunked]|content-length[x]|malformed"),
    REQUEST("chunked not last", POST "Transfer-Encoding: chunked, gzip\r\n\r\n",
            BEGIN "|transfer-encoding[chunked, gzip]|malformed"),
    REQUEST("not chunked", POST "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
            BEGIN "|transfer-encoding[gzip]|content-length[1]|malformed"),
    REQUEST("nearly chunked", POST "Transfer-Encoding: xchunked\r\n\r\n",
            BEGIN "|transfer-encoding[xchunked]|malformed"),
    REQUEST("chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n",
            BEGIN "|transfer-encoding[chunked, chunked]|malformed"),
    REQUEST("no coding", POST "Transfer-Encoding:\r\n\r\n", BEGIN "|transfer-encoding[]|malformed"),
};

#define R(status) "HTTP/1.1 " status "\r\n"
#define A(status) "start|" status " 1.1"

static const struct oa_http1_row responses[] = {
    RESPONSE("length", R("200 OK") "Content-Length: 2\r\n\r\nok",
             A("200") "|content-length[2]|blank|head length cl=2 keep|body[ok]|end 2|idle"),
    RESPONSE("chunked", R("200 OK") "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
             A("200") "|transfer-encoding[chunked]|blank|head chunked keep|body[ok]|end 2|idle"),
    RESPONSE("until close", R("200 OK") "\r\nok", A("200") "|blank|head eof keep|body[ok]|complete"),
    RESPONSE("until close, empty", R("200 OK") "\r\n", A("200") "|blank|head eof keep|complete"),
    RESPONSE("coding but chunked", R("200 OK") "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nok",
             A("200") "|transfer-encoding[gzip]|content-length[1]|blank|head eof cl=1 keep|body[ok]|complete"),
    RESPONSE("chunked not last", R("200 OK") "Transfer-Encoding: chunked, gzip\r\n\r\nok",
             A("200") "|transfer-encoding[chunked, gzip]|blank|head eof keep|body[ok]|complete"),
    ANSWER("H", "to HEAD", R("200 OK") "Content-Length: 9\r\n\r\n",
           A("200") "|content-length[9]|blank|head none cl=9 keep|end 0|idle"),
    ANSWER("H", "to HEAD, chunked", R("200 OK") "Transfer-Encoding: chunked\r\n\r\n",
           A("200") "|transfer-encoding[chunked]|blank|head none keep|end 0|idle"),
    ANSWER("H-", "to HEAD, then to GET",
           R("200 OK") "Content-Length: 1\r\n\r\n" R("200 OK") "Content-Length: 1\r\n\r\nx",
           A("200") "|content-length[1]|blank|head none cl=1 keep|end 0|" A(
               "200") "|content-length[1]|blank|head length cl=1 keep|body[x]|end 1|idle"),
    RESPONSE("204 with length", R("204 x") "Content-Length: 9\r\n\r\n",
             A("204") "|content-length[9]|blank|head none cl=9 keep|end 0|idle"),
    RESPONSE("304 with coding", R("304 x") "Transfer-Encoding: chunked\r\n\r\n",
             A("304") "|transfer-encoding[chunked]|blank|head none keep|end 0|idle"),
    RESPONSE("100 and answer", R("100 Continue") "\r\n" R("204 x") "\r\n",
             A("100") "|blank|head none keep interim|" A("204") "|blank|head none keep|end 0|idle"),
    ANSWER("H", "103, 102 and answer to HEAD",
           R("103 x") "Location: a\r\n\r\n" R("102 x") "\r\n" R("200 x") "Content-Length: 3\r\n\r\n",
           A("103") "|location[a]|blank|head none keep interim|" A("102") "|blank|head none keep interim|" A(
               "200") "|content-length[3]|blank|head none cl=3 keep|end 0|idle"),
    RESPONSE("interim and nothing yet", R("100 x") "\r\n", A("100") "|blank|head none keep interim|idle"),
    RESPONSE("101", R("101 x") "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
             A("101") "|connection[upgrade]|upgrade[websocket]|blank|head none keep upgrade|switch|opaque"),
    RESPONSE("101 with nothing after", R("101 x") "\r\n", A("101") "|blank|head none keep|switch|opaque"),
    ANSWER("C", "2xx to CONNECT", R("200 x") "Content-Length: 9\r\n\r\n\x16\x03\x01",
           A("200") "|content-length[9]|blank|head none cl=9 keep|switch|opaque"),
    ANSWER("C", "299 to CONNECT", R("299 x") "\r\nGET", A("299") "|blank|head none keep|switch|opaque"),
    ANSWER("C", "407 to CONNECT", R("407 x") "Content-Length: 1\r\n\r\nx",
           A("407") "|content-length[1]|blank|head length cl=1 keep|body[x]|end 1|idle"),
    RESPONSE("1.0, then closed", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nbody",
             "start|200 1.0|~server[x]|blank|head eof close|body[body]|complete"),
    RESPONSE("cut in a body", R("200 OK") "Content-Length: 5\r\n\r\nhell",
             A("200") "|content-length[5]|blank|head length cl=5 keep|body[hell]|cut"),
    RESPONSE("cut in a head", R("200 OK") "Content-Length: 5\r\n", A("200") "|content-length[5|cut"),
    RESPONSE("two lengths", R("200 OK") "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
             A("200") "|content-length[5]|content-length[6]|malformed"),
};

Test(http1_fields, requests)
{
    oa_http1_rows_run(requests, OA_COUNT(requests));
}

Test(http1_fields, malformed_requests)
{
    oa_http1_rows_run(bad_requests, OA_COUNT(bad_requests));
}

Test(http1_fields, responses)
{
    oa_http1_rows_run(responses, OA_COUNT(responses));
}
