/*
 * The messages of a whole batch would be several times the text that they point to. So each record is packed as soon
 * as it is made, one behind the other (otlp-wire 1.3), in a block that was measured first.
 */
#include "sdk/encode/otlp_logs.h"

#include "preload/base/err.h"
#include "sdk/encode/otlp_attrs.h"
#include "sdk/encode/otlp_wire.h"
#include "sdk/encode/proto/logs.pb-c.h"

#define SCOPE_LOGS_RECORDS 2u
#define RECORD_FIXED_MAX \
    160u /* ids, times, severity, flags and count, with every tag and length; heads of the texts */

_Static_assert(SCOPE_LOGS_RECORDS == OA_OTLP_SCOPE_SPANS_SPANS, "what goes around spans goes around log records");

static size_t record_bytes_max(const struct oa_log_view *log)
{
    return OA_OTLP_HEAD_MAX + RECORD_FIXED_MAX + log->severity_text.len + log->event_name.len + log->body.len +
           oa_otlp_attrs_bytes_max(log->attrs, log->attr_count);
}

/* Ids, and the flags that came with them, are those of a span: a record without one has neither. */
static void fill(OaOtlp__LogRecord *record, const struct oa_log_view *log, const struct oa_otlp_attrs *attrs,
                 OaOtlp__AnyValue *body)
{
    oa_otlp__log_record__init(record);
    oa_otlp__any_value__init(body);
    body->value_case = OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE;
    body->string_value = oa_otlp_text(log->body);
    record->time_unix_nano = log->unix_ns;
    record->observed_time_unix_nano = log->observed_unix_ns;
    record->severity_number = (OaOtlp__SeverityNumber)log->severity;
    record->severity_text = oa_otlp_text(log->severity_text);
    record->event_name = oa_otlp_text(log->event_name);
    record->body = body;
    record->n_attributes = log->attr_count;
    record->attributes = attrs->pointers;
    record->dropped_attributes_count = log->attr_dropped;
    if (!log->has_context)
        return;
    record->flags = log->flags;
    record->trace_id = oa_otlp_text((struct oa_slice){ (const char *)log->trace_id, sizeof(log->trace_id) });
    record->span_id = oa_otlp_text((struct oa_slice){ (const char *)log->span_id, sizeof(log->span_id) });
}

/* Tag, length, message. Returns where the next one goes; NULL without memory. */
static uint8_t *put_record(uint8_t *at, const struct oa_log_view *log, struct oa_otlp_attrs *attrs)
{
    OaOtlp__LogRecord record;
    OaOtlp__AnyValue body;

    if (oa_otlp_attrs_fill(attrs, log->attrs, log->attr_count) < 0)
        return NULL;
    fill(&record, log, attrs, &body);
    at += oa_otlp_wire_head(at, SCOPE_LOGS_RECORDS, protobuf_c_message_get_packed_size(&record.base));
    return at + protobuf_c_message_pack(&record.base, at);
}

/* The records of one scope; empty if it has none. 0 or OA_ENOMEM. */
static int put_scope(const struct oa_batch *batch, uint8_t scope, struct oa_otlp_attrs *attrs, struct oa_arena *arena,
                     struct oa_slice *ret_records)
{
    uint8_t *block, *at;
    size_t most = 0;

    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->logs[i].scope == scope)
            most += record_bytes_max(&batch->logs[i]);
    if (most == 0)
        return 0;
    block = at = oa_arena_alloc(arena, most);
    for (uint32_t i = 0; at && i < batch->count; i++)
        if (batch->logs[i].scope == scope)
            at = put_record(at, &batch->logs[i], attrs);
    if (!at)
        return OA_ENOMEM;
    oa_arena_shrink(arena, block, most, (size_t)(at - block));
    *ret_records = (struct oa_slice){ (const char *)block, (size_t)(at - block) };
    return 0;
}

int oa_otlp_logs_request(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                         struct oa_otlp_request *ret_request)
{
    struct oa_slice records[OA_SCOPE_COUNT] = { { 0 } };
    struct oa_otlp_attrs attrs;
    int err = 0;

    oa_otlp_attrs_init(&attrs);
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT && err == 0; scope++)
        err = put_scope(batch, scope, &attrs, arena, &records[scope]);
    oa_otlp_attrs_release(&attrs);
    return err < 0 ? err : oa_otlp_proto_around(records, resource, arena, ret_request);
}
