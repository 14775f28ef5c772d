#include "sdk/model/log_view.h"

#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/attrs_reader.h"
#include "sdk/model/utf8.h"

#define SEVERITY_MAX 24u

static bool head_is_sane(const struct oa_record_log *head)
{
    return head->head.type == OA_RECORD_LOG && head->head.scope < OA_SCOPE_COUNT && head->severity <= SEVERITY_MAX &&
           oa_id_is_zero(head->trace_id, sizeof(head->trace_id)) ==
               oa_id_is_zero(head->span_id, sizeof(head->span_id));
}

static void view_fill(struct oa_log_view *view, const struct oa_record_log *head)
{
    memcpy(view->trace_id, head->trace_id, sizeof(view->trace_id));
    memcpy(view->span_id, head->span_id, sizeof(view->span_id));
    view->unix_ns = head->unix_ns;
    view->observed_unix_ns = head->observed_unix_ns;
    view->pid = head->pid;
    view->severity = head->severity;
    view->scope = (uint8_t)head->head.scope;
    view->has_context = !oa_id_is_zero(head->trace_id, sizeof(head->trace_id));
    view->flags = view->has_context ? head->flags : 0;
}

/* The three texts stand one behind the other. */
static int texts_read(struct oa_attrs_reader *reader, const struct oa_record_log *head, struct oa_log_view *view)
{
    struct oa_slice *const texts[] = { &view->severity_text, &view->event_name, &view->body };
    const size_t lengths[] = { head->severity_len, head->event_len, head->body_len };
    const char *at = oa_record_cursor_take_padded(&reader->cursor, lengths[0] + lengths[1] + lengths[2]);
    int err = at ? 0 : OA_EMALFORMED;

    for (size_t i = 0; i < OA_COUNT(texts) && err == 0; at += lengths[i++])
        err = oa_attrs_reader_text(reader, (struct oa_slice){ at, lengths[i] }, OA_UTF8_NO_LIMIT, texts[i]);
    return err;
}

int oa_log_view_read(const struct oa_record_log *rec, size_t rec_bytes, struct oa_arena *arena,
                     const struct oa_span_limits *limits, struct oa_log_view *ret_view)
{
    struct oa_attrs_reader reader = { .arena = arena, .limits = limits, .inner = true };
    struct oa_log_view view;
    struct oa_record_log head;
    int err = oa_attrs_reader_begin(&reader, rec, rec_bytes, &head, sizeof(head));

    if (err < 0 || !head_is_sane(&head))
        return OA_EMALFORMED;
    view_fill(&view, &head);
    err = texts_read(&reader, &head, &view);
    if (err == 0)
        err = oa_attrs_reader_run(&reader, head.attr_count);
    if (err < 0)
        return err;
    view.attrs = reader.attrs;
    view.attr_count = reader.count;
    view.attr_dropped = head.attr_dropped + reader.dropped;
    *ret_view = view;
    return 0;
}
