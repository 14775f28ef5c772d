/*
 * A resource and a batch for tests of encoders and exporters.
 */
#ifndef OA_TESTS_BATCH_FIXTURE_H
#define OA_TESTS_BATCH_FIXTURE_H

#include "sdk/model/batch.h"
#include "sdk/model/resource.h"
#include "tests/support/span_record.h"

/* Two attributes: service.name=shop, process.pid=12. The attributes are static, nothing to release. */
struct oa_resource oa_test_resource(void);

/* An empty batch of at most 1024 spans, 128 attributes each: of views, or of what the encoder makes of them. */
void oa_test_batch_init(struct oa_batch *batch);
void oa_test_batch_init_encoded(struct oa_batch *batch, struct oa_span_encoder *encoder);

/* Appends what was written; aborts if it is refused. */
void oa_test_batch_add(struct oa_batch *batch, const struct oa_test_record *record);

#endif
