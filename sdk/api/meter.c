#include "sdk/api/meter.h"

#include <string.h>

#include "env/env.h"
#include "preload/base/clock.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/exp_histogram.h"
#include "sdk/api/ids.h"

bool oa_meter_on;

static struct oa_cells_setup setup;
static bool wants_own; /* somebody is sent what this process counts; the scraped see the family's */
static uint8_t exemplar_filter;
static _Atomic(struct oa_cells *) own;
static struct oa_cells *family;
static _Atomic uint32_t next_stripe;

OA_START void oa_meter_init(void)
{
    const struct oa_env *env = oa_env();
    bool scraped = false;

    if (env->sdk_disabled)
        return;
    for (int i = 0; i < env->metrics_exporter.count; i++) {
        bool pulls = env->metrics_exporter.ids[i] == OA_ENV_EXPORTER_prometheus;

        scraped |= pulls;
        wants_own |= !pulls;
    }
    exemplar_filter = (uint8_t)env->metrics_exemplar_filter;
    setup = (struct oa_cells_setup){
        .histograms = env->otlp_metrics_histogram == OA_ENV_HISTOGRAM_EXPONENTIAL ? OA_AGGREGATION_EXPONENTIAL
                                                                                  : OA_AGGREGATION_EXPLICIT,
        .exemplars = exemplar_filter != OA_ENV_EXEMPLAR_FILTER_ALWAYS_OFF,
        .series_limit = env->auto_cardinality_limit,
    };
    if (scraped) {
        setup.family = true;
        family = oa_cells_new(&setup);
        setup.family = false;
    }
    oa_meter_on = wants_own || family;
}

void oa_meter_forked(void)
{
    atomic_store(&own, NULL);
    if (family)
        oa_cells_forked();
}

OA_START struct oa_cells *oa_meter_own(void)
{
    return atomic_load_explicit(&own, memory_order_acquire);
}

void oa_meter_expect(void)
{
    if (family)
        oa_thread.flags |= OA_THREAD_RECORDED; /* the helper must come round */
}

OA_START bool oa_meter_pending(void)
{
    return oa_meter_own() != NULL;
}

struct oa_cells *oa_meter_family(void)
{
    return family;
}

static OA_COLD struct oa_cells *open_own(void)
{
    struct oa_cells *fresh = oa_cells_new(&setup), *expected = NULL;

    if (!fresh || oa_ring_open(oa_env()->bsp_max_queue_size) < 0) {
        oa_meter_on = false; /* no memory: stay out of the way */
        return NULL;
    }
    if (atomic_compare_exchange_strong(&own, &expected, fresh))
        return fresh;
    oa_cells_free(fresh);
    return expected;
}

static inline uint32_t stripe(void)
{
    if (oa_unlikely(oa_thread.flags >> OA_THREAD_STRIPE == 0)) {
        uint32_t mine = atomic_fetch_add_explicit(&next_stripe, 1, memory_order_relaxed) % OA_CELLS_STRIPES;

        oa_thread.flags |= (mine + 1) << OA_THREAD_STRIPE;
    }
    return (oa_thread.flags >> OA_THREAD_STRIPE) - 1;
}

/* The block's lock makes plain additions safe; atomic accesses make them visible whole. */
static inline void add(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, atomic_load_explicit(word, memory_order_relaxed) + value, memory_order_relaxed);
}

static inline void raise_to(_Atomic uint64_t *word, uint64_t value)
{
    if (oa_unlikely(value > atomic_load_explicit(word, memory_order_relaxed)))
        atomic_store_explicit(word, value, memory_order_relaxed);
}

/* Bucket i covers (at[i-1], at[i]]. */
static inline uint32_t bucket_of(const struct oa_bounds *bounds, uint64_t value)
{
    uint32_t i = 0;

    while (i < bounds->count && value > bounds->at[i])
        i++;
    return i;
}

struct recording {
    struct oa_cells *cells;
    struct oa_series *series;
    struct oa_cell_block *block;
    const struct oa_moment *moment;
    uint64_t random; /* decides about exemplars, of all instruments of the group alike */
    bool sampled;    /* an exemplar is wanted */
};

/* Metrics SDK, exemplar reservoirs: one slot a bucket; which of the measurements stays in it is decided uniformly. */
static void offer(const struct recording *r, const struct oa_cells_metric *m, uint32_t slot, uint64_t value)
{
    struct oa_cell_exemplar *slots = oa_cells_exemplars(r->cells, r->series, r->block), *e;

    if (!slots || m->reservoir == 0)
        return;
    e = &slots[m->reservoir - 1u + slot];
    if (e->seen++ != 0 && (r->random & UINT32_MAX) * e->seen >> 32 != 0)
        return;
    e->value = value;
    e->time_unix_ns = r->moment->unix_ns;
    memset(e->trace_id, 0, sizeof(e->trace_id));
    memset(e->span_id, 0, sizeof(e->span_id));
    if (r->moment->span && r->moment->span->valid) {
        memcpy(e->trace_id, r->moment->span->trace_id, sizeof(e->trace_id));
        memcpy(e->span_id, r->moment->span->span_id, sizeof(e->span_id));
    }
}

static void record_one(const struct recording *r, enum oa_metric metric, uint64_t value)
{
    const struct oa_cells_metric *m = &r->cells->metric[metric];
    _Atomic uint64_t *cell = &r->block->word[m->at];
    uint32_t slot;

    if (m->kind == OA_METRIC_GAUGE) {
        atomic_store_explicit(&cell[OA_GAUGE_VALUE], value, memory_order_relaxed);
        atomic_store_explicit(&cell[OA_GAUGE_TIME], oa_clock_unix_ns(), memory_order_relaxed);
        return;
    }
    add(cell, value); /* of a counter: all there is; of a histogram: the sum */
    if (m->kind != OA_METRIC_HISTOGRAM)
        return;
    raise_to(&cell[OA_CELL_NOT_MIN], ~value);
    raise_to(&cell[OA_CELL_MAX], value);
    if (m->aggregation == OA_AGGREGATION_EXPLICIT) {
        slot = bucket_of(oa_metric_bounds(metric), value);
        add(&cell[OA_CELL_BUCKET + slot], 1);
    } else {
        oa_exp_histogram_add(cell, value, oa_metric_per_unit(metric));
        slot = (uint32_t)((r->random >> 32) * OA_EXEMPLARS_EXP >> 32);
    }
    if (r->sampled)
        offer(r, m, slot, value);
}

static void record_in(struct oa_cells *cells, const struct oa_set *set, const struct oa_measurement *list,
                      uint32_t count, const struct oa_moment *moment)
{
    struct recording r = { .cells = cells, .moment = moment };

    r.series = oa_cells_series_again(cells, oa_metric_group_of(list[0].metric), set, stripe());
    r.block = r.series ? oa_cells_lock(cells, r.series, stripe()) : NULL;
    if (!r.block)
        return;
    r.sampled = moment && (exemplar_filter == OA_ENV_EXEMPLAR_FILTER_ALWAYS_ON ||
                           (exemplar_filter == OA_ENV_EXEMPLAR_FILTER_TRACE_BASED && moment->span &&
                            (moment->span->flags & OA_FLAG_SAMPLED)));
    r.random = r.sampled ? oa_ids_random() : 0;
    for (uint32_t i = 0; i < count; i++)
        record_one(&r, list[i].metric, list[i].value);
    oa_cells_unlock(r.block);
}

void oa_meter_record(const struct oa_set *set, const struct oa_measurement *list, uint32_t count,
                     const struct oa_moment *moment)
{
    struct oa_cells *cells = oa_meter_own();

    if (!oa_meter_on)
        return;
    if (oa_unlikely(!cells && wants_own))
        cells = open_own();
    if (cells)
        record_in(cells, set, list, count, moment);
    if (oa_unlikely(family != NULL))
        record_in(family, set, list, count, moment);
    oa_thread.flags |= OA_THREAD_RECORDED; /* somebody must come round and collect */
}

static uint32_t add_in(struct oa_cells *cells, enum oa_metric metric, struct oa_series *series, int64_t difference)
{
    struct oa_cell_block *block = series ? oa_cells_block(cells, series, stripe()) : NULL;

    if (!block)
        return 0;
    atomic_fetch_add_explicit(&block->word[cells->metric[metric].at], (uint64_t)difference, memory_order_relaxed);
    return (uint32_t)(((char *)series - (char *)cells) / 8);
}

void oa_meter_down(enum oa_metric metric, const struct oa_meter_place *place)
{
    struct oa_cells *cells = oa_meter_own();

    if (place->own && cells)
        (void)add_in(cells, metric, oa_cells_at(cells, place->own), -1);
    if (oa_unlikely(place->family != 0))
        (void)add_in(family, metric, oa_cells_at(family, place->family), -1);
    oa_thread.flags |= OA_THREAD_RECORDED;
}

static void add_everywhere(enum oa_metric metric, const struct oa_set *set, int64_t difference,
                           struct oa_meter_place *place)
{
    struct oa_cells *cells = oa_meter_own();
    enum oa_metric_group group = oa_metric_group_of(metric);

    if (!oa_meter_on)
        return;
    if (oa_unlikely(!cells && wants_own))
        cells = open_own();
    if (cells)
        place->own = add_in(cells, metric, oa_cells_series_again(cells, group, set, stripe()), difference);
    if (oa_unlikely(family != NULL))
        place->family = add_in(family, metric, oa_cells_series_again(family, group, set, stripe()), difference);
    oa_thread.flags |= OA_THREAD_RECORDED;
}

void oa_meter_add(enum oa_metric metric, const struct oa_set *set, int64_t difference)
{
    struct oa_meter_place place;

    add_everywhere(metric, set, difference, &place);
}

void oa_meter_up(enum oa_metric metric, const struct oa_set *set, struct oa_meter_place *ret_place)
{
    *ret_place = (struct oa_meter_place){ 0 };
    add_everywhere(metric, set, 1, ret_place);
}
