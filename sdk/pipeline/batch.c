/*
 * The batch processor (otel-environment C.4.1). The ring is its queue, and what it has read but not yet exported
 * still counts as queued: a span that finds the queue full is dropped by the hook that made it. An export happens
 * when a batch is full (or half of the queue, so that the other half takes what comes in the meantime), when the
 * schedule delay has passed since the last one, or on a flush; full batches follow each other without a pause. A
 * batch that the delay sends off, and not its size, leaves no memory behind: under load the same pages are filled
 * again and again, a program that is at rest needs none.
 */
#include <stdlib.h>

#include "preload/base/clock.h"
#include "sdk/pipeline/outlet.h"

struct oa_batch_processor {
    struct oa_outlet outlet;
    uint32_t threshold; /* spans that are worth an export before the delay is over */
    uint64_t delay_ns;
    uint64_t due_mono_ns; /* the next scheduled export */
};

static uint64_t batch_now(const struct oa_batch_processor *batch)
{
    return batch->outlet.setup.now_mono_ns();
}

static void batch_export(struct oa_batch_processor *batch, uint64_t deadline_mono_ns)
{
    oa_outlet_export(&batch->outlet, deadline_mono_ns);
    batch->due_mono_ns = batch_now(batch) + batch->delay_ns;
}

static uint32_t batch_held(const struct oa_batch_processor *batch)
{
    return oa_batch_held(&batch->outlet.batch);
}

static uint64_t batch_tick(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_batch_processor *batch = (struct oa_batch_processor *)self;
    bool due = batch_now(batch) >= batch->due_mono_ns;
    bool quiet = due && batch_held(batch) < batch->threshold;
    uint64_t now;

    while (due || batch_held(batch) >= batch->threshold) {
        batch_export(batch, deadline_mono_ns);
        due = false;
    }
    if (quiet && batch_held(batch) == 0)
        oa_batch_release(&batch->outlet.batch);
    now = batch_now(batch);
    self->wake_after = batch->threshold - batch_held(batch);
    if (batch->delay_ns == 0) /* the next record wakes us */
        return UINT64_MAX;
    return batch->due_mono_ns > now ? batch->due_mono_ns - now : 0;
}

static void batch_flush(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_batch_processor *batch = (struct oa_batch_processor *)self;

    do
        batch_export(batch, deadline_mono_ns);
    while (batch_held(batch));
    oa_exporter_flush(batch->outlet.setup.exporter, deadline_mono_ns);
}

static uint32_t batch_threshold(const struct oa_processor_setup *setup)
{
    uint32_t half = setup->queue_items / 2;

    if (setup->schedule_delay_ms == 0 || half == 0)
        return 1;
    return setup->batch_items < half ? setup->batch_items : half;
}

struct oa_processor *oa_processor_batch_new(const struct oa_processor_setup *setup)
{
    struct oa_batch_processor *batch = calloc(1, sizeof(*batch));
    uint32_t items = setup->batch_items < setup->queue_items ? setup->batch_items : setup->queue_items;

    if (!batch)
        return NULL;
    oa_outlet_init(&batch->outlet, setup, items);
    batch->threshold = batch_threshold(setup);
    batch->outlet.base = (struct oa_processor){
        .on_record = oa_outlet_on_record,
        .tick = batch_tick,
        .flush = batch_flush,
        .shutdown = oa_outlet_shutdown,
        .wake_after = batch->threshold,
        .exporter_kind = setup->exporter->kind,
    };
    batch->delay_ns = setup->schedule_delay_ms * OA_NS_PER_MS;
    batch->due_mono_ns = setup->now_mono_ns() + batch->delay_ns;
    return &batch->outlet.base;
}
