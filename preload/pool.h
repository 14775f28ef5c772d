/*
 * Fixed-size entries by index, for connections and operations: the first ones live in the object's
 * zero pages, more come in chunks of doubling size by mmap. Take and give are lock-free (a tagged
 * stack of free indices), legal in any hook. Memory is never returned. The first 4 bytes of an
 * entry belong to the pool while the entry is free.
 */
#ifndef OA_POOL_H
#define OA_POOL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/compiler.h"

#define OA_POOL_CHUNKS 24

struct oa_pool {
    void *first;          /* zero pages for the first entries */
    uint32_t first_count; /* a power of two */
    uint32_t entry_bytes;
    uint32_t max;
    _Atomic uint32_t used;                 /* entries ever handed out */
    _Atomic uint64_t free_head;            /* tag << 32 | index + 1; 0 in the low half = empty */
    _Atomic(void *) chunk[OA_POOL_CHUNKS]; /* chunk k holds first_count << k entries, after `first` */
};

/* An entry (contents undefined) and its index, or NULL when max or memory is reached. */
void *oa_pool_take(struct oa_pool *pool, uint32_t *ret_index);
void oa_pool_give(struct oa_pool *pool, uint32_t index);

/* The entry with an index that take() once returned. For any other index: an entry of zeros among the
 * first ones, else NULL. */
void *oa_pool_at_chunk(struct oa_pool *pool, uint32_t index); /* not one of the first */
static inline void *oa_pool_at(struct oa_pool *pool, uint32_t index)
{
    if (oa_likely(index < pool->first_count))
        return (char *)pool->first + (size_t)index * pool->entry_bytes;
    return oa_pool_at_chunk(pool, index);
}

#endif
