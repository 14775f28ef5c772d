/* SOURCES: sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/span_record.c */
#include <criterion/criterion.h>

#include "preload/base/err.h"
#include "sdk/model/batch.h"
#include "tests/support/span_record.h"

static const struct oa_span_limits limits = { .attr_count_max = 128, .value_chars_max = UINT32_MAX };

static int append(struct oa_batch *batch, uint8_t last_id_byte)
{
    struct oa_test_record record;

    oa_test_record_init(&record, "GET", "");
    record.head.span_id[7] = last_id_byte;
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/some/path"));
    return oa_batch_append(batch, &record.head.head, record.head.head.used);
}

Test(batch, append__up_to_its_capacity)
{
    struct oa_batch batch;

    oa_batch_init(&batch, 100, &limits, NULL);
    for (uint8_t i = 0; i < 100; i++) {
        cr_assert(!oa_batch_full(&batch));
        cr_assert_eq(append(&batch, i), 0);
    }
    cr_assert(oa_batch_full(&batch));
    cr_assert_eq(append(&batch, 100), OA_EFULL);
    cr_assert_eq(oa_batch_held(&batch), 100);
    for (uint8_t i = 0; i < 100; i++) {
        cr_assert_eq(batch.spans[i].span_id[7], i);
        cr_assert_str_eq(batch.spans[i].attrs[0].str.ptr, "/some/path");
    }
    oa_batch_release(&batch);
    oa_batch_release(NULL);
}

Test(batch, append__one)
{
    struct oa_batch batch;

    oa_batch_init(&batch, 1, &limits, NULL);
    cr_assert_eq(append(&batch, 1), 0);
    cr_assert_eq(batch.capacity, 1);
    cr_assert_eq(append(&batch, 2), OA_EFULL);
    oa_batch_release(&batch);
}

Test(batch, append__a_bad_record_leaves_it_as_it_was)
{
    struct oa_batch batch;
    struct oa_test_record record;

    oa_batch_init(&batch, 4, &limits, NULL);
    oa_test_record_init(&record, "GET", "");
    record.head.kind = 0;
    cr_assert_eq(oa_batch_append(&batch, &record.head.head, record.head.head.used), OA_EMALFORMED);
    cr_assert_eq(oa_batch_held(&batch), 0);
    cr_assert_eq(append(&batch, 1), 0);
    oa_batch_release(&batch);
}

Test(batch, next__keeps_the_memory)
{
    struct oa_batch batch;
    struct oa_span_view *spans;
    struct oa_arena_chunk *chunk;

    oa_batch_init(&batch, 512, &limits, NULL);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 512; i++)
            cr_assert_eq(append(&batch, (uint8_t)i), 0);
        spans = batch.spans;
        oa_batch_next(&batch);
        cr_assert_eq(oa_batch_held(&batch), 0);
    }
    chunk = batch.arena.current;
    for (int i = 0; i < 512; i++)
        cr_assert_eq(append(&batch, (uint8_t)i), 0);
    cr_assert_eq(batch.spans, spans);
    cr_assert_eq(batch.arena.current, chunk);
    oa_batch_release(&batch);
}

/* "Encodes" a span as the last byte of its id, as often as the test says. */
static size_t put_bytes = 1;

static int put_id(struct oa_span_encoder *self, const struct oa_span_view *span, struct oa_bytes *out)
{
    char *at = oa_bytes_reserve(out, put_bytes);

    (void)self;
    if (!at)
        return OA_ENOMEM;
    memset(at, span->span_id[7], put_bytes);
    out->len += put_bytes;
    return 0;
}

static struct oa_span_encoder encoder = { .put = put_id };

static void put_until_full(struct oa_batch *batch, uint8_t first)
{
    for (uint8_t i = first; !oa_batch_full(batch); i++)
        cr_assert_eq(append(batch, i), 0);
}

Test(batch, encoded__what_is_read_behind_the_front_comes_next)
{
    struct oa_batch batch;

    oa_batch_init(&batch, 3, &limits, &encoder);
    put_until_full(&batch, 1);
    cr_expect_eq(append(&batch, 9), OA_EFULL);
    cr_expect_eq(batch.count, 3);
    cr_expect_eq(oa_batch_held(&batch), 6);
    cr_expect_eq(batch.front[OA_SCOPE_HTTP], 3);
    oa_batch_next(&batch);
    cr_expect_eq(batch.count, 3);
    cr_expect_eq(batch.front[OA_SCOPE_HTTP], 3);
    cr_expect_eq(memcmp(batch.encoded[OA_SCOPE_HTTP].ptr, "\4\5\6", 3), 0);
    cr_expect_eq(append(&batch, 7), 0);
    oa_batch_next(&batch);
    cr_expect_eq(batch.count, 1);
    cr_expect_eq(batch.encoded[OA_SCOPE_HTTP].ptr[0], 7);
    oa_batch_next(&batch);
    cr_expect_eq(oa_batch_held(&batch), 0);
    oa_batch_release(&batch);
}

Test(batch, encoded__a_burst_is_given_back)
{
    struct oa_batch batch;

    put_bytes = 30000;
    oa_batch_init(&batch, 100, &limits, &encoder);
    put_until_full(&batch, 0);
    oa_batch_next(&batch);
    cr_expect_eq(batch.encoded[OA_SCOPE_HTTP].len, 100 * put_bytes, "what is still needed stays");
    oa_batch_next(&batch);
    cr_expect_leq(batch.encoded[OA_SCOPE_HTTP].capacity, OA_BATCH_KEEP);
    cr_expect_eq(append(&batch, 5), 0);
    cr_expect_eq(batch.encoded[OA_SCOPE_HTTP].ptr[put_bytes - 1], 5);
    oa_batch_release(&batch);
}

Test(batch, encoded__no_memory_leaves_it_as_it_was)
{
    struct oa_batch batch;

    put_bytes = OA_BYTES_MAX;
    oa_batch_init(&batch, 4, &limits, &encoder);
    put_bytes++;
    cr_expect_eq(append(&batch, 1), OA_ENOMEM);
    cr_expect_eq(oa_batch_held(&batch), 0);
    put_bytes = 1;
    cr_expect_eq(append(&batch, 1), 0);
    oa_batch_release(&batch);
}
