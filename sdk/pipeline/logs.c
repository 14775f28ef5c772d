#include "sdk/pipeline/logs.h"

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "sdk/pipeline/processors.h"

void oa_logs_init(struct oa_logs *logs, const struct oa_host *host, const struct oa_resource *resource)
{
    *logs = (struct oa_logs){ .host = host,
                              .resource = resource,
                              .over = host->env->logs_exporter.count == 0 || !host->log_ring };
}

/* Without any exporter the scheduler is there all the same: what it reads is gone, and nobody is woken in vain. */
static void logs_begin(struct oa_logs *logs, struct oa_ring_header *ring)
{
    if (oa_scheduler_init(&logs->scheduler, ring, OA_RECORD_LOG, oa_clock_mono_ns) != 0) {
        logs->over = true;
        return;
    }
    oa_processors_add(&logs->scheduler, OA_RECORD_LOG, logs->host, logs->resource);
    if (logs->self)
        oa_self_add(logs->self, OA_SELF_LOGS, &logs->scheduler);
    oa_scheduler_start(&logs->scheduler);
    logs->begun = true;
}

uint64_t oa_logs_work(struct oa_logs *logs, uint32_t flags, uint64_t deadline_mono_ns)
{
    struct oa_ring_header *ring;

    if (!logs->begun && !logs->over && (ring = logs->host->log_ring()))
        logs_begin(logs, ring);
    if (!logs->begun || logs->over)
        return UINT64_MAX;
    logs->over = flags & OA_WORK_SHUTDOWN;
    return oa_scheduler_work(&logs->scheduler, flags, deadline_mono_ns);
}
