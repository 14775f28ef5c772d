#include "hooks/instrumentation/http_capture.h"

#include "hooks/instrumentation/http_headers.h"
#include "hooks/instrumentation/http_watch.h"

/* Which header goes where, and how much of it is kept. A zero limit: not captured. */
static const struct capture {
    uint8_t field;
    uint16_t limit;
} request_fields[OA_HTTP1_HEADER_COUNT] = {
    [OA_HTTP1_HOST] = { OA_OP_HOST, OA_HEADER_MAX },
    [OA_HTTP1_USER_AGENT] = { OA_OP_USER_AGENT, OA_HEADER_MAX },
    [OA_HTTP1_FORWARDED] = { OA_OP_FORWARDED, OA_HEADER_MAX },
    [OA_HTTP1_X_FORWARDED_FOR] = { OA_OP_X_FORWARDED_FOR, OA_HEADER_MAX },
    [OA_HTTP1_X_FORWARDED_HOST] = { OA_OP_X_FORWARDED_HOST, OA_HEADER_MAX },
    [OA_HTTP1_X_FORWARDED_PROTO] = { OA_OP_X_FORWARDED_PROTO, OA_HEADER_MAX },
};

/* "uberctx-key: value" is the member "key=value" of a list. A name that was cut, or a value that would be more
 * than one member, spoils the list. */
static void capture_member(struct oa_op *op, enum oa_field field, const struct oa_http1 *p,
                           const struct oa_http1_event *ev)
{
    enum oa_op_field to = (enum oa_op_field)(OA_OP_CARRIED + field);
    size_t begin = oa_field_name(field).len;

    if (p->name_len == OA_HTTP1_NAME_MAX ||
        (ev->text.len && (memchr(ev->text.ptr, ',', ev->text.len) || memchr(ev->text.ptr, ';', ev->text.len)))) {
        oa_op_leave_out(op, to);
        return;
    }
    if (ev->first) {
        oa_op_append(op, to, (struct oa_slice){ p->name + begin, p->name_len - begin }, true, OA_BAGGAGE_MAX);
        oa_op_append(op, to, OA_SLICE("="), false, OA_BAGGAGE_MAX);
    }
    oa_op_append(op, to, ev->text, false, OA_BAGGAGE_MAX);
}

static void capture_carried(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev)
{
    enum oa_field field = oa_http_watch_field(p, ev->header);
    enum oa_op_field to = (enum oa_op_field)(OA_OP_CARRIED + field);
    uint32_t limit = OA_HEADER_MAX;

    op->carried |= 1u << field;
    if (ev->first && op->lines[field] < UINT8_MAX)
        op->lines[field]++;
    if (oa_fields_by_prefix & 1u << field) {
        capture_member(op, field, p, ev);
        return;
    }
    if (field == OA_FIELD_TRACESTATE)
        limit = 2048;
    else if (!(oa_fields_of_spans & 1u << field))
        limit = OA_BAGGAGE_MAX;
    oa_op_append(op, to, ev->text, ev->first, limit);
}

void oa_http_capture_request(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev)
{
    const struct capture *capture;

    if (ev->type == OA_HTTP1_TARGET) {
        oa_op_append(op, OA_OP_TARGET, ev->text, false, OA_TARGET_MAX);
    } else if (ev->type == OA_HTTP1_REQUEST_LINE) {
        op->minor = p->minor;
        op->method_len = p->method_len;
        memcpy(op->method, p->method, p->method_len);
    } else if (ev->type == OA_HTTP1_HEADER) {
        if (oa_http_watch_wanted(p, ev->header))
            oa_http_headers_capture(op, p, ev);
        if (ev->header >= OA_HTTP1_WATCHED) {
            if (oa_http_watch_field(p, ev->header) != OA_FIELD_COUNT)
                capture_carried(op, p, ev);
            return;
        }
        capture = &request_fields[ev->header];
        if (capture->limit)
            oa_op_append(op, capture->field, ev->text, ev->first, capture->limit);
    }
}

void oa_http_capture_response(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev)
{
    if (ev->type != OA_HTTP1_HEADER)
        return;
    if (!p->interim && oa_http_watch_wanted(p, ev->header))
        oa_http_headers_capture(op, p, ev);
    if (ev->header == OA_HTTP1_LOCATION)
        oa_op_append(op, OA_OP_LOCATION, ev->text, ev->first, OA_TARGET_MAX);
}
