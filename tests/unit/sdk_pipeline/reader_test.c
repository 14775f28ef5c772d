/* SOURCES: sdk/pipeline/reader.c tests/support/test_ring.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "sdk/pipeline/reader.h"
#include "tests/support/test_ring.h"

#define CAPACITY (1u << 16)

static struct oa_ring_header *ring;
static struct oa_reader reader;

static void reset(void)
{
    ring = oa_test_ring_new(CAPACITY, 100000);
    cr_assert_eq(oa_reader_init(&reader, ring), 0);
}

static bool all_zero(void)
{
    for (uint32_t i = 0; i < CAPACITY; i++)
        if (reader.data[i])
            return false;
    return true;
}

static uint32_t take(void)
{
    const struct oa_record *record;
    uint32_t number;

    if (oa_reader_peek(&reader, &record) != 0)
        return UINT32_MAX;
    memcpy(&number, ((const struct oa_record_span *)record)->span_id, sizeof(number));
    oa_reader_release(&reader);
    oa_reader_settle(&reader, 1);
    return number;
}

Test(reader, init__refuses_what_is_no_ring, .init = reset)
{
    static const uint32_t capacities[] = { 0, 8, 4096, CAPACITY - 8, CAPACITY + 8 };

    for (size_t i = 0; i < OA_COUNT(capacities); i++) {
        ring->capacity = capacities[i];
        cr_expect_eq(oa_reader_init(&reader, ring), OA_EINVAL, "capacity %u", capacities[i]);
    }
    ring->capacity = CAPACITY;
    ring->magic++;
    cr_expect_eq(oa_reader_init(&reader, ring), OA_EINVAL);
    ring->magic--;
    ring->version++;
    cr_expect_eq(oa_reader_init(&reader, ring), OA_EINVAL);
    ring->version--;
    ring->header_bytes *= 2;
    cr_expect_eq(oa_reader_init(&reader, ring), OA_EINVAL);
}

Test(reader, order__over_many_laps, .init = reset)
{
    uint32_t put = 0, got = 0;

    for (int round = 0; round < 2000; round++) {
        for (uint32_t n = 0; n < 1 + (uint32_t)round % 7; n++)
            put += oa_test_ring_put(ring, put, (put * 37) % 3000);
        while (got < put)
            cr_assert_eq(take(), got++);
        cr_assert_eq(take(), UINT32_MAX);
    }
    cr_expect_gt(atomic_load(&ring->tail), 10ull * CAPACITY);
    cr_expect_eq(atomic_load(&ring->items), 0);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_RING_FULL]), 0);
    cr_expect(all_zero(), "what was read is cleared");
}

Test(reader, full_ring__drops_the_newest, .init = reset)
{
    uint32_t put = 0;

    while (oa_test_ring_put(ring, put, 1000))
        put++;
    cr_expect_eq(put, CAPACITY / 1000);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_RING_FULL]), 1);
    cr_expect_eq(take(), 0);
    cr_expect_eq(take(), 1);
    cr_expect(oa_test_ring_put(ring, put, 1000));
    for (uint32_t i = 2; i <= put; i++)
        cr_expect_eq(take(), i);
    cr_expect_eq(take(), UINT32_MAX);
}

Test(reader, busy_record__stops_the_reader_only, .init = reset)
{
    struct oa_record *busy = oa_test_ring_reserve(ring, 128);
    const struct oa_record *record;

    cr_expect(oa_test_ring_put(ring, 5, 0));
    cr_expect_eq(oa_reader_peek(&reader, &record), OA_EAGAIN);
    cr_expect_eq(atomic_load(&ring->items), 2);
    oa_test_ring_commit(busy);
    cr_expect_eq(oa_reader_peek(&reader, &record), 0);
    cr_expect_eq(record, busy);
    oa_reader_release(&reader);
    cr_expect_eq(take(), 5);
}

Test(reader, rewind__only_when_drained, .init = reset)
{
    uint64_t tail;

    for (uint32_t i = 0; i < 60; i++)
        cr_assert(oa_test_ring_put(ring, i, 1000));
    for (uint32_t i = 0; i < 59; i++)
        cr_assert_eq(take(), i);
    tail = atomic_load(&ring->tail);
    oa_reader_rewind(&reader);
    cr_expect_eq(atomic_load(&ring->tail), tail, "one record is left");
    cr_assert_eq(take(), 59);
    oa_reader_rewind(&reader);
    cr_expect_eq(atomic_load(&ring->tail), CAPACITY);
    cr_expect_eq(atomic_load(&ring->head), CAPACITY);
    cr_expect(oa_test_ring_put(ring, 60, 1000));
    cr_expect_neq(atomic_load((_Atomic uint32_t *)reader.data), OA_RECORD_FREE, "at offset 0");
    cr_expect_eq(take(), 60);
    oa_reader_rewind(&reader);
    cr_expect_eq(atomic_load(&ring->head), CAPACITY + 1000, "not worth it");
}

Test(reader, pad__of_eight_bytes_at_the_end, .init = reset)
{
    for (uint32_t size = CAPACITY - 8; size;) {
        uint32_t part = size > 8192 ? 8192 : size;

        oa_test_ring_commit(oa_test_ring_reserve(ring, part));
        size -= part;
    }
    while (take() != UINT32_MAX)
        ;
    cr_expect_eq(atomic_load(&ring->head), CAPACITY - 8);
    cr_expect(oa_test_ring_put(ring, 9, 0));
    cr_expect_eq(take(), 9);
    cr_expect(all_zero());
}

/* One field of a good record spoiled; the reader must stop for good and touch nothing. */
static const struct spoil {
    const char *name;
    uint32_t state, size, used;
} spoils[] = {
    { "no state", 99, 128, 128 },
    { "no size", OA_RECORD_READY, 0, 0 },
    { "size below a head", OA_RECORD_READY, 8, 8 },
    { "size not of eight", OA_RECORD_READY, 129, 128 },
    { "size over the bound", OA_RECORD_READY, OA_RECORD_MAX + 8, 128 },
    { "size over what is reserved", OA_RECORD_READY, 136, 128 },
    { "size of all", OA_RECORD_READY, UINT32_MAX, 128 },
    { "used over size", OA_RECORD_READY, 128, 129 },
    { "pad before the end", OA_RECORD_PAD, 128, 0 },
    { "pad of nothing", OA_RECORD_PAD, 0, 0 },
    { "pad beyond what is reserved", OA_RECORD_PAD, CAPACITY, 0 },
};

Test(reader, corrupted__stops_for_good)
{
    for (size_t i = 0; i < OA_COUNT(spoils); i++) {
        const struct oa_record *seen;
        struct oa_record *record;

        reset();
        record = oa_test_ring_reserve(ring, 128);
        record->size = spoils[i].size;
        record->used = spoils[i].used;
        atomic_store(&record->state, spoils[i].state);
        cr_expect_eq(oa_reader_peek(&reader, &seen), OA_EMALFORMED, "%s", spoils[i].name);
        cr_expect(reader.broken, "%s", spoils[i].name);
        cr_expect_eq(atomic_load(&ring->head), 0);
        record->size = 128;
        record->used = 128;
        atomic_store(&record->state, OA_RECORD_READY);
        cr_expect_eq(oa_reader_peek(&reader, &seen), OA_EMALFORMED, "%s: for good", spoils[i].name);
        oa_reader_rewind(&reader);
        free(ring);
    }
}

Test(reader, corrupted__positions)
{
    static const struct {
        uint64_t head, tail;
    } rows[] = { { 0, CAPACITY + 8 }, { 16, 8 }, { 4, 128 }, { 0, UINT64_MAX } };
    const struct oa_record *record;

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        reset();
        atomic_store(&ring->head, rows[i].head);
        atomic_store(&ring->tail, rows[i].tail);
        cr_expect_eq(oa_reader_peek(&reader, &record), OA_EMALFORMED, "row %zu", i);
        free(ring);
    }
}

Test(reader, release__looks_at_the_size_again, .init = reset)
{
    const struct oa_record *record;

    cr_assert(oa_test_ring_put(ring, 1, 200));
    cr_assert_eq(oa_reader_peek(&reader, &record), 0);
    ((struct oa_record *)(uintptr_t)record)->size = UINT32_MAX & ~7u;
    oa_reader_release(&reader);
    cr_expect(reader.broken);
    cr_expect_eq(atomic_load(&ring->head), 0);
}

#define PRODUCERS 3u
#define PUTS 20000u

static void *produce(void *user)
{
    uint32_t base = (uint32_t)(uintptr_t)user * PUTS;

    for (uint32_t i = 0; i < PUTS; i++)
        while (!oa_test_ring_put(ring, base + i, (i * 97) % 900))
            sched_yield();
    return NULL;
}

/* Several producers on a small ring, the reader rewinding whenever it can: nothing is lost, doubled,
 * or out of order within a producer. */
Test(reader, threads__lose_nothing, .init = reset, .timeout = 30)
{
    static uint32_t next[PRODUCERS];
    pthread_t threads[PRODUCERS];
    uint32_t got = 0;

    for (uint32_t i = 0; i < PRODUCERS; i++)
        pthread_create(&threads[i], NULL, produce, (void *)(uintptr_t)i);
    while (got < PRODUCERS * PUTS) {
        uint32_t number = take();

        cr_assert_not(reader.broken);
        if (number == UINT32_MAX) {
            oa_reader_rewind(&reader);
            sched_yield();
            continue;
        }
        cr_assert_lt(number, PRODUCERS * PUTS);
        cr_assert_eq(number % PUTS, next[number / PUTS]++);
        got++;
    }
    for (uint32_t i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(take(), UINT32_MAX);
    cr_expect_eq(atomic_load(&ring->items), 0);
    cr_expect(all_zero());
}
