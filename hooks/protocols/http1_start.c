/* Start lines of both directions (RFC 9112 2.2, 3, 4), up to the end of their line. */
#include "hooks/protocols/http1_internal.h"

/* Methods of real programs (M-SEARCH, BAN, X_Y); lower case never is one, which keeps other text protocols out. */
static bool is_method_char(char c)
{
    return (c >= 'A' && c <= 'Z') || oa_ascii_is_digit(c) || c == '-' || c == '_';
}

/* Everything of a message but the direction; the answers of the last one stay readable until here. */
static void reset_message(struct oa_http1 *p)
{
    p->content_length = p->body_bytes = p->remaining = 0;
    p->status = 0;
    p->method_len = p->minor = p->name_len = p->value_len = 0;
    p->body = OA_HTTP1_NO_BODY;
    p->interim = p->keep_alive = p->has_length = p->expect_continue = p->upgrade = false;
    p->header = OA_HTTP1_OTHER;
    p->flags = p->eol = p->digits = p->answers_head = p->answers_connect = 0;
    p->overhead = 0;
}

static int leading_line(struct oa_http1 *p, struct oa_slice *in)
{
    int verdict;

    if (p->response || p->digits == OA_HTTP1_LEADING_LINES_MAX)
        return OA_EMALFORMED;
    verdict = oa_http1_eol(p, in);
    p->digits += verdict == OA_HTTP1_GO;
    return verdict;
}

int oa_http1_on_start(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    if (!in->len)
        return OA_HTTP1_STOP;
    if (p->eol || oa_http1_is_eol(*in->ptr))
        return leading_line(p, in);
    if (p->response ? *in->ptr != 'H' : !is_method_char(*in->ptr))
        return OA_EMALFORMED;
    reset_message(p);
    p->state = p->response ? OA_HTTP1_IN_PROTOCOL : OA_HTTP1_IN_METHOD;
    ev->type = OA_HTTP1_START;
    return OA_HTTP1_STOP;
}

int oa_http1_on_method(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    for (; in->len && is_method_char(*in->ptr); oa_http1_take(in, 1)) {
        if (p->method_len == OA_HTTP1_METHOD_MAX - 1)
            return OA_EMALFORMED;
        p->method[p->method_len++] = *in->ptr;
    }
    if (!in->len)
        return OA_HTTP1_STOP;
    if (*in->ptr != ' ' || !p->method_len)
        return OA_EMALFORMED;
    p->method[p->method_len] = '\0';
    p->state = OA_HTTP1_IN_TARGET;
    oa_http1_take(in, 1);
    return OA_HTTP1_GO;
}

/* No whitespace, no control character; the bytes above 0x7f are tolerated because clients send them. */
int oa_http1_on_target(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    size_t n = oa_http1_scan(in->ptr, in->len, ' ' + 1);
    bool last = n < in->len && in->ptr[n] == ' ';
    bool started = p->flags & OA_HTTP1_STARTED;

    if (!in->len)
        return OA_HTTP1_STOP;
    if (!n && !(last && started))
        return OA_EMALFORMED;
    *ev = (struct oa_http1_event){ .type = OA_HTTP1_TARGET, .text = { in->ptr, n }, .first = !started, .last = last };
    p->flags |= OA_HTTP1_STARTED;
    if (last)
        p->state = OA_HTTP1_IN_VERSION;
    oa_http1_take(in, n + last);
    return OA_HTTP1_STOP;
}

/* "HTTP/1." and a digit, cut anywhere: GO once the digit was consumed. */
static int match_version(struct oa_http1 *p, struct oa_slice *in)
{
    static const char text[] = "HTTP/1.";

    if (!p->digits && in->len >= sizeof(text) && memcmp(in->ptr, text, sizeof(text) - 1) == 0) {
        p->digits = sizeof(text) - 1;
        oa_http1_take(in, sizeof(text) - 1);
    }
    for (; in->len && p->digits < sizeof(text) - 1; oa_http1_take(in, 1))
        if (*in->ptr != text[p->digits++])
            return OA_EMALFORMED;
    if (!in->len)
        return OA_HTTP1_STOP;
    if (!oa_ascii_is_digit(*in->ptr))
        return OA_EMALFORMED;
    p->minor = *in->ptr != '0';
    p->digits = 0;
    oa_http1_take(in, 1);
    return OA_HTTP1_GO;
}

int oa_http1_on_version(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return oa_http1_then(p, match_version(p, in), OA_HTTP1_IN_REQUEST_EOL);
}

int oa_http1_on_request_eol(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    int verdict = oa_http1_eol(p, in);

    if (verdict != OA_HTTP1_GO)
        return verdict;
    p->state = OA_HTTP1_IN_LINE;
    ev->type = OA_HTTP1_REQUEST_LINE;
    return OA_HTTP1_STOP;
}

int oa_http1_on_protocol(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    return oa_http1_then(p, match_version(p, in), OA_HTTP1_IN_STATUS);
}

/* A space, three digits of which the first is not 0, then a space or (no reason at all) the end of the line. */
int oa_http1_on_status(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev OA_UNUSED)
{
    for (; in->len && p->digits < 4; oa_http1_take(in, 1)) {
        char c = *in->ptr;

        if (p->digits == 0 ? c != ' ' : !oa_ascii_is_digit(c) || (p->digits == 1 && c == '0'))
            return OA_EMALFORMED;
        if (p->digits++)
            p->status = (uint16_t)(p->status * 10 + (c - '0'));
    }
    if (!in->len)
        return OA_HTTP1_STOP;
    if (*in->ptr != ' ' && !oa_http1_is_eol(*in->ptr))
        return OA_EMALFORMED;
    p->digits = 0;
    p->state = OA_HTTP1_IN_REASON;
    return OA_HTTP1_GO;
}

int oa_http1_on_reason(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    if (oa_http1_skip_line(in) != OA_HTTP1_GO)
        return OA_HTTP1_STOP;
    p->state = OA_HTTP1_IN_LINE;
    ev->type = OA_HTTP1_STATUS_LINE;
    return OA_HTTP1_STOP;
}
