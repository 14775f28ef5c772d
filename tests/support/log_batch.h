/*
 * Log records as views, for tests of encoders and exporters: what is to be read from a ring is tested elsewhere.
 */
#ifndef OA_TESTS_LOG_BATCH_H
#define OA_TESTS_LOG_BATCH_H

#include "sdk/model/batch.h"

/* One that says all there is to say, with an attribute of each type; one that only has a body, of another scope; one
 * without a body that lost two attributes. Trace id 01 02 .. 10, span id a1 .. a8, from 1700000000.0 s, observed
 * 12,345,678 ns later. Static: nothing to release. */
#define OA_TEST_LOG_BATCH 3u

struct oa_batch oa_test_log_batch(void);

#endif
