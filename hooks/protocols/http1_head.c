/* Field lines (RFC 9112 5) up to and including the empty line; which fields say what is in http1_fields.c. */
#include "hooks/protocols/http1_internal.h"

int oa_http1_on_line(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    if (p->quiet && oa_http1_whole_lines(p, in, ev) == OA_HTTP1_STOP)
        return OA_HTTP1_STOP;
    if (!in->len)
        return OA_HTTP1_STOP;
    if (!oa_http1_is_eol(*in->ptr)) {
        p->name_len = 0;
        p->state = OA_HTTP1_IN_NAME;
        return OA_HTTP1_GO;
    }
    /* Decided before the empty line is announced: nobody inserts into a head that is malformed. */
    if (!oa_http1_frames(p))
        return OA_EMALFORMED;
    p->state = OA_HTTP1_IN_BLANK;
    if (p->quiet && p->response) /* nobody inserts into answers */
        return OA_HTTP1_GO;
    ev->type = OA_HTTP1_BLANK;
    return OA_HTTP1_STOP;
}

int oa_http1_on_name(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    size_t i = 0, n = p->name_len;
    char c;

    for (; i < in->len && (c = oa_http1_name_chars[(unsigned char)in->ptr[i]]) != 0; i++)
        if (n < OA_HTTP1_NAME_MAX)
            p->name[n++] = c;
    p->name_len = (uint8_t)n;
    oa_http1_take(in, i);
    if (!in->len)
        return OA_HTTP1_STOP;
    if (*in->ptr != ':' || !n)
        return OA_EMALFORMED;
    p->header = (uint8_t)oa_http1_find(p, p->name, n);
    p->flags &= (uint8_t)~OA_HTTP1_STARTED;
    p->remaining = 0;
    p->state = OA_HTTP1_IN_VALUE;
    oa_http1_take(in, 1);
    return OA_HTTP1_GO;
}

static int report(struct oa_http1 *p, struct oa_slice text, bool last, struct oa_http1_event *ev)
{
    bool reported = oa_http1_reported(p, p->header);

    if (reported)
        *ev = (struct oa_http1_event){
            .type = OA_HTTP1_HEADER,
            .header = p->header,
            .text = text,
            .first = !(p->flags & OA_HTTP1_STARTED),
            .last = last,
        };
    p->flags |= OA_HTTP1_STARTED;
    oa_http1_field(p, text, last);
    if (last)
        p->state = OA_HTTP1_IN_LINE;
    return reported ? OA_HTTP1_STOP : OA_HTTP1_GO;
}

/* Whitespace is held back (counted in p->remaining, which is free inside a head) until text follows it. */
static void hold_spaces(struct oa_http1 *p, struct oa_slice *in)
{
    size_t n = 0;

    while (n < in->len && oa_http1_is_space(in->ptr[n]))
        n++;
    if (p->flags & OA_HTTP1_STARTED)
        p->remaining += n;
    oa_http1_take(in, n);
}

/* What was held back turned out to stand between two words; its bytes may be gone, so spaces stand for it. */
static int report_held(struct oa_http1 *p, struct oa_http1_event *ev)
{
    static const char spaces[] = "                                ";
    size_t n = p->remaining < sizeof(spaces) - 1 ? (size_t)p->remaining : sizeof(spaces) - 1;

    p->remaining -= n;
    return report(p, (struct oa_slice){ spaces, n }, false, ev);
}

/* The next byte is text: reports the rest of the line, and the end of the field if that is in sight. */
static int report_text(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    size_t line = oa_http1_value_span(*in), end;
    struct oa_slice text = { in->ptr, line };

    while (oa_http1_is_space(text.ptr[text.len - 1]))
        text.len--;
    p->remaining = line - text.len;
    oa_http1_take(in, line);
    end = oa_http1_field_end(*in);
    oa_http1_take(in, end);
    return report(p, text, end != 0, ev);
}

int oa_http1_on_value(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    hold_spaces(p, in);
    if (!in->len)
        return OA_HTTP1_STOP;
    if (*in->ptr == '\0')
        return OA_EMALFORMED;
    if (oa_http1_is_eol(*in->ptr)) {
        p->state = OA_HTTP1_IN_VALUE_EOL;
        return OA_HTTP1_GO;
    }
    return p->remaining ? report_held(p, ev) : report_text(p, in, ev);
}

int oa_http1_on_value_eol(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return oa_http1_then(p, oa_http1_eol(p, in), OA_HTTP1_IN_FOLD);
}

/* A line that begins with whitespace continues the field above it (RFC 9112 5.2). */
int oa_http1_on_fold(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    if (!in->len)
        return OA_HTTP1_STOP;
    if (oa_http1_is_space(*in->ptr)) {
        p->state = OA_HTTP1_IN_VALUE;
        return OA_HTTP1_GO;
    }
    return report(p, (struct oa_slice){ in->ptr, 0 }, true, ev);
}

int oa_http1_on_blank(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    int verdict = oa_http1_eol(p, in);

    if (verdict != OA_HTTP1_GO)
        return verdict;
    oa_http1_end_head(p);
    ev->type = OA_HTTP1_HEAD_END;
    return OA_HTTP1_STOP;
}
