#include "sdk/transport/reply.h"

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/http.h"
#include "sdk/transport/retry.h"

#define REPLY_BODY_FIRST 1024u
#define REPLY_TOTAL_MAX (2 * (size_t)OA_HTTP_RESPONSE_MAX) /* heads, chunk framing and body together */

void oa_http_reply_init(struct oa_http_reply *reply, struct oa_arena *arena)
{
    *reply = (struct oa_http_reply){ .arena = arena, .retry_after_ns = OA_RETRY_AFTER_NONE };
    oa_http1_init(&reply->parser, true);
}

static int reply_append(struct oa_http_reply *reply, struct oa_slice text)
{
    size_t need = reply->body_len + text.len, capacity = reply->body_capacity;

    if (need > OA_HTTP_RESPONSE_MAX)
        return OA_EFULL;
    if (need > capacity) {
        char *grown;

        capacity = capacity ? capacity : REPLY_BODY_FIRST;
        while (capacity < need)
            capacity *= 2;
        grown = reply->body ? oa_arena_grow(reply->arena, reply->body, reply->body_capacity, capacity)
                            : oa_arena_alloc(reply->arena, capacity);
        if (!grown)
            return OA_ENOMEM;
        reply->body = grown;
        reply->body_capacity = capacity;
    }
    memcpy(reply->body + reply->body_len, text.ptr, text.len);
    reply->body_len = need;
    return 0;
}

/* Retry-After may arrive in fragments; the longest legal value is a date of 29 bytes. */
static void reply_header(struct oa_http_reply *reply, const struct oa_http1_event *ev)
{
    static const struct oa_slice name = { "retry-after", 11 };
    size_t room = sizeof(reply->value) - reply->value_len, n = ev->text.len < room ? ev->text.len : room;

    if (!oa_slice_eq((struct oa_slice){ reply->parser.name, reply->parser.name_len }, name))
        return;
    if (ev->first) {
        reply->value_len = 0;
        n = ev->text.len < sizeof(reply->value) ? ev->text.len : sizeof(reply->value);
    }
    if (n)
        memcpy(reply->value + reply->value_len, ev->text.ptr, n);
    reply->value_len = (uint8_t)(reply->value_len + n);
    if (ev->last)
        reply->retry_after_ns =
            oa_retry_after_ns((struct oa_slice){ reply->value, reply->value_len }, oa_clock_unix_ns());
}

static int reply_event(struct oa_http_reply *reply, const struct oa_http1_event *ev)
{
    struct oa_http1 *p = &reply->parser;

    switch (ev->type) {
    case OA_HTTP1_STATUS_LINE:
        oa_http1_answers(p, false, false);
        reply->retry_after_ns = OA_RETRY_AFTER_NONE;
        return 0;
    case OA_HTTP1_HEADER:
        reply_header(reply, ev);
        return 0;
    case OA_HTTP1_HEAD_END:
        reply->final_head = !p->interim;
        reply->status = p->status;
        return 0;
    case OA_HTTP1_BODY:
        return ev->text.len ? reply_append(reply, ev->text) : 0;
    case OA_HTTP1_END:
        reply->done = reply->final_head;
        return 0;
    case OA_HTTP1_SWITCH:
        return OA_EMALFORMED;
    default:
        return 0;
    }
}

int oa_http_reply_feed(struct oa_http_reply *reply, const char *buf, size_t len)
{
    size_t at = 0;

    reply->any = reply->any || len > 0;
    reply->total_bytes += len;
    if (reply->total_bytes > REPLY_TOTAL_MAX)
        return OA_EFULL;
    while (!reply->done) {
        struct oa_http1_event ev;
        ssize_t n = oa_http1_step(&reply->parser, buf + at, len - at, &ev);

        if (n < 0)
            return OA_EMALFORMED;
        at += (size_t)n;
        if (ev.type == OA_HTTP1_NONE)
            return 0;
        int err = reply_event(reply, &ev);

        if (err)
            return err;
    }
    /* Bytes behind the response belong to no request of ours: never reuse such a connection. */
    reply->reusable = at == len && reply->parser.keep_alive && reply->parser.body != OA_HTTP1_UNTIL_EOF;
    return 0;
}

int oa_http_reply_eof(struct oa_http_reply *reply)
{
    if (!reply->final_head || !oa_http1_eof(&reply->parser))
        return OA_EIO;
    reply->done = true;
    reply->reusable = false;
    return 0;
}
