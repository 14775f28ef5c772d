/* Events of both directions, and the queue that pairs them. */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/http_capture.h"
#include "hooks/instrumentation/http_extras.h"
#include "hooks/instrumentation/http_metrics.h"
#include "hooks/instrumentation/http_watch.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/err.h"

static struct oa_op *slot_op(uint32_t slot_plus_one)
{
    return slot_plus_one ? oa_op_at(slot_plus_one - 1) : NULL;
}

static const struct oa_http1_watch *watch_of(const struct oa_conn *conn, const struct oa_http1 *p)
{
    const struct oa_http_watch *watch = oa_http_watch(p->response, conn->role == OA_ROLE_CLIENT);

    return watch ? &watch->names : NULL;
}

void oa_http_open(struct oa_conn *conn)
{
    oa_http1_init(&conn->http.in, conn->role == OA_ROLE_CLIENT);
    oa_http1_init(&conn->http.out, conn->role == OA_ROLE_SERVER);
    conn->http.in.quiet = conn->http.out.quiet = true;
    conn->http.in.watch = watch_of(conn, &conn->http.in);
    conn->http.out.watch = watch_of(conn, &conn->http.out);
    oa_address_spell(&conn->peer); /* every span will say it */
}

bool oa_http_at_request_start(const struct oa_conn *conn, bool outgoing)
{
    return outgoing && conn->role == OA_ROLE_CLIENT && conn->decided && !conn->opaque &&
           oa_http1_idle(&conn->http.out);
}

static int request_start(struct oa_conn *conn, struct oa_flow *flow)
{
    struct oa_http_conn *http = &conn->http;
    struct oa_op *last = slot_op(http->tail), *op;

    if (http->planned) { /* the dry run has made its operation already */
        http->building = http->planned;
        http->planned = 0;
        return OA_OK;
    }
    if (http->hold || http->count >= OA_OP_QUEUE)
        return OA_EMALFORMED;
    op = oa_op_open();
    if (!op)
        return OA_EFULL;
    op->conn_index = conn->index;
    op->kind = conn->role == OA_ROLE_SERVER ? OA_SPAN_SERVER : OA_SPAN_CLIENT;
    if (!flow->before.unix_ns)
        oa_when_now(&flow->after);
    op->start = flow->before.unix_ns ? flow->before : flow->after;
    if (last)
        last->next = op->slot + 1;
    else
        http->head = op->slot + 1;
    http->tail = http->building = op->slot + 1;
    http->count++;
    return OA_OK;
}

static bool is_connect(const struct oa_op *op)
{
    return op->method_len == 7 && memcmp(op->method, "CONNECT", 7) == 0;
}

static void begin(struct oa_conn *conn, struct oa_op *op)
{
    if (op->begun)
        return;
    oa_http_begin(conn, op);
    oa_http_measure_begin(conn, op);
    oa_op_publish(op);
    if (op->kind == OA_SPAN_CLIENT)
        conn->requests++;
    else if (!is_connect(op)) /* what runs through a tunnel is not the tunnel's work */
        oa_parent_enter(oa_op_ref(op));
}

static int on_request(struct oa_conn *conn, struct oa_flow *flow, struct oa_http1 *p, const struct oa_http1_event *ev)
{
    struct oa_op *op = slot_op(conn->http.building);

    if (ev->type == OA_HTTP1_START)
        return request_start(conn, flow);
    if (!op)
        return OA_OK; /* answered before it was complete */
    switch (ev->type) {
    case OA_HTTP1_BLANK:
        begin(conn, op);
        break;
    case OA_HTTP1_HEAD_END:
        op->has_request_body = p->body != OA_HTTP1_NO_BODY;
        oa_http_moment(op, OA_HTTP_REQUEST_HEAD, p);
        break;
    case OA_HTTP1_BODY:
        op->request_body_bytes += ev->text.len;
        break;
    case OA_HTTP1_END:
        op->request_done = true;
        conn->http.building = 0;
        conn->http.hold = p->upgrade || is_connect(op);
        oa_http_moment(op, OA_HTTP_REQUEST_END, p);
        break;
    default:
        if (!op->begun)
            oa_http_capture_request(op, p, ev);
        break;
    }
    return OA_OK;
}

static int on_response(struct oa_conn *conn, struct oa_flow *flow, struct oa_http1 *p,
                       const struct oa_http1_event *ev)
{
    struct oa_op *op = slot_op(conn->http.head);

    if (!op)
        return ev->type == OA_HTTP1_NONE ? OA_OK : OA_EMALFORMED; /* an answer without a question */
    switch (ev->type) {
    case OA_HTTP1_START:
        if (!op->begun && op->method_len && op->field[OA_OP_TARGET].len)
            begin(conn, op); /* answered before its head was complete */
        oa_http_moment(op, OA_HTTP_ANSWER_START, p);
        break;
    case OA_HTTP1_STATUS_LINE:
        oa_http1_answers(p, op->method_len == 4 && memcmp(op->method, "HEAD", 4) == 0, is_connect(op));
        op->response_minor = p->minor;
        break;
    case OA_HTTP1_HEAD_END:
        oa_http_moment(op, OA_HTTP_ANSWER_HEAD, p);
        if (p->interim)
            break;
        op->status = p->status;
        op->has_response_body = p->body != OA_HTTP1_NO_BODY;
        conn->http.answering = true;
        break;
    case OA_HTTP1_BODY:
        op->response_body_bytes += ev->text.len;
        break;
    case OA_HTTP1_SWITCH:
    case OA_HTTP1_END:
        op->response_done = true;
        conn->http.hold = false;
        conn->opaque |= ev->type == OA_HTTP1_SWITCH;
        oa_http_finish(conn, &flow->after, (struct oa_slice){ 0 });
        break;
    default:
        oa_http_capture_response(op, p, ev);
        break;
    }
    return OA_OK;
}

int oa_http_on_event(struct oa_conn *conn, struct oa_flow *flow, struct oa_http1 *p, const struct oa_http1_event *ev)
{
    return p->response ? on_response(conn, flow, p, ev) : on_request(conn, flow, p, ev);
}

/* Work on a connection makes its request current again: it is what this thread does now. */
static void resume_current(const struct oa_conn *conn)
{
    const struct oa_op *op = slot_op(conn->role == OA_ROLE_SERVER ? conn->http.tail : conn->http.head);

    if (!op || !op->begun || is_connect(op))
        return;
    if (conn->role == OA_ROLE_SERVER)
        oa_parent_enter(oa_op_ref(op));
    else if (op->parent_ref.span_id)
        oa_parent_enter(op->parent_ref);
}

/* Bytes in the middle of a body: nothing but a number changes. */
static bool pass_body(struct oa_conn *conn, struct oa_http1 *p, size_t n)
{
    struct oa_op *op;

    if (!oa_http1_pass_body(p, n))
        return false;
    op = slot_op(p->response ? conn->http.head : conn->http.building);
    if (op && p->response)
        op->response_body_bytes += n;
    else if (op)
        op->request_body_bytes += n;
    return true;
}

int oa_http_feed(struct oa_conn *conn, struct oa_flow *flow, struct oa_slice bytes)
{
    struct oa_http1 *p = flow->outgoing ? &conn->http.out : &conn->http.in;
    struct oa_http1_event ev;

    if (!flow->outgoing)
        resume_current(conn);
    if (pass_body(conn, p, bytes.len))
        return OA_OK;
    do {
        ssize_t n = oa_http1_step(p, bytes.ptr, bytes.len, &ev);

        if (n < 0 || oa_http_on_event(conn, flow, p, &ev) < 0)
            return OA_EMALFORMED;
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    } while (!oa_http1_over(&ev, bytes.len) && !conn->opaque);
    return OA_OK;
}

int oa_http_skip(struct oa_conn *conn, struct oa_flow *flow, uint64_t n)
{
    struct oa_http1 *p = flow->outgoing ? &conn->http.out : &conn->http.in;
    struct oa_http1_event ev;

    while (n > 0) {
        ssize_t used = oa_http1_skip(p, n, &ev);

        if (used < 0 || oa_http_on_event(conn, flow, p, &ev) < 0)
            return OA_EMALFORMED;
        n -= (uint64_t)used;
        if (used == 0 && ev.type == OA_HTTP1_NONE)
            return OA_EMALFORMED;
    }
    return oa_http_feed(conn, flow, (struct oa_slice){ "", 0 }); /* an END that is due */
}

int oa_http_ingress(struct oa_conn *conn, struct oa_flow *flow, struct oa_window *window)
{
    struct oa_http1 *p = &conn->http.in;
    struct oa_http_spots spots;
    struct oa_http1_event ev;
    size_t at = 0;

    spots.count = 0;
    if (conn->role != OA_ROLE_SERVER)
        return oa_http_feed(conn, flow, (struct oa_slice){ window->ptr, window->len });
    resume_current(conn);
    if (pass_body(conn, p, window->len))
        return OA_OK;
    if (oa_unlikely(oa_begin_settings.hides_contexts))
        return oa_http_public_ingress(conn, flow, window);
    do {
        ssize_t n = oa_http1_step(p, window->ptr + at, window->len - at, &ev);

        if (n < 0 || oa_http_on_event(conn, flow, p, &ev) < 0)
            return OA_EMALFORMED;
        at += (size_t)n;
        if (ev.type == OA_HTTP1_START)
            spots.count = 0;
        if (ev.type == OA_HTTP1_HEADER && ev.header >= OA_HTTP1_WATCHED && ev.first && ev.last)
            oa_http_spot(&spots, oa_http_watch_field(p, ev.header), (size_t)(ev.text.ptr - window->ptr), ev.text);
        if (ev.type == OA_HTTP1_BLANK && conn->http.building)
            at += oa_http_tag_head(conn, slot_op(conn->http.building), window, at,
                                   &spots); /* our own bytes are not parsed */
    } while (!oa_http1_over(&ev, window->len - at) && !conn->opaque);
    return OA_OK;
}

static bool unasked(const struct oa_conn *conn)
{
    return conn->role == OA_ROLE_CLIENT && conn->http.head == 0;
}

static enum oa_role detect(struct oa_slice first, bool outgoing)
{
    enum oa_http1_guess guess = oa_http1_detect(first.ptr, first.len);

    if (guess != OA_HTTP1_IS_REQUEST && guess != OA_HTTP1_MAYBE_REQUEST)
        return OA_ROLE_UNKNOWN;
    return outgoing ? OA_ROLE_CLIENT : OA_ROLE_SERVER;
}

const struct oa_protocol oa_protocol_http1 = {
    .name = "http",
    .detect = detect,
    .open = oa_http_open,
    .at_request_start = oa_http_at_request_start,
    .unasked = unasked,
    .feed = oa_http_feed,
    .skip = oa_http_skip,
    .ingress = oa_http_ingress,
    .plan = oa_http_plan,
    .plan_commit = oa_http_plan_commit,
    .plan_drop = oa_http_plan_drop,
    .eof = oa_http_eof,
    .failed = oa_http_failed,
    .closed = oa_http_closed,
};
