#include "preload/base/err.h"
#include "sdk/encode/proto/zipkin.pb-c.h"
#include "sdk/encode/zipkin_span.h"

/* protobuf-c never writes through the pointers of a message that it packs, though it asks for them so. */
static ProtobufCBinaryData bytes_of(const void *at, size_t len)
{
    return (ProtobufCBinaryData){ .len = len, .data = (uint8_t *)(uintptr_t)at };
}

static ProtobufCBinaryData text_of(struct oa_slice text)
{
    return bytes_of(text.ptr, text.len);
}

/* NULL: nothing is known, or no memory (*err). */
static OaZipkin__Endpoint *make_endpoint(const struct oa_zipkin_endpoint *from, struct oa_arena *arena, int *err)
{
    OaZipkin__Endpoint *to;

    if (!from->service.len && !from->address_bytes)
        return NULL;
    to = oa_arena_calloc(arena, 1, sizeof(*to) + sizeof(from->address));
    if (!to) {
        *err = OA_ENOMEM;
        return NULL;
    }
    oa_zipkin__endpoint__init(to);
    to->service_name = text_of(from->service);
    memcpy(to + 1, from->address, from->address_bytes);
    if (from->address_bytes == 4)
        to->ipv4 = bytes_of(to + 1, 4);
    else if (from->address_bytes == 16)
        to->ipv6 = bytes_of(to + 1, 16);
    to->port = from->port;
    return to;
}

static OaZipkin__Tag **make_tags(const struct oa_zipkin_span *span, struct oa_arena *arena)
{
    OaZipkin__Tag *tags = oa_arena_calloc(arena, span->tag_count, sizeof(*tags));
    OaZipkin__Tag **pointers = oa_arena_calloc(arena, span->tag_count, sizeof(*pointers));

    for (uint32_t i = 0; tags && pointers && i < span->tag_count; i++) {
        pointers[i] = &tags[i];
        oa_zipkin__tag__init(&tags[i]);
        tags[i].key = text_of(span->tags[i].key);
        tags[i].value = text_of(span->tags[i].value);
    }
    return tags ? pointers : NULL;
}

static OaZipkin__Annotation **make_annotations(const struct oa_zipkin_span *span, struct oa_arena *arena)
{
    OaZipkin__Annotation *list = oa_arena_calloc(arena, span->annotation_count, sizeof(*list));
    OaZipkin__Annotation **pointers = oa_arena_calloc(arena, span->annotation_count, sizeof(*pointers));

    for (uint32_t i = 0; list && pointers && i < span->annotation_count; i++) {
        pointers[i] = &list[i];
        oa_zipkin__annotation__init(&list[i]);
        list[i].timestamp = span->annotations[i].timestamp_us;
        list[i].value = text_of(span->annotations[i].value);
    }
    return list ? pointers : NULL;
}

static int fill(OaZipkin__Span *to, const struct oa_zipkin_span *span, struct oa_arena *arena)
{
    const struct oa_span_view *view = span->view;
    int err = 0;

    oa_zipkin__span__init(to);
    to->trace_id = bytes_of(view->trace_id, sizeof(view->trace_id));
    to->parent_id = bytes_of(view->parent_id, view->has_parent ? sizeof(view->parent_id) : 0);
    to->id = bytes_of(view->span_id, sizeof(view->span_id));
    to->kind = oa_zipkin_kind(view->kind);
    to->name = text_of(view->name);
    to->timestamp = span->timestamp_us;
    to->duration = span->duration_us;
    to->local_endpoint = make_endpoint(&span->local, arena, &err);
    to->remote_endpoint = make_endpoint(&span->remote, arena, &err);
    to->n_tags = span->tag_count;
    to->tags = make_tags(span, arena);
    to->n_annotations = span->annotation_count;
    if (span->annotation_count && !(to->annotations = make_annotations(span, arena)))
        return OA_ENOMEM;
    return to->tags ? err : OA_ENOMEM;
}

int oa_zipkin_proto(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                    struct oa_slice *ret_bytes)
{
    OaZipkin__ListOfSpans list = OA_ZIPKIN__LIST_OF_SPANS__INIT;
    OaZipkin__Span *spans = oa_arena_calloc(arena, batch->count ? batch->count : 1, sizeof(*spans));
    struct oa_zipkin_span span;
    uint8_t *body;
    int err = 0;

    list.spans = oa_arena_calloc(arena, batch->count ? batch->count : 1, sizeof(OaZipkin__Span *));
    if (!spans || !list.spans)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < batch->count && err == 0; i++) {
        list.spans[i] = &spans[i];
        err = oa_zipkin_span(&batch->spans[i], resource, arena, &span);
        if (err == 0)
            err = fill(&spans[i], &span, arena);
    }
    if (err)
        return err;
    list.n_spans = batch->count;
    ret_bytes->len = protobuf_c_message_get_packed_size(&list.base);
    body = oa_arena_alloc(arena, ret_bytes->len + 1);
    if (!body)
        return OA_ENOMEM;
    (void)protobuf_c_message_pack(&list.base, body);
    ret_bytes->ptr = (const char *)body;
    return 0;
}
