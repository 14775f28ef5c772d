#include "sdk/pipeline/metrics.h"

#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

#define INTERVAL_MS 60000u
#define INTERVAL_CONSOLE_MS 10000u

void oa_metrics_init(struct oa_metrics *metrics, const struct oa_host *host, uint64_t (*now_mono_ns)(void))
{
    uint64_t start = host->fork_generation ? oa_clock_unix_ns() : host->process_start_unix_ns;

    *metrics = (struct oa_metrics){ .host = host,
                                    .timeout_ms = host->env->metric_export_timeout_ms,
                                    .now_mono_ns = now_mono_ns };
    oa_collector_init(&metrics->collector, true, (uint32_t)getpid(), start);
}

int oa_metrics_add(struct oa_metrics *metrics, struct oa_exporter *exporter, uint8_t id)
{
    const struct oa_env *env = metrics->host->env;
    uint32_t interval_ms = env->metric_export_interval_ms;
    struct oa_periodic *periodic = &metrics->periodic[metrics->count];
    int err = metrics->count == OA_COLLECTOR_READERS ? OA_EFULL : 0;

    if (!err)
        err = oa_collector_add(&metrics->collector, &periodic->reader, oa_temporality_preset(env, id));
    if (err)
        return err;
    if (interval_ms == OA_ENV_UNSET)
        interval_ms = id == OA_ENV_EXPORTER_console ? INTERVAL_CONSOLE_MS : INTERVAL_MS;
    periodic->exporter = exporter;
    periodic->interval_ns = interval_ms * OA_NS_PER_MS;
    periodic->due_mono_ns = metrics->now_mono_ns() + periodic->interval_ns;
    metrics->count++;
    return 0;
}

static uint64_t export_deadline(const struct oa_metrics *metrics, uint64_t deadline_mono_ns)
{
    uint64_t own = metrics->now_mono_ns() + metrics->timeout_ms * OA_NS_PER_MS;

    if (metrics->timeout_ms == 0 || metrics->timeout_ms == OA_ENV_UNSET)
        return deadline_mono_ns;
    return deadline_mono_ns && deadline_mono_ns < own ? deadline_mono_ns : own;
}

/* A collection that does not arrive is told again by the next one. Nothing to tell: nothing is sent. */
static void collect(struct oa_metrics *metrics, struct oa_periodic *periodic, uint64_t deadline_mono_ns)
{
    struct oa_exporter *exporter = periodic->exporter;
    struct oa_collection collection;

    if (metrics->host->collecting)
        metrics->host->collecting();
    if (oa_metric_reader_collect(&periodic->reader, metrics->host->cells(), oa_clock_unix_ns(), &collection) < 0)
        oa_log(OA_LOG_WARN, "out of memory for metrics; some are not told this time");
    if (collection.point_count == 0)
        return;
    periodic->exported = true;
    if (exporter->export_metrics(exporter, &collection, export_deadline(metrics, deadline_mono_ns)) == 0)
        oa_metric_reader_told(&periodic->reader);
}

/* Measured from start to start: what took longer than an interval has cost the ticks in between. */
static uint64_t tick(struct oa_metrics *metrics, struct oa_periodic *periodic, uint64_t deadline_mono_ns)
{
    uint64_t now = metrics->now_mono_ns();

    if (now >= periodic->due_mono_ns) {
        uint64_t missed = (now - periodic->due_mono_ns) / periodic->interval_ns;

        periodic->due_mono_ns += (missed + 1) * periodic->interval_ns;
        collect(metrics, periodic, deadline_mono_ns);
        now = metrics->now_mono_ns();
    }
    return periodic->due_mono_ns > now ? periodic->due_mono_ns - now : 0;
}

/* A process that has counted nothing so far and ends has nothing to tell: what is observed alone is not worth an
 * export. The account of ourselves is, to whoever wants it. */
static bool is_worth_it(const struct oa_metrics *metrics, const struct oa_periodic *periodic)
{
    return periodic->exported || metrics->collector.more.add || metrics->host->cells() != NULL;
}

static void finish(struct oa_metrics *metrics, uint64_t deadline_mono_ns)
{
    for (uint32_t i = 0; i < metrics->count; i++) {
        struct oa_exporter *exporter = metrics->periodic[i].exporter;

        if (is_worth_it(metrics, &metrics->periodic[i]))
            collect(metrics, &metrics->periodic[i], deadline_mono_ns);
        (void)exporter->shutdown(exporter, deadline_mono_ns);
    }
    metrics->count = 0;
    oa_collector_release(&metrics->collector);
}

uint64_t oa_metrics_work(struct oa_metrics *metrics, uint32_t flags, uint64_t deadline_mono_ns)
{
    uint64_t next = UINT64_MAX;

    if (flags & OA_WORK_SHUTDOWN) {
        finish(metrics, deadline_mono_ns);
        return next;
    }
    for (uint32_t i = 0; i < metrics->count; i++) {
        struct oa_periodic *periodic = &metrics->periodic[i];
        uint64_t wait;

        if ((flags & OA_WORK_FLUSH) && is_worth_it(metrics, periodic)) {
            collect(metrics, periodic, deadline_mono_ns);
            oa_exporter_flush(periodic->exporter, deadline_mono_ns);
        }
        wait = tick(metrics, periodic, deadline_mono_ns);
        next = wait < next ? wait : next;
    }
    return next;
}
