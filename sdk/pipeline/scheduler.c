#include "sdk/pipeline/scheduler.h"

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

#define SCHEDULER_BUSY_NS (10 * OA_NS_PER_MS) /* when the next record is still being written */

int oa_scheduler_init(struct oa_scheduler *scheduler, struct oa_ring_header *ring, enum oa_record_type type,
                      uint64_t (*now_mono_ns)(void))
{
    *scheduler = (struct oa_scheduler){ .type = type, .now_mono_ns = now_mono_ns };
    return oa_reader_init(&scheduler->reader, ring);
}

int oa_scheduler_add(struct oa_scheduler *scheduler, struct oa_processor *processor)
{
    if (scheduler->processor_count == OA_SCHEDULER_PROCESSORS_MAX)
        return OA_EFULL;
    processor->counts = &scheduler->counts[scheduler->processor_count];
    scheduler->processors[scheduler->processor_count++] = processor;
    return 0;
}

/* At how many queued records we want to be woken: those that the processors hold, plus what they still
 * want, but never later than half of the ring's bytes at the usual record size. */
static uint32_t scheduler_wake_at(const struct oa_scheduler *scheduler)
{
    uint64_t held = scheduler->offered - scheduler->settled;
    uint32_t more = scheduler->reader.capacity / 2 / scheduler->reader.bytes_usual;

    for (uint32_t i = 0; i < scheduler->processor_count; i++)
        if (scheduler->processors[i]->wake_after < more)
            more = scheduler->processors[i]->wake_after;
    return (uint32_t)held + (more ? more : 1);
}

static void scheduler_set_wake(struct oa_scheduler *scheduler, uint32_t items)
{
    atomic_store_explicit(&scheduler->reader.ring->wake_at_items, items, memory_order_relaxed);
}

void oa_scheduler_start(struct oa_scheduler *scheduler)
{
    scheduler_set_wake(scheduler, scheduler_wake_at(scheduler));
}

/* What every processor is through with leaves the queue. */
static void scheduler_settle(struct oa_scheduler *scheduler)
{
    uint64_t done = scheduler->offered;

    for (uint32_t i = 0; i < scheduler->processor_count; i++)
        if (scheduler->processors[i]->done < done)
            done = scheduler->processors[i]->done;
    oa_reader_settle(&scheduler->reader, (uint32_t)(done - scheduler->settled));
    scheduler->settled = done;
}

static uint64_t scheduler_tick(struct oa_scheduler *scheduler, uint64_t deadline_mono_ns)
{
    uint64_t next = UINT64_MAX;

    for (uint32_t i = 0; i < scheduler->processor_count; i++) {
        struct oa_processor *processor = scheduler->processors[i];
        uint64_t wait = processor->tick(processor, deadline_mono_ns);

        next = wait < next ? wait : next;
    }
    scheduler_settle(scheduler);
    return next;
}

static bool is_ours(const struct oa_scheduler *scheduler, const struct oa_record *record)
{
    size_t head = scheduler->type == OA_RECORD_LOG ? sizeof(struct oa_record_log) : sizeof(struct oa_record_span);

    return record->type == scheduler->type && record->used >= head;
}

/* Offers one record to all; true if one of them is full now. */
static bool scheduler_offer(struct oa_scheduler *scheduler, const struct oa_record *record)
{
    bool full = false;

    if (!is_ours(scheduler, record)) {
        atomic_fetch_add_explicit(&scheduler->reader.ring->dropped[OA_DROP_MALFORMED], 1, memory_order_relaxed);
        oa_reader_settle(&scheduler->reader, 1);
        return false;
    }
    scheduler->offered++;
    for (uint32_t i = 0; i < scheduler->processor_count; i++) {
        struct oa_processor *processor = scheduler->processors[i];

        full = !processor->on_record(processor, record, record->used) || full;
    }
    return full;
}

/* Nothing to read, and the ring starts again at its beginning. */
static bool scheduler_emptied(struct oa_reader *reader)
{
    return oa_reader_head(reader) == oa_reader_tail(reader) && oa_reader_rewind(reader);
}

/* Empties the ring before anything is sent, so that it starts again at its beginning and what comes during
 * an export finds all of its room. No more than the queue holds: a busy program must not keep us here
 * for ever. OA_EAGAIN: the next record is still being written. */
static int scheduler_drain(struct oa_scheduler *scheduler, uint64_t deadline_mono_ns)
{
    struct oa_reader *reader = &scheduler->reader;
    const struct oa_record *record;

    for (uint32_t left = reader->ring->max_items; left && !scheduler_emptied(reader); left--) {
        bool full;
        int err;

        if (deadline_mono_ns && scheduler->now_mono_ns() >= deadline_mono_ns)
            return OA_ETIMEOUT;
        err = oa_reader_peek(reader, &record);
        if (err)
            return err;
        full = scheduler_offer(scheduler, record);
        oa_reader_release(reader);
        if (full)
            (void)scheduler_tick(scheduler, deadline_mono_ns);
    }
    return 0;
}

/* Only what the user can act on is worth a line by default; export failures were said by the exporter. */
static enum oa_log_level drop_level(enum oa_drop reason)
{
    switch (reason) {
    case OA_DROP_RING_FULL:
    case OA_DROP_TOO_LARGE:
    case OA_DROP_NO_SLOT:
    case OA_DROP_EXIT:
        return OA_LOG_WARN;
    case OA_DROP_EXPORT_FAILED:
    case OA_DROP_REJECTED:
        return OA_LOG_NONE;
    default:
        return OA_LOG_DEBUG;
    }
}

static const char *items_word(const struct oa_scheduler *scheduler)
{
    return scheduler->type == OA_RECORD_LOG ? "log records" : "spans";
}

static void scheduler_log_drops(struct oa_scheduler *scheduler)
{
    static const char *const words[] = {
#define DROP(id, word) word,
        OA_DROPS(DROP)
#undef DROP
    };

    for (int i = 0; i < OA_DROP_COUNT; i++) {
        uint64_t now_dropped = atomic_load_explicit(&scheduler->reader.ring->dropped[i], memory_order_relaxed);
        uint64_t fresh = now_dropped - scheduler->dropped_seen[i], items;

        scheduler->dropped_seen[i] = now_dropped;
        if (fresh + scheduler->drop_lines[i].items == 0 || !oa_log_enabled(drop_level((enum oa_drop)i)))
            continue;
        if (oa_log_limit_due(&scheduler->drop_lines[i], fresh, scheduler->now_mono_ns(), &items))
            oa_log(drop_level((enum oa_drop)i), "%llu %s dropped: %s", (unsigned long long)items,
                   items_word(scheduler), words[i]);
    }
}

static void scheduler_flush(struct oa_scheduler *scheduler, uint64_t deadline_mono_ns)
{
    for (uint32_t i = 0; i < scheduler->processor_count; i++)
        scheduler->processors[i]->flush(scheduler->processors[i], deadline_mono_ns);
}

/* What is left in the ring is counted here, and leaves the queue: nobody counts it again. */
static void scheduler_shutdown(struct oa_scheduler *scheduler, uint64_t deadline_mono_ns)
{
    struct oa_ring_header *ring = scheduler->reader.ring;
    uint32_t left;

    for (uint32_t i = 0; i < scheduler->processor_count; i++)
        scheduler->processors[i]->shutdown(scheduler->processors[i], deadline_mono_ns);
    scheduler->processor_count = 0;
    scheduler_settle(scheduler);
    left = atomic_load_explicit(&ring->items, memory_order_relaxed);
    atomic_fetch_add_explicit(&ring->dropped[OA_DROP_EXIT], left, memory_order_relaxed);
    oa_reader_settle(&scheduler->reader, left);
}

static void scheduler_log_broken(struct oa_scheduler *scheduler)
{
    if (!scheduler->broken_logged)
        oa_log(OA_LOG_ERROR, "the queue of %s is corrupted; continuing without them", items_word(scheduler));
    scheduler->broken_logged = true;
}

uint64_t oa_scheduler_work(struct oa_scheduler *scheduler, uint32_t flags, uint64_t deadline_mono_ns)
{
    struct oa_ring_header *ring = scheduler->reader.ring;
    int err = scheduler_drain(scheduler, deadline_mono_ns);
    uint64_t next = UINT64_MAX;
    uint32_t wake_at, queued;
    bool blocked;

    if (scheduler->reader.broken)
        scheduler_log_broken(scheduler);
    if (flags & OA_WORK_SHUTDOWN) {
        scheduler_shutdown(scheduler, deadline_mono_ns);
        scheduler_log_drops(scheduler);
        return UINT64_MAX;
    }
    if (flags & OA_WORK_FLUSH)
        scheduler_flush(scheduler, deadline_mono_ns);
    next = scheduler_tick(scheduler, deadline_mono_ns);
    scheduler_log_drops(scheduler);
    wake_at = scheduler_wake_at(scheduler);
    queued = atomic_load_explicit(&ring->items, memory_order_relaxed);
    /* Nothing can be read: being woken at once, again and again, would help nobody. */
    blocked = err == OA_EAGAIN && queued >= wake_at;
    scheduler_set_wake(scheduler, blocked || scheduler->reader.broken ? UINT32_MAX : wake_at);
    if (scheduler->reader.broken)
        return next;
    if (blocked)
        return next < SCHEDULER_BUSY_NS ? next : SCHEDULER_BUSY_NS;
    return queued >= wake_at ? 0 : next;
}
