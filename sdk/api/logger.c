#include "sdk/api/logger.h"

#include <string.h>

#include "env/env.h"
#include "preload/base/clock.h"
#include "preload/base/copy.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "preload/thread.h"

#define ATTR_BYTES (sizeof(struct oa_record_attr) + 16) /* head, and what padding may cost beside the text */

static bool enabled;

OA_START void oa_logger_init(void)
{
    const struct oa_env *env = oa_env();

    enabled = env->logs_exporter.count > 0 && !env->sdk_disabled;
    if (enabled)
        oa_ring_expect_logs(env->blrp_max_queue_size);
}

bool oa_logger_enabled(void)
{
    return enabled;
}

static uint32_t short_len(struct oa_slice text)
{
    return text.len < OA_NAME_MAX ? (uint32_t)text.len : OA_NAME_MAX;
}

static void fill_context(struct oa_record_log *r, const struct oa_span_context *context)
{
    bool valid = context && context->valid;

    memset(r->trace_id, 0, sizeof(r->trace_id));
    memset(r->span_id, 0, sizeof(r->span_id));
    r->flags = valid ? context->flags : 0;
    if (valid) {
        memcpy(r->trace_id, context->trace_id, sizeof(r->trace_id));
        memcpy(r->span_id, context->span_id, sizeof(r->span_id));
    }
}

bool oa_logger_begin(struct oa_log_writer *w, const struct oa_log_head *head, uint32_t body_max, uint32_t attrs,
                     uint32_t text_bytes)
{
    uint32_t severity_len = short_len(head->severity_text), event_len = short_len(head->event_name);
    uint32_t texts = severity_len + event_len;
    struct oa_record_log *r;

    *w = (struct oa_log_writer){ .record = NULL };
    r = (struct oa_record_log *)oa_ring_reserve_log(
        (uint32_t)(sizeof(*r) + OA_RECORD_PAD8(texts + body_max) + text_bytes + attrs * ATTR_BYTES));
    if (!r)
        return false;
    r->head.type = OA_RECORD_LOG;
    r->head.scope = (uint16_t)head->scope;
    fill_context(r, head->context);
    r->unix_ns = head->unix_ns;
    r->observed_unix_ns = oa_clock_unix_ns();
    r->severity = head->severity;
    r->attr_count = r->attr_dropped = 0;
    r->severity_len = (uint16_t)severity_len;
    r->event_len = (uint16_t)event_len;
    r->body_len = 0;
    r->pid = oa_ring_logs()->pid;
    memset(r->reserved, 0, sizeof(r->reserved));
    w->record = r;
    w->body = (char *)(r + 1) + texts;
    oa_copy((char *)(r + 1), head->severity_text.ptr, severity_len);
    oa_copy((char *)(r + 1) + severity_len, head->event_name.ptr, event_len);
    return true;
}

void oa_logger_body(struct oa_log_writer *w, uint32_t len, uint32_t written)
{
    uint32_t texts, rest;

    if (!w->record)
        return;
    texts = w->record->severity_len + w->record->event_len + len;
    rest = OA_RECORD_PAD8(texts) - texts;
    w->record->body_len = len;
    memset(w->body + len, 0, written - len > rest ? written - len : rest);
    w->used = (uint32_t)sizeof(*w->record) + OA_RECORD_PAD8(texts);
}

/* Where the value goes, NULL if there is no room for it. */
static char *put_attr(struct oa_log_writer *w, enum oa_key key, enum oa_attr_type type, uint32_t len)
{
    struct oa_record_attr attr = { .key = (uint16_t)key, .type = (uint8_t)type, .len = len };
    char *at;

    if (!w->record)
        return NULL;
    if (w->used + sizeof(attr) + OA_RECORD_PAD8(len) > w->record->head.size) {
        w->record->attr_dropped++;
        return NULL;
    }
    at = (char *)w->record + w->used;
    memcpy(at, &attr, sizeof(attr));
    memset(at + sizeof(attr) + len, 0, OA_RECORD_PAD8(len) - len);
    w->used += (uint32_t)sizeof(attr) + OA_RECORD_PAD8(len);
    w->record->attr_count++;
    return at + sizeof(attr);
}

void oa_logger_str(struct oa_log_writer *w, enum oa_key key, struct oa_slice value)
{
    char *at = value.ptr ? put_attr(w, key, OA_ATTR_STR, (uint32_t)value.len) : NULL;

    if (at)
        oa_copy(at, value.ptr, value.len);
}

void oa_logger_int(struct oa_log_writer *w, enum oa_key key, int64_t value)
{
    char *at = put_attr(w, key, OA_ATTR_INT, sizeof(value));

    if (at)
        memcpy(at, &value, sizeof(value));
}

void oa_logger_commit(struct oa_log_writer *w)
{
    if (!w->record)
        return;
    w->record->head.used = w->used;
    oa_ring_commit_log(&w->record->head);
    oa_thread.flags |= OA_THREAD_RECORDED;
    w->record = NULL;
}
