/*
 * struct oa_arena: memory that is given back all at once. Chunks come from malloc and grow by
 * doubling; reset keeps the largest one, so a batch that is filled and emptied for ever settles to
 * no allocation at all. Used by the SDK object only: hooks allocate nothing.
 *
 * One thread at a time. Blocks are aligned to 16 bytes and live until reset or release. Allocation
 * never exceeds the bound given at init: NULL is then the answer, as when memory is out.
 */
#ifndef OA_BASE_ARENA_H
#define OA_BASE_ARENA_H

#include <stddef.h>

#include "preload/base/compiler.h"

#define OA_ARENA_ALIGN 16u

struct oa_arena_chunk;

struct oa_arena {
    struct oa_arena_chunk *current; /* newest first */
    size_t chunk_bytes;             /* size of the next chunk */
    size_t total_bytes;             /* of all chunks */
    size_t total_bytes_max;
};

/* Takes no memory yet. first_chunk_bytes: size of the first chunk; total_bytes_max: of all chunks. */
void oa_arena_init(struct oa_arena *arena, size_t first_chunk_bytes, size_t total_bytes_max);

/* Gives all memory back; the arena is then as after init. */
void oa_arena_release(struct oa_arena *arena);

/* Forgets all blocks, keeps the largest chunk. */
void oa_arena_reset(struct oa_arena *arena);

/* bytes bytes, not cleared; NULL when out of memory. Zero bytes give a unique non-NULL pointer. */
void *oa_arena_alloc(struct oa_arena *arena, size_t bytes) OA_MUST_CHECK;

/* n * size bytes, cleared; NULL when out of memory or when the product overflows. */
void *oa_arena_calloc(struct oa_arena *arena, size_t n, size_t size) OA_MUST_CHECK;

/* Copy of len bytes with a terminator behind them. */
char *oa_arena_strndup(struct oa_arena *arena, const char *text, size_t len) OA_MUST_CHECK;

/* Makes the block longer: in place if it is the newest one, else by copying. NULL: old block intact. */
void *oa_arena_grow(struct oa_arena *arena, void *block, size_t old_bytes, size_t new_bytes) OA_MUST_CHECK;

/* Makes the newest block shorter; any other stays as it is. */
void oa_arena_shrink(struct oa_arena *arena, void *block, size_t old_bytes, size_t new_bytes);

#endif
