#include "sdk/model/batch.h"

#include <stdlib.h>

#include "preload/base/err.h"

#define BATCH_CHUNK_BYTES (16u * 1024)
#define BATCH_BYTES_MAX (64u * 1024 * 1024) /* text and attributes of one batch */
#define BATCH_SPANS_FIRST 16u

void oa_span_batch_init(struct oa_span_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits)
{
    *batch = (struct oa_span_batch){ .capacity_max = capacity_max, .limits = *limits };
    oa_arena_init(&batch->arena, BATCH_CHUNK_BYTES, BATCH_BYTES_MAX);
}

void oa_span_batch_release(struct oa_span_batch *batch)
{
    if (!batch)
        return;
    oa_arena_release(&batch->arena);
    free(batch->spans);
    batch->spans = NULL;
    batch->count = batch->capacity = 0;
}

void oa_span_batch_reset(struct oa_span_batch *batch)
{
    oa_arena_reset(&batch->arena);
    batch->count = 0;
}

/* Doubles the array; most processes never need the whole of capacity_max. */
static int batch_grow(struct oa_span_batch *batch)
{
    uint32_t want = batch->capacity ? batch->capacity : BATCH_SPANS_FIRST / 2;
    struct oa_span_view *spans;

    want = want > batch->capacity_max / 2 ? batch->capacity_max : want * 2;
    spans = reallocarray(batch->spans, want, sizeof(*spans));
    if (!spans)
        return OA_ENOMEM;
    batch->spans = spans;
    batch->capacity = want;
    return 0;
}

int oa_span_batch_append(struct oa_span_batch *batch, const struct oa_record_span *rec, size_t rec_bytes)
{
    int err;

    if (oa_span_batch_full(batch))
        return OA_EFULL;
    if (batch->count == batch->capacity && batch_grow(batch) < 0)
        return OA_ENOMEM;
    err = oa_span_view_read(rec, rec_bytes, &batch->arena, &batch->limits, &batch->spans[batch->count]);
    if (err < 0)
        return err;
    batch->count++;
    return 0;
}
