/*
 * struct oa_reader: the one consumer of the ring (preload/record.h has the protocol). Hands out one
 * record at a time in place; its bytes stay in the ring until it is released. It counts as queued until
 * it is settled, so that ring->items says what would be lost if the process ended now.
 *
 * The bytes are untrusted: a size or type that cannot be ends the reading for good (broken), because
 * the start of the next record is then unknown. Released memory is cleared, all of it: a later
 * record may begin anywhere inside, and its state word must read FREE until its producer writes it.
 *
 * A drained ring starts again at offset 0 (see oa_reader_rewind), so that a process touches about as much
 * of it as one batch needs instead of walking through the whole ring. What a burst touched beyond
 * that is given back to the system.
 */
#ifndef OA_SDK_PIPELINE_READER_H
#define OA_SDK_PIPELINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/record.h"

struct oa_reader {
    struct oa_ring_header *ring;
    char *data;
    uint32_t capacity;    /* checked copy of the header's */
    uint32_t bytes_usual; /* sliding mean of record sizes */
    uint32_t touched;     /* offset behind the last byte that was ever in use, and not given back since */
    bool broken;
};

/* 0, or OA_EINVAL: not a ring that this version can read. */
int oa_reader_init(struct oa_reader *reader, struct oa_ring_header *ring) OA_MUST_CHECK;

/* The next finished record, *ret_record valid until oa_reader_release(). 0; OA_EAGAIN: none;
 * OA_EMALFORMED: corrupted, now or earlier. */
int oa_reader_peek(struct oa_reader *reader, const struct oa_record **ret_record) OA_MUST_CHECK;

/* Gives the bytes of the record that peek returned back to the producers; it still counts as queued. */
void oa_reader_release(struct oa_reader *reader);

/* So many released records are dealt with: they no longer count as queued (ring->items). */
void oa_reader_settle(struct oa_reader *reader, uint32_t records);

/* If the ring is empty, moves both ends to the next offset 0. False: it is not empty. */
bool oa_reader_rewind(struct oa_reader *reader);

static inline uint64_t oa_reader_tail(const struct oa_reader *reader)
{
    return atomic_load_explicit(&reader->ring->tail, memory_order_acquire);
}

/* Only the consumer moves it. */
static inline uint64_t oa_reader_head(const struct oa_reader *reader)
{
    return atomic_load_explicit(&reader->ring->head, memory_order_relaxed);
}

#endif
