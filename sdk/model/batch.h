/*
 * struct oa_batch: the spans, or the log records, of one export. What it holds of spans is the exporter's choice:
 * bytes ready to be sent, one run per instrumentation scope (it has a struct oa_span_encoder), or decoded views, with
 * the arena that holds their text (it has none). Log records are always views. A batch is filled, given to its
 * exporter, and its front dropped; after a few rounds it allocates nothing.
 *
 * Bytes make room for more than one export: what is read while a batch is full waits behind it, so
 * that the ring can be emptied before the sending begins. Views stop at one.
 * One thread at a time; exporters see it const, and of it the front alone: `count` items.
 */
#ifndef OA_SDK_MODEL_BATCH_H
#define OA_SDK_MODEL_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "sdk/model/bytes.h"
#include "sdk/model/log_view.h"
#include "sdk/model/span_view.h"

struct oa_span_encoder {
    /* Appends the span to out. 0, or OA_ENOMEM (out is as before). The view ends with the call. */
    int (*put)(struct oa_span_encoder *self, const struct oa_span_view *span, struct oa_bytes *out);
};

struct oa_batch {
    struct oa_span_encoder *encoder; /* borrowed; NULL: views are kept */
    struct oa_arena arena;           /* text of the views, or what one span needs until it is encoded */
    union {                          /* views, by the batch's kind */
        void *views;
        struct oa_span_view *spans;
        struct oa_log_view *logs;
    };
    uint32_t count;                          /* of the front */
    uint32_t behind;                         /* encoded spans of the next export */
    uint32_t capacity;                       /* views allocated so far */
    uint32_t capacity_max;                   /* OTEL_BSP_MAX_EXPORT_BATCH_SIZE, OTEL_BLRP_MAX_EXPORT_BATCH_SIZE */
    enum oa_record_type type;                /* of what it takes */
    size_t front[OA_SCOPE_COUNT];            /* bytes of the front */
    struct oa_bytes encoded[OA_SCOPE_COUNT]; /* front, then what is behind */
    struct oa_span_limits limits;
};

/* Of spans; takes no memory yet. */
void oa_batch_init(struct oa_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits,
                   struct oa_span_encoder *encoder);

/* The same of log records. */
void oa_batch_init_logs(struct oa_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits);

void oa_batch_release(struct oa_batch *batch);

/* Forgets the front; what was behind it is the front now. Keeps at most OA_BATCH_KEEP bytes. */
void oa_batch_next(struct oa_batch *batch);

/* Decodes one record of rec_bytes readable bytes (a whole head at least), of the batch's type, and appends it; the
 * record may be released after. 0, OA_EFULL, OA_EMALFORMED (record refused), OA_ENOMEM. */
int oa_batch_append(struct oa_batch *batch, const struct oa_record *rec, size_t rec_bytes) OA_MUST_CHECK;

/* What it keeps between exports; a burst's memory is given back. */
#define OA_BATCH_KEEP (224u * 1024)

/* With those behind. */
static inline uint32_t oa_batch_held(const struct oa_batch *batch)
{
    return batch->count + batch->behind;
}

static inline bool oa_batch_full(const struct oa_batch *batch)
{
    return batch->count >= batch->capacity_max && (!batch->encoder || batch->behind >= batch->capacity_max);
}

#endif
