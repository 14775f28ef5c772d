#include "sdk/pipeline/pipeline.h"

#include <stdlib.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/model/resource.h"
#include "sdk/pipeline/logs.h"
#include "sdk/pipeline/metrics.h"
#include "sdk/pipeline/processors.h"
#include "sdk/pipeline/scheduler.h"
#include "sdk/pipeline/self.h"
#include "sdk/pipeline/strategies.h"

struct oa_pipeline {
    struct oa_resource resource;
    struct oa_scheduler scheduler;
    struct oa_metrics metrics;
    struct oa_logs logs;
    struct oa_self *self; /* some pages a collector, which nearly no process needs; NULL: nobody asked */
    struct oa_strategies strategies;
    struct oa_exporter *asked; /* prometheus; NULL: nobody is to ask */
};

static int pipeline_add_metrics(struct oa_pipeline *pipeline, const struct oa_host *host, uint32_t index)
{
    uint8_t id = host->env->metrics_exporter.ids[index];
    const struct oa_exporter_type *type = oa_exporter_type(id);
    struct oa_exporter_setup setup = {
        .env = host->env,
        .resource = &pipeline->resource,
        .host = host,
        .signal = OA_SIGNAL_METRICS,
        .argument = oa_list_argument(oa_words_get(OA_WORDS_metrics_exporters), &host->env->metrics_exporter, index),
    };
    struct oa_exporter *exporter = type ? type->construct(&setup) : NULL;

    if (exporter && exporter->serve) {
        pipeline->asked = exporter;
        return 0;
    }
    return exporter ? oa_metrics_add(&pipeline->metrics, exporter, id) : 0; /* it has said why */
}

static void pipeline_add_all_metrics(struct oa_pipeline *pipeline, const struct oa_host *host)
{
    const struct oa_env_list *list = &host->env->metrics_exporter;

    for (uint32_t i = 0; i < list->count; i++)
        if (pipeline_add_metrics(pipeline, host, i) != 0)
            oa_log(OA_LOG_ERROR, "no metrics exporter number %u; continuing without it", i + 1);
}

/* One for what is sent, and one for who is asked. */
static void pipeline_observe(struct oa_pipeline *pipeline)
{
    uint32_t collectors = pipeline->asked ? 2 : 1;

    pipeline->self = calloc(collectors, sizeof(*pipeline->self));
    if (!pipeline->self) {
        oa_log(OA_LOG_ERROR, "out of memory; continuing without metrics of itself");
        return;
    }
    pipeline->metrics.collector.more = oa_self_observe(pipeline->self);
    if (pipeline->asked) {
        pipeline->self->next = pipeline->self + 1;
        pipeline->asked->observe(pipeline->asked, oa_self_observe(pipeline->self->next));
    }
    oa_self_add(pipeline->self, OA_SELF_SPANS, &pipeline->scheduler);
    pipeline->logs.self = pipeline->self;
}

int oa_pipeline_new(const struct oa_host *host, struct oa_pipeline **ret_pipeline)
{
    struct oa_pipeline *pipeline = calloc(1, sizeof(*pipeline));
    int err;

    if (!pipeline)
        return OA_ENOMEM;
    err = oa_scheduler_init(&pipeline->scheduler, host->ring, OA_RECORD_SPAN, oa_clock_mono_ns);
    if (err)
        goto fail;
    oa_resource_init(&pipeline->resource);
    if (oa_resource_detect(&pipeline->resource, host->env, host) != 0)
        oa_log(OA_LOG_WARN, "out of memory for resource attributes; continuing without some");
    oa_processors_add(&pipeline->scheduler, OA_RECORD_SPAN, host, &pipeline->resource);
    oa_metrics_init(&pipeline->metrics, host, oa_clock_mono_ns);
    pipeline_add_all_metrics(pipeline, host);
    oa_logs_init(&pipeline->logs, host, &pipeline->resource);
    if (host->env->auto_self_metrics)
        pipeline_observe(pipeline);
    err = pipeline->scheduler.processor_count + pipeline->metrics.count || pipeline->asked || !pipeline->logs.over
              ? 0
              : OA_ENOTSUP;
    if (err)
        goto fail_resource;
    oa_strategies_init(&pipeline->strategies, host, &pipeline->resource, oa_clock_mono_ns);
    oa_scheduler_start(&pipeline->scheduler);
    *ret_pipeline = pipeline;
    return 0;

fail_resource:
    free(pipeline->self);
    oa_resource_release(&pipeline->resource);
fail:
    free(pipeline);
    return err;
}

/* Nobody is asked any more once the process ends; until then, whoever could ask. */
static uint64_t pipeline_serve(struct oa_pipeline *pipeline, uint32_t flags, uint64_t deadline_mono_ns)
{
    struct oa_exporter *asked = pipeline->asked;

    if (!asked)
        return UINT64_MAX;
    if (flags & OA_WORK_SHUTDOWN)
        (void)asked->shutdown(asked, deadline_mono_ns);
    else if (flags == 0)
        return asked->serve(asked);
    return UINT64_MAX;
}

uint64_t oa_pipeline_work(struct oa_pipeline *pipeline, uint32_t flags, uint64_t deadline_mono_ns)
{
    uint64_t next, wait;

    if (flags & OA_WORK_PAUSE) {
        if (pipeline->asked)
            pipeline->asked->pause(pipeline->asked);
        return UINT64_MAX;
    }
    next = oa_scheduler_work(&pipeline->scheduler, flags, deadline_mono_ns);
    wait = oa_logs_work(&pipeline->logs, flags, deadline_mono_ns);
    next = wait < next ? wait : next;
    wait = oa_metrics_work(&pipeline->metrics, flags, deadline_mono_ns);
    next = wait < next ? wait : next;
    wait = pipeline_serve(pipeline, flags, deadline_mono_ns);
    next = wait < next ? wait : next;
    wait = oa_strategies_work(&pipeline->strategies, flags);
    return wait < next ? wait : next;
}
