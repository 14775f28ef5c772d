/*
 * Metrics to an ExportMetricsServiceRequest (which has the same bytes as a MetricsData): one ResourceMetrics, one
 * ScopeMetrics per instrumentation scope that has points.
 */
#ifndef OA_SDK_ENCODE_OTLP_METRICS_H
#define OA_SDK_ENCODE_OTLP_METRICS_H

#include "sdk/encode/otlp_proto.h"
#include "sdk/metrics/collection.h"

/* One part, in the arena. 0 or OA_ENOMEM. */
int oa_otlp_metrics_request(const struct oa_collection *metrics, const struct oa_resource *resource,
                            struct oa_arena *arena, struct oa_otlp_request *ret_request) OA_MUST_CHECK;

#endif
