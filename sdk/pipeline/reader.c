#include "sdk/pipeline/reader.h"

#include <string.h>
#include <sys/mman.h>

#include "preload/base/err.h"
#include "preload/base/limits.h"

#define READER_BYTES_GUESS 1024u /* of a record, before any was seen */
/* Between the two steps of a rewind the ring looks full but for the bytes in front of the old head: they
 * must hold what may come in that moment. */
#define READER_REWIND_MIN (2 * OA_RECORD_MAX)
#define READER_TOUCHED_KEEP (256u * 1024) /* a batch of 512 usual records */
#define READER_PAGE 4096u                 /* where pages are larger the kernel refuses, and they stay */

int oa_reader_init(struct oa_reader *reader, struct oa_ring_header *ring)
{
    uint32_t capacity = ring->capacity;

    if (ring->magic != OA_RING_MAGIC || ring->version != OA_RING_VERSION ||
        ring->header_bytes != OA_RING_HEADER_BYTES || capacity < OA_RECORD_MAX || (capacity & (capacity - 1)))
        return OA_EINVAL;
    *reader = (struct oa_reader){
        .ring = ring,
        .data = (char *)ring + OA_RING_HEADER_BYTES,
        .capacity = capacity,
        .bytes_usual = READER_BYTES_GUESS,
    };
    return 0;
}

static struct oa_record *reader_at(const struct oa_reader *reader, uint64_t position)
{
    return (struct oa_record *)(reader->data + (position & (reader->capacity - 1)));
}

/* A PAD may be as short as 8 bytes: of its head, only state and size are there. */
static bool reader_pad_ok(const struct oa_reader *reader, uint64_t head, uint32_t size, uint64_t used)
{
    uint32_t to_end = reader->capacity - (uint32_t)(head & (reader->capacity - 1));

    return size == to_end && size <= used;
}

static bool reader_record_ok(const struct oa_reader *reader, uint64_t head, const struct oa_record *record,
                             uint64_t used)
{
    uint32_t to_end = reader->capacity - (uint32_t)(head & (reader->capacity - 1)), size = record->size;

    return size >= sizeof(*record) && size % 8 == 0 && size <= OA_RECORD_MAX && size <= to_end && size <= used &&
           record->used <= size;
}

/* Moves head over bytes that are already zero; the release order makes the zeros visible first. */
static void reader_advance(struct oa_reader *reader, uint64_t head, uint32_t size)
{
    atomic_store_explicit(&reader->ring->head, head + size, memory_order_release);
}

static int reader_broken(struct oa_reader *reader)
{
    reader->broken = true;
    return OA_EMALFORMED;
}

int oa_reader_peek(struct oa_reader *reader, const struct oa_record **ret_record)
{
    while (!reader->broken) {
        uint64_t head = oa_reader_head(reader), used = oa_reader_tail(reader) - head;
        struct oa_record *record = reader_at(reader, head);
        uint32_t state;

        if (used == 0)
            return OA_EAGAIN;
        if (used > reader->capacity || (head & 7))
            return reader_broken(reader);
        state = atomic_load_explicit(&record->state, memory_order_acquire);
        if (state == OA_RECORD_FREE || state == OA_RECORD_BUSY)
            return OA_EAGAIN;
        if (state == OA_RECORD_PAD && reader_pad_ok(reader, head, record->size, used)) {
            uint32_t size = record->size;

            memset(record, 0, size < sizeof(*record) ? size : sizeof(*record));
            reader_advance(reader, head, size);
            continue;
        }
        if (state != OA_RECORD_READY || !reader_record_ok(reader, head, record, used))
            return reader_broken(reader);
        *ret_record = record;
        return 0;
    }
    return OA_EMALFORMED;
}

void oa_reader_release(struct oa_reader *reader)
{
    uint64_t head = oa_reader_head(reader);
    struct oa_record *record = reader_at(reader, head);
    uint32_t size = record->size;

    if (reader->broken)
        return;
    /* Looked at again: the record lay in shared memory all the time. */
    if (!reader_record_ok(reader, head, record, oa_reader_tail(reader) - head)) {
        reader->broken = true;
        return;
    }
    reader->bytes_usual = (reader->bytes_usual * 7 + size) / 8;
    if ((head & (reader->capacity - 1)) + size > reader->touched)
        reader->touched = (uint32_t)(head & (reader->capacity - 1)) + size;
    memset(record, 0, size);
    reader_advance(reader, head, size);
}

void oa_reader_settle(struct oa_reader *reader, uint32_t records)
{
    if (records)
        atomic_fetch_sub_explicit(&reader->ring->items, records, memory_order_release);
}

/* The pages from offset to the end, while no producer can reserve there: the ring seems full but for what
 * lies before offset. They read as zero afterwards, as free bytes must. */
static void reader_give_back(struct oa_reader *reader, uint32_t offset)
{
    uint32_t from = offset > READER_TOUCHED_KEEP ? offset : READER_TOUCHED_KEEP;

    from = (from + READER_PAGE - 1) & ~(READER_PAGE - 1);
    if (reader->touched <= from)
        return;
    (void)madvise(reader->data + from, reader->touched - from, MADV_REMOVE);
    reader->touched = from;
}

/* Nothing is written into the bytes jumped over: they are zero, and nobody reads them. A producer that
 * reserved in between has moved tail, the exchange fails, and all stays as it is. */
bool oa_reader_rewind(struct oa_reader *reader)
{
    uint64_t head = oa_reader_head(reader), expected = head;
    uint32_t offset = (uint32_t)(head & (reader->capacity - 1));
    uint64_t next = head + (reader->capacity - offset);

    if (reader->broken || offset < READER_REWIND_MIN)
        return oa_reader_tail(reader) == head;
    if (!atomic_compare_exchange_strong_explicit(&reader->ring->tail, &expected, next, memory_order_acq_rel,
                                                 memory_order_relaxed))
        return false;
    reader_give_back(reader, offset);
    atomic_store_explicit(&reader->ring->head, next, memory_order_release);
    return true;
}
