/*
 * The dry run before outgoing bytes leave: it follows a copy of the parser to the empty line that
 * ends the next request head, settles that request on a tentative operation, and says what to insert
 * or overwrite. Nothing of the connection changes until the edit's bytes are really out.
 */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/http_capture.h"
#include "hooks/instrumentation/http_extras.h"
#include "hooks/instrumentation/http_metrics.h"
#include "hooks/instrumentation/http_watch.h"

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

/* Where a byte of the event that ended at run->at, and began at or behind `before`, is in the call. */
static size_t run_offset(const struct run *run, size_t before, const char *byte)
{
    const char *now = (const char *)run->iov[run->index].iov_base + run->offset;

    return before + (size_t)(byte - (now - (run->at - before)));
}

/* Copies bytes of the call that were seen already. */
static void run_copy(const struct run *run, size_t from, char *to, size_t len)
{
    size_t base = 0;

    for (int i = 0; i < run->count && len; i++) {
        const struct iovec *v = &run->iov[i];

        if (from < base + v->iov_len) {
            size_t lo = from - base, n = v->iov_len - lo < len ? v->iov_len - lo : len;

            memcpy(to, (const char *)v->iov_base + lo, n);
            to += n;
            from += n;
            len -= n;
        }
        base += v->iov_len;
    }
}

static void restart(struct oa_op *op, const struct oa_flow *flow)
{
    memset(op->field, 0, sizeof(op->field));
    memset(op->lines, 0, sizeof(op->lines));
    op->text_len = 0;
    op->left_out = op->carried = 0;
    op->header_count = 0;
    op->begun = op->tagged = op->suppressed = op->untold = op->recording = false;
    op->parent = (struct oa_span_context){ 0 };
    op->parent_ref = (struct oa_op_ref){ 0 };
    op->link = OA_LINK_NONE;
    op->kind = OA_SPAN_CLIENT;
    op->start = flow->before;
    oa_when_now(&op->start);
}

/* After CONNECT and Upgrade come, perhaps at once, bytes that are not HTTP. */
static bool ends_http(const struct oa_http1 *p)
{
    return p->upgrade || oa_slice_eq((struct oa_slice){ p->method, p->method_len }, OA_SLICE("CONNECT"));
}

/* The request's own end within the call, or the end of the call: what the edit's system call covers. */
static void find_stop(struct run *run, struct oa_http1 *p, struct oa_edit *edit)
{
    struct oa_http1_event ev;

    edit->followed = edit->ends_head = false;
    do {
        if (run_step(run, p, &ev) < 0)
            break;
        edit->ends_head |= ev.type == OA_HTTP1_HEAD_END;
        edit->followed = (ev.type == OA_HTTP1_NONE || ev.type == OA_HTTP1_END) && !ends_http(p);
    } while (ev.type != OA_HTTP1_NONE && ev.type != OA_HTTP1_END && ev.type != OA_HTTP1_SWITCH);
    edit->stop = run->at;
}

/* The application copied a tag: the text that takes the place of what stands there, from the first byte that
 * changes to the end of the last value, is the same but for ids and flags. Returns where it goes; SIZE_MAX: none
 * of it lies whole in this call. */
static size_t rewrite(struct oa_op *op, const struct run *run, const struct oa_http_spots *spots)
{
    struct oa_slice inject = { 0 };
    size_t lo = SIZE_MAX, hi = 0, first = SIZE_MAX;

    for (unsigned i = 0; i < spots->count; i++) {
        lo = spots->spot[i].at < lo ? spots->spot[i].at : lo;
        hi = spots->spot[i].at + spots->spot[i].len;
    }
    if (hi <= lo || op->text_len + (hi - lo) > OA_OP_TEXT)
        return SIZE_MAX;
    inject = (struct oa_slice){ op->text + op->text_len, hi - lo };
    run_copy(run, lo, op->text + op->text_len, inject.len);
    for (unsigned i = 0; i < spots->count; i++) {
        const struct oa_http_spot *spot = &spots->spot[i];
        int changed = oa_http_retarget(op, spot, op->text + op->text_len + (spot->at - lo));

        if (changed >= 0 && spot->at + (size_t)changed < first)
            first = spot->at + (size_t)changed;
    }
    if (first == SIZE_MAX)
        return SIZE_MAX;
    op->field[OA_OP_INJECT].off = (uint16_t)(op->text_len + (first - lo));
    op->field[OA_OP_INJECT].len = (uint16_t)(hi - first);
    op->text_len = (uint16_t)(op->text_len + inject.len);
    return first;
}

/* The head of op is complete at run->at. True if it wants an edit. */
static bool edit_for(struct oa_conn *conn, struct oa_op *op, struct run *run, const struct oa_http_spots *spots,
                     struct oa_edit *edit)
{
    oa_http_begin(conn, op);
    edit->at = run->at;
    oa_http_inject(op);
    if (op->tagged && !op->suppressed)
        edit->at = rewrite(op, run, spots);
    if (op->field[OA_OP_INJECT].len == 0 || edit->at == SIZE_MAX)
        return false;
    edit->op = op;
    edit->replace = op->tagged;
    find_stop(run, &op->plan, edit);
    return true;
}

static bool scan(struct oa_conn *conn, const struct oa_flow *flow, struct run *run, struct oa_op *op,
                 struct oa_edit *edit)
{
    struct oa_http_spots spots;
    struct oa_http1_event ev;
    bool in_head = edit->continues;

    spots.count = 0;
    for (;;) {
        size_t before = run->at;

        if (run_step(run, &op->plan, &ev) < 0 || ev.type == OA_HTTP1_NONE || ev.type == OA_HTTP1_SWITCH)
            return false;
        if (ev.type == OA_HTTP1_END && ends_http(&op->plan))
            return false;
        if (ev.type == OA_HTTP1_START) {
            restart(op, flow);
            edit->continues = false;
            edit->start = run->at;
            spots.count = 0;
            in_head = true;
        } else if (in_head && ev.type == OA_HTTP1_BLANK) {
            if (edit_for(conn, op, run, &spots, edit))
                return true;
            in_head = false;
        } else if (in_head) {
            oa_http_capture_request(op, &op->plan, &ev);
            if (ev.type == OA_HTTP1_HEADER && ev.header >= OA_HTTP1_WATCHED && ev.first && ev.last)
                oa_http_spot(&spots, oa_http_watch_field(&op->plan, ev.header), run_offset(run, before, ev.text.ptr),
                             ev.text);
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
    op->plan = http->out;
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

/* What the events of its bytes, from the empty line on, would make of a request (on_request in http.c). The parser
 * has read them. */
static void went_out(struct oa_http_conn *http, struct oa_op *op, bool ends_head)
{
    const struct oa_http1 *p = &http->out;

    op->has_request_body = p->body != OA_HTTP1_NO_BODY;
    op->request_body_bytes = p->body_bytes;
    op->request_done = oa_http1_idle(p);
    http->planned = 0;
    http->building = op->request_done ? 0 : op->slot + 1;
    if (ends_head)
        oa_http_moment(op, OA_HTTP_REQUEST_HEAD, p);
    if (op->request_done)
        oa_http_moment(op, OA_HTTP_REQUEST_END, p);
}

bool oa_http_plan_commit(struct oa_conn *conn, struct oa_edit *edit, bool whole)
{
    struct oa_http_conn *http = &conn->http;
    struct oa_op *op = edit->op;
    uint32_t *link = &http->head;

    whole = whole && edit->followed;
    if (whole) /* first of all: the operation, and its parser with it, may be let go below */
        http->out = op->plan;
    op->next = 0;
    op->conn_index = conn->index;
    while (*link && !(edit->continues && *link == http->building))
        link = &oa_op_at(*link - 1)->next;
    if (*link) { /* takes the place of what was captured of the same head so far */
        oa_op_close(oa_op_at(*link - 1));
        http->building = op->slot + 1;
    } else if (edit->continues) { /* its answer came meanwhile, head or no head: nothing waits for the rest */
        oa_op_close(op);
        return whole;
    } else {
        http->planned = op->slot + 1;
        http->count++;
    }
    *link = http->tail = op->slot + 1;
    conn->requests++;
    oa_http_measure_begin(conn, op);
    oa_op_publish(op);
    if (whole)
        went_out(http, op, edit->ends_head);
    return whole;
}
