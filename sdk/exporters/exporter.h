/*
 * struct oa_exporter: where finished spans, collected metrics or log records go, in the manner of OpenTelemetry's
 * exporters. One exporter, one file, one row of exporters.def; each embeds this struct as its first member.
 *
 * Threads: all calls come from the one thread that is inside struct oa_sdk (preload/abi.h), never
 * two at a time. In a forked child the exporters of the parent are forgotten, not freed: the
 * parent's thread may have been in the middle of anything. The child constructs new ones.
 *
 * Deadlines are CLOCK_MONOTONIC nanoseconds, 0 = only the exporter's own time-outs. Batches are
 * borrowed for the length of the call and shared by all exporters: never changed, never kept.
 */
#ifndef OA_SDK_EXPORTERS_EXPORTER_H
#define OA_SDK_EXPORTERS_EXPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "sdk/metrics/observers.h"
#include "sdk/model/batch.h"

struct oa_collection;
struct oa_env;
struct oa_host;
struct oa_resource;

enum oa_signal { OA_SIGNAL_TRACES, OA_SIGNAL_METRICS, OA_SIGNAL_LOGS };

struct oa_exporter {
    /* 0: accepted (a partial success is accepted; the exporter adds the rejected items to
     * ring->dropped[OA_DROP_REJECTED] itself). Negative OA_E*: given up after all retries, the
     * caller counts the batch as OA_DROP_EXPORT_FAILED and drops it. */
    int (*export_spans)(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns);
    /* The same for a batch of log records. */
    int (*export_logs)(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns);
    /* The same for one collection of metrics: negative, and its reader tells it all again with the next one.
     * NULL: not an exporter that is pushed to. */
    int (*export_metrics)(struct oa_exporter *self, const struct oa_collection *metrics, uint64_t deadline_mono_ns);
    /* Of one that is asked instead (prometheus): to be called now and then, it sees to it that it can be asked.
     * Returns how many ns may pass before the next call. */
    uint64_t (*serve)(struct oa_exporter *self);
    /* Of one that is asked: numbers to tell besides, which its threads may fetch. Called before the first serve(). */
    void (*observe)(struct oa_exporter *self, struct oa_observed_more more);
    /* Ends the threads that it has made; the next serve() makes them again. NULL: it makes none. */
    void (*pause)(struct oa_exporter *self);
    /* Writes out what an export left pending. 0 or negative OA_E*. NULL: an export leaves nothing. */
    int (*force_flush)(struct oa_exporter *self, uint64_t deadline_mono_ns);
    /* Flushes and closes descriptors, then frees self, whatever it returns. Called at most once. */
    int (*shutdown)(struct oa_exporter *self, uint64_t deadline_mono_ns);
    /* Its batches hold what this makes of each span when it is read from the ring; NULL: views. */
    struct oa_span_encoder *encoder;
    bool takes_unsampled; /* spans that were recorded without being sampled (OTEL_AUTO_ALWAYS_RECORD) */
    const char *kind;     /* what otel.component.type calls it, before the signal: "otlp_http" */
};

static inline void oa_exporter_flush(struct oa_exporter *exporter, uint64_t deadline_mono_ns)
{
    if (exporter->force_flush)
        (void)exporter->force_flush(exporter, deadline_mono_ns);
}

/* What a constructor may look at; every pointer outlives the exporter. */
struct oa_exporter_setup {
    const struct oa_env *env;
    const struct oa_resource *resource;
    const struct oa_host *host;
    enum oa_signal signal;    /* it will be given this one only */
    struct oa_slice argument; /* what stood behind its word: plugin:THIS */
};

/* NULL: no memory, or a configuration that cannot work (the constructor has logged why). */
typedef struct oa_exporter *oa_exporter_new_fn(const struct oa_exporter_setup *setup);

struct oa_exporter_type {
    const char *name; /* the word of OTEL_TRACES_EXPORTER */
    oa_exporter_new_fn *construct;
};

/* The row with this number (ids of an exporter list in struct oa_env), NULL if there is none. */
const struct oa_exporter_type *oa_exporter_type(uint8_t id);

/* One constructor per row of exporters.def. */
#define EXPORTER(id, word, signals) oa_exporter_new_fn oa_exporter_##id##_new;
#include "sdk/exporters/exporters.def"
#undef EXPORTER

#endif
