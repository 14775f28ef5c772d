/*
 * OTLP in JSON (otel-environment E.3): the same messages as otlp_proto.h, otlp_metrics.h and otlp_logs.h make, for
 * http/json and for the lines of otlp/file and otlp/stdout. One line without a line break.
 */
#ifndef OA_SDK_ENCODE_OTLP_JSON_H
#define OA_SDK_ENCODE_OTLP_JSON_H

#include "sdk/encode/otlp_proto.h"
#include "sdk/metrics/collection.h"
#include "sdk/model/batch.h"
#include "sdk/model/resource.h"

/* A batch of views. 0 or OA_ENOMEM. */
int oa_otlp_json_spans(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                       struct oa_slice *ret_text) OA_MUST_CHECK;
int oa_otlp_json_logs(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                      struct oa_slice *ret_text) OA_MUST_CHECK;
int oa_otlp_json_metrics(const struct oa_collection *metrics, const struct oa_resource *resource,
                         struct oa_arena *arena, struct oa_slice *ret_text) OA_MUST_CHECK;

/* What a receiver answers in JSON: as oa_otlp_proto_decode_response() and oa_otlp_proto_decode_status(), but that no
 * delay is read from a status: over HTTP that is Retry-After's to say. 0, OA_EMALFORMED or OA_ENOMEM (nothing
 * changed). */
int oa_otlp_json_decode_response(struct oa_slice body, struct oa_arena *arena,
                                 struct oa_otlp_response *ret_response) OA_MUST_CHECK;
int oa_otlp_json_decode_status(struct oa_slice body, struct oa_arena *arena,
                               struct oa_otlp_status *ret_status) OA_MUST_CHECK;

#endif
