#include "tests/exact/message_text.h"

#include <ctype.h>

#include "tests/exact/message.h"

static const char token_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_eol(struct bytes *out, struct rng *rng, enum line_style style)
{
    bytes_str(out, style == LINES_CRLF || (style == LINES_MIXED && rng_chance(rng, 500)) ? "\r\n" : "\n");
}

void text_token(struct bytes *out, struct rng *rng, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes_put(out, &token_chars[rng_below(rng, sizeof(token_chars) - 1)], 1);
}

void text_value(struct bytes *out, struct rng *rng, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool inside = i > 0 && i + 1 < n;
        char c = (char)rng_range(rng, 0x21, 0x7e);

        if (inside && rng_chance(rng, 100))
            c = rng_chance(rng, 900) ? ' ' : '\t';
        else if (rng_chance(rng, 20))
            c = (char)rng_range(rng, 0x80, 0xff);
        bytes_put(out, &c, 1);
    }
}

void text_hex(struct bytes *out, struct rng *rng, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes_put(out, &"0123456789abcdef"[rng_below(rng, 16)], 1);
}

size_t text_traceparent(struct bytes *out, struct rng *rng)
{
    size_t id;

    bytes_str(out, "00-1");
    text_hex(out, rng, 31);
    bytes_str(out, "-");
    id = out->len;
    bytes_str(out, "1");
    text_hex(out, rng, 15);
    bytes_str(out, rng_chance(rng, 700) ? "-01" : rng_chance(rng, 500) ? "-00" : "-03");
    return id;
}

void text_any_case(struct bytes *out, struct rng *rng, const char *name)
{
    unsigned upper = rng_chance(rng, 600) ? 0 : rng_chance(rng, 500) ? 1000 : 500;

    for (; *name; name++) {
        char c = rng_chance(rng, upper) ? (char)toupper(*name) : *name;

        bytes_put(out, &c, 1);
    }
}

void text_decoy(struct bytes *out, struct rng *rng, enum line_style style)
{
    static const char *const starts[] = {
        "X-Traceparent: ",
        "traceparent-old: ",
        "X-Note: traceparent: ",
        "trace-parent:",
        "tracestat: ",
        "X-Empty:",
        "traceparentraceparentraceparentraceparenttraceparent: ",
    };
    size_t which = rng_below(rng, sizeof(starts) / sizeof(*starts) + 1);

    if (which < sizeof(starts) / sizeof(*starts)) {
        bytes_str(out, starts[which]);
    } else { /* a folded line: its second half belongs to the field above */
        bytes_str(out, "X-Folded: a");
        text_eol(out, rng, style);
        bytes_str(out, rng_chance(rng, 500) ? " traceparent: " : "\ttraceparent: ");
    }
    if (which != 5)
        text_traceparent(out, rng);
    text_eol(out, rng, style);
}

static void noise_piece(struct bytes *out, struct rng *rng)
{
    static const char *const pieces[] = {
        "GET / HTTP/1.1\r\nHost: inner\r\n\r\n",
        "\r\n\r\n",
        "\n\n",
        "0\r\n\r\n",
        "traceparent: ",
        "\r\n",
        "\n",
        "POST /inner HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "\r\ntracestate: a=b\r\nbaggage: c=d\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\n\r\n",
        "1f\r\n",
        " HTTP/1.1\r\n",
        "\r",
    };

    switch (rng_below(rng, 4)) {
    case 0:
        text_value(out, rng, rng_range(rng, 1, 60));
        break;
    case 1:
        for (size_t i = rng_range(rng, 1, 40); i > 0; i--)
            bytes_put(out, &(char){ (char)rng_next(rng) }, 1);
        break;
    case 2:
        bytes_str(out, "traceparent: ");
        text_traceparent(out, rng);
        bytes_str(out, "\r\n");
        break;
    default:
        bytes_str(out, pieces[rng_below(rng, sizeof(pieces) / sizeof(*pieces))]);
    }
}

void message_noise(struct bytes *out, struct rng *rng, size_t n)
{
    size_t end = out->len + n;

    while (out->len < end)
        noise_piece(out, rng);
    out->len = end;
}

void message_garbage(struct bytes *out, struct rng *rng)
{
    static const char *const starts[] = {
        "\x16\x03\x01\x02 GET / HTTP/1.1\r\n\r\n",
        "get /lower HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /no-colon HTTP/1.1\r\nHost: a\r\nno colon here\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        "GET /two words HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    size_t which = rng_below(rng, sizeof(starts) / sizeof(*starts));

    bytes_str(out, starts[which]);
    message_noise(out, rng, rng_range(rng, 0, 400));
}
