/* SOURCES: sdk/transport/reply.c sdk/transport/retry.c hooks/protocols/http1.c hooks/protocols/http1_body.c
 * hooks/protocols/http1_detect.c hooks/protocols/http1_fields.c hooks/protocols/http1_head.c
 * hooks/protocols/http1_lines.c hooks/protocols/http1_start.c preload/base/arena.c */
/*
 * The input is what a backend answers over HTTP/1. Properties: cut into pieces it is read as in one, a body is within
 * its bound, a wait is within a day.
 */
#include "sdk/transport/reply.h"

#include <stdint.h>

#include "preload/base/clock.h"
#include "sdk/transport/http.h"
#include "sdk/transport/retry.h"
#include "tests/fuzz/must.h"

struct outcome {
    int err, status;
    bool done;
    size_t body_len;
    uint64_t retry_after_ns;
};

/* Whole, or byte by byte. */
static struct outcome read_in(const char *data, size_t size, size_t step)
{
    struct oa_http_reply reply;
    struct oa_arena arena;
    struct outcome outcome = { 0 };

    oa_arena_init(&arena, 256, 1u << 20);
    oa_http_reply_init(&reply, &arena);
    for (size_t at = 0; at < size && outcome.err == 0 && !reply.done; at += step)
        outcome.err = oa_http_reply_feed(&reply, data + at, size - at < step ? size - at : step);
    if (outcome.err == 0 && !reply.done)
        outcome.err = oa_http_reply_eof(&reply);
    outcome.status = reply.status;
    outcome.done = reply.done;
    outcome.body_len = reply.body_len;
    outcome.retry_after_ns = reply.retry_after_ns;
    must(reply.body_len <= OA_HTTP_RESPONSE_MAX);
    must(reply.retry_after_ns == OA_RETRY_AFTER_NONE || reply.retry_after_ns <= 86400 * OA_NS_PER_S);
    oa_arena_release(&arena);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = read_in((const char *)data, size, size ? size : 1);
    struct outcome pieces = read_in((const char *)data, size, 1);

    must(whole.err == pieces.err && whole.done == pieces.done);
    if (whole.err == 0)
        must(whole.status == pieces.status && whole.body_len == pieces.body_len &&
             whole.retry_after_ns == pieces.retry_after_ns);
    return 0;
}
