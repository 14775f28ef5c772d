#include "preload/pool.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Index i >= first_count lies in chunk k = floor(log2(i / first_count)), at i - (first_count << k). */
static int chunk_of(const struct oa_pool *pool, uint32_t index)
{
    return 31 - __builtin_clz(index / pool->first_count);
}

void *oa_pool_at_chunk(struct oa_pool *pool, uint32_t index)
{
    char *base;
    int k;

    if (index >= atomic_load_explicit(&pool->used, memory_order_acquire))
        return NULL;
    k = chunk_of(pool, index);
    base = atomic_load_explicit(&pool->chunk[k], memory_order_acquire);
    return base ? base + (size_t)(index - (pool->first_count << k)) * pool->entry_bytes : NULL;
}

static int chunk_map(struct oa_pool *pool, int k)
{
    size_t bytes = ((size_t)pool->first_count << k) * pool->entry_bytes;
    void *expected = NULL, *mem;

    if (atomic_load_explicit(&pool->chunk[k], memory_order_acquire))
        return 0;
    mem = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                          -1, 0);
    if (mem == MAP_FAILED)
        return -1;
    if (!atomic_compare_exchange_strong(&pool->chunk[k], &expected, mem))
        (void)syscall(SYS_munmap, mem, bytes); /* another thread was first */
    return 0;
}

static void *take_new(struct oa_pool *pool, uint32_t *ret_index)
{
    uint32_t index = atomic_load_explicit(&pool->used, memory_order_relaxed);

    do {
        if (index >= pool->max)
            return NULL;
        if (index >= pool->first_count && chunk_map(pool, chunk_of(pool, index)) != 0)
            return NULL;
    } while (!atomic_compare_exchange_weak(&pool->used, &index, index + 1));
    *ret_index = index;
    return oa_pool_at(pool, index);
}

void *oa_pool_take(struct oa_pool *pool, uint32_t *ret_index)
{
    uint64_t head = atomic_load_explicit(&pool->free_head, memory_order_acquire);

    while ((uint32_t)head != 0) {
        uint32_t index = (uint32_t)head - 1;
        _Atomic uint32_t *link = oa_pool_at(pool, index);
        uint32_t next = atomic_load_explicit(link, memory_order_relaxed);
        uint64_t replacement = ((head >> 32) + 1) << 32 | next;

        if (atomic_compare_exchange_weak(&pool->free_head, &head, replacement)) {
            *ret_index = index;
            return link;
        }
    }
    return take_new(pool, ret_index);
}

void oa_pool_give(struct oa_pool *pool, uint32_t index)
{
    _Atomic uint32_t *link = oa_pool_at(pool, index);
    uint64_t head = atomic_load_explicit(&pool->free_head, memory_order_relaxed);
    uint64_t replacement;

    if (!link)
        return;
    do {
        atomic_store_explicit(link, (uint32_t)head, memory_order_relaxed);
        replacement = ((head >> 32) + 1) << 32 | (index + 1);
    } while (!atomic_compare_exchange_weak(&pool->free_head, &head, replacement));
}
