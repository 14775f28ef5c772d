/*
 * One collection as Prometheus reads it (otel-environment F): text 0.0.4 and 1.0.0, and OpenMetrics 1.0.0. Names by
 * the strategy of translation, then by the escaping scheme that was negotiated. Families are not
 * interleaved, each has one HELP and one TYPE; exponential histograms are told as fixed buckets, at the upper ends
 * of theirs.
 */
#ifndef OA_SDK_ENCODE_PROMETHEUS_TEXT_H
#define OA_SDK_ENCODE_PROMETHEUS_TEXT_H

#include <stdbool.h>

#include "sdk/metrics/collection.h"
#include "sdk/model/resource.h"

enum oa_prometheus_syntax { OA_PROMETHEUS_TEXT_0_0_4, OA_PROMETHEUS_TEXT_1_0_0, OA_PROMETHEUS_OPENMETRICS };
enum oa_prometheus_escaping { OA_ESCAPING_UNDERSCORES, OA_ESCAPING_ALLOW_UTF8, OA_ESCAPING_DOTS, OA_ESCAPING_VALUES };

struct oa_prometheus_format {
    enum oa_prometheus_syntax syntax;
    enum oa_prometheus_escaping escaping;
    bool says_escaping;    /* the client asked for a scheme: the Content-Type repeats it */
    bool without_scope;    /* no labels of the instrumentation scope */
    bool without_target;   /* no target_info */
    bool without_suffixes; /* names end neither in their unit nor in _total */
    bool keeps_names;      /* of metrics and labels, until they are escaped: dots stay dots */
};

/* What an Accept header asks for; text 0.0.4 when it asks for nothing that we have (F.7). */
struct oa_prometheus_format oa_prometheus_negotiate(struct oa_slice accept);

/* The Content-Type of an answer, terminated, at most cap bytes. */
void oa_prometheus_content_type(struct oa_prometheus_format format, char *buf, size_t cap);

/* The text, in the arena. 0 or OA_ENOMEM. */
int oa_prometheus_text(const struct oa_collection *metrics, const struct oa_resource *resource,
                       struct oa_prometheus_format format, struct oa_arena *arena,
                       struct oa_slice *ret_text) OA_MUST_CHECK;

#endif
