/*
 * struct oa_outlet: what both processors are made of: the vtable, a batch being filled, and the
 * exporter it goes to. Keeps `done` right and counts what is lost on the way (ring->dropped).
 */
#ifndef OA_SDK_PIPELINE_OUTLET_H
#define OA_SDK_PIPELINE_OUTLET_H

#include "sdk/pipeline/processor.h"

struct oa_outlet {
    struct oa_processor base; /* first: processors are passed around as its address */
    struct oa_processor_setup setup;
    struct oa_batch batch;
};

static inline struct oa_outlet *oa_outlet_of(struct oa_processor *processor)
{
    return (struct oa_outlet *)processor;
}

void oa_outlet_init(struct oa_outlet *outlet, const struct oa_processor_setup *setup, uint32_t batch_items);

/* The vtable's on_record: appends; false when the batch is full afterwards. */
bool oa_outlet_on_record(struct oa_processor *self, const struct oa_record *record, size_t bytes);

/* Exports the front of the batch, if it holds anything, within the export time-out and the deadline; it
 * is gone afterwards, whatever came of it. */
void oa_outlet_export(struct oa_outlet *outlet, uint64_t deadline_mono_ns);

/* Exports front after front until nothing is held. */
void oa_outlet_export_all(struct oa_outlet *outlet, uint64_t deadline_mono_ns);

/* The vtable's shutdown: exports, shuts the exporter down, frees self. */
void oa_outlet_shutdown(struct oa_processor *self, uint64_t deadline_mono_ns);

#endif
