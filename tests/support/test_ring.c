#include "tests/support/test_ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct oa_ring_header *oa_test_ring_new(uint32_t capacity, uint32_t max_items)
{
    struct oa_ring_header *ring = aligned_alloc(4096, OA_RING_HEADER_BYTES + (size_t)capacity);

    if (!ring)
        abort();
    memset(ring, 0, OA_RING_HEADER_BYTES + (size_t)capacity);
    ring->magic = OA_RING_MAGIC;
    ring->version = OA_RING_VERSION;
    ring->header_bytes = OA_RING_HEADER_BYTES;
    ring->capacity = capacity;
    ring->max_items = max_items;
    return ring;
}

static struct oa_record *record_at(struct oa_ring_header *ring, uint64_t position)
{
    return (struct oa_record *)((char *)ring + OA_RING_HEADER_BYTES + (position & (ring->capacity - 1)));
}

static struct oa_record *no_room(struct oa_ring_header *ring)
{
    atomic_fetch_sub(&ring->items, 1);
    atomic_fetch_add(&ring->dropped[OA_DROP_RING_FULL], 1);
    return NULL;
}

struct oa_record *oa_test_ring_reserve(struct oa_ring_header *ring, uint32_t bytes)
{
    uint64_t tail = atomic_load(&ring->tail), pad;
    struct oa_record *record;

    if (atomic_fetch_add(&ring->items, 1) >= ring->max_items)
        return no_room(ring);
    do {
        uint64_t head = atomic_load(&ring->head), to_end = ring->capacity - (tail & (ring->capacity - 1));

        pad = to_end < bytes ? to_end : 0;
        /* A head beyond this tail: others have moved on, the exchange below will tell. */
        if (head <= tail && tail + pad + bytes - head > ring->capacity)
            return no_room(ring);
    } while (!atomic_compare_exchange_weak(&ring->tail, &tail, tail + pad + bytes));
    if (pad) {
        record = record_at(ring, tail);
        record->size = (uint32_t)pad;
        atomic_store_explicit(&record->state, OA_RECORD_PAD, memory_order_release);
    }
    record = record_at(ring, tail + pad);
    if (atomic_load(&record->state) != OA_RECORD_FREE) /* the consumer must have cleared it */
        abort();
    record->size = bytes;
    atomic_store_explicit(&record->state, OA_RECORD_BUSY, memory_order_relaxed);
    return record;
}

void oa_test_ring_commit(struct oa_record *record)
{
    atomic_store_explicit(&record->state, OA_RECORD_READY, memory_order_release);
}

uint8_t oa_test_ring_flags = OA_RECORD_FLAG_SAMPLED;

bool oa_test_ring_put(struct oa_ring_header *ring, uint32_t number, uint32_t bytes)
{
    char name[24];
    uint32_t name_len = (uint32_t)snprintf(name, sizeof(name), "span %u", number);
    uint32_t name_room = (name_len + 7) & ~7u, least = sizeof(struct oa_record_span) + name_room + 16, size;
    struct oa_record_span *span;
    struct oa_record_attr *attr;

    size = (bytes > least ? bytes : least) + 7;
    size &= ~7u;
    span = (struct oa_record_span *)oa_test_ring_reserve(ring, size);
    if (!span)
        return false;
    memset((char *)span + sizeof(span->head), 0, size - sizeof(span->head));
    span->head.type = OA_RECORD_SPAN;
    span->head.scope = OA_SCOPE_HTTP;
    span->head.used = size;
    memset(span->trace_id, 0xab, sizeof(span->trace_id));
    memcpy(span->span_id, &number, sizeof(number));
    span->span_id[7] = 1;
    span->start_unix_ns = 1000;
    span->end_unix_ns = 2000;
    span->kind = OA_SPAN_SERVER;
    span->flags = oa_test_ring_flags;
    span->attr_count = 1;
    span->name_len = (uint16_t)name_len;
    memcpy(span + 1, name, name_len);
    attr = (struct oa_record_attr *)((char *)(span + 1) + name_room);
    attr->key = OA_KEY_URL_PATH;
    attr->type = OA_ATTR_STR;
    attr->len = (uint32_t)(size - sizeof(*span) - name_room - sizeof(*attr));
    memset(attr + 1, 'x', attr->len);
    oa_test_ring_commit(&span->head);
    return true;
}
