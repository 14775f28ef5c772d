/* SOURCES: sdk/model/batch.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/span_record.c */
#include <criterion/criterion.h>

#include "preload/base/err.h"
#include "sdk/model/batch.h"
#include "tests/support/span_record.h"

static const struct oa_span_limits limits = { 128, UINT32_MAX };

static int append(struct oa_span_batch *batch, uint8_t last_id_byte)
{
    struct oa_test_record record;

    oa_test_record_init(&record, "GET", "");
    record.head.span_id[7] = last_id_byte;
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/some/path"));
    return oa_span_batch_append(batch, &record.head, record.head.head.used);
}

Test(batch, append__up_to_its_capacity)
{
    struct oa_span_batch batch;

    oa_span_batch_init(&batch, 100, &limits);
    for (uint8_t i = 0; i < 100; i++) {
        cr_assert(!oa_span_batch_full(&batch));
        cr_assert_eq(append(&batch, i), 0);
    }
    cr_assert(oa_span_batch_full(&batch));
    cr_assert_eq(append(&batch, 100), OA_EFULL);
    cr_assert_eq(oa_span_batch_count(&batch), 100);
    for (uint8_t i = 0; i < 100; i++) {
        cr_assert_eq(batch.spans[i].span_id[7], i);
        cr_assert_str_eq(batch.spans[i].attrs[0].str.ptr, "/some/path");
    }
    oa_span_batch_release(&batch);
    oa_span_batch_release(NULL);
}

Test(batch, append__one)
{
    struct oa_span_batch batch;

    oa_span_batch_init(&batch, 1, &limits);
    cr_assert_eq(append(&batch, 1), 0);
    cr_assert_eq(batch.capacity, 1);
    cr_assert_eq(append(&batch, 2), OA_EFULL);
    oa_span_batch_release(&batch);
}

Test(batch, append__a_bad_record_leaves_it_as_it_was)
{
    struct oa_span_batch batch;
    struct oa_test_record record;

    oa_span_batch_init(&batch, 4, &limits);
    oa_test_record_init(&record, "GET", "");
    record.head.kind = 0;
    cr_assert_eq(oa_span_batch_append(&batch, &record.head, record.head.head.used), OA_EMALFORMED);
    cr_assert_eq(oa_span_batch_count(&batch), 0);
    cr_assert_eq(append(&batch, 1), 0);
    oa_span_batch_release(&batch);
}

Test(batch, reset__keeps_the_memory)
{
    struct oa_span_batch batch;
    struct oa_span_view *spans;
    struct oa_arena_chunk *chunk;

    oa_span_batch_init(&batch, 512, &limits);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 512; i++)
            cr_assert_eq(append(&batch, (uint8_t)i), 0);
        spans = batch.spans;
        oa_span_batch_reset(&batch);
        cr_assert_eq(oa_span_batch_count(&batch), 0);
    }
    chunk = batch.arena.current;
    for (int i = 0; i < 512; i++)
        cr_assert_eq(append(&batch, (uint8_t)i), 0);
    cr_assert_eq(batch.spans, spans);
    cr_assert_eq(batch.arena.current, chunk);
    oa_span_batch_release(&batch);
}
