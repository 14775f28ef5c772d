#include "preload/ring.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/shared_memory.h"

struct place {
    _Atomic(struct oa_ring_header *) ring;
    uint32_t open_items;                         /* what it is opened for at the next record; 0: it is not */
    _Atomic uint64_t early_drops[OA_DROP_COUNT]; /* counted while there is no ring */
};

static struct place spans, logs;

static uint32_t capacity_for(uint32_t max_items)
{
    uint64_t want = (uint64_t)max_items * OA_RING_BYTES_PER_SPAN;
    uint32_t capacity = OA_RING_BYTES_MIN;

    while (capacity < want && capacity < OA_RING_BYTES_MAX)
        capacity <<= 1;
    return capacity;
}

static inline struct oa_ring_header *ring_of(struct place *place)
{
    return atomic_load_explicit(&place->ring, memory_order_acquire);
}

static OA_START int open_at(struct place *place, uint32_t max_items)
{
    uint32_t capacity = capacity_for(max_items);
    struct oa_ring_header *expected = NULL, *header;

    header = oa_shared_memory_map("libotel-auto-ring", OA_RING_HEADER_BYTES + (size_t)capacity);
    if (!header)
        return OA_ENOMEM;
    header->version = OA_RING_VERSION;
    header->header_bytes = OA_RING_HEADER_BYTES;
    header->capacity = capacity;
    header->max_items = max_items;
    header->pid = (uint32_t)syscall(SYS_getpid);
    for (int i = 0; i < OA_DROP_COUNT; i++)
        atomic_store_explicit(&header->dropped[i], atomic_exchange(&place->early_drops[i], 0), memory_order_relaxed);
    header->magic = OA_RING_MAGIC;
    if (!atomic_compare_exchange_strong(&place->ring, &expected, header))
        (void)syscall(SYS_munmap, header, OA_RING_HEADER_BYTES + (size_t)capacity);
    return OA_OK;
}

OA_START int oa_ring_open(uint32_t max_items)
{
    if (oa_ring())
        return OA_OK;
    spans.open_items = max_items;
    return open_at(&spans, max_items);
}

OA_START void oa_ring_expect_logs(uint32_t max_items)
{
    logs.open_items = max_items;
}

void oa_ring_forget(void)
{
    atomic_store(&spans.ring, NULL);
    atomic_store(&logs.ring, NULL);
}

OA_START struct oa_ring_header *oa_ring(void)
{
    return ring_of(&spans);
}

OA_START struct oa_ring_header *oa_ring_logs(void)
{
    return ring_of(&logs);
}

static inline void drop_at(struct place *place, enum oa_drop reason, uint64_t items)
{
    struct oa_ring_header *header = ring_of(place);

    atomic_fetch_add_explicit(header ? &header->dropped[reason] : &place->early_drops[reason], items,
                              memory_order_relaxed);
}

void oa_drop(enum oa_drop reason)
{
    drop_at(&spans, reason, 1);
}

static inline uint32_t items_at(struct place *place)
{
    struct oa_ring_header *header = ring_of(place);

    return header ? atomic_load_explicit(&header->items, memory_order_acquire) : 0;
}

OA_START uint32_t oa_ring_items(void)
{
    return items_at(&spans) + items_at(&logs);
}

static bool is_due(struct oa_ring_header *header)
{
    return header && atomic_load(&header->items) >= atomic_load(&header->wake_at_items);
}

bool oa_ring_wants_reader(void)
{
    return is_due(oa_ring()) || is_due(oa_ring_logs());
}

void oa_ring_give_up(void)
{
    drop_at(&spans, OA_DROP_EXIT, items_at(&spans));
    drop_at(&logs, OA_DROP_EXIT, items_at(&logs));
}

static struct oa_record *record_at(struct oa_ring_header *header, uint64_t position)
{
    return (struct oa_record *)((char *)header + header->header_bytes + (position & (header->capacity - 1)));
}

/* Moves tail over `need` contiguous bytes; a record never wraps, so the end may be padded. */
static struct oa_record *advance(struct oa_ring_header *header, uint32_t need)
{
    uint64_t tail = atomic_load_explicit(&header->tail, memory_order_relaxed);
    uint32_t pad;

    do {
        uint64_t head = atomic_load_explicit(&header->head, memory_order_acquire);
        uint32_t to_end = header->capacity - (uint32_t)(tail & (header->capacity - 1));

        pad = to_end < need ? to_end : 0;
        /* A head beyond this tail: others have moved on since it was read, the exchange will tell. */
        if (head <= tail && tail + pad + need - head > header->capacity)
            return NULL;
    } while (!atomic_compare_exchange_weak(&header->tail, &tail, tail + pad + need));
    if (pad) {
        struct oa_record *filler = record_at(header, tail);

        filler->size = pad;
        atomic_store_explicit(&filler->state, OA_RECORD_PAD, memory_order_release);
    }
    return record_at(header, tail + pad);
}

static inline struct oa_record *reserve_at(struct place *place, uint32_t bytes)
{
    struct oa_ring_header *header = ring_of(place);
    uint32_t need = (bytes + 7u) & ~7u;
    struct oa_record *record = NULL;

    if (oa_unlikely(!header) && place->open_items && open_at(place, place->open_items) == OA_OK)
        header = ring_of(place);
    if (!header || bytes > OA_RECORD_MAX || need > header->capacity / 2) { /* need may have wrapped */
        drop_at(place, header ? OA_DROP_TOO_LARGE : OA_DROP_RING_FULL, 1);
        return NULL;
    }
    if (atomic_fetch_add_explicit(&header->items, 1, memory_order_acq_rel) < header->max_items)
        record = advance(header, need);
    if (!record) {
        atomic_fetch_sub_explicit(&header->items, 1, memory_order_acq_rel);
        drop_at(place, OA_DROP_RING_FULL, 1);
        return NULL;
    }
    record->size = need;
    record->used = 0;
    atomic_store_explicit(&record->state, OA_RECORD_BUSY, memory_order_relaxed);
    return record;
}

struct oa_record *oa_ring_reserve(uint32_t bytes)
{
    return reserve_at(&spans, bytes);
}

/* The consumer starts from the other ring, which a forked child has none of yet. */
OA_COLD struct oa_record *oa_ring_reserve_log(uint32_t bytes)
{
    if (oa_unlikely(!oa_ring()) && spans.open_items && open_at(&spans, spans.open_items) < 0) {
        drop_at(&logs, OA_DROP_RING_FULL, 1);
        return NULL;
    }
    return reserve_at(&logs, bytes);
}

void oa_ring_wake(void)
{
    struct oa_ring_header *header = oa_ring();

    if (!header)
        return;
    atomic_fetch_add_explicit(&header->wake, 1, memory_order_release);
    (void)syscall(SYS_futex, &header->wake, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* What was reserved and not used, unless somebody has reserved behind it: records are reserved for the worst
 * case, twice what they need. The consumer cannot come past a record that is BUSY, so tail is ours to
 * move as long as it has not moved; the bytes were never written and are as clean as any free ones. */
static void give_back_rest(struct oa_ring_header *header, struct oa_record *record)
{
    uint32_t offset = (uint32_t)((char *)record - (char *)header - header->header_bytes);
    uint32_t used = record->used > sizeof(*record) ? record->used : (uint32_t)sizeof(*record);
    uint32_t need = (used + 7u) & ~7u, rest = record->size - need;
    uint64_t tail = atomic_load_explicit(&header->tail, memory_order_relaxed);

    if (need >= record->size || ((tail - record->size) & (header->capacity - 1)) != offset)
        return;
    if (atomic_compare_exchange_strong(&header->tail, &tail, tail - rest))
        record->size = need;
}

/* Returns whether the consumer wants to hear of it. */
static inline bool commit_at(struct place *place, struct oa_record *record)
{
    struct oa_ring_header *header = ring_of(place);

    if (header)
        give_back_rest(header, record);
    atomic_store_explicit(&record->state, OA_RECORD_READY, memory_order_release);
    return header && atomic_load_explicit(&header->items, memory_order_seq_cst) >=
                         atomic_load_explicit(&header->wake_at_items, memory_order_relaxed);
}

/* One producer wakes: it takes the flag down, the consumer puts it up before it sleeps again. */
static void wake_if_asleep(void)
{
    struct oa_ring_header *header = oa_ring();
    uint32_t asleep = 1;

    if (header && atomic_load_explicit(&header->asleep, memory_order_seq_cst) &&
        atomic_compare_exchange_strong(&header->asleep, &asleep, 0))
        oa_ring_wake();
}

void oa_ring_commit(struct oa_record *record)
{
    if (commit_at(&spans, record))
        wake_if_asleep();
}

OA_COLD void oa_ring_commit_log(struct oa_record *record)
{
    if (commit_at(&logs, record))
        wake_if_asleep();
}
