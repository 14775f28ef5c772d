#include "sdk/encode/otlp_proto.h"

#include "preload/base/err.h"
#include "sdk/encode/proto/trace_service.pb-c.h"

#define SPAN_FLAG_REMOTE_KNOWN 0x100u
#define SPAN_FLAG_PARENT_REMOTE 0x200u

/* protobuf-c never writes through the pointers of a message that it packs, though it asks for them so. */
static char *unconst(const char *text)
{
    return (char *)(uintptr_t)text;
}

static ProtobufCBinaryData proto_bytes(const uint8_t *bytes, size_t len)
{
    return (ProtobufCBinaryData){ .len = len, .data = (uint8_t *)(uintptr_t)bytes };
}

/* n pointers to n cleared structs of size bytes; *ret_structs is the first of them. */
static void *proto_array(struct oa_arena *arena, size_t n, size_t size, void *ret_structs)
{
    void **pointers = oa_arena_calloc(arena, n, sizeof(*pointers));
    char *structs = oa_arena_calloc(arena, n, size);

    if (!pointers || !structs)
        return NULL;
    for (size_t i = 0; i < n; i++)
        pointers[i] = structs + i * size;
    memcpy(ret_structs, &structs, sizeof(structs));
    return pointers;
}

static OaOtlp__ArrayValue *proto_items(struct oa_arena *arena, const struct oa_attr_view *attr)
{
    OaOtlp__ArrayValue *array = oa_arena_alloc(arena, sizeof(*array));
    OaOtlp__AnyValue *values;

    if (!array)
        return NULL;
    oa_otlp__array_value__init(array);
    array->n_values = attr->item_count;
    array->values = proto_array(arena, attr->item_count, sizeof(*values), &values);
    if (!array->values)
        return NULL;
    for (uint32_t i = 0; i < attr->item_count; i++) {
        oa_otlp__any_value__init(&values[i]);
        values[i].value_case = OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        values[i].string_value = unconst(attr->items[i].ptr);
    }
    return array;
}

static int proto_value(struct oa_arena *arena, const struct oa_attr_view *attr, OaOtlp__AnyValue *value)
{
    oa_otlp__any_value__init(value);
    switch (attr->type) {
    case OA_ATTR_STR:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        value->string_value = unconst(attr->str.ptr);
        break;
    case OA_ATTR_INT:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_INT_VALUE;
        value->int_value = attr->num;
        break;
    case OA_ATTR_BOOL:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
        value->bool_value = attr->num != 0;
        break;
    case OA_ATTR_DOUBLE:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
        value->double_value = attr->real;
        break;
    case OA_ATTR_ARR:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_ARRAY_VALUE;
        value->array_value = proto_items(arena, attr);
        return value->array_value ? 0 : OA_ENOMEM;
    default: /* the empty value: never a reason to lose the request */
        break;
    }
    return 0;
}

/* NULL without memory. */
static OaOtlp__KeyValue **proto_attrs(struct oa_arena *arena, const struct oa_attr_view *attrs, uint32_t count)
{
    OaOtlp__AnyValue *values = oa_arena_calloc(arena, count, sizeof(*values));
    OaOtlp__KeyValue *pairs, **pointers = proto_array(arena, count, sizeof(*pairs), &pairs);

    if (!values || !pointers)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        oa_otlp__key_value__init(&pairs[i]);
        pairs[i].key = unconst(attrs[i].key.ptr);
        pairs[i].value = &values[i];
        if (proto_value(arena, &attrs[i], &values[i]) < 0)
            return NULL;
    }
    return pointers;
}

/* Only an error is stated: unset is said by absence, and instrumentation never sets Ok. */
static int proto_status(struct oa_arena *arena, const struct oa_span_view *view, OaOtlp__Span *span)
{
    if (view->status == OA_STATUS_UNSET)
        return 0;
    span->status = oa_arena_alloc(arena, sizeof(*span->status));
    if (!span->status)
        return OA_ENOMEM;
    oa_otlp__status__init(span->status);
    span->status->code = (OaOtlp__Status__StatusCode)view->status;
    return 0;
}

static int proto_span(struct oa_arena *arena, const struct oa_span_view *view, OaOtlp__Span *span)
{
    oa_otlp__span__init(span);
    span->trace_id = proto_bytes(view->trace_id, sizeof(view->trace_id));
    span->span_id = proto_bytes(view->span_id, sizeof(view->span_id));
    if (view->has_parent)
        span->parent_span_id = proto_bytes(view->parent_id, sizeof(view->parent_id));
    span->trace_state = unconst(view->tracestate.ptr);
    span->name = unconst(view->name.ptr);
    span->kind = (OaOtlp__Span__SpanKind)view->kind;
    span->start_time_unix_nano = view->start_unix_ns;
    span->end_time_unix_nano = view->end_unix_ns;
    span->dropped_attributes_count = view->attr_dropped;
    span->flags = view->flags | SPAN_FLAG_REMOTE_KNOWN | (view->parent_remote ? SPAN_FLAG_PARENT_REMOTE : 0);
    span->n_attributes = view->attr_count;
    span->attributes = proto_attrs(arena, view->attrs, view->attr_count);
    if (!span->attributes)
        return OA_ENOMEM;
    return proto_status(arena, view, span);
}

static int proto_scope_spans(struct oa_arena *arena, const struct oa_span_batch *batch, uint8_t scope, size_t count,
                             OaOtlp__ScopeSpans *group)
{
    OaOtlp__Span *spans;

    oa_otlp__scope_spans__init(group);
    group->scope = oa_arena_alloc(arena, sizeof(*group->scope));
    group->spans = proto_array(arena, count, sizeof(*spans), &spans);
    if (!group->scope || !group->spans)
        return OA_ENOMEM;
    oa_otlp__instrumentation_scope__init(group->scope);
    group->scope->name = unconst(oa_scope_name(scope));
    group->scope->version = unconst(OA_SDK_VERSION);
    group->schema_url = unconst(OA_SCHEMA_URL);
    for (uint32_t i = 0; i < batch->count && group->n_spans < count; i++) {
        if (batch->spans[i].scope != scope)
            continue;
        if (proto_span(arena, &batch->spans[i], &spans[group->n_spans++]) < 0)
            return OA_ENOMEM;
    }
    return 0;
}

/* One group per scope that occurs, in the order of enum oa_scope. */
static int proto_groups(struct oa_arena *arena, const struct oa_span_batch *batch, OaOtlp__ResourceSpans *spans)
{
    size_t counts[OA_SCOPE_COUNT] = { 0 };
    OaOtlp__ScopeSpans *groups;

    for (uint32_t i = 0; i < batch->count; i++)
        counts[batch->spans[i].scope]++;
    spans->scope_spans = proto_array(arena, OA_SCOPE_COUNT, sizeof(*groups), &groups);
    if (!spans->scope_spans)
        return OA_ENOMEM;
    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++) {
        if (!counts[scope])
            continue;
        if (proto_scope_spans(arena, batch, scope, counts[scope], &groups[spans->n_scope_spans++]) < 0)
            return OA_ENOMEM;
    }
    return 0;
}

int oa_otlp_proto_encode(const struct oa_span_batch *batch, const struct oa_resource *resource,
                         struct oa_arena *arena, struct oa_slice *ret_bytes)
{
    OaOtlp__ExportTraceServiceRequest request = OA_OTLP__EXPORT_TRACE_SERVICE_REQUEST__INIT;
    OaOtlp__ResourceSpans spans = OA_OTLP__RESOURCE_SPANS__INIT, *only[] = { &spans };
    OaOtlp__Resource who = OA_OTLP__RESOURCE__INIT;
    uint8_t *bytes;
    size_t len;

    who.dropped_attributes_count = resource->attr_dropped;
    who.n_attributes = resource->attr_count;
    who.attributes = proto_attrs(arena, resource->attrs, resource->attr_count);
    spans.resource = &who;
    spans.schema_url = unconst(resource->schema_url);
    if (!who.attributes || proto_groups(arena, batch, &spans) < 0)
        return OA_ENOMEM;
    request.n_resource_spans = OA_COUNT(only);
    request.resource_spans = only;
    len = oa_otlp__export_trace_service_request__get_packed_size(&request);
    bytes = oa_arena_alloc(arena, len);
    if (!bytes)
        return OA_ENOMEM;
    len = oa_otlp__export_trace_service_request__pack(&request, bytes);
    *ret_bytes = (struct oa_slice){ (const char *)bytes, len };
    return 0;
}
