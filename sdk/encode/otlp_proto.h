/*
 * OTLP in protobuf: spans to an ExportTraceServiceRequest, and back from the two messages a receiver
 * answers with. A span is encoded when it is read from the ring
 * (oa_otlp_encoder_new, for a batch); at the export what goes around the spans is written, and
 * the request is a list of pieces: the spans are not touched again.
 *
 * One ResourceSpans per request, one ScopeSpans per instrumentation scope that occurs in the batch.
 * An ExportTraceServiceRequest has the same bytes as a TracesData.
 */
#ifndef OA_SDK_ENCODE_OTLP_PROTO_H
#define OA_SDK_ENCODE_OTLP_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "preload/base/slice.h"
#include "sdk/model/batch.h"
#include "sdk/model/resource.h"

#define OA_OTLP_ANSWER_CHARS 512u /* of what a receiver says, so much is told */

/* ExportTraceServiceResponse; those of the other signals have the same numbers. All zero = full success. */
struct oa_otlp_response {
    int64_t rejected_items;  /* > 0: partial success, never to be sent again */
    struct oa_slice message; /* repaired UTF-8; may come with rejected_items 0: a warning */
};

/* google.rpc.Status, with the RetryInfo among its details if there is one. */
struct oa_otlp_status {
    int32_t code;
    struct oa_slice message;
    bool has_retry_delay; /* a RetryInfo was there: the receiver allows another try */
    uint64_t retry_delay_ns;
};

/* Encodes spans for a batch; independent of resource and scope. NULL without memory. */
struct oa_span_encoder *oa_otlp_encoder_new(void);
void oa_otlp_encoder_free(struct oa_span_encoder *encoder); /* takes NULL */

/* What precedes the scopes, then for each scope what precedes its spans, and its spans. */
#define OA_OTLP_PARTS_MAX (1 + 2 * (uint32_t)OA_SCOPE_COUNT)

struct oa_otlp_request {
    struct oa_slice parts[OA_OTLP_PARTS_MAX]; /* in the arena, and in the batch */
    uint32_t part_count;
    size_t bytes; /* of all parts */
};

/* The request of the front of a batch that was encoded by such an encoder. 0 or OA_ENOMEM. */
int oa_otlp_proto_request(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                          struct oa_otlp_request *ret_request) OA_MUST_CHECK;

/* What goes around encoded spans, or log records (otlp_logs.c): messages of one shape, with the same numbers. items:
 * by scope, each with its head; empty: there are none. 0 or OA_ENOMEM. */
int oa_otlp_proto_around(const struct oa_slice items[OA_SCOPE_COUNT], const struct oa_resource *resource,
                         struct oa_arena *arena, struct oa_otlp_request *ret_request) OA_MUST_CHECK;

/* An empty body is a full success. 0, OA_EMALFORMED, OA_ENOMEM. Unknown fields are skipped. */
int oa_otlp_proto_decode_response(struct oa_slice body, struct oa_arena *arena,
                                  struct oa_otlp_response *ret_response) OA_MUST_CHECK;

/* The body of a refusal over HTTP, or grpc-status-details-bin. 0, OA_EMALFORMED, OA_ENOMEM. */
int oa_otlp_proto_decode_status(struct oa_slice body, struct oa_arena *arena,
                                struct oa_otlp_status *ret_status) OA_MUST_CHECK;

#endif
