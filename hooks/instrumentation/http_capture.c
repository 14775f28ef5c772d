#include "hooks/instrumentation/http_capture.h"

#include "sdk/propagation/propagator.h"

_Static_assert(OA_OP_TRACESTATE - OA_OP_TRACEPARENT == (int)OA_FIELD_TRACESTATE - (int)OA_FIELD_TRACEPARENT &&
                   OA_OP_BAGGAGE - OA_OP_TRACEPARENT == (int)OA_FIELD_BAGGAGE - (int)OA_FIELD_TRACEPARENT,
               "operation fields follow the carrier's order");

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
    [OA_HTTP1_TRACEPARENT] = { OA_OP_TRACEPARENT, OA_HEADER_MAX },
    [OA_HTTP1_TRACESTATE] = { OA_OP_TRACESTATE, 2048 },
    [OA_HTTP1_BAGGAGE] = { OA_OP_BAGGAGE, OA_BAGGAGE_MAX },
};

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
        capture = &request_fields[ev->header];
        if (capture->limit == 0)
            return;
        if (ev->first && capture->field >= OA_OP_TRACEPARENT &&
            op->lines[capture->field - OA_OP_TRACEPARENT] < UINT8_MAX)
            op->lines[capture->field - OA_OP_TRACEPARENT]++;
        oa_op_append(op, capture->field, ev->text, ev->first, capture->limit);
    }
}

void oa_http_capture_response(struct oa_op *op, const struct oa_http1_event *ev)
{
    if (ev->type == OA_HTTP1_HEADER && ev->header == OA_HTTP1_LOCATION)
        oa_op_append(op, OA_OP_LOCATION, ev->text, ev->first, OA_TARGET_MAX);
}
