#include "sdk/pipeline/logs.h"

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

void oa_logs_init(struct oa_logs *logs, const struct oa_host *host, const struct oa_resource *resource)
{
    *logs = (struct oa_logs){ .host = host,
                              .resource = resource,
                              .over = host->env->logs_exporter.count == 0 || !host->log_ring };
}

static int logs_add(struct oa_logs *logs, struct oa_ring_header *ring, uint32_t index)
{
    const struct oa_env *env = logs->host->env;
    uint8_t id = env->logs_exporter.ids[index];
    const struct oa_exporter_type *type = oa_exporter_type(id);
    struct oa_exporter_setup exporter_setup = {
        .env = env,
        .resource = logs->resource,
        .host = logs->host,
        .signal = OA_SIGNAL_LOGS,
        .argument = oa_list_argument(oa_words_get(OA_WORDS_logs_exporters), &env->logs_exporter, index),
    };
    struct oa_processor_setup setup = {
        .exporter = type ? type->construct(&exporter_setup) : NULL,
        .ring = ring,
        .now_mono_ns = oa_clock_mono_ns,
        .type = OA_RECORD_LOG,
        .schedule_delay_ms = env->blrp_schedule_delay_ms,
        .export_timeout_ms = env->blrp_export_timeout_ms,
        .queue_items = ring->max_items,
        .batch_items = env->blrp_max_export_batch_size,
    };
    struct oa_processor *processor;

    if (!setup.exporter)
        return 0; /* it has said why */
    if (!setup.exporter->export_logs) {
        (void)setup.exporter->shutdown(setup.exporter, 0);
        return OA_ENOTSUP;
    }
    oa_log_limits_init(&setup.limits, env);
    processor = oa_processor_wants_simple(env->auto_logs_processor, id) ? oa_processor_simple_new(&setup)
                                                                        : oa_processor_batch_new(&setup);
    return processor ? oa_scheduler_add(&logs->scheduler, processor) : OA_ENOMEM;
}

/* Without any exporter the scheduler is there all the same: what it reads is gone, and nobody is woken in vain. */
static void logs_begin(struct oa_logs *logs, struct oa_ring_header *ring)
{
    const struct oa_env_list *list = &logs->host->env->logs_exporter;

    if (oa_scheduler_init(&logs->scheduler, ring, OA_RECORD_LOG, oa_clock_mono_ns) != 0) {
        logs->over = true;
        return;
    }
    for (uint32_t i = 0; i < list->count; i++)
        if (logs_add(logs, ring, i) != 0)
            oa_log(OA_LOG_ERROR, "no logs exporter number %u; continuing without it", i + 1);
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
