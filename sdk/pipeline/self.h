/*
 * What the pipeline tells of itself (otel-environment C.9), when OTEL_AUTO_SELF_METRICS asks for it: the queue, what
 * processors and exporters did with spans and with log records, and what was dropped and why. Read at each
 * collection; nothing is counted for it on the way. Each collector has one of its own, since collectors may work at a
 * time: Prometheus' has a thread.
 */
#ifndef OA_SDK_PIPELINE_SELF_H
#define OA_SDK_PIPELINE_SELF_H

#include <stdatomic.h>

#include "sdk/metrics/observers.h"
#include "sdk/pipeline/scheduler.h"

#define OA_SELF_SIDE_ROWS (OA_SCHEDULER_PROCESSORS_MAX * 5u + OA_DROP_COUNT)
#define OA_SELF_ROWS (OA_SELF_SIDES * OA_SELF_SIDE_ROWS)
#define OA_SELF_NAME_MAX 48u

enum oa_self_signal { OA_SELF_SPANS, OA_SELF_LOGS, OA_SELF_SIDES };

struct oa_self_row {
    struct oa_attr_view attrs[3];
};

struct oa_self_side {
    const struct oa_scheduler *_Atomic scheduler; /* NULL: not there yet; released once, when the rest is written */
    uint32_t count;                               /* processors at the start: they are gone at the last collection */
    uint32_t sender;                              /* the one whose backend may reject items */
    char names[OA_SCHEDULER_PROCESSORS_MAX][4]
              [OA_SELF_NAME_MAX]; /* type and name of each processor and its exporter */
};

struct oa_self {
    struct oa_self_side sides[OA_SELF_SIDES];
    struct oa_self_row rows[OA_SELF_ROWS]; /* of the collector's thread */
    struct oa_self *next;                  /* another collector's */
};

/* What is to be observed; self must outlive it. */
struct oa_observed_more oa_self_observe(struct oa_self *self);

/* The signal's processors are those that the scheduler has now; for self and those that are next. Once. */
void oa_self_add(struct oa_self *self, enum oa_self_signal signal, const struct oa_scheduler *scheduler);

#endif
