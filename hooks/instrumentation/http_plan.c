/*
 * The dry run before outgoing bytes leave: it follows a copy of the parser to the empty line that
 * ends the next request head, settles that request on a tentative operation, and says what to insert
 * or overwrite. Nothing of the connection changes until the edit's bytes are really out.
 */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/http_capture.h"
#include "hooks/instrumentation/http_metrics.h"

struct run {
    const struct iovec *iov;
    int count;
    int index;     /* current piece */
    size_t offset; /* in it */
    size_t at;     /* in the whole call */
};

static void run_seek(struct run *run, size_t from)
{
    while (run->index < run->count && from >= run->iov[run->index].iov_len) {
        from -= run->iov[run->index].iov_len;
        run->at += run->iov[run->index].iov_len;
        run->index++;
    }
    run->offset = from;
    run->at += from;
}

static size_t run_left(const struct run *run)
{
    size_t n = 0;

    for (int i = run->index; i < run->count; i++)
        n += run->iov[i].iov_len;
    return n - run->offset;
}

/* One event, or NONE when the bytes of the call are used up; < 0 malformed. */
static int run_step(struct run *run, struct oa_http1 *p, struct oa_http1_event *ev)
{
    while (run->index < run->count) {
        const struct iovec *v = &run->iov[run->index];
        ssize_t n = oa_http1_step(p, (const char *)v->iov_base + run->offset, v->iov_len - run->offset, ev);

        if (n < 0)
            return (int)n;
        run->offset += (size_t)n;
        run->at += (size_t)n;
        if (ev->type != OA_HTTP1_NONE)
            return 0;
        run->index++;
        run->offset = 0;
    }
    ev->type = OA_HTTP1_NONE;
    return 0;
}

static void restart(struct oa_op *op, const struct oa_flow *flow)
{
    memset(op->field, 0, sizeof(op->field));
    memset(op->lines, 0, sizeof(op->lines));
    op->text_len = op->left_out = 0;
    op->begun = op->tagged = op->suppressed = op->untold = op->recording = false;
    op->parent = (struct oa_span_context){ 0 };
    op->parent_ref = (struct oa_op_ref){ 0 };
    op->link = OA_LINK_NONE;
    op->kind = OA_SPAN_CLIENT;
    op->start = flow->before;
    oa_when_now(&op->start);
}

/* The request's own end within the call, or the end of the call: what the edit's system call covers. */
static size_t find_stop(struct run run, struct oa_http1 *p)
{
    struct oa_http1_event ev;

    do {
        if (run_step(&run, p, &ev) < 0)
            return run.at;
    } while (ev.type != OA_HTTP1_NONE && ev.type != OA_HTTP1_END && ev.type != OA_HTTP1_SWITCH);
    return run.at;
}

/* After CONNECT and Upgrade come, perhaps at once, bytes that are not HTTP. */
static bool ends_http(const struct oa_http1 *p)
{
    return p->upgrade || oa_slice_eq((struct oa_slice){ p->method, p->method_len }, OA_SLICE("CONNECT"));
}

/* The head of op is complete at run->at. True if it wants an edit. */
static bool edit_for(struct oa_conn *conn, struct oa_op *op, struct run *run, size_t value_at, struct oa_edit *edit)
{
    oa_http_begin(conn, op);
    oa_http_inject(op);
    if (op->field[OA_OP_INJECT].len == 0 || (op->tagged && value_at == SIZE_MAX))
        return false;
    op->plan[1] = op->plan[0];
    edit->op = op;
    edit->replace = op->tagged;
    edit->at = op->tagged ? value_at + OA_HTTP_PARENT_AT : run->at;
    edit->stop = find_stop(*run, &op->plan[1]);
    return true;
}

static bool scan(struct oa_conn *conn, const struct oa_flow *flow, struct run *run, struct oa_op *op,
                 struct oa_edit *edit)
{
    size_t value_at = SIZE_MAX;
    struct oa_http1_event ev;
    bool in_head = edit->continues;

    for (;;) {
        size_t before = run->at;

        if (run_step(run, &op->plan[0], &ev) < 0 || ev.type == OA_HTTP1_NONE || ev.type == OA_HTTP1_SWITCH)
            return false;
        if (ev.type == OA_HTTP1_END && ends_http(&op->plan[0]))
            return false;
        if (ev.type == OA_HTTP1_START) {
            restart(op, flow);
            edit->continues = false;
            edit->start = run->at;
            value_at = SIZE_MAX;
            in_head = true;
        } else if (in_head && ev.type == OA_HTTP1_BLANK) {
            if (edit_for(conn, op, run, value_at, edit))
                return true;
            in_head = false;
        } else if (in_head) {
            oa_http_capture_request(op, &op->plan[0], &ev);
            if (ev.type == OA_HTTP1_HEADER && ev.header == OA_HTTP1_TRACEPARENT && ev.first && ev.last)
                value_at = before + (size_t)(ev.text.ptr - ((const char *)run->iov[run->index].iov_base +
                                                            run->offset - (run->at - before)));
        }
    }
}

bool oa_http_plan(struct oa_conn *conn, const struct oa_flow *flow, const struct oa_outgoing *out, size_t from,
                  struct oa_edit *edit)
{
    struct oa_http_conn *http = &conn->http;
    struct oa_op *building = http->building ? oa_op_at(http->building - 1) : NULL;
    struct run run = { .iov = out->iov, .count = out->count };
    bool continues = building && !building->begun; /* the head started in an earlier call */
    struct oa_op *op;

    if (oa_env()->propagators.count == 0 || http->hold || http->count >= OA_OP_QUEUE)
        return false;
    run_seek(&run, from);
    if (oa_http1_in_body(&http->out, run_left(&run)))
        return false;
    op = oa_op_open();
    if (!op)
        return false;
    op->kind = OA_SPAN_CLIENT;
    if (continues)
        oa_op_copy(op, building);
    op->plan[0] = http->out;
    edit->continues = continues;
    edit->start = from;
    if (scan(conn, flow, &run, op, edit))
        return true;
    oa_op_close(op);
    return false;
}

void oa_http_plan_drop(struct oa_edit *edit)
{
    oa_op_close(edit->op);
}

void oa_http_plan_commit(struct oa_conn *conn, struct oa_edit *edit)
{
    struct oa_http_conn *http = &conn->http;
    struct oa_op *op = edit->op;
    uint32_t *link = &http->head;

    op->next = 0;
    op->conn_index = conn->index;
    while (*link && !(edit->continues && *link == http->building))
        link = &oa_op_at(*link - 1)->next;
    if (*link) { /* takes the place of what was captured of the same head so far */
        oa_op_close(oa_op_at(*link - 1));
        http->building = op->slot + 1;
    } else if (edit->continues) { /* its answer came meanwhile, head or no head: nothing waits for the rest */
        oa_op_close(op);
        return;
    } else {
        http->planned = op->slot + 1;
        http->count++;
    }
    *link = http->tail = op->slot + 1;
    conn->requests++;
    oa_http_measure_begin(conn, op);
    oa_op_publish(op);
}
