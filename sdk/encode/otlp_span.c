/*
 * The half of otlp_proto.h that runs for every span, written without protobuf-c: lengths are known before they are
 * needed, and each byte is written once (a third of the time). Members stand in the order of their numbers and what
 * is empty or zero is left out, as protobuf-c does it: the tests compare the two.
 */
#include <stdlib.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/encode/otlp_wire.h"

#define SPAN_FLAG_REMOTE_KNOWN 0x100u
#define SPAN_FLAG_PARENT_REMOTE 0x200u
#define SPAN_FIXED_MAX 160u  /* ids, times, kind, flags, counts and status, with every tag and length */
#define SPAN_LENGTH_USUAL 2u /* bytes of the length of a span of 128 bytes to 16 KiB */
#define VARINT_MAX 10u

/* Members (otlp-wire 2 and 4). */
enum { KEY_VALUE_KEY = 1, KEY_VALUE_VALUE = 2 };
enum { VALUE_STRING = 1, VALUE_BOOL, VALUE_INT, VALUE_DOUBLE, VALUE_ARRAY, ARRAY_VALUES = 1 };
enum {
    SPAN_TRACE_ID = 1,
    SPAN_SPAN_ID,
    SPAN_TRACE_STATE,
    SPAN_PARENT,
    SPAN_NAME,
    SPAN_KIND,
    SPAN_START,
    SPAN_END,
    SPAN_ATTRIBUTES,
    SPAN_DROPPED,
    SPAN_STATUS = 15,
    SPAN_FLAGS = 16,
    STATUS_CODE = 3
};
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_FIXED32 = 5 };

static inline uint8_t *put_tag(uint8_t *at, unsigned number, unsigned type)
{
    *at++ = (uint8_t)(number << 3 | type);
    return at;
}

static inline uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline size_t varint_len(uint64_t value)
{
    return (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

/* A member of bytes, with its tag: how long it is, and the bytes. */
static inline size_t text_len(size_t len)
{
    return 1 + varint_len(len) + len;
}

static inline uint8_t *put_text(uint8_t *at, unsigned number, const void *ptr, size_t len)
{
    at += oa_otlp_wire_head(at, number, len);
    if (len)
        memcpy(at, ptr, len);
    return at + len;
}

static uint8_t *put_fixed64(uint8_t *at, unsigned number, uint64_t value)
{
    at = put_tag(at, number, WIRE_FIXED64);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(at, &value, sizeof(value));
#else
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> 8 * i);
#endif
    return at + sizeof(value);
}

static size_t array_len(const struct oa_attr_view *attr)
{
    size_t len = 0;

    for (uint32_t i = 0; i < attr->item_count; i++)
        len += text_len(text_len(attr->items[i].len));
    return len;
}

static size_t value_len(const struct oa_attr_view *attr)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        return text_len(attr->str.len);
    case OA_ATTR_INT:
        return 1 + varint_len((uint64_t)attr->num);
    case OA_ATTR_BOOL:
        return 2;
    case OA_ATTR_DOUBLE:
        return 9;
    case OA_ATTR_ARR:
        return text_len(array_len(attr));
    default: /* the empty value: never a reason to lose the request */
        return 0;
    }
}

static uint8_t *put_array(uint8_t *at, const struct oa_attr_view *attr)
{
    at += oa_otlp_wire_head(at, VALUE_ARRAY, array_len(attr));
    for (uint32_t i = 0; i < attr->item_count; i++) {
        at += oa_otlp_wire_head(at, ARRAY_VALUES, text_len(attr->items[i].len));
        at = put_text(at, VALUE_STRING, attr->items[i].ptr, attr->items[i].len);
    }
    return at;
}

static uint8_t *put_value(uint8_t *at, const struct oa_attr_view *attr)
{
    uint64_t bits;

    switch (attr->type) {
    case OA_ATTR_STR:
        return put_text(at, VALUE_STRING, attr->str.ptr, attr->str.len);
    case OA_ATTR_INT:
        return put_varint(put_tag(at, VALUE_INT, WIRE_VARINT), (uint64_t)attr->num);
    case OA_ATTR_BOOL:
        return put_varint(put_tag(at, VALUE_BOOL, WIRE_VARINT), attr->num != 0);
    case OA_ATTR_DOUBLE:
        memcpy(&bits, &attr->real, sizeof(bits));
        return put_fixed64(at, VALUE_DOUBLE, bits);
    case OA_ATTR_ARR:
        return put_array(at, attr);
    default:
        return at;
    }
}

static uint8_t *put_attribute(uint8_t *at, const struct oa_attr_view *attr)
{
    size_t value = value_len(attr), key = attr->key.len ? text_len(attr->key.len) : 0;

    at += oa_otlp_wire_head(at, SPAN_ATTRIBUTES, key + text_len(value));
    if (key)
        at = put_text(at, KEY_VALUE_KEY, attr->key.ptr, attr->key.len);
    at += oa_otlp_wire_head(at, KEY_VALUE_VALUE, value);
    return put_value(at, attr);
}

/* The body of a span. Only an error is stated: unset is said by absence, and instrumentation never sets Ok. */
static uint8_t *put_span(uint8_t *at, const struct oa_span_view *view)
{
    uint32_t flags = view->flags | SPAN_FLAG_REMOTE_KNOWN | (view->parent_remote ? SPAN_FLAG_PARENT_REMOTE : 0);

    at = put_text(at, SPAN_TRACE_ID, view->trace_id, sizeof(view->trace_id));
    at = put_text(at, SPAN_SPAN_ID, view->span_id, sizeof(view->span_id));
    if (view->tracestate.len)
        at = put_text(at, SPAN_TRACE_STATE, view->tracestate.ptr, view->tracestate.len);
    if (view->has_parent)
        at = put_text(at, SPAN_PARENT, view->parent_id, sizeof(view->parent_id));
    if (view->name.len)
        at = put_text(at, SPAN_NAME, view->name.ptr, view->name.len);
    if (view->kind)
        at = put_varint(put_tag(at, SPAN_KIND, WIRE_VARINT), view->kind);
    if (view->start_unix_ns)
        at = put_fixed64(at, SPAN_START, view->start_unix_ns);
    if (view->end_unix_ns)
        at = put_fixed64(at, SPAN_END, view->end_unix_ns);
    for (uint32_t i = 0; i < view->attr_count; i++)
        at = put_attribute(at, &view->attrs[i]);
    if (view->attr_dropped)
        at = put_varint(put_tag(at, SPAN_DROPPED, WIRE_VARINT), view->attr_dropped);
    if (view->status != OA_STATUS_UNSET) {
        at += oa_otlp_wire_head(at, SPAN_STATUS, 2);
        at = put_varint(put_tag(at, STATUS_CODE, WIRE_VARINT), view->status);
    }
    at = put_varint(at, SPAN_FLAGS << 3 | WIRE_FIXED32);
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(flags >> 8 * i);
    return at;
}

/* More than it will be. */
static size_t span_bytes_max(const struct oa_span_view *view)
{
    size_t bytes = OA_OTLP_HEAD_MAX + SPAN_FIXED_MAX + view->name.len + view->tracestate.len;

    for (uint32_t i = 0; i < view->attr_count; i++) {
        const struct oa_attr_view *attr = &view->attrs[i];

        bytes += 4 * OA_OTLP_HEAD_MAX + attr->key.len +
                 (attr->type == OA_ATTR_STR   ? attr->str.len
                  : attr->type == OA_ATTR_ARR ? value_len(attr)
                                              : 0);
    }
    return bytes;
}

/* Tag, length, message. How long the length is shows afterwards: nearly always as guessed. */
static int encoder_put(struct oa_span_encoder *self, const struct oa_span_view *view, struct oa_bytes *out)
{
    uint8_t *at = (uint8_t *)oa_bytes_reserve(out, span_bytes_max(view)), head[OA_OTLP_HEAD_MAX], *body;
    size_t len, head_len;

    (void)self;
    if (!at)
        return OA_ENOMEM;
    body = at + 1 + SPAN_LENGTH_USUAL;
    len = (size_t)(put_span(body, view) - body);
    head_len = oa_otlp_wire_head(head, OA_OTLP_SCOPE_SPANS_SPANS, len);
    if (at + head_len != body)
        memmove(at + head_len, body, len);
    memcpy(at, head, head_len);
    out->len += head_len + len;
    return 0;
}

/* It keeps nothing: one serves all. */
struct oa_span_encoder *oa_otlp_encoder_new(void)
{
    static struct oa_span_encoder encoder = { .put = encoder_put };

    return &encoder;
}

void oa_otlp_encoder_free(struct oa_span_encoder *self)
{
    (void)self;
}
