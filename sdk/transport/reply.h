/*
 * struct oa_http_reply: collects one HTTP/1 response from bytes as they arrive, with the parser of
 * the hooks (hooks/protocols/http1.h). Interim (1xx) responses are skipped; a switch of protocols,
 * and anything that is no HTTP, is malformed. The body is kept in the caller's arena.
 *
 * No descriptor and no clock but the one for a Retry-After date: testable byte by byte.
 */
#ifndef OA_SDK_TRANSPORT_REPLY_H
#define OA_SDK_TRANSPORT_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "hooks/protocols/http1.h"
#include "preload/base/arena.h"

struct oa_http_reply {
    /* Read by the caller. */
    int status;
    bool any;      /* at least one byte came */
    bool done;     /* the response is complete */
    bool reusable; /* done, and the connection may carry another request */
    uint64_t retry_after_ns;
    char *body; /* NULL while empty */
    size_t body_len;

    /* Private. */
    struct oa_http1 parser;
    struct oa_arena *arena;
    size_t body_capacity;
    size_t total_bytes;
    bool final_head;
    uint8_t value_len;
    char value[OA_HTTP1_VALUE_MAX];
};

void oa_http_reply_init(struct oa_http_reply *reply, struct oa_arena *arena);

/* 0 (look at done), OA_EMALFORMED, OA_EFULL (over OA_HTTP_RESPONSE_MAX), OA_ENOMEM. */
int oa_http_reply_feed(struct oa_http_reply *reply, const char *buf, size_t len) OA_MUST_CHECK;

/* The peer closed. 0 if that completes the response, OA_EIO if it was cut short. */
int oa_http_reply_eof(struct oa_http_reply *reply) OA_MUST_CHECK;

#endif
