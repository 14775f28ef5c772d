/*
 * What all lines of one family begin with: its name by the strategy of translation and the escaping scheme
 * (otel-environment F.2, F.7). Inside sdk/encode/ only.
 */
#ifndef OA_SDK_ENCODE_PROMETHEUS_SERIES_H
#define OA_SDK_ENCODE_PROMETHEUS_SERIES_H

#include "preload/metric.h"
#include "sdk/encode/buf.h"
#include "sdk/encode/prometheus_labels.h"

struct oa_prometheus_series {
    struct oa_slice name; /* with its unit, without _total; escaped */
    struct oa_slice unit; /* empty: none, or the name does not tell it */
    bool total;           /* samples of a counter end in _total */
    bool quoted;          /* no legal name: it stands between quotes, and within the braces of a sample */
};

/* Texts live in the writer's arena. 0 or OA_ENOMEM. */
int oa_prometheus_series_init(struct oa_prometheus_series *series, struct oa_prometheus_writer *writer,
                              enum oa_metric metric) OA_MUST_CHECK;

/* The name for HELP, TYPE and UNIT; OpenMetrics wants it without _total there. */
void oa_prometheus_put_name(struct oa_buf *buf, const struct oa_prometheus_series *series, bool openmetrics);

/* A sample up to the space before its value: name, suffix ("_sum", ...), labels between braces. */
void oa_prometheus_put_sample(struct oa_buf *buf, const struct oa_prometheus_series *series, const char *suffix,
                              struct oa_slice labels);

/* The same with room for one label more: the closing brace is not written. */
void oa_prometheus_open_sample(struct oa_buf *buf, const struct oa_prometheus_series *series, const char *suffix,
                               struct oa_slice labels);

#endif
