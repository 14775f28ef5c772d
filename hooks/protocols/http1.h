/*
 * HTTP/1.0 and 1.1, one streaming parser per direction (RFC 9112). Pull style: each step() looks at
 * the bytes offered, consumes some, and reports at most one event. Bytes may be cut anywhere and a
 * head may have any size: nothing but small fixed matchers is kept, text is reported as fragments
 * that point into the input. Pure: no allocation, clock, lock or descriptor. A struct oa_http1 is
 * plain data: copying it makes a dry run.
 *
 * Never resynchronises: after malformed bytes the parser is DEAD for good.
 */
#ifndef OA_HTTP1_H
#define OA_HTTP1_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_HTTP1_METHOD_MAX 24
#define OA_HTTP1_NAME_MAX 64
#define OA_HTTP1_VALUE_MAX 64

enum oa_http1_header {
    OA_HTTP1_OTHER,
#define HEADER(id, name, use) OA_HTTP1_##id,
#include "hooks/protocols/headers.def"
#undef HEADER
    OA_HTTP1_HEADER_COUNT,
    OA_HTTP1_WATCHED = OA_HTTP1_HEADER_COUNT /* + index in the watch list */
};

#define OA_HTTP1_WATCH_MAX 48

/* Fields that somebody wants to see beside those of headers.def. Constant while a parser points to it. */
struct oa_http1_watch {
    uint32_t rows;    /* bit per enum oa_http1_header: these are reported too */
    uint64_t lengths; /* bit n: a whole name of n bytes is in the list */
    uint8_t count;
    uint8_t prefixes; /* the last so many names are beginnings of names */
    struct {
        uint8_t len;
        const char *name; /* lower case */
    } names[OA_HTTP1_WATCH_MAX];
};

enum oa_http1_event_type {
    OA_HTTP1_NONE,         /* everything offered was consumed, nothing to say */
    OA_HTTP1_START,        /* the first byte of a start line comes next (nothing of it consumed yet) */
    OA_HTTP1_TARGET,       /* fragment of the request target; last = the target is complete */
    OA_HTTP1_REQUEST_LINE, /* method, minor are set */
    OA_HTTP1_STATUS_LINE,  /* status, minor are set; call oa_http1_answers() now */
    OA_HTTP1_HEADER,       /* fragment of a field value: header, text, first, last; OWS trimmed at both ends */
    OA_HTTP1_BLANK,    /* the empty line that ends the head comes next (its CR or LF not consumed): inserts go here */
    OA_HTTP1_HEAD_END, /* the empty line was consumed; framing, interim, keep_alive are set */
    OA_HTTP1_BODY,     /* text = body data bytes (chunk framing removed); only its length matters after skip() */
    OA_HTTP1_END,      /* the last byte of the message was consumed */
    OA_HTTP1_SWITCH,   /* 101, or 2xx to CONNECT, or the client's CONNECT/Upgrade went through: OPAQUE from here */
};

struct oa_http1_event {
    enum oa_http1_event_type type;
    unsigned header; /* enum oa_http1_header, or OA_HTTP1_WATCHED + index */
    struct oa_slice text;
    bool first, last;
};

enum oa_http1_body { OA_HTTP1_NO_BODY, OA_HTTP1_LENGTH, OA_HTTP1_CHUNKED, OA_HTTP1_UNTIL_EOF };

struct oa_http1 {
    /* Read by the caller. */
    uint64_t content_length; /* of the head, valid if has_length */
    uint64_t body_bytes;     /* body data seen so far in this message */
    uint16_t status;         /* responses: 100..999 */
    uint8_t method_len;
    uint8_t minor;   /* HTTP/1.minor: 0 or 1 (larger digits are reported as 1) */
    uint8_t body;    /* enum oa_http1_body, from HEAD_END on */
    bool response;   /* direction, fixed by init */
    bool interim;    /* this head was a 1xx other than 101: the real response follows */
    bool keep_alive; /* by version and Connection */
    bool has_length;
    bool expect_continue;
    bool upgrade; /* Upgrade and Connection: upgrade both present */
    bool dead;    /* malformed input was seen */
    bool quiet;   /* set by the caller after init: fields that only the parser reads, or nobody, and BLANK of
                   * responses are not reported */
    bool opaque;  /* after SWITCH: everything is consumed in silence */
    const struct oa_http1_watch *watch; /* set by the caller after init; NULL: nothing more than headers.def */
    char method[OA_HTTP1_METHOD_MAX];
    char name[OA_HTTP1_NAME_MAX]; /* lower-case name of the current field, cut at its size */
    uint8_t name_len;

    /* Private. */
    uint8_t state, header, value_len, flags, eol, digits, answers_head, answers_connect;
    uint32_t overhead;  /* framing bytes since the last data byte: absurd chunking is malformed */
    uint64_t remaining; /* body or chunk bytes to come */
    char value[OA_HTTP1_VALUE_MAX];
};

/* Starts at a message boundary. */
void oa_http1_init(struct oa_http1 *p, bool response);

/*
 * Consumes a prefix of (buf, len) and fills *ev. Returns the bytes consumed (>= 0), or
 * OA_EMALFORMED. NONE is reported only when all of len was consumed (or len is 0); every other
 * event may consume less, also 0 bytes: call again with the rest, also when the rest is empty
 * (END after the last byte of a body, for instance, may come with 0 bytes offered).
 */
OA_MUST_CHECK ssize_t oa_http1_step(struct oa_http1 *p, const char *buf, size_t len, struct oa_http1_event *ev);

/* Would another step with what is left say nothing? */
static inline bool oa_http1_over(const struct oa_http1_event *ev, size_t left)
{
    return ev->type == OA_HTTP1_NONE || (ev->type == OA_HTTP1_END && left == 0);
}

/* Responses, at STATUS_LINE: what the request was (RFC 9112 6.3: HEAD and CONNECT change the framing). */
void oa_http1_answers(struct oa_http1 *p, bool to_head, bool to_connect);

/* n bytes passed unseen (sendfile, splice): legal inside a body of known length or until EOF.
 * Fills *ev with BODY (text.ptr NULL, text.len = bytes) and returns the bytes consumed (END follows
 * by a step with no bytes when due), or OA_EMALFORMED. */
OA_MUST_CHECK ssize_t oa_http1_skip(struct oa_http1 *p, uint64_t n, struct oa_http1_event *ev);

/* The peer closed. True if that completes a body delimited by the close, or if no message was in
 * progress; false if a message was cut short. */
bool oa_http1_eof(const struct oa_http1 *p);

/* True between messages: nothing of the next start line was seen. */
bool oa_http1_idle(const struct oa_http1 *p);

/* True if the next n bytes are body data for certain: no head can end in them. */
static inline bool oa_http1_in_body(const struct oa_http1 *p, uint64_t n)
{
    return p->body != OA_HTTP1_NO_BODY && n <= p->remaining;
}

/* A step for the commonest case: all n bytes lie inside a body of known length that goes on behind
 * them. True: they are accounted for, as one BODY event would. */
static inline bool oa_http1_pass_body(struct oa_http1 *p, uint64_t n)
{
    if (p->body != OA_HTTP1_LENGTH || n >= p->remaining || p->dead)
        return false;
    p->remaining -= n;
    p->body_bytes += n;
    return true;
}

enum oa_http1_guess {
    OA_HTTP1_NOT,
    OA_HTTP1_MAYBE_REQUEST,
    OA_HTTP1_IS_REQUEST,
    OA_HTTP1_MAYBE_RESPONSE,
    OA_HTTP1_IS_RESPONSE
};

/* Looks at the first bytes of a direction. IS_*: a known method and a space, or "HTTP/1.". MAYBE_*:
 * too short to tell. Leading CR LF before a request line is tolerated (RFC 9112 2.2). */
enum oa_http1_guess oa_http1_detect(const char *buf, size_t len);

/* The lower-case name of a row of headers.def. */
struct oa_slice oa_http1_header_name(unsigned header);

#endif
