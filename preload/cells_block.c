/* Blocks: which one a thread uses, how it is locked, and whose it is. */
#include <errno.h>
#include <signal.h>

#include "preload/cells.h"

#define ROUNDS 200 /* over all blocks of a series, when every one of them is taken */

static struct oa_cell_block *block_at(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    uint32_t at = atomic_load_explicit(&series->block[stripe], memory_order_acquire);

    return at ? oa_cells_at(cells, at) : NULL;
}

static uint32_t block_bytes(const struct oa_cells *cells, const struct oa_series *series)
{
    return (uint32_t)sizeof(struct oa_cell_block) + cells->group_words[series->group] * 8u;
}

static OA_COLD struct oa_cell_block *block_new(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    uint32_t at = oa_cells_take(cells, block_bytes(cells, series)), expected = 0;

    if (at && !atomic_compare_exchange_strong(&series->block[stripe], &expected, at))
        at = expected;
    return at ? oa_cells_at(cells, at) : NULL;
}

static inline bool try_lock(struct oa_cell_block *block)
{
    uint32_t expected = 0;

    return atomic_compare_exchange_strong_explicit(&block->lock, &expected, oa_cells_my_pid(), memory_order_acquire,
                                                   memory_order_relaxed);
}

static bool is_gone(uint32_t pid)
{
    return pid && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* The holder died in the middle of a measurement: what it had counted so far stays. */
static bool steal(struct oa_cell_block *block)
{
    uint32_t holder = atomic_load_explicit(&block->lock, memory_order_relaxed);

    return is_gone(holder) && atomic_compare_exchange_strong(&block->lock, &holder, oa_cells_my_pid());
}

/* The own stripe is taken, or not there and not to be made. */
static OA_COLD struct oa_cell_block *lock_any(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    struct oa_cell_block *block;

    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < OA_CELLS_STRIPES; i++) {
            uint32_t at = oa_cells_roomy(cells) ? (stripe + i) % OA_CELLS_STRIPES : i;

            block = block_at(cells, series, at);
            if (!block && (at == 0 || oa_cells_roomy(cells)))
                block = block_new(cells, series, at);
            if (block && (try_lock(block) || (round == ROUNDS - 1 && steal(block))))
                return block;
        }
        oa_pause();
    }
    atomic_fetch_add_explicit(&cells->lost, 1, memory_order_relaxed);
    return NULL;
}

/* One of a family's: this process's own, or one whose owner is gone. They hang behind each other. */
static struct oa_cell_block *own_find(struct oa_cells *cells, struct oa_series *series)
{
    uint32_t me = oa_cells_my_pid();

    for (struct oa_cell_block *b = block_at(cells, series, 0); b; b = oa_cells_next(cells, b))
        if (atomic_load_explicit(&b->pid, memory_order_relaxed) == me)
            return b;
    for (struct oa_cell_block *b = block_at(cells, series, 0); b; b = oa_cells_next(cells, b)) {
        uint32_t owner = atomic_load_explicit(&b->pid, memory_order_relaxed);

        if (!is_gone(owner) || !atomic_compare_exchange_strong(&b->pid, &owner, me))
            continue;
        for (uint32_t w = 0; w < cells->group_words[series->group]; w++)
            atomic_store_explicit(&b->word[w], 0, memory_order_relaxed);
        atomic_store_explicit(&b->lock, 0, memory_order_release);
        return b;
    }
    return NULL;
}

static OA_COLD struct oa_cell_block *own_new(struct oa_cells *cells, struct oa_series *series)
{
    uint32_t at = oa_cells_take(cells, block_bytes(cells, series));
    uint32_t first = atomic_load_explicit(&series->block[0], memory_order_acquire);
    struct oa_cell_block *block;

    if (!at)
        return NULL;
    block = oa_cells_at(cells, at);
    atomic_store_explicit(&block->pid, oa_cells_my_pid(), memory_order_relaxed);
    do
        atomic_store_explicit(&block->next, first, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(&series->block[0], &first, at));
    return block;
}

static bool is_updown(const struct oa_cells *cells, const struct oa_series *series)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        if (cells->metric[i].group == series->group)
            return cells->metric[i].kind == OA_METRIC_UPDOWN;
    return false;
}

struct oa_cell_block *oa_cells_lock(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    struct oa_cell_block *block = block_at(cells, series, stripe);

    return oa_likely(block && try_lock(block)) ? block : lock_any(cells, series, stripe);
}

static OA_COLD struct oa_cell_block *block_any(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    struct oa_cell_block *block = NULL;

    if (cells->pid == 0 && is_updown(cells, series)) {
        block = own_find(cells, series);
        block = block ? block : own_new(cells, series);
    } else {
        if (oa_cells_roomy(cells))
            block = block_new(cells, series, stripe);
        if (!block)
            block = block_at(cells, series, 0);
        if (!block)
            block = block_new(cells, series, 0);
    }
    if (!block)
        atomic_fetch_add_explicit(&cells->lost, 1, memory_order_relaxed);
    return block;
}

struct oa_cell_block *oa_cells_block(struct oa_cells *cells, struct oa_series *series, uint32_t stripe)
{
    struct oa_cell_block *block = cells->pid ? block_at(cells, series, stripe) : NULL;

    return oa_likely(block != NULL) ? block : block_any(cells, series, stripe);
}

struct oa_cell_exemplar *oa_cells_exemplars(struct oa_cells *cells, const struct oa_series *series,
                                            struct oa_cell_block *block)
{
    uint32_t at = atomic_load_explicit(&block->exemplars, memory_order_relaxed);

    if (!at && oa_cells_roomy(cells)) {
        at = oa_cells_take(cells, cells->group_exemplars[series->group] * (uint32_t)sizeof(struct oa_cell_exemplar));
        atomic_store_explicit(&block->exemplars, at, memory_order_release);
    }
    return at ? oa_cells_at(cells, at) : NULL;
}
