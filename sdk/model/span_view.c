#include "sdk/model/span_view.h"

#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/attrs_reader.h"
#include "sdk/model/utf8.h"

static const char *const scope_names[] = {
#define SCOPE(id, name) [OA_SCOPE_##id] = name,
    OA_SCOPES(SCOPE)
#undef SCOPE
};
_Static_assert(OA_COUNT(scope_names) == OA_SCOPE_COUNT, "one name per scope");

const char *oa_scope_name(uint8_t scope)
{
    return scope < OA_SCOPE_COUNT ? scope_names[scope] : "libotel-auto";
}

static bool head_is_sane(const struct oa_record_span *head)
{
    return head->head.type == OA_RECORD_SPAN && head->head.scope < OA_SCOPE_COUNT &&
           !oa_id_is_zero(head->trace_id, 16) && !oa_id_is_zero(head->span_id, 8) && head->kind >= OA_SPAN_INTERNAL &&
           head->kind <= OA_SPAN_CONSUMER && head->status <= OA_STATUS_ERROR;
}

static void view_fill(struct oa_span_view *view, const struct oa_record_span *head)
{
    memcpy(view->trace_id, head->trace_id, sizeof(view->trace_id));
    memcpy(view->span_id, head->span_id, sizeof(view->span_id));
    memcpy(view->parent_id, head->parent_id, sizeof(view->parent_id));
    view->start_unix_ns = head->start_unix_ns;
    view->end_unix_ns = head->end_unix_ns > head->start_unix_ns ? head->end_unix_ns : head->start_unix_ns;
    view->pid = head->pid;
    view->kind = head->kind;
    view->status = head->status;
    view->scope = (uint8_t)head->head.scope;
    view->flags = head->flags;
    view->has_parent = !oa_id_is_zero(head->parent_id, sizeof(head->parent_id));
    view->parent_remote = view->has_parent && head->parent_remote;
}

/* Name and tracestate stand one behind the other; OTLP wants a name that is not empty. */
static int texts_read(struct oa_attrs_reader *reader, const struct oa_record_span *head, struct oa_span_view *view)
{
    size_t name_len = head->name_len, state_len = head->tracestate_len;
    const char *texts = oa_record_cursor_take_padded(&reader->cursor, name_len + state_len);
    struct oa_slice name = { texts, name_len };
    int err;

    if (!texts)
        return OA_EMALFORMED;
    err = oa_attrs_reader_text(reader, name.len ? name : OA_SLICE("unknown"), OA_UTF8_NO_LIMIT, &view->name);
    if (err < 0)
        return err;
    return oa_attrs_reader_text(reader, (struct oa_slice){ texts + name_len, state_len }, OA_UTF8_NO_LIMIT,
                                &view->tracestate);
}

static int view_decode(struct oa_attrs_reader *reader, const struct oa_record_span *rec, size_t rec_bytes,
                       struct oa_span_view *ret_view)
{
    struct oa_span_view view;
    struct oa_record_span head;
    int err = oa_attrs_reader_begin(reader, rec, rec_bytes, &head, sizeof(head));

    if (err < 0 || !head_is_sane(&head))
        return OA_EMALFORMED;
    view_fill(&view, &head);
    err = texts_read(reader, &head, &view);
    if (err == 0)
        err = oa_attrs_reader_run(reader, head.attr_count);
    if (err < 0)
        return err;
    view.attrs = reader->attrs;
    view.extras = reader->extras;
    view.attr_count = reader->count;
    view.attr_dropped = head.attr_dropped + reader->dropped;
    *ret_view = view;
    return 0;
}

int oa_span_view_read(const struct oa_record_span *rec, size_t rec_bytes, struct oa_arena *arena,
                      const struct oa_span_limits *limits, struct oa_span_view *ret_view)
{
    struct oa_attrs_reader reader = { .arena = arena, .limits = limits };

    return view_decode(&reader, rec, rec_bytes, ret_view);
}

int oa_span_view_borrow(const struct oa_record_span *rec, size_t rec_bytes, struct oa_arena *arena,
                        const struct oa_span_limits *limits, struct oa_span_view *ret_view)
{
    struct oa_attrs_reader reader = { .arena = arena, .limits = limits, .borrow = true };

    return view_decode(&reader, rec, rec_bytes, ret_view);
}

const struct oa_attr_view *oa_span_view_attr(const struct oa_span_view *view, struct oa_slice key)
{
    for (uint32_t i = 0; i < view->attr_count; i++)
        if (oa_slice_eq(view->attrs[i].key, key))
            return &view->attrs[i];
    return NULL;
}
