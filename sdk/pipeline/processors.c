#include "sdk/pipeline/processors.h"

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

struct signal {
    const char *word; /* for messages */
    enum oa_signal id;
    enum oa_words_id words;
    const struct oa_env_list *exporters;
    uint8_t choice; /* OA_ENV_PROCESSOR_* */
    struct oa_processor_setup setup;
};

static struct signal spans_of(const struct oa_env *env)
{
    struct signal signal = {
        .word = "traces",
        .id = OA_SIGNAL_TRACES,
        .words = OA_WORDS_traces_exporters,
        .exporters = &env->traces_exporter,
        .choice = env->auto_traces_processor,
        .setup = { .schedule_delay_ms = env->bsp_schedule_delay_ms,
                   .export_timeout_ms = env->bsp_export_timeout_ms,
                   .batch_items = env->bsp_max_export_batch_size },
    };

    oa_span_limits_init(&signal.setup.limits, env);
    return signal;
}

static struct signal logs_of(const struct oa_env *env)
{
    struct signal signal = {
        .word = "logs",
        .id = OA_SIGNAL_LOGS,
        .words = OA_WORDS_logs_exporters,
        .exporters = &env->logs_exporter,
        .choice = env->auto_logs_processor,
        .setup = { .schedule_delay_ms = env->blrp_schedule_delay_ms,
                   .export_timeout_ms = env->blrp_export_timeout_ms,
                   .batch_items = env->blrp_max_export_batch_size },
    };

    oa_log_limits_init(&signal.setup.limits, env);
    return signal;
}

static int add(struct oa_scheduler *scheduler, const struct signal *signal, const struct oa_host *host,
               const struct oa_resource *resource, uint32_t index)
{
    uint8_t id = signal->exporters->ids[index];
    const struct oa_exporter_type *type = oa_exporter_type(id);
    struct oa_exporter_setup exporter_setup = {
        .env = host->env,
        .resource = resource,
        .host = host,
        .signal = signal->id,
        .argument = oa_list_argument(oa_words_get(signal->words), signal->exporters, index),
    };
    struct oa_processor_setup setup = signal->setup;
    struct oa_processor *processor;

    setup.exporter = type ? type->construct(&exporter_setup) : NULL;
    if (!setup.exporter)
        return 0; /* it has said why */
    setup.type = scheduler->type;
    setup.ring = scheduler->reader.ring;
    setup.queue_items = setup.ring->max_items;
    setup.now_mono_ns = oa_clock_mono_ns;
    processor = oa_processor_wants_simple(signal->choice, id) ? oa_processor_simple_new(&setup)
                                                              : oa_processor_batch_new(&setup);
    return processor ? oa_scheduler_add(scheduler, processor) : OA_ENOMEM;
}

/* Simple processors come first: what they print does not wait for a batch to be sent. */
void oa_processors_add(struct oa_scheduler *scheduler, enum oa_record_type type, const struct oa_host *host,
                       const struct oa_resource *resource)
{
    struct signal signal = type == OA_RECORD_LOG ? logs_of(host->env) : spans_of(host->env);

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < signal.exporters->count; i++)
            if (oa_processor_wants_simple(signal.choice, signal.exporters->ids[i]) == (round == 0) &&
                add(scheduler, &signal, host, resource, i) != 0)
                oa_log(OA_LOG_ERROR, "no %s exporter number %u; continuing without it", signal.word, i + 1);
}
