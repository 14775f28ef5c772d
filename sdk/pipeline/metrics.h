/*
 * struct oa_metrics: the metrics half of the pipeline: one periodic reader (otel-environment C.7) per exporter that
 * metrics are pushed to. A collection happens each interval, measured from start to start, and at the end; a missed
 * one is skipped. One thread at a time, as all of the pipeline.
 */
#ifndef OA_SDK_PIPELINE_METRICS_H
#define OA_SDK_PIPELINE_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/exporters/exporter.h"
#include "sdk/metrics/collector.h"

struct oa_periodic {
    struct oa_exporter *exporter;
    struct oa_metric_reader reader;
    uint64_t interval_ns;
    uint64_t due_mono_ns;
    bool exported; /* once at least */
};

struct oa_metrics {
    const struct oa_host *host;
    struct oa_collector collector;
    struct oa_periodic periodic[OA_COLLECTOR_READERS];
    uint32_t count;
    uint32_t timeout_ms; /* of one export; 0 = no limit */
    uint64_t (*now_mono_ns)(void);
};

void oa_metrics_init(struct oa_metrics *metrics, const struct oa_host *host, uint64_t (*now_mono_ns)(void));

/* Takes over an exporter of the row id. 0 or OA_EFULL. */
int oa_metrics_add(struct oa_metrics *metrics, struct oa_exporter *exporter, uint8_t id) OA_MUST_CHECK;

/* As oa_sdk.work() in preload/abi.h. */
uint64_t oa_metrics_work(struct oa_metrics *metrics, uint32_t flags, uint64_t deadline_mono_ns);

#endif
