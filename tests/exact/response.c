#include "tests/exact/message.h"

#include "tests/exact/message_text.h"

void script_run_add(struct script_runs *runs, size_t from, size_t to)
{
    if (from == to)
        return;
    runs->run = list_grow(runs->run, runs->count, sizeof(*runs->run));
    runs->run[runs->count++] = (struct script_run){ from, to };
}

static void run_of(struct script *script, struct rng *rng, size_t n)
{
    size_t from = script->in.len;

    message_noise(&script->in, rng, n);
    script_run_add(&script->in_runs, from, script->in.len);
}

static void interim(struct script *script, struct rng *rng)
{
    bytes_str(&script->in, rng_chance(rng, 500) ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                                : "HTTP/1.1 102 Processing\r\n\r\n");
}

static void chunks(struct script *script, struct rng *rng, size_t n)
{
    bytes_str(&script->in, "Transfer-Encoding: chunked\r\n\r\n");
    while (n > 0) {
        size_t take = rng_range(rng, 1, n);

        bytes_fmt(&script->in, "%zx\r\n", take);
        run_of(script, rng, take);
        bytes_str(&script->in, "\r\n");
        n -= take;
    }
    bytes_str(&script->in, rng_chance(rng, 900) ? "0\r\n\r\n" : "0\r\nX-Trailer: a\r\n\r\n");
}

void message_response(struct script *script, struct rng *rng, const struct request *request, bool until_eof)
{
    size_t n = rng_size(rng, rng_chance(rng, 980) ? 1500 : 60000), kind = rng_below(rng, 10);

    if (rng_chance(rng, 40))
        interim(script, rng);
    if (request->turn == TURN_CONNECT) {
        bytes_str(&script->in, "HTTP/1.1 407 Proxy Authentication Required\r\n");
    } else if (kind == 0 && !until_eof) {
        bytes_str(&script->in,
                  rng_chance(rng, 500) ? "HTTP/1.1 204 No Content\r\n\r\n" : "HTTP/1.1 304 \r\nETag: x\r\n\r\n");
        return;
    } else {
        bytes_str(&script->in, kind == 1   ? "HTTP/1.1 500 Oops\r\n"
                               : kind == 2 ? "HTTP/1.1 302\r\nLocation: /there\r\n"
                                           : "HTTP/1.1 200 OK\r\n");
    }
    if (rng_chance(rng, 300))
        text_decoy(&script->in, rng, LINES_CRLF);
    if (until_eof && !request->is_head) {
        bytes_str(&script->in, "Connection: close\r\n\r\n");
        run_of(script, rng, n);
    } else if (request->is_head) {
        bytes_fmt(&script->in, "Content-Length: %zu\r\n\r\n", n);
    } else if (rng_chance(rng, 400)) {
        chunks(script, rng, n);
    } else {
        bytes_fmt(&script->in, "Content-Length: %zu\r\n\r\n", n);
        run_of(script, rng, n);
    }
}
