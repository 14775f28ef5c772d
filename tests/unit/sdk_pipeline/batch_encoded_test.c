/* SOURCES: sdk/pipeline/scheduler.c sdk/pipeline/reader.c sdk/pipeline/batch.c sdk/pipeline/simple.c
 * sdk/pipeline/outlet.c preload/base/log.c sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c
 * sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_exporter.c tests/support/test_ring.c */
#include <criterion/criterion.h>
#include <sys/mman.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/pipeline/scheduler.h"
#include "tests/support/fake_exporter.h"
#include "tests/support/test_ring.h"

static struct oa_ring_header *ring;
static struct oa_scheduler scheduler;
static struct fake_exporter otlp;
static uint64_t head_during_export, tail_during_export;
static uint32_t encoded_during_export;
static const struct oa_batch *exported; /* the processor's own */

static int put_name(struct oa_span_encoder *self, const struct oa_span_view *span, struct oa_bytes *out)
{
    char *at = oa_bytes_reserve(out, span->name.len);

    (void)self;
    if (!at)
        return OA_ENOMEM;
    memcpy(at, span->name.ptr, span->name.len);
    out->len += span->name.len;
    return 0;
}

static int export_encoded(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct fake_exporter *fake = (struct fake_exporter *)self;

    (void)deadline_mono_ns;
    head_during_export = atomic_load(&ring->head);
    tail_during_export = atomic_load(&ring->tail);
    encoded_during_export = oa_batch_held(batch);
    exported = batch;
    fake->sizes[fake->exports++] = batch->count;
    return 0;
}

static struct oa_span_encoder name_encoder = { .put = put_name };

/* A batch processor whose exporter encodes. */
static void reset(void)
{
    struct oa_processor_setup setup = {
        .exporter = &otlp.base,
        .limits = { .attr_count_max = 128, .value_chars_max = UINT32_MAX },
        .now_mono_ns = fake_now,
        .schedule_delay_ms = 5000,
        .export_timeout_ms = 30000,
        .queue_items = 2048,
        .batch_items = 512,
    };

    oa_log_init(OA_LOG_NONE, NULL);
    fake_exporter_init(&otlp);
    otlp.base.encoder = &name_encoder;
    otlp.base.export_spans = export_encoded;
    ring = setup.ring = oa_test_ring_new(1u << 20, 2048);
    cr_assert_eq(oa_scheduler_init(&scheduler, ring, OA_RECORD_SPAN, fake_now), 0);
    cr_assert_eq(oa_scheduler_add(&scheduler, oa_processor_batch_new(&setup)), 0);
    oa_scheduler_start(&scheduler);
}

static void put(uint32_t spans)
{
    for (uint32_t i = 0; i < spans; i++)
        cr_assert(oa_test_ring_put(ring, i, 0));
}

/* What came behind a full batch is read as well: the ring is empty, and back at its beginning. */
Test(batch_encoded, ring_is_empty_before_the_export, .init = reset)
{
    put(600);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.exports, 1);
    cr_expect_eq(otlp.sizes[0], 512);
    cr_expect_eq(encoded_during_export, 600);
    cr_expect_eq(head_during_export, tail_during_export);
    cr_expect_eq(head_during_export % ring->capacity, 0);
    cr_expect_eq(atomic_load(&ring->items), 88);
    cr_expect_eq(atomic_load(&ring->wake_at_items), 512);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect_eq(otlp.sizes[1], 88);
    cr_expect_eq(atomic_load(&ring->items), 0);
}

Test(batch_encoded, backlog_leaves_batch_after_batch, .init = reset)
{
    put(2048);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_expect_eq(otlp.exports, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(otlp.sizes[i], 512);
    cr_expect_eq(atomic_load(&ring->items), 0);
}

Test(batch_encoded, shutdown_sends_all, .init = reset)
{
    put(700);
    (void)oa_scheduler_work(&scheduler, OA_WORK_SHUTDOWN, 0);
    cr_expect_eq(otlp.exports, 2);
    cr_expect_eq(otlp.sizes[1], 188);
    cr_expect_eq(atomic_load(&ring->dropped[OA_DROP_EXIT]), 0);
}

Test(batch_encoded, rest__keeps_no_memory, .init = reset)
{
    put(600);
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_assert_eq(oa_batch_held(exported), 88);
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_expect(exported->encoded[OA_SCOPE_HTTP].ptr, "a flush is no rest");
    put(3);
    fake_now_ns += 5000 * OA_NS_PER_MS;
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_assert_eq(otlp.exports, 3);
    for (int scope = 0; scope < OA_SCOPE_COUNT; scope++)
        cr_expect_null(exported->encoded[scope].ptr);
    put(4);
    fake_now_ns += 5000 * OA_NS_PER_MS;
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_assert_eq(otlp.sizes[3], 4, "and goes on");
}

/* Pages that only a burst needs do not stay: the ring is a memory file, as in a real process. */
Test(batch_encoded, burst__gives_its_pages_back, .init = reset)
{
    unsigned char there[256];
    void *mem =
        mmap(NULL, OA_RING_HEADER_BYTES + (1u << 20), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(mem, MAP_FAILED);
    memcpy(mem, ring, OA_RING_HEADER_BYTES);
    scheduler.reader.ring = ring = mem;
    scheduler.reader.data = (char *)mem + OA_RING_HEADER_BYTES;
    for (uint32_t i = 0; i < 100; i++)
        cr_assert(oa_test_ring_put(ring, i, 9000));
    (void)oa_scheduler_work(&scheduler, 0, 0);
    for (uint32_t i = 0; i < 20; i++)
        cr_assert(oa_test_ring_put(ring, i, 9000));
    (void)oa_scheduler_work(&scheduler, 0, 0);
    cr_assert_leq(scheduler.reader.touched, 256u * 1024);
    cr_assert_eq(mincore((char *)mem + OA_RING_HEADER_BYTES + (512u << 10), 512u << 10, there), 0);
    for (int i = 0; i < 128; i++)
        cr_assert_eq(there[i] & 1, 0, "page %d", i);
    for (uint32_t i = 0; i < 100; i++)
        cr_assert(oa_test_ring_put(ring, i, 9000));
    (void)oa_scheduler_work(&scheduler, OA_WORK_FLUSH, 0);
    cr_assert_eq(atomic_load(&ring->items), 0);
}
