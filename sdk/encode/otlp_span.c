/*
 * The half of otlp_proto.h that runs for every span, written without protobuf-c: lengths are known before they are
 * needed, and each byte is written once (a third of the time). Members stand in the order of their numbers and what
 * is empty or zero is left out, as protobuf-c does it: the tests compare the two.
 */
#include <stdlib.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/encode/otlp_extras.h"
#include "sdk/encode/otlp_wire.h"

#define SPAN_FIXED_MAX 160u  /* ids, times, kind, flags, counts and status, with every tag and length */
#define ATTR_SHORT 100u      /* bytes of key and text so that every length of the attribute is one byte */
#define SPAN_LENGTH_USUAL 2u /* bytes of the length of a span of 128 bytes to 16 KiB */

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
    SPAN_DROPPED, /* events and links (11 to 14): otlp_extras.c */
    SPAN_STATUS = 15,
    SPAN_FLAGS = 16,
    STATUS_CODE = 3
};

static size_t array_len(const struct oa_attr_view *attr)
{
    size_t len = 0;

    for (uint32_t i = 0; i < attr->item_count; i++)
        len += oa_otlp_text_len(oa_otlp_text_len(attr->items[i].len));
    return len;
}

static size_t value_len(const struct oa_attr_view *attr)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        return oa_otlp_text_len(attr->str.len);
    case OA_ATTR_INT:
        return 1 + oa_otlp_varint_len((uint64_t)attr->num);
    case OA_ATTR_BOOL:
        return 2;
    case OA_ATTR_DOUBLE:
        return 9;
    case OA_ATTR_ARR:
        return oa_otlp_text_len(array_len(attr));
    default: /* the empty value: never a reason to lose the request */
        return 0;
    }
}

static uint8_t *put_array(uint8_t *at, const struct oa_attr_view *attr)
{
    at += oa_otlp_wire_head(at, VALUE_ARRAY, array_len(attr));
    for (uint32_t i = 0; i < attr->item_count; i++) {
        at += oa_otlp_wire_head(at, ARRAY_VALUES, oa_otlp_text_len(attr->items[i].len));
        at = oa_otlp_text_put(at, VALUE_STRING, attr->items[i].ptr, attr->items[i].len);
    }
    return at;
}

static uint8_t *put_value(uint8_t *at, const struct oa_attr_view *attr)
{
    uint64_t bits;

    switch (attr->type) {
    case OA_ATTR_STR:
        return oa_otlp_text_put(at, VALUE_STRING, attr->str.ptr, attr->str.len);
    case OA_ATTR_INT:
        return oa_otlp_varint(oa_otlp_tag(at, VALUE_INT, OA_OTLP_WIRE_VARINT), (uint64_t)attr->num);
    case OA_ATTR_BOOL:
        return oa_otlp_varint(oa_otlp_tag(at, VALUE_BOOL, OA_OTLP_WIRE_VARINT), attr->num != 0);
    case OA_ATTR_DOUBLE:
        memcpy(&bits, &attr->real, sizeof(bits));
        return oa_otlp_fixed64(at, VALUE_DOUBLE, bits);
    case OA_ATTR_ARR:
        return put_array(at, attr);
    default:
        return at;
    }
}

static inline bool is_short(const struct oa_attr_view *attr)
{
    size_t text = attr->type == OA_ATTR_STR ? attr->str.len : 0;

    return attr->type != OA_ATTR_ARR && attr->key.len && attr->key.len <= ATTR_SHORT && text <= ATTR_SHORT &&
           attr->key.len + text <= ATTR_SHORT;
}

/* Lengths are filled in when it is known where things end. */
static inline uint8_t *put_short(uint8_t *at, unsigned number, const struct oa_attr_view *attr)
{
    uint8_t *key = at + 2, *value = key + 2 + attr->key.len, *end;

    end = oa_likely(attr->type == OA_ATTR_STR)
              ? oa_otlp_text_put(value + 2, VALUE_STRING, attr->str.ptr, attr->str.len)
              : put_value(value + 2, attr);
    (void)oa_otlp_wire_head(at, number, (size_t)(end - key));
    (void)oa_otlp_text_put(key, KEY_VALUE_KEY, attr->key.ptr, attr->key.len);
    (void)oa_otlp_wire_head(value, KEY_VALUE_VALUE, (size_t)(end - value - 2));
    return end;
}

static inline uint8_t *put_attribute(uint8_t *at, unsigned number, const struct oa_attr_view *attr)
{
    size_t value, key;

    if (oa_likely(is_short(attr)))
        return put_short(at, number, attr);
    value = value_len(attr);
    key = attr->key.len ? oa_otlp_text_len(attr->key.len) : 0;
    at += oa_otlp_wire_head(at, number, key + oa_otlp_text_len(value));
    if (key)
        at = oa_otlp_text_put(at, KEY_VALUE_KEY, attr->key.ptr, attr->key.len);
    at += oa_otlp_wire_head(at, KEY_VALUE_VALUE, value);
    return put_value(at, attr);
}

uint8_t *oa_otlp_put_attributes(uint8_t *at, unsigned number, const struct oa_attr_view *attrs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        at = put_attribute(at, number, &attrs[i]);
    return at;
}

/* The body of a span. Only an error is stated: unset is said by absence, and instrumentation never sets Ok. */
static uint8_t *put_span(uint8_t *at, const struct oa_span_view *view)
{
    at = oa_otlp_text_put(at, SPAN_TRACE_ID, view->trace_id, sizeof(view->trace_id));
    at = oa_otlp_text_put(at, SPAN_SPAN_ID, view->span_id, sizeof(view->span_id));
    if (view->tracestate.len)
        at = oa_otlp_text_put(at, SPAN_TRACE_STATE, view->tracestate.ptr, view->tracestate.len);
    if (view->has_parent)
        at = oa_otlp_text_put(at, SPAN_PARENT, view->parent_id, sizeof(view->parent_id));
    if (view->name.len)
        at = oa_otlp_text_put(at, SPAN_NAME, view->name.ptr, view->name.len);
    if (view->kind)
        at = oa_otlp_varint(oa_otlp_tag(at, SPAN_KIND, OA_OTLP_WIRE_VARINT), view->kind);
    if (view->start_unix_ns)
        at = oa_otlp_fixed64(at, SPAN_START, view->start_unix_ns);
    if (view->end_unix_ns)
        at = oa_otlp_fixed64(at, SPAN_END, view->end_unix_ns);
    at = oa_otlp_put_attributes(at, SPAN_ATTRIBUTES, view->attrs, view->attr_count);
    if (view->attr_dropped)
        at = oa_otlp_varint(oa_otlp_tag(at, SPAN_DROPPED, OA_OTLP_WIRE_VARINT), view->attr_dropped);
    if (oa_unlikely(view->extras))
        at = oa_otlp_put_extras(at, view->extras);
    if (view->status != OA_STATUS_UNSET) {
        at += oa_otlp_wire_head(at, SPAN_STATUS, 2);
        at = oa_otlp_varint(oa_otlp_tag(at, STATUS_CODE, OA_OTLP_WIRE_VARINT), view->status);
    }
    at = oa_otlp_varint(at, SPAN_FLAGS << 3 | OA_OTLP_WIRE_FIXED32);
    return oa_otlp_fixed32(at, oa_otlp_flags(view->flags, view->parent_remote));
}

size_t oa_otlp_attributes_max(const struct oa_attr_view *attrs, uint32_t count)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct oa_attr_view *attr = &attrs[i];

        bytes += 4 * OA_OTLP_HEAD_MAX + attr->key.len +
                 (attr->type == OA_ATTR_STR   ? attr->str.len
                  : attr->type == OA_ATTR_ARR ? value_len(attr)
                                              : 0);
    }
    return bytes;
}

/* More than it will be. */
static size_t span_bytes_max(const struct oa_span_view *view)
{
    size_t bytes = OA_OTLP_HEAD_MAX + SPAN_FIXED_MAX + view->name.len + view->tracestate.len +
                   oa_otlp_attributes_max(view->attrs, view->attr_count);

    return oa_likely(!view->extras) ? bytes : bytes + oa_otlp_extras_max(view->extras);
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
