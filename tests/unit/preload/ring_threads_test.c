/* Several producers at once, against a consumer written after preload/record.h and against the real one.
 * SOURCES: preload/ring.c preload/shared_memory.c sdk/pipeline/reader.c tests/support/ring_consumer.c tests/support/stall.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/ring.h"
#include "sdk/pipeline/reader.h"
#include "tests/support/ring_consumer.h"
#include "tests/support/stall.h"

#define PRODUCERS 4
#define EACH 50000u
#ifdef __SANITIZE_THREAD__
#define EACH_WAITING 50000u /* each step takes its time there */
#else
#define EACH_WAITING 200000u /* for the narrowest of windows: a stale tail beside a new head */
#endif

struct producer {
    uint32_t number;
    bool waits; /* for room: then nothing may be dropped */
    uint32_t each;
    uint64_t lost;
};

static void open_ring(uint32_t max_items)
{
    cr_assert_eq(oa_ring_open(max_items), OA_OK);
}

static void *produce(void *arg)
{
    struct producer *p = arg;
    uint32_t size = 24 + p->number;

    for (uint32_t i = 0; i < p->each; i++) {
        size = 24 + (size * 31 + 17) % 700;
        while (p->waits && oa_ring_items() > 8)
            sched_yield();
        if (!oa_test_ring_send_part(i % 3 ? size + size / 2 : size, size, (uint64_t)p->number << 32 | i))
            p->lost++;
    }
    return NULL;
}

/* Producers that may stop anywhere for a while; returns how many records were dropped. */
static uint64_t run_producers(bool waits, uint64_t (*consume)(void))
{
    struct producer producers[PRODUCERS];
    pthread_t threads[PRODUCERS];
    uint64_t lost = 0, seen = 0, each = waits ? EACH_WAITING : EACH;

    for (uint32_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){ .number = i, .waits = waits, .each = (uint32_t)each };
        cr_assert_eq(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    oa_test_stall_start(threads, PRODUCERS);
    while (seen + oa_test_ring_dropped(OA_DROP_RING_FULL) < PRODUCERS * each)
        seen += consume();
    oa_test_stall_stop();
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        pthread_join(threads[i], NULL);
        lost += producers[i].lost;
    }
    seen += consume();
    cr_assert_eq(seen + lost, PRODUCERS * each);
    cr_assert_eq(lost, oa_test_ring_dropped(OA_DROP_RING_FULL));
    cr_assert_eq(oa_ring_items(), 0, "%u left", oa_ring_items());
    return lost;
}

static uint64_t expected[PRODUCERS]; /* next number of each producer, at least */

static void check_order(const struct oa_record *record)
{
    uint64_t value = oa_test_ring_value(record), who = value >> 32;

    cr_assert(who < PRODUCERS && (uint32_t)value >= expected[who], "producer %ju: %u after %ju", (uintmax_t)who,
              (uint32_t)value, (uintmax_t)expected[who]);
    expected[who] = (uint32_t)value + 1;
}

static uint64_t consume_by_hand(void)
{
    struct oa_ring_header *ring = oa_ring();
    struct oa_record *record;
    uint64_t n = 0;

    while ((record = oa_test_ring_peek(ring))) {
        check_order(record);
        oa_test_ring_release(ring, record);
        n++;
    }
    return n;
}

Test(ring_threads, nothing_is_lost_but_what_was_counted)
{
    open_ring(200);
    (void)run_producers(false, consume_by_hand);
}

Test(ring_threads, nothing_is_dropped_while_there_is_room)
{
    open_ring(128);
    cr_assert_eq(run_producers(true, consume_by_hand), 0);
}

static uint64_t consume_by_reader(void)
{
    static struct oa_reader reader;
    const struct oa_record *record;
    uint64_t n = 0;

    if (!reader.ring)
        cr_assert_eq(oa_reader_init(&reader, oa_ring()), 0);
    while (oa_reader_peek(&reader, &record) == 0) {
        check_order(record);
        oa_reader_release(&reader);
        n++;
    }
    cr_assert_not(reader.broken);
    oa_reader_settle(&reader, (uint32_t)n);
    oa_reader_rewind(&reader);
    return n;
}

Test(ring_threads, with_the_real_reader_that_rewinds)
{
    open_ring(200);
    (void)run_producers(false, consume_by_reader);
}
