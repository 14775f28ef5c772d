/* Points: what one reader tells of the series, by its temporality. */
#include <string.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "sdk/metrics/collector_internal.h"
#include "sdk/metrics/tally.h"

struct making {
    struct oa_metric_reader *reader;
    const struct oa_cells_metric *m;
    enum oa_metric metric;
    enum oa_temporality temporality;
    uint64_t now_unix_ns;
};

static struct oa_arena *arena_of(const struct making *making)
{
    return &making->reader->collector->arena;
}

static bool is_told(const struct making *making, const struct oa_cell_exemplar *exemplar)
{
    return exemplar->time_unix_ns == 0 ||
           (making->reader->collector->harvest && exemplar->time_unix_ns <= making->reader->told_unix_ns);
}

/* Those that were not told yet; without room there are none. */
static void put_exemplars(const struct making *making, const struct oa_collector_series *known,
                          struct oa_point *point)
{
    uint32_t slots = making->m->reservoir ? oa_tally_slots(making->m) : 0;
    const struct oa_cell_exemplar *from = known->exemplars + (making->m->reservoir ? making->m->reservoir - 1u : 0);
    struct oa_cell_exemplar *list = NULL;

    for (uint32_t i = 0; i < slots; i++) {
        if (is_told(making, &from[i]))
            continue;
        if (!list && !(list = oa_arena_calloc(arena_of(making), slots, sizeof(*list))))
            return;
        list[point->exemplar_count++] = from[i];
    }
    point->exemplars = list;
}

static void put_range(const struct making *making, const struct oa_collector_series *known, struct oa_point *point)
{
    bool delta = making->temporality == OA_TEMPORALITY_DELTA;
    const uint64_t *words = (delta ? known->told[making->reader->number] : known->range) + making->m->at;

    point->min = ~words[OA_CELL_NOT_MIN];
    point->max = words[OA_CELL_MAX];
    point->has_range = words[OA_CELL_NOT_MIN] != 0 && point->min <= point->max;
}

static void put_exponential(struct oa_point *point, const uint64_t *words)
{
    uint32_t first = 0, end = (uint32_t)words[OA_EXP_SPAN];

    while (end > first && words[OA_EXP_BUCKET + end - 1] == 0)
        end--;
    while (first < end && words[OA_EXP_BUCKET + first] == 0)
        first++;
    point->scale = oa_tally_scale(words);
    point->zero_count = words[OA_EXP_ZERO];
    point->offset = (int32_t)(int64_t)words[OA_EXP_FIRST] + (int32_t)first;
    point->buckets = words + OA_EXP_BUCKET + first;
    point->bucket_count = end - first;
}

static void put_histogram(const struct making *making, const struct oa_collector_series *known,
                          struct oa_point *point, const uint64_t *words)
{
    point->count = oa_tally_count(making->m, words);
    put_range(making, known, point);
    put_exemplars(making, known, point);
    if (making->m->aggregation == OA_AGGREGATION_EXPONENTIAL) {
        put_exponential(point, words);
    } else {
        point->buckets = words + OA_CELL_BUCKET;
        point->bucket_count = making->m->bounds + 1u;
    }
}

/* Synchronous instruments, delta: only series with new measurements (C.6). */
static bool has_news(const struct making *making, const struct oa_point *point, const uint64_t *words)
{
    if (making->m->kind == OA_METRIC_GAUGE)
        return words[OA_GAUGE_TIME] != 0;
    if (making->m->kind == OA_METRIC_HISTOGRAM)
        return point->count != 0;
    return making->temporality == OA_TEMPORALITY_CUMULATIVE || point->value != 0;
}

static int put_point(const struct making *making, const struct oa_collector_series *known, struct oa_stream *stream)
{
    struct oa_metric_reader *reader = making->reader;
    bool delta = making->temporality == OA_TEMPORALITY_DELTA;
    uint32_t count = oa_tally_words(making->m);
    uint64_t *words = oa_arena_calloc(arena_of(making), count, sizeof(*words)), start = known->start_unix_ns;
    struct oa_point *point = &stream->points[stream->count];

    if (!words)
        return OA_ENOMEM;
    memcpy(words, known->words + making->m->at, count * sizeof(*words));
    if (delta) {
        oa_tally_subtract(making->m, words, known->told[reader->number] + making->m->at);
        start = reader->told_unix_ns ? reader->told_unix_ns : reader->collector->cells->start_unix_ns;
    }
    *point = (struct oa_point){ .attrs = known->attrs,
                                .attr_count = known->attr_count,
                                .start_unix_ns = start,
                                .time_unix_ns = making->now_unix_ns,
                                .value = (int64_t)words[OA_CELL_SUM] };
    if (making->m->kind == OA_METRIC_HISTOGRAM)
        put_histogram(making, known, point, words);
    stream->count += has_news(making, point, words);
    return 0;
}

static int put_stream(const struct making *making, struct oa_stream *stream)
{
    const struct oa_collector *collector = making->reader->collector;
    uint32_t count = 0;
    int err = 0;

    for (uint32_t i = 0; i < collector->series_capacity; i++)
        count +=
            collector->series[i] && collector->series[i]->seen && collector->series[i]->group == making->m->group;
    stream->temporality = (uint8_t)making->temporality;
    stream->exponential = making->m->aggregation == OA_AGGREGATION_EXPONENTIAL;
    stream->points = count ? oa_arena_calloc(arena_of(making), count, sizeof(*stream->points)) : NULL;
    if (count && !stream->points)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < collector->series_capacity && err == 0; i++)
        if (collector->series[i] && collector->series[i]->seen && collector->series[i]->group == making->m->group)
            err = put_point(making, collector->series[i], stream);
    return err;
}

static struct making making_of(struct oa_metric_reader *reader, enum oa_metric metric, uint64_t now_unix_ns)
{
    enum oa_metric_kind kind = (enum oa_metric_kind)oa_metric_info[metric].kind;

    return (struct making){ .reader = reader,
                            .metric = metric,
                            .temporality = oa_temporality_of(reader->preset, kind),
                            .now_unix_ns = now_unix_ns };
}

/* Numbers that were not found out this time are not told (C.6). */
static int put_observed(struct oa_metric_reader *reader, uint64_t now_unix_ns, struct oa_collection *ret)
{
    struct oa_collector *collector = reader->collector;
    uint32_t count = oa_observe(collector->observation);

    if (collector->more.add)
        count = collector->more.add(collector->more.context, collector->observation, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct oa_observation *seen = &collector->observation[i];
        struct making making = making_of(reader, seen->metric, now_unix_ns);
        bool delta = making.temporality == OA_TEMPORALITY_DELTA;
        struct oa_stream *stream = &ret->stream[seen->metric];

        if (!stream->points)
            stream->points = oa_arena_calloc(&collector->arena, count, sizeof(*stream->points));
        if (!stream->points)
            return OA_ENOMEM;
        stream->temporality = (uint8_t)making.temporality;
        reader->observed_pending[seen->row] = seen->value;
        stream->points[stream->count++] = (struct oa_point){
            .attrs = seen->attrs,
            .attr_count = seen->attr_count,
            .start_unix_ns = delta && reader->told_unix_ns ? reader->told_unix_ns : collector->start_unix_ns,
            .time_unix_ns = now_unix_ns,
            .value = delta ? seen->value - reader->observed[seen->row] : seen->value,
        };
    }
    return 0;
}

int oa_metric_reader_collect(struct oa_metric_reader *reader, struct oa_cells *cells, uint64_t now_unix_ns,
                             struct oa_collection *ret)
{
    struct oa_collector *collector = reader->collector;
    int err, more = 0;

    *ret = (struct oa_collection){ .time_unix_ns = now_unix_ns };
    oa_arena_reset(&collector->arena);
    err = oa_collector_read(collector, cells);
    for (int i = 0; i < OA_METRIC_COUNT && collector->cells && more == 0; i++) {
        struct making making = making_of(reader, (enum oa_metric)i, now_unix_ns);

        making.m = &collector->cells->metric[i];
        if (making.m->kind <= OA_METRIC_GAUGE)
            more = put_stream(&making, &ret->stream[i]);
    }
    if (more == 0)
        more = put_observed(reader, now_unix_ns, ret);
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        ret->point_count += ret->stream[i].count;
    reader->pending_unix_ns = now_unix_ns;
    return err ? err : more;
}

static void told_series(struct oa_metric_reader *reader, struct oa_collector_series *known)
{
    const struct oa_cells *cells = reader->collector->cells;
    uint64_t *told = known->told[reader->number];

    if (!told)
        return;
    memcpy(told, known->words, cells->group_words[known->group] * sizeof(*told));
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        const struct oa_cells_metric *m = &cells->metric[i];

        if (m->group == known->group && m->kind == OA_METRIC_HISTOGRAM)
            told[m->at + OA_CELL_NOT_MIN] = told[m->at + OA_CELL_MAX] = 0;
    }
}

void oa_metric_reader_told(struct oa_metric_reader *reader)
{
    struct oa_collector *collector = reader->collector;

    for (uint32_t i = 0; i < collector->series_capacity; i++)
        if (collector->series[i])
            told_series(reader, collector->series[i]);
    memcpy(reader->observed, reader->observed_pending, sizeof(reader->observed));
    reader->told_unix_ns = reader->pending_unix_ns;
}
