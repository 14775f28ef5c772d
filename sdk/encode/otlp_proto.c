#include "sdk/encode/otlp_proto.h"

#include "preload/base/err.h"
#include "sdk/encode/otlp_attrs.h"
#include "sdk/encode/otlp_resource.h"
#include "sdk/encode/otlp_wire.h"
#include "sdk/encode/proto/trace.pb-c.h"

/* As oa_otlp_text: only read. */
static char *unconst(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* A message without the member that is put behind it by hand; before it there is room for its head. */
struct otlp_frame {
    uint8_t *packed;
    size_t len;
};

static int frame_pack(struct otlp_frame *frame, const ProtobufCMessage *message, struct oa_arena *arena)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *block = oa_arena_alloc(arena, OA_OTLP_HEAD_MAX + len);

    if (!block)
        return OA_ENOMEM;
    *frame = (struct otlp_frame){ block + OA_OTLP_HEAD_MAX, len };
    (void)protobuf_c_message_pack(message, frame->packed);
    return 0;
}

/* With tag and length before it: of the message and the bytes that follow it. */
static struct oa_slice frame_close(const struct otlp_frame *frame, unsigned number, size_t following)
{
    uint8_t head[OA_OTLP_HEAD_MAX];
    size_t len = oa_otlp_wire_head(head, number, frame->len + following);

    memcpy(frame->packed - len, head, len);
    return (struct oa_slice){ (const char *)frame->packed - len, frame->len + len };
}

static void request_add(struct oa_otlp_request *request, struct oa_slice part)
{
    request->parts[request->part_count++] = part;
    request->bytes += part.len;
}

static int request_scope(struct oa_otlp_request *request, uint8_t scope, struct oa_slice items,
                         struct oa_arena *arena)
{
    OaOtlp__ScopeSpans group = OA_OTLP__SCOPE_SPANS__INIT;
    OaOtlp__InstrumentationScope who = OA_OTLP__INSTRUMENTATION_SCOPE__INIT;
    struct otlp_frame frame;

    who.name = unconst(oa_scope_name(scope));
    who.version = unconst(OA_SDK_VERSION);
    group.scope = &who;
    group.schema_url = unconst(OA_SCHEMA_URL);
    if (frame_pack(&frame, &group.base, arena) < 0)
        return OA_ENOMEM;
    request_add(request, frame_close(&frame, OA_OTLP_RESOURCE_SPANS_SCOPE_SPANS, items.len));
    request_add(request, items);
    return 0;
}

/* The resource and its schema: what ResourceSpans holds besides the scopes. */
static int request_resource(struct otlp_frame *frame, const struct oa_resource *resource, struct oa_arena *arena)
{
    OaOtlp__ResourceSpans spans = OA_OTLP__RESOURCE_SPANS__INIT;
    OaOtlp__Resource who = OA_OTLP__RESOURCE__INIT;
    struct oa_otlp_attrs attrs;
    int err;

    oa_otlp_attrs_init(&attrs);
    err = oa_otlp_resource_fill(&who, resource, &attrs, arena);
    spans.resource = &who;
    spans.schema_url = unconst(resource->schema_url);
    if (err == 0)
        err = frame_pack(frame, &spans.base, arena);
    oa_otlp_attrs_release(&attrs);
    return err;
}

int oa_otlp_proto_around(const struct oa_slice items[OA_SCOPE_COUNT], const struct oa_resource *resource,
                         struct oa_arena *arena, struct oa_otlp_request *ret_request)
{
    struct oa_otlp_request request = { .part_count = 1 }; /* the first one is known last */
    struct otlp_frame frame;
    int err = request_resource(&frame, resource, arena);

    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT && err == 0; scope++)
        if (items[scope].len)
            err = request_scope(&request, scope, items[scope], arena);
    if (err < 0)
        return err;
    request.parts[0] = frame_close(&frame, OA_OTLP_REQUEST_RESOURCE_SPANS, request.bytes);
    request.bytes += request.parts[0].len;
    *ret_request = request;
    return 0;
}

int oa_otlp_proto_request(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                          struct oa_otlp_request *ret_request)
{
    struct oa_slice spans[OA_SCOPE_COUNT];

    for (uint8_t scope = 0; scope < OA_SCOPE_COUNT; scope++)
        spans[scope] = (struct oa_slice){ batch->encoded[scope].ptr, batch->front[scope] };
    return oa_otlp_proto_around(spans, resource, arena, ret_request);
}
