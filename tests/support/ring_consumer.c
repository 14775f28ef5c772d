#include "tests/support/ring_consumer.h"

#include <stdlib.h>
#include <string.h>

#include "preload/ring.h"

static struct oa_record *record_at(struct oa_ring_header *ring, uint64_t position)
{
    return (struct oa_record *)((char *)ring + ring->header_bytes + (position & (ring->capacity - 1)));
}

struct oa_record *oa_test_ring_peek(struct oa_ring_header *ring)
{
    for (;;) {
        uint64_t head = atomic_load(&ring->head);
        struct oa_record *record = record_at(ring, head);
        uint32_t state, size;

        if (head == atomic_load(&ring->tail))
            return NULL;
        state = atomic_load_explicit(&record->state, memory_order_acquire);
        if (state == OA_RECORD_READY)
            return record;
        if (state != OA_RECORD_PAD)
            return NULL;
        size = record->size;
        if ((head + size) & (ring->capacity - 1))
            abort();
        memset(record, 0, size < sizeof(*record) ? size : sizeof(*record)); /* all that a pad has written */
        atomic_store_explicit(&ring->head, head + size, memory_order_release);
    }
}

void oa_test_ring_release(struct oa_ring_header *ring, struct oa_record *record)
{
    uint32_t size = record->size;

    memset(record, 0, size);
    atomic_store_explicit(&ring->head, atomic_load(&ring->head) + size, memory_order_release);
    atomic_fetch_sub(&ring->items, 1);
}

bool oa_test_ring_send_part(uint32_t reserved, uint32_t bytes, uint64_t value)
{
    struct oa_record *record = oa_ring_reserve(reserved);

    if (!record)
        return false;
    memcpy(record + 1, &value, sizeof(value));
    record->used = bytes;
    oa_ring_commit(record);
    return true;
}

bool oa_test_ring_send(uint32_t bytes, uint64_t value)
{
    return oa_test_ring_send_part(bytes, bytes, value);
}

uint64_t oa_test_ring_value(const struct oa_record *record)
{
    uint64_t value;

    memcpy(&value, record + 1, sizeof(value));
    return value;
}

uint64_t oa_test_ring_dropped(enum oa_drop reason)
{
    return atomic_load(&oa_ring()->dropped[reason]);
}
