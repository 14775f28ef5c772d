/*
 * The batch processor (otel-environment C.4.1). The ring is its queue: a span that finds it full is
 * dropped by the hook that made it. An export happens when the batch is full, when the schedule
 * delay has passed since the last one, or on a flush; full batches follow each other without a pause.
 */
#include <stdlib.h>

#include "preload/base/clock.h"
#include "sdk/pipeline/outlet.h"

struct oa_batch {
    struct oa_processor base;
    struct oa_outlet outlet;
    uint64_t delay_ns;
    uint64_t due_mono_ns; /* the next scheduled export */
};

static bool batch_on_span(struct oa_processor *self, const struct oa_record_span *record, size_t bytes)
{
    return oa_outlet_add(&((struct oa_batch *)self)->outlet, record, bytes);
}

static void batch_export(struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    oa_outlet_export(&batch->outlet, deadline_mono_ns);
    batch->due_mono_ns = batch->outlet.setup.now_mono_ns() + batch->delay_ns;
}

static uint64_t batch_tick(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_batch *batch = (struct oa_batch *)self;
    uint64_t now = batch->outlet.setup.now_mono_ns();

    if (oa_span_batch_full(&batch->outlet.batch) || now >= batch->due_mono_ns) {
        batch_export(batch, deadline_mono_ns);
        now = batch->outlet.setup.now_mono_ns();
    }
    if (batch->delay_ns == 0) /* the next record wakes us */
        return UINT64_MAX;
    return batch->due_mono_ns > now ? batch->due_mono_ns - now : 0;
}

static void batch_flush(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_batch *batch = (struct oa_batch *)self;

    oa_outlet_flush(&batch->outlet, deadline_mono_ns);
    batch->due_mono_ns = batch->outlet.setup.now_mono_ns() + batch->delay_ns;
}

static void batch_shutdown(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_batch *batch = (struct oa_batch *)self;

    oa_outlet_shutdown(&batch->outlet, deadline_mono_ns);
    free(batch);
}

/* Early enough that the other half of the queue takes what comes while the helper wakes up. */
static uint32_t batch_wake_at(const struct oa_processor_setup *setup, uint32_t batch_items)
{
    uint32_t half = setup->queue_items / 2;

    if (setup->schedule_delay_ms == 0 || half == 0)
        return 1;
    return batch_items < half ? batch_items : half;
}

struct oa_processor *oa_processor_batch_new(const struct oa_processor_setup *setup)
{
    struct oa_batch *batch = calloc(1, sizeof(*batch));
    uint32_t items = setup->batch_items < setup->queue_items ? setup->batch_items : setup->queue_items;

    if (!batch)
        return NULL;
    batch->base = (struct oa_processor){
        .on_span = batch_on_span,
        .tick = batch_tick,
        .flush = batch_flush,
        .shutdown = batch_shutdown,
        .wake_at_items = batch_wake_at(setup, items),
    };
    oa_outlet_init(&batch->outlet, setup, items);
    batch->delay_ns = setup->schedule_delay_ms * OA_NS_PER_MS;
    batch->due_mono_ns = setup->now_mono_ns() + batch->delay_ns;
    return &batch->base;
}
