#include "sdk/model/batch.h"

#include <stdlib.h>

#include "preload/base/err.h"

#define BATCH_CHUNK_BYTES (16u * 1024)
#define BATCH_SCRATCH_BYTES 2048u           /* attributes of one span */
#define BATCH_BYTES_MAX (64u * 1024 * 1024) /* text and attributes of one batch */
#define BATCH_VIEWS_FIRST 16u

void oa_batch_init(struct oa_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits,
                   struct oa_span_encoder *encoder)
{
    *batch = (struct oa_batch){
        .encoder = encoder, .capacity_max = capacity_max, .type = OA_RECORD_SPAN, .limits = *limits
    };
    oa_arena_init(&batch->arena, encoder ? BATCH_SCRATCH_BYTES : BATCH_CHUNK_BYTES, BATCH_BYTES_MAX);
}

void oa_batch_init_logs(struct oa_batch *batch, uint32_t capacity_max, const struct oa_span_limits *limits)
{
    oa_batch_init(batch, capacity_max, limits, NULL);
    batch->type = OA_RECORD_LOG;
}

void oa_batch_release(struct oa_batch *batch)
{
    if (!batch)
        return;
    oa_arena_release(&batch->arena);
    free(batch->views);
    batch->views = NULL;
    batch->count = batch->behind = batch->capacity = 0;
    for (int scope = 0; scope < OA_SCOPE_COUNT; scope++) {
        oa_bytes_release(&batch->encoded[scope]);
        batch->front[scope] = 0;
    }
}

/* Views are for people who debug: all their memory goes after a burst. */
static void batch_next_views(struct oa_batch *batch)
{
    if (batch->arena.total_bytes > OA_BATCH_KEEP)
        oa_batch_release(batch);
    oa_arena_reset(&batch->arena);
    batch->count = 0;
}

void oa_batch_next(struct oa_batch *batch)
{
    size_t keep = OA_BATCH_KEEP;

    if (!batch->encoder) {
        batch_next_views(batch);
        return;
    }
    for (int scope = 0; scope < OA_SCOPE_COUNT; scope++) {
        struct oa_bytes *bytes = &batch->encoded[scope];

        oa_bytes_drop(bytes, batch->front[scope]);
        oa_bytes_trim(bytes, keep);
        batch->front[scope] = bytes->len;
        keep -= bytes->capacity < keep ? bytes->capacity : keep;
    }
    batch->count = batch->behind;
    batch->behind = 0;
}

/* Doubles the array; most processes never need the whole of capacity_max. */
static int batch_grow(struct oa_batch *batch)
{
    uint32_t want = batch->capacity ? batch->capacity : BATCH_VIEWS_FIRST / 2;
    size_t bytes = batch->type == OA_RECORD_LOG ? sizeof(*batch->logs) : sizeof(*batch->spans);
    void *views;

    want = want > batch->capacity_max / 2 ? batch->capacity_max : want * 2;
    views = reallocarray(batch->views, want, bytes);
    if (!views)
        return OA_ENOMEM;
    batch->views = views;
    batch->capacity = want;
    return 0;
}

static int batch_append_view(struct oa_batch *batch, const struct oa_record *rec, size_t rec_bytes)
{
    int err;

    if (batch->count == batch->capacity && batch_grow(batch) < 0)
        return OA_ENOMEM;
    if (batch->type == OA_RECORD_LOG)
        err = oa_log_view_read((const struct oa_record_log *)rec, rec_bytes, &batch->arena, &batch->limits,
                               &batch->logs[batch->count]);
    else
        err = oa_span_view_read((const struct oa_record_span *)rec, rec_bytes, &batch->arena, &batch->limits,
                                &batch->spans[batch->count]);
    if (err < 0)
        return err;
    batch->count++;
    return 0;
}

static int batch_append_bytes(struct oa_batch *batch, const struct oa_record *rec, size_t rec_bytes)
{
    struct oa_span_view view;
    struct oa_bytes *bytes;
    int err;

    oa_arena_reset(&batch->arena);
    err = oa_span_view_borrow((const struct oa_record_span *)rec, rec_bytes, &batch->arena, &batch->limits, &view);
    if (err < 0)
        return err;
    bytes = &batch->encoded[view.scope];
    err = batch->encoder->put(batch->encoder, &view, bytes);
    if (err < 0)
        return err;
    if (batch->count >= batch->capacity_max) {
        batch->behind++;
        return 0;
    }
    batch->front[view.scope] = bytes->len;
    batch->count++;
    return 0;
}

int oa_batch_append(struct oa_batch *batch, const struct oa_record *rec, size_t rec_bytes)
{
    if (oa_batch_full(batch))
        return OA_EFULL;
    return batch->encoder ? batch_append_bytes(batch, rec, rec_bytes) : batch_append_view(batch, rec, rec_bytes);
}
