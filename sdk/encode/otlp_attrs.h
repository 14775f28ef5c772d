/*
 * struct oa_otlp_attrs: attributes as protobuf-c wants them, structs and the pointers to them, made once
 * and filled again for every span. Inside sdk/encode/ only. What it points to must outlive the packing.
 */
#ifndef OA_SDK_ENCODE_OTLP_ATTRS_H
#define OA_SDK_ENCODE_OTLP_ATTRS_H

#include "preload/base/arena.h"
#include "sdk/encode/proto/common.pb-c.h"
#include "sdk/model/span_view.h"

struct oa_otlp_attrs {
    OaOtlp__KeyValue *pairs;     /* each with its value attached */
    OaOtlp__AnyValue *values;    /* beside them */
    OaOtlp__KeyValue **pointers; /* to the pairs, in order */
    uint32_t capacity;
    struct oa_arena arrays; /* values that are lists, of the last filling */
};

void oa_otlp_attrs_init(struct oa_otlp_attrs *list);
void oa_otlp_attrs_release(struct oa_otlp_attrs *list);

/* Makes an initialised value say what the attribute says; lists are made in the arena. 0 or OA_ENOMEM. */
int oa_otlp_value(const struct oa_attr_view *attr, struct oa_arena *arena, OaOtlp__AnyValue *value) OA_MUST_CHECK;

/* Makes pointers[0..count) say what attrs say. 0 or OA_ENOMEM. */
int oa_otlp_attrs_fill(struct oa_otlp_attrs *list, const struct oa_attr_view *attrs, uint32_t count) OA_MUST_CHECK;

/* No more bytes than this will be packed for them, as the attributes of a message. */
size_t oa_otlp_attrs_bytes_max(const struct oa_attr_view *attrs, uint32_t count);

/* protobuf-c never writes through the pointers of a message that it packs, though it asks for them so. */
static inline ProtobufCBinaryData oa_otlp_text(struct oa_slice text)
{
    return (ProtobufCBinaryData){ .len = text.len, .data = (uint8_t *)(uintptr_t)text.ptr };
}

#endif
