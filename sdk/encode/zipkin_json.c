#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "sdk/encode/json.h"
#include "sdk/encode/zipkin_span.h"

static void put_endpoint(struct oa_json *json, struct oa_slice key, const struct oa_zipkin_endpoint *endpoint)
{
    char text[INET6_ADDRSTRLEN];

    if (!endpoint->service.len && !endpoint->address_bytes)
        return;
    oa_json_member_object_open(json, key);
    if (endpoint->service.len)
        oa_json_member_str(json, OA_SLICE("serviceName"), endpoint->service);
    if (endpoint->address_bytes &&
        inet_ntop(endpoint->address_bytes == 4 ? AF_INET : AF_INET6, endpoint->address, text, sizeof(text)))
        oa_json_member_str(json, endpoint->address_bytes == 4 ? OA_SLICE("ipv4") : OA_SLICE("ipv6"),
                           oa_slice_of(text));
    if (endpoint->port)
        oa_json_member_int(json, OA_SLICE("port"), endpoint->port);
    oa_json_object_close(json);
}

static void put_annotations(struct oa_json *json, const struct oa_zipkin_span *span)
{
    if (!span->annotation_count)
        return;
    oa_json_member_array_open(json, OA_SLICE("annotations"));
    for (uint32_t i = 0; i < span->annotation_count; i++) {
        oa_json_object_open(json);
        oa_json_member_int(json, OA_SLICE("timestamp"), span->annotations[i].timestamp_us);
        oa_json_member_str(json, OA_SLICE("value"), span->annotations[i].value);
        oa_json_object_close(json);
    }
    oa_json_array_close(json);
}

static void put_span(struct oa_json *json, const struct oa_zipkin_span *span)
{
    static const char *const kinds[] = { "", "CLIENT", "SERVER", "PRODUCER", "CONSUMER" };
    const struct oa_span_view *view = span->view;
    uint8_t kind = oa_zipkin_kind(view->kind);

    oa_json_object_open(json);
    oa_json_member_hex(json, OA_SLICE("traceId"), view->trace_id, sizeof(view->trace_id));
    if (view->has_parent)
        oa_json_member_hex(json, OA_SLICE("parentId"), view->parent_id, sizeof(view->parent_id));
    oa_json_member_hex(json, OA_SLICE("id"), view->span_id, sizeof(view->span_id));
    if (kind)
        oa_json_member_str(json, OA_SLICE("kind"), oa_slice_of(kinds[kind]));
    oa_json_member_str(json, OA_SLICE("name"), view->name);
    oa_json_member_int(json, OA_SLICE("timestamp"), span->timestamp_us);
    oa_json_member_int(json, OA_SLICE("duration"), span->duration_us);
    put_endpoint(json, OA_SLICE("localEndpoint"), &span->local);
    put_endpoint(json, OA_SLICE("remoteEndpoint"), &span->remote);
    put_annotations(json, span);
    oa_json_member_object_open(json, OA_SLICE("tags"));
    for (uint32_t i = 0; i < span->tag_count; i++)
        oa_json_member_str(json, span->tags[i].key, span->tags[i].value);
    oa_json_object_close(json);
    oa_json_object_close(json);
}

int oa_zipkin_json(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                   struct oa_slice *ret_text)
{
    struct oa_zipkin_span span;
    struct oa_json json;
    int err = 0;

    oa_json_init(&json, arena, 0);
    oa_json_array_open(&json);
    for (uint32_t i = 0; i < batch->count && err == 0; i++) {
        err = oa_zipkin_span(&batch->spans[i], resource, arena, &span);
        if (err == 0)
            put_span(&json, &span);
    }
    oa_json_array_close(&json);
    return err ? err : oa_json_finish(&json, ret_text);
}
