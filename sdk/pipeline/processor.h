/*
 * struct oa_processor: decides when the spans, or the log records, of one exporter leave, in the manner of
 * OpenTelemetry's SpanProcessor and LogRecordProcessor. Each exporter has one of its own; all are fed by the
 * scheduler from the same ring. Two kinds: batch.c and simple.c. The retrying is the exporter's business
 * (otel-environment B.5).
 *
 * All calls come from the one thread inside struct oa_sdk (preload/abi.h). Deadlines are
 * CLOCK_MONOTONIC nanoseconds, 0 = only the configured time-outs.
 */
#ifndef OA_SDK_PIPELINE_PROCESSOR_H
#define OA_SDK_PIPELINE_PROCESSOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "sdk/exporters/exporter.h"
#include "sdk/model/span_view.h"

/* Outlives the processor: the last collection of metrics comes after the last export of spans. Written by the
 * pipeline's thread, read by whoever collects; relaxed, each number is by itself. */
struct oa_processor_counts {
    _Atomic uint64_t exported; /* items that the exporter has accepted, rejected ones among them */
    _Atomic uint64_t failed;   /* items that it has given up */
};

struct oa_processor {
    /* Takes a copy of what the record says; false: it is full, call tick before the next record. */
    bool (*on_record)(struct oa_processor *self, const struct oa_record *record, size_t bytes);
    /* Exports what is due. Returns how many ns may pass before the next call (UINT64_MAX: any). */
    uint64_t (*tick)(struct oa_processor *self, uint64_t deadline_mono_ns);
    /* Exports everything it holds, then lets the exporter flush. */
    void (*flush)(struct oa_processor *self, uint64_t deadline_mono_ns);
    /* Flushes, shuts the exporter down, frees self. */
    void (*shutdown)(struct oa_processor *self, uint64_t deadline_mono_ns);
    uint64_t done;                      /* records that it is through with: exported, or given up */
    bool simple;                        /* its kind */
    const char *exporter_kind;          /* as its exporter says; NULL in tests */
    struct oa_processor_counts *counts; /* the scheduler's; NULL: nobody counts */
    uint32_t wake_after;                /* further records that are worth a call; kept up to date by tick */
};

struct oa_processor_setup {
    struct oa_exporter *exporter; /* owned by the processor from then on */
    struct oa_ring_header *ring;  /* for the drop counters */
    struct oa_span_limits limits;
    uint64_t (*now_mono_ns)(void);
    enum oa_record_type type;   /* of what is exported */
    uint32_t schedule_delay_ms; /* the OTEL_BSP_* or OTEL_BLRP_* values; simple.c uses the time-out alone */
    uint32_t export_timeout_ms; /* 0 = no limit */
    uint32_t queue_items;
    uint32_t batch_items;
};

/* By the specification's pairing, unless the environment chooses (OA_ENV_PROCESSOR_*): console with simple,
 * everything that costs a request with batch. exporter: OA_ENV_EXPORTER_*. */
bool oa_processor_wants_simple(uint8_t choice, uint8_t exporter);

/* NULL: no memory (the exporter is then still the caller's). */
struct oa_processor *oa_processor_batch_new(const struct oa_processor_setup *setup);
struct oa_processor *oa_processor_simple_new(const struct oa_processor_setup *setup);

#endif
