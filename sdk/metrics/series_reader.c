#include "sdk/metrics/series_reader.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "sdk/metrics/tally.h"

#define LOCK_TRIES 4000 /* some 50 us; whoever holds a lock for longer is stopped, or gone in the middle */

static bool header_ok(const struct oa_cells *cells)
{
    return cells->magic == OA_CELLS_MAGIC && cells->version == OA_CELLS_VERSION &&
           cells->header_bytes == OA_CELLS_HEADER_BYTES && cells->capacity <= OA_CELLS_BYTES &&
           cells->directory_at >= OA_CELLS_HEADER_BYTES && cells->directory_at % sizeof(uint32_t) == 0 &&
           cells->directory_at <= cells->arena_at && cells->arena_at <= cells->capacity &&
           cells->series_max <= (cells->arena_at - cells->directory_at) / sizeof(uint32_t);
}

/* Its exemplars are among those of its group. */
static bool reservoir_ok(const struct oa_cells *cells, const struct oa_cells_metric *m)
{
    return !m->reservoir || (m->kind == OA_METRIC_HISTOGRAM &&
                             m->reservoir - 1u + oa_tally_slots(m) <= cells->group_exemplars[m->group]);
}

bool oa_cells_ok(const struct oa_cells *cells)
{
    uint32_t words[OA_GROUP_COUNT] = { 0 };

    if (!header_ok(cells))
        return false;
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_cells_metric *m = &cells->metric[i];

        if (m->group >= OA_GROUP_COUNT || m->bounds > OA_BOUNDS_MAX || !reservoir_ok(cells, m))
            return false;
        if (m->kind > OA_METRIC_GAUGE)
            continue;
        if (m->at != words[m->group])
            return false;
        words[m->group] += oa_tally_words(m);
    }
    for (int g = 0; g < OA_GROUP_COUNT; g++)
        if (words[g] != cells->group_words[g])
            return false;
    return true;
}

/* What lies at an offset / 8, if bytes of it are inside. */
static void *inside(struct oa_cells *cells, uint32_t at, size_t bytes)
{
    uint64_t offset = (uint64_t)at * 8;

    return offset >= cells->arena_at && offset + bytes <= cells->capacity ? oa_cells_at(cells, at) : NULL;
}

const struct oa_series *oa_cells_number(struct oa_cells *cells, uint32_t number)
{
    const _Atomic uint32_t *directory = (const _Atomic uint32_t *)((const char *)cells + cells->directory_at);
    uint32_t at = atomic_load_explicit(&directory[number], memory_order_acquire);
    const struct oa_series *series = at ? inside(cells, at, sizeof(*series)) : NULL;

    if (!series || series->group >= OA_GROUP_COUNT || !inside(cells, at, sizeof(*series) + series->attr_bytes))
        return NULL;
    return series;
}

static bool is_gone(uint32_t pid)
{
    return pid && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static bool lock(struct oa_cell_block *block, uint32_t pid)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        uint32_t expected = 0;

        if (atomic_compare_exchange_weak_explicit(&block->lock, &expected, pid, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
        oa_pause();
    }
    return false;
}

static void take_range(const struct oa_cells *cells, uint16_t group, struct oa_cell_block *block)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_cells_metric *m = &cells->metric[i];

        if (m->group != group || m->kind != OA_METRIC_HISTOGRAM)
            continue;
        atomic_store_explicit(&block->word[m->at + OA_CELL_NOT_MIN], 0, memory_order_relaxed);
        atomic_store_explicit(&block->word[m->at + OA_CELL_MAX], 0, memory_order_relaxed);
    }
}

static void read_exemplars(struct oa_cells *cells, uint16_t group, struct oa_cell_block *block,
                           const struct oa_series_reading *reading)
{
    uint32_t at = atomic_load_explicit(&block->exemplars, memory_order_acquire),
             count = cells->group_exemplars[group];
    struct oa_cell_exemplar *slots = at ? inside(cells, at, count * sizeof(*slots)) : NULL;

    for (uint32_t i = 0; slots && reading->exemplars && i < count; i++) {
        if (slots[i].time_unix_ns > reading->exemplars[i].time_unix_ns)
            reading->exemplars[i] = slots[i];
        if (reading->harvest)
            slots[i].time_unix_ns = slots[i].seen = 0;
    }
}

static void add_up(struct oa_cells *cells, uint16_t group, struct oa_series_reading *reading)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_cells_metric *m = &cells->metric[i];

        if (m->group != group || m->kind > OA_METRIC_GAUGE)
            continue;
        oa_tally_check(m, reading->scratch + m->at);
        oa_tally_merge(m, reading->words + m->at, reading->scratch + m->at);
    }
}

static void read_block(struct oa_cells *cells, uint16_t group, struct oa_cell_block *block,
                       struct oa_series_reading *reading)
{
    bool locked = lock(block, reading->pid);

    for (uint32_t i = 0; i < cells->group_words[group]; i++)
        reading->scratch[i] = atomic_load_explicit(&block->word[i], memory_order_relaxed);
    if (locked) {
        if (reading->harvest)
            take_range(cells, group, block);
        read_exemplars(cells, group, block, reading);
        oa_cells_unlock(block);
    }
    add_up(cells, group, reading);
}

/* Blocks hang behind each other where each belongs to one process of a family. */
bool oa_series_read(struct oa_cells *cells, const struct oa_series *series, struct oa_series_reading *reading)
{
    uint16_t group = series->group;
    size_t bytes = sizeof(struct oa_cell_block) + cells->group_words[group] * sizeof(uint64_t);
    bool any = false;

    for (uint32_t stripe = 0; stripe < OA_CELLS_STRIPES; stripe++) {
        uint32_t at = atomic_load_explicit(&series->block[stripe], memory_order_acquire);
        struct oa_cell_block *block;

        for (uint32_t length = 0; at && length < cells->capacity / 64 && (block = inside(cells, at, bytes));
             length++) {
            if (!is_gone(atomic_load_explicit(&block->pid, memory_order_relaxed)))
                read_block(cells, group, block, reading);
            any = true;
            at = atomic_load_explicit(&block->next, memory_order_acquire);
        }
    }
    return any;
}
