/*
 * OTEL_AUTO_PUBLIC_ENDPOINT: a server whose clients are strangers. What they say of traces is noted as a link and
 * not continued (W3C Trace Context 3.4, "restart trace": ids and flags are made anew, the tracestate goes). Where
 * requests may be tagged the program does not get to see it either: else it, or whom it asks, would continue the
 * trace after all. Values of fields that carry a span's context, and the tracestate that goes with it, come to name
 * the server's span where they stand; where they cannot, for their length or because the head comes in pieces, blanks
 * take their place. The length of what is read changes by nothing but whole lines that are inserted, as always.
 */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/http_watch.h"
#include "preload/base/err.h"

#define SPOTS_MAX 12u /* as many as there are fields that carry a context */

void oa_http_distrust(struct oa_op *op)
{
    if (op->parent.valid) {
        op->linked = true;
        op->origin.span = op->parent;
        op->origin.state_off = op->field[OA_OP_STATE_LIST].off;
        op->origin.state_len = op->field[OA_OP_STATE_LIST].len;
    }
    op->parent = (struct oa_span_context){ 0 };
    op->field[OA_OP_STATE_LIST].len = op->field[OA_OP_BAGGAGE_LIST].len = 0;
}

/* A read's bytes, and the values in the head at hand that wait for its end. */
struct hide {
    struct oa_conn *conn;
    struct oa_window *window;
    enum { NOT_ASKED, OURS, NOT_OURS } socket;
    bool full; /* no line can be inserted */
    unsigned count;
    struct oa_http_spot spot[SPOTS_MAX];
};

/* What the span's context would be sent as; behind what the operation has captured. */
struct values {
    struct oa_setter base;
    struct oa_scratch text;
    struct oa_slice of[OA_FIELD_COUNT]; /* ptr NULL: nothing */
};

static bool is_context(enum oa_field field)
{
    return field < OA_FIELD_COUNT && (oa_fields_of_spans & 1u << field || field == OA_FIELD_TRACESTATE);
}

/* The number may name another file by now: asked before the first byte is touched. */
static bool may_write(struct hide *hide)
{
    if (hide->socket == NOT_ASKED)
        hide->socket = oa_conn_same_socket(hide->conn, hide->window->fd) ? OURS : NOT_OURS;
    return hide->socket == OURS;
}

static void overwrite(struct hide *hide, size_t at, size_t len, struct oa_slice value)
{
    if (!may_write(hide))
        return;
    memset(hide->window->ptr + at, ' ', len);
    if (value.len)
        memcpy(hide->window->ptr + at, value.ptr, value.len);
}

static void blank_all(struct hide *hide)
{
    for (unsigned i = 0; i < hide->count; i++)
        overwrite(hide, hide->spot[i].at, hide->spot[i].len, (struct oa_slice){ NULL, 0 });
    hide->count = 0;
}

/* A value that is whole waits until the span that takes its place has ids. Where one goes on in a further line, the
 * parser tells a blank from a place of its own. */
static void note(struct hide *hide, enum oa_field field, const struct oa_http1_event *ev)
{
    uintptr_t begin = (uintptr_t)hide->window->ptr, text = (uintptr_t)ev->text.ptr;
    size_t at = text - begin;

    if (ev->text.len == 0 || text < begin || at >= hide->window->len)
        return;
    if (ev->first && ev->last && hide->count < SPOTS_MAX && ev->text.len <= UINT16_MAX)
        hide->spot[hide->count++] = (struct oa_http_spot){ at, (uint16_t)ev->text.len, (uint8_t)field };
    else
        overwrite(hide, at, ev->text.len, (struct oa_slice){ NULL, 0 });
}

static void set_value(struct oa_setter *base, enum oa_field field, struct oa_slice value)
{
    struct values *values = (struct values *)base;

    char *at = values->text.ptr + values->text.len;

    if (!is_context(field) || value.len > values->text.cap - values->text.len)
        return;
    memcpy(at, value.ptr, value.len);
    values->of[field] = (struct oa_slice){ at, value.len };
    values->text.len += value.len;
}

static const struct oa_http_spot *spot_of(const struct hide *hide, unsigned field)
{
    for (unsigned i = 0; i < hide->count; i++)
        if (hide->spot[i].field == field)
            return &hide->spot[i];
    return NULL;
}

/* Has the field a place: its only line, if that is whole here and long enough, or one that will be inserted? */
static bool has_place(const struct hide *hide, const struct oa_op *op, const struct values *values, unsigned field)
{
    const struct oa_http_spot *spot = spot_of(hide, field);

    if (!op->lines[field])
        return !hide->full;
    return op->lines[field] == 1 && spot && values->of[field].len <= spot->len;
}

/* Half a format is none: all of its fields have a place, or it writes nothing. A tracestate may do without. */
static void make_values(const struct hide *hide, struct oa_op *op, struct values *values)
{
    const struct oa_env_list *list = &oa_env()->propagators;
    struct oa_context ctx = { .span = op->self, .tracestate = oa_op_text(op, OA_OP_STATE_LIST) };

    memset(values->of, 0, sizeof(values->of));
    values->base.set = set_value;
    values->text = (struct oa_scratch){ .ptr = op->text + op->text_len, .cap = OA_OP_TEXT - op->text_len };
    for (int i = 0; i < list->count; i++) {
        const struct oa_propagator *format = oa_propagators[list->ids[i]];
        uint32_t ids = format->fields & oa_fields_of_spans;
        bool whole = true;

        if (!format->retarget)
            continue;
        format->inject(&ctx, &values->base);
        for (unsigned f = 0; f < OA_FIELD_COUNT; f++)
            if (ids & 1u << f && values->of[f].ptr)
                whole &= has_place(hide, op, values, f);
        for (unsigned f = 0; f < OA_FIELD_COUNT; f++)
            if (format->fields & 1u << f && (!whole || !has_place(hide, op, values, f)))
                values->of[f] = (struct oa_slice){ NULL, 0 };
    }
}

/* Bytes of the lines of values that the head has no line for. */
static size_t lines_len(const struct oa_op *op, const struct values *values)
{
    size_t len = 0;

    for (unsigned f = 0; f < OA_FIELD_COUNT; f++)
        if (values->of[f].ptr && !op->lines[f])
            len += oa_field_name((enum oa_field)f).len + values->of[f].len + 4;
    return len;
}

static char *put(char *at, struct oa_slice text)
{
    memcpy(at, text.ptr, text.len);
    return at + text.len;
}

/* The lines, in front of the empty one at `at`. */
static size_t insert(struct hide *hide, const struct oa_op *op, size_t at, const struct values *values)
{
    struct oa_window *window = hide->window;
    size_t len = lines_len(op, values);
    char *to = window->ptr + at;

    if (!len || !may_write(hide))
        return 0;
    memmove(to + len, to, window->len - at);
    for (unsigned f = 0; f < OA_FIELD_COUNT; f++) {
        if (!values->of[f].ptr || op->lines[f])
            continue;
        to = put(put(to, oa_field_name((enum oa_field)f)), OA_SLICE(": "));
        to = put(put(to, values->of[f]), OA_SLICE("\r\n"));
    }
    window->len += len;
    return len;
}

/* The head of op ends with the empty line at `at`. Returns the bytes inserted there. */
static size_t show_span(struct hide *hide, struct oa_op *op, size_t at)
{
    struct values values;

    hide->full = false;
    make_values(hide, op, &values);
    hide->full = hide->window->len + lines_len(op, &values) > hide->window->cap;
    if (hide->full) /* what stands in the head already can still be overwritten */
        make_values(hide, op, &values);
    for (unsigned i = 0; i < hide->count; i++)
        overwrite(hide, hide->spot[i].at, hide->spot[i].len,
                  op->lines[hide->spot[i].field] == 1 ? values.of[hide->spot[i].field]
                                                      : (struct oa_slice){ NULL, 0 });
    hide->count = 0;
    return insert(hide, op, at, &values);
}

int oa_http_public_ingress(struct oa_conn *conn, struct oa_flow *flow, struct oa_window *window)
{
    struct hide hide = { .conn = conn, .window = window };
    struct oa_http1 *p = &conn->http.in;
    struct oa_http1_event ev;
    size_t at = 0;
    int err = OA_OK;

    do {
        ssize_t n = oa_http1_step(p, window->ptr + at, window->len - at, &ev);

        if (n < 0 || oa_http_on_event(conn, flow, p, &ev) < 0) {
            err = OA_EMALFORMED;
            break;
        }
        at += (size_t)n;
        if (ev.type == OA_HTTP1_HEADER && is_context(oa_http_watch_field(p, ev.header)))
            note(&hide, oa_http_watch_field(p, ev.header), &ev);
        if (ev.type == OA_HTTP1_BLANK && conn->http.building)
            at += show_span(&hide, oa_op_at(conn->http.building - 1), at); /* our own bytes are not parsed */
    } while (!oa_http1_over(&ev, window->len - at) && !conn->opaque);
    blank_all(&hide); /* of a head that ends in a later read, or never */
    return err;
}
