/* SOURCES: sdk/pipeline/reader.c */
/*
 * The input is a ring as programs that were killed may have left it: its head and its tail, four bytes each, then
 * its bytes from the head on. Properties: the reader stays in the ring and comes to an end, each record that it
 * hands out lies whole in it, and what it has given back is zero.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "sdk/pipeline/reader.h"
#include "tests/fuzz/must.h"

#define CAPACITY OA_RING_BYTES_MIN

static void fill(struct oa_ring_header *ring, const uint8_t *data, size_t size)
{
    char *bytes = (char *)ring + OA_RING_HEADER_BYTES;
    uint32_t head, tail;

    memcpy(&head, data, 4);
    memcpy(&tail, data + 4, 4);
    ring->magic = OA_RING_MAGIC;
    ring->version = OA_RING_VERSION;
    ring->header_bytes = OA_RING_HEADER_BYTES;
    ring->capacity = CAPACITY;
    ring->head = head;
    ring->tail = tail;
    data += 8;
    size -= 8;
    for (size_t i = 0; i < size && i < CAPACITY; i++)
        bytes[(head + i) & (CAPACITY - 1)] = (char)data[i];
}

static void check_zero(const char *bytes, uint32_t offset, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        must(bytes[offset + i] == 0);
}

static void read_all(struct oa_reader *reader, const char *bytes)
{
    const struct oa_record *record;
    uint32_t steps = 0;
    int err;

    while ((err = oa_reader_peek(reader, &record)) == 0) {
        uint32_t offset = (uint32_t)((const char *)record - bytes), size = record->size;

        must(steps++ < CAPACITY / sizeof(*record));
        must(offset % 8 == 0 && size >= sizeof(*record) && offset + size <= CAPACITY && record->used <= size);
        oa_reader_release(reader);
        check_zero(bytes, offset, size);
        oa_reader_settle(reader, 1);
    }
    must(err == OA_EAGAIN || (err == OA_EMALFORMED && reader->broken));
    must(oa_reader_rewind(reader) || oa_reader_head(reader) != oa_reader_tail(reader) || reader->broken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_ring_header *ring;
    struct oa_reader reader;

    if (size < 8)
        return 0;
    ring = aligned_alloc(4096, OA_RING_HEADER_BYTES + CAPACITY);
    must(ring != NULL);
    memset(ring, 0, OA_RING_HEADER_BYTES + CAPACITY);
    fill(ring, data, size);
    must(oa_reader_init(&reader, ring) == 0);
    read_all(&reader, (char *)ring + OA_RING_HEADER_BYTES);
    free(ring);
    return 0;
}
