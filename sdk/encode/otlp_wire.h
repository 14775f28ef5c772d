/*
 * Written without protobuf-c: spans (otlp_span.c), and tag and length of members that are made piece by
 * piece (otlp-wire 1.3: encoded members may be put one behind the other). Inside sdk/encode/ only.
 */
#ifndef OA_SDK_ENCODE_OTLP_WIRE_H
#define OA_SDK_ENCODE_OTLP_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Numbers of the members that are put together by hand: all of wire type 2. */
#define OA_OTLP_REQUEST_RESOURCE_SPANS 1u
#define OA_OTLP_RESOURCE_SPANS_SCOPE_SPANS 2u
#define OA_OTLP_SCOPE_SPANS_SPANS 2u

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

#endif
