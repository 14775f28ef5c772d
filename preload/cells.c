#include "preload/cells.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/shared_memory.h"

#define LINE 64u /* what different threads write shares no cache line */

_Atomic uint32_t oa_cells_pid;

static uint32_t words_of(const struct oa_cells_metric *m)
{
    if (m->aggregation == OA_AGGREGATION_EXPONENTIAL)
        return OA_EXP_BUCKET + OA_EXP_BUCKETS;
    if (m->kind == OA_METRIC_GAUGE)
        return OA_GAUGE_WORDS;
    return m->aggregation == OA_AGGREGATION_EXPLICIT ? OA_CELL_HEAD + m->bounds + 1u : 1u;
}

/* Where everything lies: instruments of a group one behind the other. What is observed has no cells. */
static void lay_out(struct oa_cells *cells, const struct oa_cells_setup *setup)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        struct oa_cells_metric *m = &cells->metric[i];
        const struct oa_bounds *bounds = oa_metric_bounds((enum oa_metric)i);

        m->group = oa_metric_info[i].group;
        m->kind = oa_metric_info[i].kind;
        if (m->kind > OA_METRIC_GAUGE)
            continue;
        m->at = cells->group_words[m->group];
        if (m->kind == OA_METRIC_HISTOGRAM) {
            m->aggregation = (uint8_t)setup->histograms;
            m->bounds = m->aggregation == OA_AGGREGATION_EXPLICIT ? (uint8_t)bounds->count : 0;
            if (setup->exemplars) {
                m->reservoir = (uint8_t)(cells->group_exemplars[m->group] + 1);
                cells->group_exemplars[m->group] += m->bounds ? (uint16_t)(m->bounds + 1) : OA_EXEMPLARS_EXP;
            }
        }
        cells->group_words[m->group] = (uint16_t)(m->at + words_of(m));
    }
}

void oa_cells_forked(void)
{
    atomic_store_explicit(&oa_cells_pid, (uint32_t)syscall(SYS_getpid), memory_order_relaxed);
}

struct oa_cells *oa_cells_new(const struct oa_cells_setup *setup)
{
    struct oa_cells *cells = oa_shared_memory_map("libotel-auto-cells", OA_CELLS_BYTES);

    if (!cells)
        return NULL;
    oa_cells_forked();
    cells->version = OA_CELLS_VERSION;
    cells->header_bytes = OA_CELLS_HEADER_BYTES;
    cells->capacity = OA_CELLS_BYTES;
    cells->index_entries = OA_CELLS_INDEX;
    cells->series_max = OA_CELLS_SERIES_MAX;
    cells->series_limit = setup->series_limit;
    cells->pid = setup->family ? 0 : atomic_load_explicit(&oa_cells_pid, memory_order_relaxed);
    cells->index_at = OA_CELLS_HEADER_BYTES;
    cells->directory_at = cells->index_at + OA_CELLS_INDEX * 8;
    cells->arena_at = cells->directory_at + OA_CELLS_SERIES_MAX * 4;
    cells->start_unix_ns = oa_clock_unix_ns();
    lay_out(cells, setup);
    atomic_store_explicit(&cells->used, cells->arena_at, memory_order_relaxed);
    cells->magic = OA_CELLS_MAGIC;
    return cells;
}

uint32_t oa_cells_take(struct oa_cells *cells, uint32_t bytes)
{
    uint32_t need = (bytes + LINE - 1) & ~(LINE - 1);
    uint32_t at = atomic_load_explicit(&cells->used, memory_order_relaxed);

    do {
        if (at + need > cells->capacity)
            return 0;
    } while (!atomic_compare_exchange_weak_explicit(&cells->used, &at, at + need, memory_order_relaxed,
                                                    memory_order_relaxed));
    return at / 8;
}

void oa_cells_free(struct oa_cells *cells)
{
    (void)munmap(cells, OA_CELLS_BYTES);
}
