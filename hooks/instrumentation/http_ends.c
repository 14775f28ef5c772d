/* Every way an operation can end. */
#include "hooks/instrumentation/http.h"

#include <errno.h>

#include "hooks/instrumentation/http_metrics.h"
#include "hooks/instrumentation/net.h"
#include "preload/ring.h"

static struct oa_op *oldest_op(const struct oa_http_conn *http)
{
    return oa_op_at(http->head - 1);
}

/* Takes the oldest request off the queue; the caller ends it. */
static struct oa_op *pop(struct oa_http_conn *http)
{
    struct oa_op *op = oldest_op(http);

    http->head = op->next;
    if (!http->head)
        http->tail = 0;
    if (http->building == op->slot + 1)
        http->building = 0;
    if (http->planned == op->slot + 1)
        http->planned = 0;
    http->count--;
    http->answering = false;
    return op;
}

/* Whatever became of it, it is no longer open. */
static void close_op(struct oa_op *op)
{
    oa_http_measure_end(op);
    oa_op_close(op);
}

/* Ended here, and perhaps in the other process as well: counted by the one that opened it. */
static void drop_shared(const struct oa_op *op)
{
    if (op->begun && !oa_op_inherited(op))
        oa_drop(OA_DROP_FORKED);
}

void oa_http_finish(struct oa_conn *conn, struct oa_when *end, struct oa_slice error_type)
{
    struct oa_op *op = pop(&conn->http);

    if (op->begun && error_type.ptr && oa_op_shared(op)) {
        drop_shared(op); /* the other process may have it go well */
    } else if (op->begun) {
        oa_when_end(end);
        oa_http_end(conn, op, end, error_type);
    }
    close_op(op);
}

void oa_http_eof(struct oa_conn *conn, bool outgoing)
{
    struct oa_http1 *p = outgoing ? &conn->http.out : &conn->http.in;
    struct oa_when end = { 0 };

    if (!p->response) {
        conn->http.peer_eof |= !outgoing;
        return; /* half-closed: the answer may still come */
    }
    if (conn->http.head && conn->http.answering && oa_http1_eof(p)) {
        oldest_op(&conn->http)->response_done = true;
        oa_http_finish(conn, &end, (struct oa_slice){ 0 });
    }
    while (!outgoing && conn->http.head)
        oa_http_finish(conn, &end, OA_SLICE("unexpected_eof"));
}

void oa_http_failed(struct oa_conn *conn, int error)
{
    struct oa_when end = { 0 };

    if (conn->role == OA_ROLE_CLIENT && error == EPIPE) {
        conn->http.write_error = error; /* an early answer may wait to be read */
        return;
    }
    while (conn->http.head)
        oa_http_finish(conn, &end, oa_net_error_type(error));
}

/* Why an open operation ends with its connection; ptr NULL = no error. */
static struct oa_slice close_reason(const struct oa_conn *conn, struct oa_op *op)
{
    bool oldest = conn->http.head == op->slot + 1;

    if (conn->role == OA_ROLE_CLIENT) /* the application's own decision, unless a write failed */
        return conn->http.write_error && !op->status ? oa_net_error_type(conn->http.write_error)
                                                     : (struct oa_slice){ 0 };
    if (oldest && conn->http.answering) {
        op->response_done = oa_http1_eof(&conn->http.out);
        return op->response_done ? (struct oa_slice){ 0 } : OA_SLICE("unexpected_eof");
    }
    return conn->http.peer_eof ? OA_SLICE("connection_aborted") : OA_SLICE("_OTHER");
}

void oa_http_closed(struct oa_conn *conn, bool lost)
{
    struct oa_when end = { 0 };

    while (conn->http.head) {
        struct oa_op *op = oldest_op(&conn->http);

        if (lost || oa_op_shared(op)) {
            if (!lost)
                drop_shared(op);
            close_op(pop(&conn->http));
        } else {
            oa_http_finish(conn, &end, close_reason(conn, op));
        }
    }
}
