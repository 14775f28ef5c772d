/* The half of otlp_proto.h that runs for every span: one message, filled and packed again and again. */
#include <stdlib.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_attrs.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/encode/otlp_wire.h"
#include "sdk/encode/proto/trace.pb-c.h"

#define SPAN_FLAG_REMOTE_KNOWN 0x100u
#define SPAN_FLAG_PARENT_REMOTE 0x200u
#define SPAN_FIXED_MAX 160u  /* ids, times, kind, flags, counts and status, with every tag and length */
#define SPAN_LENGTH_USUAL 2u /* bytes of the length of a span of 128 bytes to 16 KiB */

struct otlp_encoder {
    struct oa_span_encoder base;
    struct oa_otlp_attrs attrs;
    OaOtlp__Span span;
    OaOtlp__Status status;
};

static ProtobufCBinaryData span_id(const uint8_t *id, size_t len)
{
    return (ProtobufCBinaryData){ .len = len, .data = (uint8_t *)(uintptr_t)id };
}

static void span_fill(struct otlp_encoder *encoder, const struct oa_span_view *view)
{
    OaOtlp__Span *span = &encoder->span;

    span->trace_id = span_id(view->trace_id, sizeof(view->trace_id));
    span->span_id = span_id(view->span_id, sizeof(view->span_id));
    span->parent_span_id = span_id(view->parent_id, view->has_parent ? sizeof(view->parent_id) : 0);
    span->trace_state = oa_otlp_text(view->tracestate);
    span->name = oa_otlp_text(view->name);
    span->kind = (OaOtlp__Span__SpanKind)view->kind;
    span->start_time_unix_nano = view->start_unix_ns;
    span->end_time_unix_nano = view->end_unix_ns;
    span->dropped_attributes_count = view->attr_dropped;
    span->flags = view->flags | SPAN_FLAG_REMOTE_KNOWN | (view->parent_remote ? SPAN_FLAG_PARENT_REMOTE : 0);
    span->n_attributes = view->attr_count;
    span->attributes = encoder->attrs.pointers;
    /* Only an error is stated: unset is said by absence, and instrumentation never sets Ok. */
    span->status = view->status == OA_STATUS_UNSET ? NULL : &encoder->status;
    encoder->status.code = (OaOtlp__Status__StatusCode)view->status;
}

/* Tag, length, message. How long the length is shows afterwards: nearly always as guessed. */
static size_t span_pack(const OaOtlp__Span *span, uint8_t *at)
{
    uint8_t *body = at + 1 + SPAN_LENGTH_USUAL, head[OA_OTLP_HEAD_MAX];
    size_t len = oa_otlp__span__pack(span, body);
    size_t head_len = oa_otlp_wire_head(head, OA_OTLP_SCOPE_SPANS_SPANS, len);

    if (at + head_len != body)
        memmove(at + head_len, body, len);
    memcpy(at, head, head_len);
    return head_len + len;
}

static int encoder_put(struct oa_span_encoder *self, const struct oa_span_view *view, struct oa_bytes *out)
{
    struct otlp_encoder *encoder = (struct otlp_encoder *)self;
    size_t most = OA_OTLP_HEAD_MAX + SPAN_FIXED_MAX + view->name.len + view->tracestate.len +
                  oa_otlp_attrs_bytes_max(view->attrs, view->attr_count);
    char *at = oa_bytes_reserve(out, most);

    if (!at || oa_otlp_attrs_fill(&encoder->attrs, view->attrs, view->attr_count) < 0)
        return OA_ENOMEM;
    span_fill(encoder, view);
    out->len += span_pack(&encoder->span, (uint8_t *)at);
    return 0;
}

struct oa_span_encoder *oa_otlp_encoder_new(void)
{
    struct otlp_encoder *encoder = calloc(1, sizeof(*encoder));

    if (!encoder)
        return NULL;
    encoder->base.put = encoder_put;
    oa_otlp_attrs_init(&encoder->attrs);
    oa_otlp__span__init(&encoder->span);
    oa_otlp__status__init(&encoder->status);
    return &encoder->base;
}

void oa_otlp_encoder_free(struct oa_span_encoder *self)
{
    struct otlp_encoder *encoder = (struct otlp_encoder *)self;

    if (!encoder)
        return;
    oa_otlp_attrs_release(&encoder->attrs);
    free(encoder);
}
