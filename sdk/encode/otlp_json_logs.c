#include "sdk/encode/otlp_json.h"
#include "sdk/encode/otlp_json_internal.h"

static void put_body(struct oa_json *json, struct oa_slice body)
{
    oa_json_member_object_open(json, OA_SLICE("body"));
    oa_json_member_str(json, OA_SLICE("stringValue"), body);
    oa_json_object_close(json);
}

static void put_context(struct oa_json *json, const struct oa_log_view *log)
{
    oa_json_member_int(json, OA_SLICE("flags"), log->flags);
    oa_json_member_hex(json, OA_SLICE("traceId"), log->trace_id, sizeof(log->trace_id));
    oa_json_member_hex(json, OA_SLICE("spanId"), log->span_id, sizeof(log->span_id));
}

/* In the order of the numbers; what is unknown or empty is left out. */
static void put_log(struct oa_json *json, const struct oa_log_view *log)
{
    oa_json_object_open(json);
    if (log->unix_ns)
        oa_otlp_json_u64(json, OA_SLICE("timeUnixNano"), log->unix_ns);
    if (log->severity)
        oa_json_member_int(json, OA_SLICE("severityNumber"), log->severity);
    if (log->severity_text.len)
        oa_json_member_str(json, OA_SLICE("severityText"), log->severity_text);
    put_body(json, log->body);
    oa_otlp_json_attrs(json, log->attrs, log->attr_count);
    oa_otlp_json_dropped(json, OA_SLICE("droppedAttributesCount"), log->attr_dropped);
    if (log->has_context)
        put_context(json, log);
    oa_otlp_json_u64(json, OA_SLICE("observedTimeUnixNano"), log->observed_unix_ns);
    if (log->event_name.len)
        oa_json_member_str(json, OA_SLICE("eventName"), log->event_name);
    oa_json_object_close(json);
}

static bool has_scope(const struct oa_batch *batch, uint8_t scope)
{
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->logs[i].scope == scope)
            return true;
    return false;
}

static void put_scope_logs(struct oa_json *json, const struct oa_batch *batch, uint8_t scope)
{
    oa_otlp_json_scope_open(json, scope, OA_SLICE("logRecords"));
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->logs[i].scope == scope)
            put_log(json, &batch->logs[i]);
    oa_otlp_json_scope_close(json);
}

int oa_otlp_json_logs(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                      struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_otlp_json_open(&json, arena, resource, OA_SLICE("resourceLogs"), OA_SLICE("scopeLogs"));
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++)
        if (has_scope(batch, scope))
            put_scope_logs(&json, batch, scope);
    return oa_otlp_json_close(&json, ret_text);
}
