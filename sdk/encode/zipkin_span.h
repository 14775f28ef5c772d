/* A span in Zipkin's terms, before it is written in one of its encodings. Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_ZIPKIN_SPAN_H
#define OA_SDK_ENCODE_ZIPKIN_SPAN_H

#include <stdbool.h>

#include "sdk/encode/zipkin.h"

struct oa_zipkin_tag {
    struct oa_slice key, value;
};

struct oa_zipkin_endpoint {
    struct oa_slice service; /* empty: none */
    uint8_t address[16];
    uint8_t address_bytes; /* 0, 4 or 16 */
    uint16_t port;         /* 0: none */
};

struct oa_zipkin_annotation {
    uint64_t timestamp_us;
    struct oa_slice value;
};

struct oa_zipkin_span {
    const struct oa_span_view *view;
    uint64_t timestamp_us, duration_us; /* the duration is at least 1 */
    struct oa_zipkin_endpoint local, remote;
    struct oa_zipkin_tag *tags; /* keys are unique */
    uint32_t tag_count;
    struct oa_zipkin_annotation *annotations; /* the span's events */
    uint32_t annotation_count;
};

/* In the arena. 0 or OA_ENOMEM. */
int oa_zipkin_span(const struct oa_span_view *view, const struct oa_resource *resource, struct oa_arena *arena,
                   struct oa_zipkin_span *ret_span) OA_MUST_CHECK;

/* Zipkin's number of a kind, 0: none is told. CLIENT is 1 and SERVER 2: not as in OTLP. */
uint8_t oa_zipkin_kind(uint8_t kind);

#endif
