#include "sdk/encode/otlp_json.h"

#include <math.h>
#include <stdio.h>

#include "sdk/encode/otlp_json_internal.h"
#include "sdk/encode/otlp_wire.h"

void oa_otlp_json_digits(struct oa_json *json, int64_t value)
{
    char text[24];

    oa_json_str(json, (struct oa_slice){ text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)value) });
}

void oa_otlp_json_u64(struct oa_json *json, struct oa_slice key, uint64_t value)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

    oa_json_member_str(json, key, (struct oa_slice){ text, (size_t)len });
}

void oa_otlp_json_double(struct oa_json *json, double value)
{
    if (isnan(value))
        oa_json_str(json, OA_SLICE("NaN"));
    else if (isinf(value))
        oa_json_str(json, value > 0 ? OA_SLICE("Infinity") : OA_SLICE("-Infinity"));
    else
        oa_json_double(json, value);
}

static void put_array(struct oa_json *json, const struct oa_attr_view *attr)
{
    oa_json_member_object_open(json, OA_SLICE("arrayValue"));
    oa_json_member_array_open(json, OA_SLICE("values"));
    for (uint32_t i = 0; i < attr->item_count; i++) {
        oa_json_object_open(json);
        oa_json_member_str(json, OA_SLICE("stringValue"), attr->items[i]);
        oa_json_object_close(json);
    }
    oa_json_array_close(json);
    oa_json_object_close(json);
}

static void put_value(struct oa_json *json, const struct oa_attr_view *attr)
{
    oa_json_member_object_open(json, OA_SLICE("value"));
    switch (attr->type) {
    case OA_ATTR_STR:
        oa_json_member_str(json, OA_SLICE("stringValue"), attr->str);
        break;
    case OA_ATTR_INT:
        oa_json_key(json, OA_SLICE("intValue"));
        oa_otlp_json_digits(json, attr->num);
        break;
    case OA_ATTR_BOOL:
        oa_json_member_bool(json, OA_SLICE("boolValue"), attr->num != 0);
        break;
    case OA_ATTR_DOUBLE:
        oa_json_key(json, OA_SLICE("doubleValue"));
        oa_otlp_json_double(json, attr->real);
        break;
    case OA_ATTR_ARR:
        put_array(json, attr);
        break;
    default: /* the empty value */
        break;
    }
    oa_json_object_close(json);
}

void oa_otlp_json_attrs(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count)
{
    oa_json_member_array_open(json, OA_SLICE("attributes"));
    for (uint32_t i = 0; i < count; i++) {
        oa_json_object_open(json);
        oa_json_member_str(json, OA_SLICE("key"), attrs[i].key);
        put_value(json, &attrs[i]);
        oa_json_object_close(json);
    }
    oa_json_array_close(json);
}

static void put_resource(struct oa_json *json, const struct oa_resource *resource)
{
    oa_json_member_object_open(json, OA_SLICE("resource"));
    oa_otlp_json_attrs(json, resource->attrs, resource->attr_count);
    oa_otlp_json_dropped(json, OA_SLICE("droppedAttributesCount"), resource->attr_dropped);
    oa_json_object_close(json);
    oa_json_member_str(json, OA_SLICE("schemaUrl"), oa_slice_of(resource->schema_url));
}

void oa_otlp_json_open(struct oa_json *json, struct oa_arena *arena, const struct oa_resource *resource,
                       struct oa_slice resources, struct oa_slice scopes)
{
    oa_json_init(json, arena, 0);
    oa_json_object_open(json);
    oa_json_member_array_open(json, resources);
    oa_json_object_open(json);
    put_resource(json, resource);
    oa_json_member_array_open(json, scopes);
}

int oa_otlp_json_close(struct oa_json *json, struct oa_slice *ret_text)
{
    oa_json_array_close(json);
    oa_json_object_close(json);
    oa_json_array_close(json);
    oa_json_object_close(json);
    return oa_json_finish(json, ret_text);
}

void oa_otlp_json_scope_open(struct oa_json *json, uint8_t scope, struct oa_slice items)
{
    oa_json_object_open(json);
    oa_json_member_object_open(json, OA_SLICE("scope"));
    oa_json_member_str(json, OA_SLICE("name"), oa_slice_of(oa_scope_name(scope)));
    oa_json_member_str(json, OA_SLICE("version"), oa_slice_of(OA_SDK_VERSION));
    oa_json_object_close(json);
    oa_json_member_str(json, OA_SLICE("schemaUrl"), oa_slice_of(OA_SCHEMA_URL));
    oa_json_member_array_open(json, items);
}

void oa_otlp_json_scope_close(struct oa_json *json)
{
    oa_json_array_close(json);
    oa_json_object_close(json);
}

/* Counts are told if something was left out. */
void oa_otlp_json_dropped(struct oa_json *json, struct oa_slice key, uint32_t count)
{
    if (count)
        oa_json_member_int(json, key, count);
}

static void put_span(struct oa_json *json, const struct oa_span_view *span)
{
    oa_json_object_open(json);
    oa_json_member_hex(json, OA_SLICE("traceId"), span->trace_id, sizeof(span->trace_id));
    oa_json_member_hex(json, OA_SLICE("spanId"), span->span_id, sizeof(span->span_id));
    if (span->tracestate.len)
        oa_json_member_str(json, OA_SLICE("traceState"), span->tracestate);
    if (span->has_parent)
        oa_json_member_hex(json, OA_SLICE("parentSpanId"), span->parent_id, sizeof(span->parent_id));
    oa_json_member_int(json, OA_SLICE("flags"), oa_otlp_flags(span->flags, span->parent_remote));
    oa_json_member_str(json, OA_SLICE("name"), span->name);
    oa_json_member_int(json, OA_SLICE("kind"), span->kind);
    oa_otlp_json_u64(json, OA_SLICE("startTimeUnixNano"), span->start_unix_ns);
    oa_otlp_json_u64(json, OA_SLICE("endTimeUnixNano"), span->end_unix_ns);
    oa_otlp_json_attrs(json, span->attrs, span->attr_count);
    oa_otlp_json_dropped(json, OA_SLICE("droppedAttributesCount"), span->attr_dropped);
    if (span->extras)
        oa_otlp_json_extras(json, span->extras);
    oa_json_member_object_open(json, OA_SLICE("status"));
    if (span->status != OA_STATUS_UNSET)
        oa_json_member_int(json, OA_SLICE("code"), span->status);
    oa_json_object_close(json);
    oa_json_object_close(json);
}

static bool has_scope(const struct oa_batch *batch, uint8_t scope)
{
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->spans[i].scope == scope)
            return true;
    return false;
}

static void put_scope_spans(struct oa_json *json, const struct oa_batch *batch, uint8_t scope)
{
    oa_otlp_json_scope_open(json, scope, OA_SLICE("spans"));
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->spans[i].scope == scope)
            put_span(json, &batch->spans[i]);
    oa_otlp_json_scope_close(json);
}

int oa_otlp_json_spans(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                       struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_otlp_json_open(&json, arena, resource, OA_SLICE("resourceSpans"), OA_SLICE("scopeSpans"));
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++)
        if (has_scope(batch, scope))
            put_scope_spans(&json, batch, scope);
    return oa_otlp_json_close(&json, ret_text);
}
