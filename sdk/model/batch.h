/*
 * struct oa_span_batch: the spans of one export, decoded, with the arena that holds their text. A
 * batch is filled, given to every exporter, and reset; after a few rounds it allocates nothing.
 * One thread at a time; exporters see it const.
 */
#ifndef OA_SDK_MODEL_BATCH_H
#define OA_SDK_MODEL_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "sdk/model/span_view.h"

struct oa_span_batch {
    struct oa_arena arena;
    struct oa_span_view *spans;
    uint32_t count;
    uint32_t capacity;     /* spans allocated so far */
    uint32_t capacity_max; /* OTEL_BSP_MAX_EXPORT_BATCH_SIZE */
    struct oa_span_limits limits;
};

/* Takes no memory yet. */
void oa_span_batch_init(struct oa_span_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits);

void oa_span_batch_release(struct oa_span_batch *batch);

/* Forgets the spans, keeps the memory. */
void oa_span_batch_reset(struct oa_span_batch *batch);

/* Decodes one record of rec_bytes readable bytes and appends it; the record may be released after.
 * 0, OA_EFULL (capacity_max reached), OA_EMALFORMED (record refused), OA_ENOMEM. */
int oa_span_batch_append(struct oa_span_batch *batch, const struct oa_record_span *rec,
                         size_t rec_bytes) OA_MUST_CHECK;

static inline uint32_t oa_span_batch_count(const struct oa_span_batch *batch)
{
    return batch->count;
}

static inline bool oa_span_batch_full(const struct oa_span_batch *batch)
{
    return batch->count >= batch->capacity_max;
}

#endif
