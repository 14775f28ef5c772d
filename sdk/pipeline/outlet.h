/*
 * struct oa_outlet: what both processors share: a batch being filled and the exporter it goes to.
 * Counts what is lost on the way (ring->dropped).
 */
#ifndef OA_SDK_PIPELINE_OUTLET_H
#define OA_SDK_PIPELINE_OUTLET_H

#include "sdk/pipeline/processor.h"

struct oa_outlet {
    struct oa_processor_setup setup;
    struct oa_span_batch batch;
};

void oa_outlet_init(struct oa_outlet *outlet, const struct oa_processor_setup *setup, uint32_t batch_items);

/* Appends; false when the batch is full afterwards. */
bool oa_outlet_add(struct oa_outlet *outlet, const struct oa_record_span *record, size_t bytes);

/* Exports the batch, if it holds anything, within the export time-out and the deadline; it is empty
 * afterwards, whatever came of it. */
void oa_outlet_export(struct oa_outlet *outlet, uint64_t deadline_mono_ns);

void oa_outlet_flush(struct oa_outlet *outlet, uint64_t deadline_mono_ns);

/* Flushes, shuts the exporter down, gives the memory back. */
void oa_outlet_shutdown(struct oa_outlet *outlet, uint64_t deadline_mono_ns);

#endif
