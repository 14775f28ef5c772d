/*
 * What the pipeline tells of itself (otel-environment C.9), when OTEL_AUTO_SELF_METRICS asks for it: the queue,
 * what processors and exporters did with spans, and what was dropped and why. Read at each collection; nothing is
 * counted for it on the way.
 */
#ifndef OA_SDK_PIPELINE_SELF_H
#define OA_SDK_PIPELINE_SELF_H

#include "sdk/metrics/observers.h"
#include "sdk/pipeline/scheduler.h"

#define OA_SELF_ROWS (OA_SCHEDULER_PROCESSORS_MAX * 5u + OA_DROP_COUNT)
#define OA_SELF_NAME_MAX 48u

struct oa_self_row {
    struct oa_attr_view attrs[3];
};

struct oa_self {
    struct oa_scheduler *scheduler;
    uint32_t count;  /* processors at the start: they are gone at the last collection */
    uint32_t sender; /* the one whose backend may reject spans */
    char names[OA_SCHEDULER_PROCESSORS_MAX][4]
              [OA_SELF_NAME_MAX]; /* type and name of each processor and its exporter */
    struct oa_self_row rows[OA_SELF_ROWS];
};

/* Built from the processors that the scheduler has now. self must outlive the result. */
struct oa_observed_more oa_self_observe(struct oa_self *self, struct oa_scheduler *scheduler);

#endif
