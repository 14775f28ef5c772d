/*
 * struct oa_logs: the logs half of the pipeline: one exporter and one processor per word of OTEL_LOGS_EXPORTER, and a
 * scheduler over the ring of log records. Nothing of it is made before there is a record: most programs log nowhere
 * that we see. One thread at a time, as all of the pipeline.
 */
#ifndef OA_SDK_PIPELINE_LOGS_H
#define OA_SDK_PIPELINE_LOGS_H

#include "sdk/pipeline/scheduler.h"
#include "sdk/pipeline/self.h"

struct oa_logs {
    const struct oa_host *host;
    const struct oa_resource *resource;
    struct oa_scheduler scheduler;
    struct oa_self *self; /* tells of its processors; NULL: nobody asked */
    bool begun;           /* the scheduler is there */
    bool over;            /* it cannot be, or was shut down */
};

void oa_logs_init(struct oa_logs *logs, const struct oa_host *host, const struct oa_resource *resource);

/* As oa_sdk.work() in preload/abi.h. */
uint64_t oa_logs_work(struct oa_logs *logs, uint32_t flags, uint64_t deadline_mono_ns);

#endif
