/* SOURCES: sdk/pipeline/scheduler.c sdk/pipeline/reader.c sdk/pipeline/batch.c sdk/pipeline/simple.c
 * sdk/pipeline/outlet.c preload/base/log.c sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c
 * sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_exporter.c tests/support/test_ring.c */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/pipeline/scheduler.h"
#include "tests/support/fake_exporter.h"
#include "tests/support/test_ring.h"

#define MS OA_NS_PER_MS

static struct oa_ring_header *ring;
static struct oa_scheduler scheduler;
static struct fake_exporter otlp, console;

static struct oa_processor_setup setup_for(struct fake_exporter *fake)
{
    return (struct oa_processor_setup){
        .exporter = &fake->base,
        .ring = ring,
        .limits = { .attr_count_max = 128, .value_chars_max = UINT32_MAX },
        .now_mono_ns = fake_now,
        .schedule_delay_ms = 5000,
        .export_timeout_ms = 30000,
        .queue_items = ring->max_items,
        .batch_items = 512,
    };
}

static void reset(void)
{
    oa_log_init(OA_LOG_NONE, NULL);
    fake_now_ns = 1000 * MS;
    fake_exporter_init(&otlp);
    fake_exporter_init(&console);
    ring = oa_test_ring_new(1u << 20, 2048);
    cr_assert_eq(oa_scheduler_init(&scheduler, ring, OA_RECORD_SPAN, fake_now), 0);
}

static void add(struct oa_processor *processor)
{
    cr_assert_eq(oa_scheduler_add(&scheduler, processor), 0);
    oa_scheduler_start(&scheduler);
}

static void add_batch(struct oa_processor_setup setup)
{
    add(oa_processor_batch_new(&setup));
}

static void add_simple(struct oa_processor_setup setup)
{
    add(oa_processor_simple_new(&setup));
}

static uint32_t next_number;

static void put(uint32_t spans)
{
    for (uint32_t i = 0; i < spans; i++)
        cr_assert(oa_test_ring_put(ring, next_number++, 0));
}

static uint32_t wake_at(void)
{
    return atomic_load(&ring->wake_at_items);
}

static void expect_order(const struct fake_exporter *fake, uint32_t spans)
{
    cr_expect_eq(fake->spans, spans, "%u of %u", fake->spans, spans);
    for (uint32_t i = 0; i < fake->spans; i++)
        cr_assert_eq(fake->numbers[i], i);
}

Test(batch, timer__exports_what_there_is, .init = reset)
{
    add_batch(setup_for(&otlp));
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    put(3);
    fake_now_ns += 2000 * MS;
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 3000 * MS);
    cr_expect_eq(otlp.exports, 0);
    fake_now_ns += 3000 * MS;
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    cr_expect_eq(otlp.exports, 1);
    cr_expect_eq(otlp.sizes[0], 3);
    cr_expect_eq(otlp.deadlines[0], fake_now_ns + 30000 * MS);
    expect_order(&otlp, 3);
}

Test(batch, timer__with_nothing_sends_nothing, .init = reset)
{
    add_batch(setup_for(&otlp));
    for (int i = 0; i < 5; i++) {
        fake_now_ns += 5000 * MS;
        cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    }
    cr_expect_eq(otlp.exports, 0);
}

Test(batch, delay__counts_from_the_end_of_an_export, .init = reset)
{
    add_batch(setup_for(&otlp));
    otlp.takes_ns = 700 * MS;
    put(1);
    fake_now_ns += 5000 * MS;
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
}

Test(batch, full__exports_at_once_and_back_to_back, .init = reset)
{
    add_batch(setup_for(&otlp));
    cr_expect_eq(wake_at(), 512);
    put(511);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.exports, 0);
    put(1);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.exports, 1);
    put(1600);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.exports, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(otlp.sizes[i], 512);
    fake_now_ns += 5000 * MS;
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.sizes[4], 64);
    expect_order(&otlp, 2112);
}

Test(batch, queue__full_drops_the_newest_and_counts, .init = reset)
{
    ring->max_items = 10;
    add_batch(setup_for(&otlp));
    cr_expect_eq(wake_at(), 5, "half of the queue");
    put(10);
    cr_expect_not(oa_test_ring_put(ring, 10, 0));
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_RING_FULL]), 1);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.sizes[0], 10, "a batch is never larger than the queue");
    put(4);
    cr_expect_neq(oa_scheduler_work(&scheduler, 0, 0), 0);
    cr_expect_eq(wake_at(), 5);
    cr_expect_eq(otlp.exports, 1);
    put(1);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.sizes[1], 5, "half of the queue is worth an export");
    expect_order(&otlp, 15);
}

/* The exit path of the host asks ring->items whether anything would be lost. */
Test(batch, held_spans__still_count_as_queued, .init = reset)
{
    ring->max_items = 20;
    add_batch(setup_for(&otlp));
    put(6);
    cr_expect_neq(oa_scheduler_work(&scheduler, 0, 0), 0);
    cr_expect_eq(otlp.exports, 0);
    cr_expect_eq(atomic_load(&ring->items), 6);
    cr_expect_eq(atomic_load(&ring->head), atomic_load(&ring->tail), "their bytes are free");
    cr_expect_eq(wake_at(), 10);
    put(14);
    cr_expect_not(oa_test_ring_put(ring, 20, 0));
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(atomic_load(&ring->items), 0);
    expect_order(&otlp, 20);
}

static uint32_t items_during_export;

static int count_items(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    (void)self;
    (void)batch;
    (void)deadline_mono_ns;
    items_during_export = atomic_load(&ring->items);
    return 0;
}

Test(batch, spans_on_their_way__count_as_queued, .init = reset)
{
    add_batch(setup_for(&otlp));
    otlp.base.export_spans = count_items;
    put(3);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(items_during_export, 3);
    cr_expect_eq(atomic_load(&ring->items), 0);
}

Test(batch, delay_zero__exports_as_soon_as_woken, .init = reset)
{
    struct oa_processor_setup setup = setup_for(&otlp);

    setup.schedule_delay_ms = 0;
    add_batch(setup);
    cr_expect_eq(wake_at(), 1);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), UINT64_MAX);
    put(2);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), UINT64_MAX);
    cr_expect_eq(otlp.exports, 1);
}

Test(batch, timeout__zero_is_none_and_the_nearer_one_counts, .init = reset)
{
    struct oa_processor_setup setup = setup_for(&otlp);

    setup.export_timeout_ms = 0;
    add_batch(setup);
    put(1);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(otlp.deadlines[0], 0);
    put(1);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, fake_now_ns + 5 * MS);
    cr_expect_eq(otlp.deadlines[1], fake_now_ns + 5 * MS);
}

Test(batch, failure__loses_the_batch_and_counts, .init = reset)
{
    add_batch(setup_for(&otlp));
    otlp.result = OA_EIO;
    put(7);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXPORT_FAILED]), 7);
    otlp.result = 0;
    put(2);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(otlp.exports, 2);
    cr_expect_eq(otlp.sizes[1], 2);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXPORT_FAILED]), 7);
}

Test(batch, flush__exports_all_and_restarts_the_delay, .init = reset)
{
    add_batch(setup_for(&otlp));
    put(600);
    fake_now_ns += 4000 * MS;
    cr_expect_eq(oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0), 5000 * MS);
    cr_expect_eq(otlp.sizes[0], 512);
    cr_expect_eq(otlp.sizes[1], 88);
    cr_expect_eq(otlp.flushes, 1);
}

Test(simple, spans__leave_one_by_one, .init = reset)
{
    add_simple(setup_for(&console));
    cr_expect_eq(wake_at(), 1);
    put(3);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), UINT64_MAX);
    cr_expect_eq(console.exports, 3);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(console.sizes[i], 1);
    expect_order(&console, 3);
}

Test(simple, failure__counts, .init = reset)
{
    add_simple(setup_for(&console));
    console.result = OA_EIO;
    put(2);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXPORT_FAILED]), 2);
}

Test(scheduler, two_processors__each_get_everything, .init = reset)
{
    add_simple(setup_for(&console));
    add_batch(setup_for(&otlp));
    cr_expect_eq(wake_at(), 1);
    put(600);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    cr_expect_eq(console.exports, 600);
    cr_expect_eq(otlp.exports, 1);
    cr_expect_eq(atomic_load(&ring->items), 88, "what one of them still holds");
    cr_expect_eq(wake_at(), 89);
    put(1);
    fake_now_ns += 5000 * MS;
    (void)oa_scheduler_work(&scheduler, 0, 0);
    expect_order(&console, 601);
    expect_order(&otlp, 601);
}

Test(scheduler, failing_exporter__does_not_disturb_the_other, .init = reset)
{
    add_simple(setup_for(&console));
    add_batch(setup_for(&otlp));
    otlp.result = OA_ETIMEOUT;
    put(512);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    expect_order(&console, 512);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXPORT_FAILED]), 512);
}

Test(scheduler, shutdown__flushes_closes_and_counts_the_rest, .init = reset)
{
    struct oa_record *never_ready;

    add_batch(setup_for(&otlp));
    put(4);
    never_ready = oa_test_ring_reserve(ring, 128);
    cr_assert(never_ready);
    put(1);
    cr_expect_eq(oa_scheduler_work(&scheduler, OA_WORK_FLUSH | OA_WORK_SHUTDOWN, fake_now_ns + 100 * MS), UINT64_MAX);
    cr_expect_eq(otlp.sizes[0], 4);
    cr_expect_eq(otlp.shutdowns, 1);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXIT]), 2);
    cr_expect_eq(atomic_load(&ring->items), 0);
}

Test(scheduler, deadline__stops_the_draining, .init = reset)
{
    add_simple(setup_for(&console));
    console.takes_ns = 10 * MS;
    put(100);
    (void)oa_scheduler_work(&scheduler, OA_WORK_SHUTDOWN, fake_now_ns + 55 * MS);
    cr_expect_eq(console.exports, 6);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXIT]), 94);
}

Test(scheduler, busy_record__is_awaited_without_being_woken, .init = reset)
{
    struct oa_record *busy;

    add_batch(setup_for(&otlp));
    put(511);
    busy = oa_test_ring_reserve(ring, 128);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 10 * MS);
    cr_expect_eq(wake_at(), UINT32_MAX);
    busy->type = 77; /* and of no known type */
    busy->used = 128;
    oa_test_ring_commit(busy);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    cr_expect_eq(wake_at(), 512);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_MALFORMED]), 1);
}

Test(scheduler, busy_record__that_nobody_waits_for_is_no_hurry, .init = reset)
{
    add_batch(setup_for(&otlp));
    cr_assert_not_null(oa_test_ring_reserve(ring, 128));
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    cr_expect_eq(wake_at(), 512);
}

Test(scheduler, corrupted_ring__goes_quiet, .init = reset)
{
    struct oa_record *record;

    add_batch(setup_for(&otlp));
    put(2);
    record = oa_test_ring_reserve(ring, 128);
    record->size = 3;
    oa_test_ring_commit(record);
    put(2);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(otlp.spans, 2, "what was good before is kept");
    cr_expect_eq(wake_at(), UINT32_MAX);
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    (void)oa_scheduler_work(&scheduler, OA_WORK_SHUTDOWN, 0);
    cr_expect_eq(otlp.shutdowns, 1);
}

/* 512 records of 8 KiB would be four times the ring: the reader learns their size and asks earlier. */
Test(scheduler, wake__comes_earlier_for_large_records, .init = reset)
{
    add_batch(setup_for(&otlp));
    for (uint32_t i = 0; i < 60; i++)
        cr_assert(oa_test_ring_put(ring, i, 8192));
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_leq(wake_at(), 60 + 70, "held, and about half of the ring");
    cr_expect_geq(wake_at(), 60 + 60);
}

Test(scheduler, late_records__ask_for_another_call, .init = reset)
{
    add_batch(setup_for(&otlp));
    put(100);
    otlp.takes_ns = 0;
    cr_expect_eq(oa_scheduler_work(&scheduler, 0, 0), 5000 * MS);
    put(600); /* came while the consumer was awake: nobody wakes it */
    atomic_store(&ring->wake_at_items, 512);
    cr_expect_neq(oa_scheduler_work(&scheduler, 0, 0), 0, "drained in this call");
    cr_expect_eq(otlp.exports, 1);
}

Test(scheduler, init__refuses_what_is_no_ring, .init = reset)
{
    ring->magic = 0;
    cr_expect_eq(oa_scheduler_init(&scheduler, ring, OA_RECORD_SPAN, fake_now), OA_EINVAL);
}
