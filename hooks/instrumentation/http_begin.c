/* A request head is complete: whose child is it, which ids does it get, is it recorded, and what
 * text makes the next program know. */
#include "hooks/instrumentation/http.h"

#include <string.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/http_facts.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/copy.h"
#include "preload/base/glob.h"

static char *put(char *at, struct oa_slice text)
{
    oa_copy(at, text.ptr, text.len);
    return at + text.len;
}

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

    if (!op->carried)
        return;
    memset(&carrier, 0, sizeof(carrier));
    for (uint32_t left = op->carried; left; left &= left - 1) { /* one or two of all fields, mostly */
        int i = __builtin_ctz(left);

        carrier.value[i] = oa_op_text(op, (enum oa_op_field)(OA_OP_CARRIED + i));
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

/* "http://host/path?query" as far as the head tells. */
static struct oa_slice whole_url(struct oa_op *op)
{
    struct oa_slice target = oa_op_text(op, OA_OP_TARGET), host = oa_op_text(op, OA_OP_HOST);
    char *at = op->text + op->text_len, *begin = at;

    if (!target.len || target.ptr[0] != '/')
        return target; /* absolute, or that of CONNECT or OPTIONS */
    if (op->text_len + 7 + host.len + target.len > OA_OP_TEXT)
        return target;
    at = put(put(put(at, OA_SLICE("http://")), host), target);
    return (struct oa_slice){ begin, (size_t)(at - begin) };
}

static OA_NOINLINE bool is_excluded(struct oa_op *op)
{
    struct oa_slice url = whole_url(op);

    return oa_glob_list(oa_slice_of(oa_env()->auto_excluded_urls), url, oa_glob_search) ||
           oa_glob_list(oa_slice_of(oa_env()->python_excluded_urls), url, oa_glob_search);
}

static bool is_enabled(struct oa_op *op)
{
    const struct oa_env *env = oa_env();

    if (oa_likely(!*env->auto_excluded_urls && !*env->python_excluded_urls))
        return env->http_enabled;
    return env->http_enabled && !is_excluded(op);
}

static void begin_client(struct oa_conn *conn, struct oa_op *op)
{
    op->tagged = oa_http_take_tag(op);
    if (op->tagged)
        return;
    op->untold = is_telemetry(op);
    op->suppressed =
        op->untold || (op->carried & oa_fields_of_spans); /* the application sends a context of its own */
    if (op->suppressed)
        return;
    oa_parent_find(op, conn->requests == 0 ? conn->owner : (struct oa_op_ref){ 0 });
}

static OA_NOINLINE void begin_by_name(struct oa_op *op)
{
    char name[OA_HTTP_EARLY_NAME];

    oa_begin_span(op, is_enabled(op), oa_http_facts_early_name(op, name));
}

void oa_http_begin(struct oa_conn *conn, struct oa_op *op)
{
    op->begun = true;
    if (op->kind == OA_SPAN_SERVER) {
        extract(op);
        if (oa_unlikely(oa_begin_settings.public_endpoint))
            oa_http_distrust(op);
        op->link = op->parent.valid ? OA_LINK_REMOTE : OA_LINK_NONE;
    } else {
        begin_client(conn, op);
    }
    if (oa_unlikely(oa_begin_by_name(&op->parent)))
        begin_by_name(op);
    else
        oa_begin_span(op, is_enabled(op), (struct oa_slice){ NULL, 0 });
}

/* Appends "name: value\r\n" to the INJECT field, which is the last run of the text area. */
struct line_setter {
    struct oa_setter base;
    struct oa_op *op;
};

static void set_line(struct oa_setter *base, enum oa_field field, struct oa_slice value)
{
    struct oa_op *op = ((struct line_setter *)base)->op;
    bool of_span = oa_fields_of_spans & 1u << field;
    struct oa_slice name = oa_field_name(field), key = { NULL, 0 };
    char *at = op->text + op->text_len;
    size_t len;

    if (oa_fields_by_prefix & 1u << field)
        key = oa_slice_next(&value, '=');
    len = name.len + key.len + 2 + value.len + 2;
    if (op->lines[field] || op->text_len + len > (of_span ? sizeof(op->text) : OA_OP_TEXT))
        return; /* the application sends its own list: never a second one */
    at = put(put(put(put(put(at, name), key), OA_SLICE(": ")), value), OA_SLICE("\r\n"));
    op->text_len = (uint16_t)(op->text_len + len);
    op->field[OA_OP_INJECT].len = (uint16_t)(op->field[OA_OP_INJECT].len + len);
}

void oa_http_inject(struct oa_op *op)
{
    const struct oa_env_list *list = &oa_env()->propagators;
    struct line_setter setter = { .base.set = set_line, .op = op };

    op->field[OA_OP_INJECT].off = op->text_len;
    op->field[OA_OP_INJECT].len = 0;
    if (op->suppressed || op->tagged)
        return;
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
