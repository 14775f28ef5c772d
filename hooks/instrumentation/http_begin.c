/* A request head is complete: whose child is it, which ids does it get, is it recorded, and what
 * text makes the next program know. */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/parent.h"
#include "sdk/api/ids.h"
#include "sdk/propagation/propagator.h"
#include "sdk/propagation/tracecontext.h"

/* A list that extract() produced, as a field: it mostly lies in the text area already. */
static void adopt(struct oa_op *op, enum oa_op_field field, struct oa_slice list)
{
    if (list.len && list.ptr >= op->text && list.ptr + list.len <= op->text + OA_OP_TEXT) {
        op->field[field].off = (uint16_t)(list.ptr - op->text);
        op->field[field].len = (uint16_t)list.len;
    } else {
        (void)oa_op_set(op, field, list);
    }
}

/* The context that came with a request; lists are normalised into the operation's text. */
static void extract(struct oa_op *op)
{
    const struct oa_env_list *list = &oa_env()->propagators;
    struct oa_scratch scratch = { .ptr = op->text + op->text_len, .cap = OA_OP_TEXT - op->text_len };
    struct oa_context ctx = { 0 };
    struct oa_carrier carrier;

    if (!(op->lines[0] | op->lines[1] | op->lines[2]))
        return;
    for (int i = 0; i < OA_FIELD_COUNT; i++) {
        carrier.value[i] = oa_op_text(op, (enum oa_op_field)(OA_OP_TRACEPARENT + i));
        carrier.lines[i] = op->lines[i];
    }
    oa_propagation_extract(list->ids, list->count, &carrier, &ctx, &scratch);
    op->text_len = (uint16_t)(op->text_len + scratch.len);
    op->parent = ctx.span;
    adopt(op, OA_OP_STATE_LIST, ctx.tracestate);
    adopt(op, OA_OP_BAGGAGE_LIST, ctx.baggage);
}

/* Somebody's exporter at work: no span of ours, no header of ours, no measurement. */
static bool is_telemetry(const struct oa_op *op)
{
    struct oa_slice agent = oa_op_text(op, OA_OP_USER_AGENT);

    return oa_slice_starts(agent, OA_SLICE("OTel-OTLP-Exporter")) ||
           oa_slice_starts(agent, OA_SLICE("libotel-auto/"));
}

/* The outgoing head carries the id of one of our open operations: the application copied the tag. */
static bool take_tag(struct oa_op *op)
{
    struct oa_span_context ctx;
    struct oa_op_ref ref;

    if (op->lines[0] != 1 || !oa_traceparent_parse(oa_op_text(op, OA_OP_TRACEPARENT), &ctx))
        return false;
    ref = (struct oa_op_ref){ .span_id = oa_ids_number(ctx.span_id), .slot = oa_ids_slot(ctx.span_id) };
    return oa_parent_take(op, ref, OA_LINK_TAG);
}

static void begin_client(struct oa_conn *conn, struct oa_op *op)
{
    op->tagged = take_tag(op);
    if (op->tagged)
        return;
    op->untold = is_telemetry(op);
    op->suppressed = op->untold || op->lines[0] != 0; /* the application sends a context of its own */
    if (op->suppressed)
        return;
    oa_parent_find(op, conn->requests == 0 ? conn->owner : (struct oa_op_ref){ 0 });
}

void oa_http_begin(struct oa_conn *conn, struct oa_op *op)
{
    op->begun = true;
    if (op->kind == OA_SPAN_SERVER) {
        extract(op);
        op->link = op->parent.valid ? OA_LINK_REMOTE : OA_LINK_NONE;
    } else {
        begin_client(conn, op);
    }
    oa_begin_span(op, oa_env()->http_enabled);
}

struct oa_slice oa_http_tag(const struct oa_op *op, char buf[OA_HTTP_TAG_LEN])
{
    if (!oa_begin_can_tag())
        return (struct oa_slice){ 0 };
    memcpy(buf, "traceparent: ", 13);
    oa_traceparent_format(buf + 13, &op->self);
    memcpy(buf + OA_HTTP_TAG_LEN - 2, "\r\n", 2);
    return (struct oa_slice){ buf, OA_HTTP_TAG_LEN };
}

/* Appends "name: value\r\n" to the INJECT field, which is the last run of the text area. */
struct line_setter {
    struct oa_setter base;
    struct oa_op *op;
};

static void set_line(struct oa_setter *base, enum oa_field field, struct oa_slice value)
{
    struct oa_op *op = ((struct line_setter *)base)->op;
    struct oa_slice name = oa_field_name(field);
    size_t len = name.len + 2 + value.len + 2;
    char *at = op->text + op->text_len;

    if (op->lines[field] || op->text_len + len > (field == OA_FIELD_TRACEPARENT ? sizeof(op->text) : OA_OP_TEXT))
        return; /* the application sends its own list: never a second one */
    memcpy(at, name.ptr, name.len);
    memcpy(at + name.len, ": ", 2);
    memcpy(at + name.len + 2, value.ptr, value.len);
    memcpy(at + len - 2, "\r\n", 2);
    op->text_len = (uint16_t)(op->text_len + len);
    op->field[OA_OP_INJECT].len = (uint16_t)(op->field[OA_OP_INJECT].len + len);
}

void oa_http_inject(struct oa_op *op)
{
    const struct oa_env_list *list = &oa_env()->propagators;
    struct line_setter setter = { .base.set = set_line, .op = op };
    char text[OA_TRACEPARENT_LEN];

    op->field[OA_OP_INJECT].off = op->text_len;
    op->field[OA_OP_INJECT].len = 0;
    if (op->suppressed)
        return;
    if (op->tagged) {
        oa_traceparent_format(text, &op->self);
        (void)oa_op_set(op, OA_OP_INJECT, (struct oa_slice){ text + OA_HTTP_PARENT_AT, OA_HTTP_PARENT_LEN });
        return;
    }
    struct oa_context ctx = {
        .span = op->self,
        .tracestate = oa_op_text(op, OA_OP_STATE_LIST),
        .baggage = oa_op_text(op, OA_OP_BAGGAGE_LIST),
    };

    /* CONNECT reaches the proxy only: our header has no business there. */
    if (oa_slice_eq((struct oa_slice){ op->method, op->method_len }, OA_SLICE("CONNECT")))
        return;
    oa_propagation_inject(list->ids, list->count, &ctx, &setter.base);
}
