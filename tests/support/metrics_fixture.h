/* The host's half of metrics for tests: an environment, measurements under a route, and their collection. */
#ifndef OA_TESTS_METRICS_FIXTURE_H
#define OA_TESTS_METRICS_FIXTURE_H

#include "sdk/api/meter.h"
#include "sdk/metrics/collector.h"

/* Starts over with these "NAME=value" texts, NULL ends them; `OTEL_METRICS_EXPORTER=console` unless they say else. */
void oa_test_metrics_start(const char *const *settings);

/* One server request under a route; NULL: without. */
void oa_test_request(const char *route, uint64_t duration_ns);

/* The same inside a span. */
void oa_test_request_in(const char *route, uint64_t duration_ns, const struct oa_span_context *span);

void oa_test_active(const char *method, int64_t difference);

/* Of one instrument, the point with that route ("" = the first); NULL if there is none. */
const struct oa_point *oa_test_point(const struct oa_collection *collection, enum oa_metric metric,
                                     const char *route);

#endif
