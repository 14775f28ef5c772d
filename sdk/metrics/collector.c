#include "sdk/metrics/collector.h"

#include <stdlib.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/base/log.h"
#include "sdk/metrics/collector_internal.h"
#include "sdk/metrics/series_reader.h"
#include "sdk/model/attrs_reader.h"

#define LASTING_FIRST (16u * 1024)
#define LASTING_MAX (256u * 1024 * 1024)
#define ARENA_FIRST (16u * 1024)
#define ARENA_MAX (256u * 1024 * 1024)
#define SERIES_FIRST 64u

void oa_collector_init(struct oa_collector *collector, bool harvest, uint32_t pid, uint64_t start_unix_ns)
{
    *collector = (struct oa_collector){ .harvest = harvest, .pid = pid, .start_unix_ns = start_unix_ns };
    oa_arena_init(&collector->lasting, LASTING_FIRST, LASTING_MAX);
    oa_arena_init(&collector->arena, ARENA_FIRST, ARENA_MAX);
}

void oa_collector_release(struct oa_collector *collector)
{
    oa_arena_release(&collector->lasting);
    oa_arena_release(&collector->arena);
    free(collector->series);
    collector->series = NULL;
    collector->series_capacity = 0;
}

int oa_collector_add(struct oa_collector *collector, struct oa_metric_reader *reader, uint8_t preset)
{
    if (collector->reader_count == OA_COLLECTOR_READERS)
        return OA_EFULL;
    *reader =
        (struct oa_metric_reader){ .collector = collector, .number = collector->reader_count, .preset = preset };
    collector->readers[collector->reader_count++] = reader;
    return 0;
}

static int grow(struct oa_collector *collector, uint32_t count)
{
    uint32_t want = collector->series_capacity ? collector->series_capacity : SERIES_FIRST;
    struct oa_collector_series **series;

    while (want < count)
        want *= 2;
    if (want == collector->series_capacity)
        return 0;
    series = realloc(collector->series, want * sizeof(*series));
    if (!series)
        return OA_ENOMEM;
    memset(series + collector->series_capacity, 0, (want - collector->series_capacity) * sizeof(*series));
    collector->series = series;
    collector->series_capacity = want;
    return 0;
}

/* Metric attributes are exempt from the limits of attributes (otel-environment, statement 131). */
static int read_attrs(struct oa_collector *collector, const struct oa_series *series,
                      struct oa_collector_series *known)
{
    static const struct oa_span_limits none = { .attr_count_max = UINT32_MAX, .value_chars_max = UINT32_MAX };
    struct oa_attrs_reader reader = {
        .cursor = { (const char *)(series + 1), series->attr_bytes },
        .arena = &collector->lasting,
        .limits = &none,
    };
    int err = oa_attrs_reader_run(&reader, series->attr_count);

    known->attrs = reader.attrs;
    known->attr_count = reader.count;
    return err;
}

static struct oa_collector_series *learn(struct oa_collector *collector, const struct oa_series *series)
{
    struct oa_cells *cells = collector->cells;
    uint32_t words = cells->group_words[series->group], slots = cells->group_exemplars[series->group];
    struct oa_collector_series *known = oa_arena_calloc(&collector->lasting, 1, sizeof(*known));

    if (!known)
        return NULL;
    known->group = series->group;
    known->start_unix_ns = series->start_unix_ns;
    known->words = oa_arena_calloc(&collector->lasting, words, sizeof(*known->words));
    known->range = oa_arena_calloc(&collector->lasting, words, sizeof(*known->range));
    known->exemplars = slots ? oa_arena_calloc(&collector->lasting, slots, sizeof(*known->exemplars)) : NULL;
    for (uint32_t r = 0; r < collector->reader_count; r++) {
        if (collector->readers[r]->preset == OA_ENV_TEMPORALITY_CUMULATIVE)
            continue;
        known->told[r] = oa_arena_calloc(&collector->lasting, words, sizeof(*known->words));
        if (!known->told[r])
            return NULL;
    }
    if (!known->words || !known->range || (slots && !known->exemplars) || read_attrs(collector, series, known) < 0)
        return NULL;
    return known;
}

/* Minimum and maximum of what was harvested just now, for everybody who will tell them. */
static void spread_range(struct oa_collector *collector, struct oa_collector_series *known)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_cells_metric *m = &collector->cells->metric[i];

        if (m->group != known->group || m->kind != OA_METRIC_HISTOGRAM)
            continue;
        for (uint32_t w = m->at + OA_CELL_NOT_MIN; w <= (uint32_t)m->at + OA_CELL_MAX; w++) {
            uint64_t fresh = known->words[w];

            known->range[w] = fresh > known->range[w] ? fresh : known->range[w];
            for (uint32_t r = 0; r < collector->reader_count; r++)
                if (known->told[r] && fresh > known->told[r][w])
                    known->told[r][w] = fresh;
        }
    }
}

static void read_series(struct oa_collector *collector, const struct oa_series *series,
                        struct oa_collector_series *known)
{
    struct oa_series_reading reading = {
        .words = known->words,
        .scratch = collector->scratch,
        .exemplars = known->exemplars,
        .pid = collector->pid,
        .harvest = collector->harvest,
    };

    memset(known->words, 0, collector->cells->group_words[known->group] * sizeof(*known->words));
    known->seen = oa_series_read(collector->cells, series, &reading);
    spread_range(collector, known);
}

static bool attach(struct oa_collector *collector, struct oa_cells *cells)
{
    uint32_t most = 0;

    if (!cells || collector->broken)
        return false;
    if (collector->cells == cells)
        return true;
    collector->broken = !oa_cells_ok(cells);
    if (collector->broken) {
        oa_log(OA_LOG_ERROR, "the metrics are corrupted; continuing without them");
        return false;
    }
    for (int g = 0; g < OA_GROUP_COUNT; g++)
        most = cells->group_words[g] > most ? cells->group_words[g] : most;
    collector->scratch = oa_arena_calloc(&collector->lasting, most, sizeof(*collector->scratch));
    if (collector->scratch)
        collector->cells = cells;
    return collector->scratch != NULL;
}

int oa_collector_read(struct oa_collector *collector, struct oa_cells *cells)
{
    uint32_t count;
    int err = 0;

    if (!attach(collector, cells))
        return 0;
    count = atomic_load_explicit(&cells->series_count, memory_order_acquire);
    count = count < cells->series_max ? count : cells->series_max;
    if (grow(collector, count) < 0)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const struct oa_series *series = oa_cells_number(cells, i);

        if (!series)
            continue;
        if (!collector->series[i])
            collector->series[i] = learn(collector, series);
        if (collector->series[i])
            read_series(collector, series, collector->series[i]);
        else
            err = OA_ENOMEM;
    }
    return err;
}
