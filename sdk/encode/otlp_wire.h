/*
 * Written without protobuf-c: spans (otlp_span.c), and tag and length of members that are made piece by
 * piece (otlp-wire 1.3: encoded members may be put one behind the other). Inside sdk/encode/ only.
 */
#ifndef OA_SDK_ENCODE_OTLP_WIRE_H
#define OA_SDK_ENCODE_OTLP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/copy.h"

/* Numbers of the members that are put together by hand: all of wire type 2. */
#define OA_OTLP_REQUEST_RESOURCE_SPANS 1u
#define OA_OTLP_RESOURCE_SPANS_SCOPE_SPANS 2u
#define OA_OTLP_SCOPE_SPANS_SPANS 2u

/* Of a span and of a link, beside the W3C flags in the lowest byte. */
#define OA_OTLP_FLAG_REMOTE_KNOWN 0x100u
#define OA_OTLP_FLAG_REMOTE 0x200u /* the parent, or the linked span, is of another process */

/* Bytes of a tag (of a member below 16) and a length: at most this many. */
#define OA_OTLP_HEAD_MAX 11u

/* Writes the tag of member number and the length of what follows. Returns how many bytes that took. */
static inline size_t oa_otlp_wire_head(uint8_t *at, unsigned number, size_t len)
{
    size_t n = 0;

    at[n++] = (uint8_t)(number << 3 | 2);
    for (; len > 0x7f; len >>= 7)
        at[n++] = (uint8_t)(len | 0x80);
    at[n++] = (uint8_t)len;
    return n;
}

/* Members with a number below 16: the tag is one byte. Each returns where the next one goes. */
enum { OA_OTLP_WIRE_VARINT = 0, OA_OTLP_WIRE_FIXED64 = 1, OA_OTLP_WIRE_FIXED32 = 5 };

static inline uint8_t *oa_otlp_tag(uint8_t *at, unsigned number, unsigned type)
{
    *at++ = (uint8_t)(number << 3 | type);
    return at;
}

static inline uint8_t *oa_otlp_varint(uint8_t *at, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline size_t oa_otlp_varint_len(uint64_t value)
{
    return (size_t)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

/* A member of bytes, with its tag: how long it is, and the bytes. */
static inline size_t oa_otlp_text_len(size_t len)
{
    return 1 + oa_otlp_varint_len(len) + len;
}

static inline uint8_t *oa_otlp_text_put(uint8_t *at, unsigned number, const void *ptr, size_t len)
{
    at += oa_otlp_wire_head(at, number, len);
    oa_copy(at, ptr, len);
    return at + len;
}

static inline uint8_t *oa_otlp_fixed64(uint8_t *at, unsigned number, uint64_t value)
{
    at = oa_otlp_tag(at, number, OA_OTLP_WIRE_FIXED64);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(at, &value, sizeof(value));
#else
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> 8 * i);
#endif
    return at + sizeof(value);
}

static inline uint32_t oa_otlp_flags(uint8_t w3c, bool remote)
{
    return w3c | OA_OTLP_FLAG_REMOTE_KNOWN | (remote ? OA_OTLP_FLAG_REMOTE : 0);
}

/* Without a tag. */
static inline uint8_t *oa_otlp_fixed32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

#endif
