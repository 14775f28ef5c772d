/* Message bodies (RFC 9112 6, 7) and what follows them: trailers, the end, other protocols. */
#include "hooks/protocols/http1_internal.h"

#define NO_MORE_DIGITS UINT8_MAX /* oa_http1.digits: whitespace ended the chunk size */

void oa_http1_take_data(struct oa_http1 *p, struct oa_slice data, struct oa_http1_event *ev)
{
    ev->type = OA_HTTP1_BODY;
    ev->text = data;
    p->body_bytes += data.len;
    p->overhead = 0;
    if (p->state == OA_HTTP1_IN_UNTIL_EOF)
        return;
    p->remaining -= data.len;
    if (!p->remaining)
        p->state = p->state == OA_HTTP1_IN_LENGTH ? OA_HTTP1_IN_END : OA_HTTP1_IN_CHUNK_END;
}

int oa_http1_on_data(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    struct oa_slice data = *in;

    if (!in->len)
        return OA_HTTP1_STOP;
    if (p->state != OA_HTTP1_IN_UNTIL_EOF && p->remaining < data.len)
        data.len = (size_t)p->remaining;
    oa_http1_take_data(p, data, ev);
    oa_http1_take(in, data.len);
    return OA_HTTP1_STOP;
}

/* Whitespace before the extension or the line end is tolerated: servers pad the size with it. */
int oa_http1_on_chunk_size(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    for (; in->len; oa_http1_take(in, 1)) {
        int digit = oa_ascii_hex(*in->ptr);

        if (digit < 0 && p->digits && oa_http1_is_space(*in->ptr)) {
            p->digits = NO_MORE_DIGITS;
            continue;
        }
        if (digit < 0)
            break;
        if (p->digits == NO_MORE_DIGITS || p->remaining >> 60)
            return OA_EMALFORMED;
        p->remaining = p->remaining << 4 | (unsigned)digit;
        p->digits = 1;
    }
    if (!in->len)
        return OA_HTTP1_STOP;
    if (!p->digits || (*in->ptr != ';' && !oa_http1_is_eol(*in->ptr)))
        return OA_EMALFORMED;
    p->state = *in->ptr == ';' ? OA_HTTP1_IN_CHUNK_EXT : OA_HTTP1_IN_CHUNK_EOL;
    return OA_HTTP1_GO;
}

/* The size line is over: data, or after the last chunk the trailers. */
static int begin_chunk(struct oa_http1 *p, int verdict)
{
    if (verdict == OA_HTTP1_GO) {
        p->digits = 0;
        p->state = p->remaining ? OA_HTTP1_IN_CHUNK_DATA : OA_HTTP1_IN_TRAILER;
    }
    return verdict;
}

int oa_http1_on_chunk_ext(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return begin_chunk(p, oa_http1_skip_line(in));
}

int oa_http1_on_chunk_eol(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return begin_chunk(p, oa_http1_eol(p, in));
}

int oa_http1_on_chunk_end(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return oa_http1_then(p, oa_http1_eol(p, in), OA_HTTP1_IN_CHUNK_SIZE);
}

int oa_http1_on_trailer(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    if (!in->len)
        return OA_HTTP1_STOP;
    if (!p->eol && !oa_http1_is_eol(*in->ptr)) {
        p->state = OA_HTTP1_IN_TRAILER_LINE;
        return OA_HTTP1_GO;
    }
    return oa_http1_then(p, oa_http1_eol(p, in), OA_HTTP1_IN_END);
}

int oa_http1_on_trailer_line(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return oa_http1_then(p, oa_http1_skip_line(in), OA_HTTP1_IN_TRAILER);
}

int oa_http1_on_end(struct oa_http1 *p, struct oa_slice *in OA_UNUSED, struct oa_http1_event *ev)
{
    p->state = OA_HTTP1_IN_START;
    p->eol = p->digits = 0;
    p->overhead = 0;
    ev->type = OA_HTTP1_END;
    return OA_HTTP1_STOP;
}

int oa_http1_on_switch(struct oa_http1 *p, struct oa_slice *in OA_UNUSED, struct oa_http1_event *ev)
{
    p->state = OA_HTTP1_IN_OPAQUE;
    p->opaque = true;
    ev->type = OA_HTTP1_SWITCH;
    return OA_HTTP1_STOP;
}

int oa_http1_on_opaque(struct oa_http1 *p OA_UNUSED, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    oa_http1_take(in, in->len);
    return OA_HTTP1_STOP;
}
