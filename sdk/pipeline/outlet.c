#include "sdk/pipeline/outlet.h"

#include <stdlib.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"

void oa_outlet_init(struct oa_outlet *outlet, const struct oa_processor_setup *setup, uint32_t batch_items)
{
    outlet->setup = *setup;
    if (setup->type == OA_RECORD_LOG)
        oa_batch_init_logs(&outlet->batch, batch_items, &setup->limits);
    else
        oa_batch_init(&outlet->batch, batch_items, &setup->limits, setup->exporter->encoder);
}

static void outlet_drop(struct oa_outlet *outlet, enum oa_drop reason, uint32_t items)
{
    atomic_fetch_add_explicit(&outlet->setup.ring->dropped[reason], items, memory_order_relaxed);
}

static void outlet_count(struct oa_outlet *outlet, uint32_t exported, uint32_t failed)
{
    if (!outlet->base.counts)
        return;
    atomic_fetch_add_explicit(&outlet->base.counts->exported, exported, memory_order_relaxed);
    atomic_fetch_add_explicit(&outlet->base.counts->failed, failed, memory_order_relaxed);
}

/* Exporters are given sampled spans only, unless they take others too (SDK, span processors). */
static bool is_wanted(const struct oa_outlet *outlet, const struct oa_record *record)
{
    return outlet->setup.exporter->takes_unsampled || record->type != OA_RECORD_SPAN ||
           (((const struct oa_record_span *)record)->flags & OA_RECORD_FLAG_SAMPLED);
}

bool oa_outlet_on_record(struct oa_processor *self, const struct oa_record *record, size_t bytes)
{
    struct oa_outlet *outlet = oa_outlet_of(self);
    int err = 0;

    if (oa_likely(is_wanted(outlet, record)))
        err = oa_batch_append(&outlet->batch, record, bytes);
    else
        self->done++; /* neither exported nor lost */
    if (err) {
        outlet_drop(outlet, err == OA_EMALFORMED ? OA_DROP_MALFORMED : OA_DROP_EXPORT_FAILED, 1);
        self->done++;
    }
    return !oa_batch_full(&outlet->batch);
}

static uint64_t outlet_deadline(const struct oa_outlet *outlet, uint64_t deadline_mono_ns)
{
    uint64_t own = outlet->setup.now_mono_ns() + outlet->setup.export_timeout_ms * OA_NS_PER_MS;

    if (outlet->setup.export_timeout_ms == 0 || outlet->setup.export_timeout_ms == UINT32_MAX)
        return deadline_mono_ns;
    return deadline_mono_ns && deadline_mono_ns < own ? deadline_mono_ns : own;
}

static int outlet_send(struct oa_outlet *outlet, uint64_t deadline_mono_ns)
{
    struct oa_exporter *exporter = outlet->setup.exporter;

    if (outlet->setup.type == OA_RECORD_LOG)
        return exporter->export_logs(exporter, &outlet->batch, deadline_mono_ns);
    return exporter->export_spans(exporter, &outlet->batch, deadline_mono_ns);
}

void oa_outlet_export(struct oa_outlet *outlet, uint64_t deadline_mono_ns)
{
    uint32_t items = outlet->batch.count;

    if (items == 0)
        return;
    if (outlet_send(outlet, outlet_deadline(outlet, deadline_mono_ns)) < 0) {
        outlet_drop(outlet, OA_DROP_EXPORT_FAILED, items);
        outlet_count(outlet, 0, items);
    } else {
        outlet_count(outlet, items, 0);
    }
    outlet->base.done += items;
    oa_batch_next(&outlet->batch);
}

void oa_outlet_export_all(struct oa_outlet *outlet, uint64_t deadline_mono_ns)
{
    while (outlet->batch.count)
        oa_outlet_export(outlet, deadline_mono_ns);
}

void oa_outlet_shutdown(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_outlet *outlet = oa_outlet_of(self);
    struct oa_exporter *exporter = outlet->setup.exporter;

    oa_outlet_export_all(outlet, deadline_mono_ns);
    (void)exporter->shutdown(exporter, deadline_mono_ns);
    oa_batch_release(&outlet->batch);
    free(outlet);
}
