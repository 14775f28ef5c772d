#include "preload/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct oa_arena_chunk {
    struct oa_arena_chunk *older;
    size_t bytes; /* of data */
    size_t used;
    _Alignas(OA_ARENA_ALIGN) char data[];
};

/* Rounding may wrap to 0 near SIZE_MAX: callers test for that through the bound of the arena. */
static size_t arena_round(size_t bytes)
{
    return (bytes + OA_ARENA_ALIGN - 1) & ~(size_t)(OA_ARENA_ALIGN - 1);
}

void oa_arena_init(struct oa_arena *arena, size_t first_chunk_bytes, size_t total_bytes_max)
{
    *arena = (struct oa_arena){ .chunk_bytes = arena_round(first_chunk_bytes), .total_bytes_max = total_bytes_max };
}

static void arena_free_chunks(struct oa_arena *arena, const struct oa_arena_chunk *keep)
{
    struct oa_arena_chunk *chunk = arena->current, *older;

    for (; chunk; chunk = older) {
        older = chunk->older;
        if (chunk == keep)
            continue;
        arena->total_bytes -= chunk->bytes;
        free(chunk);
    }
}

void oa_arena_release(struct oa_arena *arena)
{
    if (!arena)
        return;
    arena_free_chunks(arena, NULL);
    arena->current = NULL;
}

void oa_arena_reset(struct oa_arena *arena)
{
    struct oa_arena_chunk *largest = arena->current;

    for (struct oa_arena_chunk *chunk = largest; chunk; chunk = chunk->older)
        if (chunk->bytes > largest->bytes)
            largest = chunk;
    arena_free_chunks(arena, largest);
    arena->current = largest;
    if (!largest)
        return;
    largest->older = NULL;
    largest->used = 0;
}

/* A new chunk that holds bytes (a multiple of the alignment) and, if the bound allows, room to come. */
static struct oa_arena_chunk *arena_add_chunk(struct oa_arena *arena, size_t bytes)
{
    size_t room = arena->total_bytes_max - arena->total_bytes;
    size_t want = bytes > arena->chunk_bytes ? bytes : arena->chunk_bytes;
    struct oa_arena_chunk *chunk;

    if (bytes > room)
        return NULL;
    if (want > room)
        want = bytes;
    chunk = malloc(sizeof(*chunk) + want);
    if (!chunk)
        return NULL;
    chunk->older = arena->current;
    chunk->bytes = want;
    chunk->used = 0;
    arena->current = chunk;
    arena->total_bytes += want;
    if (want <= arena->total_bytes_max / 2)
        arena->chunk_bytes = want * 2;
    return chunk;
}

void *oa_arena_alloc(struct oa_arena *arena, size_t bytes)
{
    struct oa_arena_chunk *chunk = arena->current;
    size_t need = arena_round(bytes ? bytes : 1);
    void *block;

    if (need < bytes || need > arena->total_bytes_max)
        return NULL;
    if (!chunk || chunk->bytes - chunk->used < need)
        chunk = arena_add_chunk(arena, need);
    if (!chunk)
        return NULL;
    block = chunk->data + chunk->used;
    chunk->used += need;
    return block;
}

void *oa_arena_calloc(struct oa_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    void *block;

    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    block = oa_arena_alloc(arena, bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

char *oa_arena_strndup(struct oa_arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? oa_arena_alloc(arena, len + 1) : NULL;

    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void *oa_arena_grow(struct oa_arena *arena, void *block, size_t old_bytes, size_t new_bytes)
{
    struct oa_arena_chunk *chunk = arena->current;
    size_t old_need = arena_round(old_bytes ? old_bytes : 1), new_need = arena_round(new_bytes);
    void *moved;

    if (new_bytes <= old_bytes)
        return block;
    if (new_need < new_bytes)
        return NULL;
    if (chunk && block && (char *)block + old_need == chunk->data + chunk->used &&
        new_need - old_need <= chunk->bytes - chunk->used) {
        chunk->used += new_need - old_need;
        return block;
    }
    moved = oa_arena_alloc(arena, new_bytes);
    if (moved && old_bytes)
        memcpy(moved, block, old_bytes);
    return moved;
}

void oa_arena_shrink(struct oa_arena *arena, void *block, size_t old_bytes, size_t new_bytes)
{
    struct oa_arena_chunk *chunk = arena->current;
    size_t old_need = arena_round(old_bytes ? old_bytes : 1), new_need = arena_round(new_bytes ? new_bytes : 1);

    if (chunk && new_need < old_need && (char *)block + old_need == chunk->data + chunk->used)
        chunk->used -= old_need - new_need;
}
