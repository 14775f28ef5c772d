/*
 * Spans for Zipkin, version 2 (otel-environment G.2): an array in JSON, or a ListOfSpans in protobuf. What Zipkin
 * has no place for becomes a tag: attributes, the resource but for service.name, the scope, the status. Events become
 * annotations; links are not told.
 */
#ifndef OA_SDK_ENCODE_ZIPKIN_H
#define OA_SDK_ENCODE_ZIPKIN_H

#include "preload/base/arena.h"
#include "sdk/model/batch.h"
#include "sdk/model/resource.h"

/* A batch of views; the text in the arena. 0 or OA_ENOMEM. */
int oa_zipkin_json(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                   struct oa_slice *ret_text) OA_MUST_CHECK;
int oa_zipkin_proto(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                    struct oa_slice *ret_bytes) OA_MUST_CHECK;

#endif
