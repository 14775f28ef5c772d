/* Who is given what, and that each record is settled once.
 * SOURCES: sdk/pipeline/scheduler.c sdk/pipeline/reader.c sdk/pipeline/batch.c sdk/pipeline/simple.c
 * sdk/pipeline/outlet.c preload/base/log.c sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c
 * sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_exporter.c tests/support/test_ring.c */
#include <criterion/criterion.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/pipeline/scheduler.h"
#include "tests/support/fake_exporter.h"
#include "tests/support/test_ring.h"

static struct oa_ring_header *ring;
static struct oa_scheduler scheduler;
static struct fake_exporter otlp, plugin;

static void reset(void)
{
    oa_log_init(OA_LOG_NONE, NULL);
    fake_now_ns = OA_NS_PER_S;
    fake_exporter_init(&otlp);
    fake_exporter_init(&plugin);
    plugin.base.takes_unsampled = true;
    ring = oa_test_ring_new(1u << 20, 2048);
    cr_assert_eq(oa_scheduler_init(&scheduler, ring, OA_RECORD_SPAN, fake_now), 0);
}

static void add(struct fake_exporter *fake, bool simple)
{
    struct oa_processor_setup setup = {
        .exporter = &fake->base,
        .ring = ring,
        .limits = { .attr_count_max = 128, .value_chars_max = UINT32_MAX },
        .now_mono_ns = fake_now,
        .type = OA_RECORD_SPAN,
        .schedule_delay_ms = 5000,
        .queue_items = ring->max_items,
        .batch_items = 8,
    };

    cr_assert_eq(
        oa_scheduler_add(&scheduler, simple ? oa_processor_simple_new(&setup) : oa_processor_batch_new(&setup)), 0);
    oa_scheduler_start(&scheduler);
}

/* The odd ones are sampled. */
static void put(uint32_t spans)
{
    for (uint32_t i = 0; i < spans; i++) {
        oa_test_ring_flags = i % 2 ? OA_RECORD_FLAG_SAMPLED : 0;
        cr_assert(oa_test_ring_put(ring, i, 0));
    }
}

static uint64_t dropped(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < OA_DROP_COUNT; i++)
        sum += atomic_load(&ring->dropped[i]);
    return sum;
}

static void each_has_its_own(uint32_t spans)
{
    cr_assert_eq(otlp.spans, spans / 2);
    for (uint32_t i = 0; i < otlp.spans; i++)
        cr_assert_eq(otlp.numbers[i], 2 * i + 1);
    cr_assert_eq(plugin.spans, spans);
    for (uint32_t i = 0; i < spans; i++)
        cr_assert_eq(plugin.numbers[i], i);
    cr_assert_eq(atomic_load(&ring->items), 0, "each has left the queue, once");
    cr_assert_eq(dropped(), 0);
    cr_assert_eq(scheduler.counts[0].exported + scheduler.counts[1].exported, spans + spans / 2);
}

Test(outlet, unsampled__for_exporters_that_take_them_only, .init = reset)
{
    add(&otlp, false);
    add(&plugin, false);
    put(100);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    each_has_its_own(100);
}

Test(outlet, unsampled__beside_a_simple_processor, .init = reset)
{
    add(&otlp, true);
    add(&plugin, false);
    put(100);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    each_has_its_own(100);
}

Test(outlet, unsampled__one_that_fails_loses_what_it_was_given, .init = reset)
{
    add(&otlp, false);
    add(&plugin, false);
    otlp.result = OA_EIO;
    put(100);
    (void)oa_scheduler_work(&scheduler, OA_WORK_SHUTDOWN, 0);
    cr_assert_eq(plugin.spans, 100);
    cr_assert_eq(atomic_load(&ring->dropped[OA_DROP_EXPORT_FAILED]), 50);
    cr_assert_eq(dropped(), 50);
    cr_assert_eq(atomic_load(&ring->items), 0);
}

Test(outlet, unsampled__nobody_takes_them, .init = reset)
{
    add(&otlp, false);
    oa_test_ring_flags = 0;
    for (uint32_t i = 0; i < 30; i++)
        cr_assert(oa_test_ring_put(ring, i, 0));
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_assert_eq(atomic_load(&ring->items), 0);
    cr_assert_eq(otlp.exports, 0);
}
