#include "sdk/metrics/tally.h"

#define INDEX_MAX (1 << 30) /* no double has one beyond, at any scale in use */

uint32_t oa_tally_words(const struct oa_cells_metric *m)
{
    if (m->kind == OA_METRIC_GAUGE)
        return OA_GAUGE_WORDS;
    if (m->kind != OA_METRIC_HISTOGRAM)
        return 1;
    return m->aggregation == OA_AGGREGATION_EXPONENTIAL ? OA_EXP_BUCKET + OA_EXP_BUCKETS
                                                        : OA_CELL_HEAD + m->bounds + 1u;
}

uint32_t oa_tally_slots(const struct oa_cells_metric *m)
{
    return m->aggregation == OA_AGGREGATION_EXPONENTIAL ? OA_EXEMPLARS_EXP : m->bounds + 1u;
}

static bool is_exponential(const struct oa_cells_metric *m)
{
    return m->kind == OA_METRIC_HISTOGRAM && m->aggregation == OA_AGGREGATION_EXPONENTIAL;
}

static int32_t first_of(const uint64_t *words)
{
    return (int32_t)(int64_t)words[OA_EXP_FIRST];
}

static int32_t last_of(const uint64_t *words)
{
    return first_of(words) + (int32_t)words[OA_EXP_SPAN] - 1;
}

static void set_range(uint64_t *words, int32_t first, int32_t last)
{
    words[OA_EXP_FIRST] = (uint64_t)(int64_t)first;
    words[OA_EXP_SPAN] = (uint64_t)(last - first + 1);
}

void oa_tally_check(const struct oa_cells_metric *m, uint64_t *words)
{
    int64_t first;

    if (!is_exponential(m))
        return;
    first = (int64_t)words[OA_EXP_FIRST];
    if (words[OA_EXP_SPAN] <= OA_EXP_BUCKETS && words[OA_EXP_DOWN] <= OA_EXP_SCALE_MAX - OA_EXP_SCALE_MIN &&
        first >= -INDEX_MAX && first <= INDEX_MAX)
        return;
    words[OA_EXP_FIRST] = words[OA_EXP_SPAN] = words[OA_EXP_DOWN] = 0;
}

/* 2^by neighbours become one. Going up, no bucket is written before it has been read. */
static void lower(uint64_t *words, int by)
{
    int32_t first = first_of(words), last = last_of(words);
    uint64_t *bucket = &words[OA_EXP_BUCKET];

    if (by == 0)
        return;
    words[OA_EXP_DOWN] += (uint64_t)by;
    for (int32_t i = first; i <= last; i++) {
        uint64_t count = bucket[i - first];

        bucket[i - first] = 0;
        bucket[(i >> by) - (first >> by)] += count;
    }
    if (last >= first)
        set_range(words, first >> by, last >> by);
}

/* Room for indices from low to high, which fit. What lies behind the span is zero. */
static void widen(uint64_t *words, int32_t low, int32_t high)
{
    uint32_t span = (uint32_t)words[OA_EXP_SPAN], by = (uint32_t)(first_of(words) - low);
    uint64_t *bucket = &words[OA_EXP_BUCKET];

    for (uint32_t i = span; i-- > 0 && by > 0;) {
        bucket[i + by] = bucket[i];
        bucket[i] = 0;
    }
    set_range(words, low, high);
}

static int excess(int32_t low, int32_t high)
{
    int by = 0;

    while ((high >> by) - (low >> by) >= (int32_t)OA_EXP_BUCKETS)
        by++;
    return by;
}

static void merge_buckets(uint64_t *into, const uint64_t *from)
{
    int32_t low, high, first = first_of(from), last = last_of(from);
    int by, more;

    if (last < first)
        return;
    if (into[OA_EXP_SPAN] == 0) {
        for (uint32_t i = OA_EXP_DOWN; i < OA_EXP_BUCKET + OA_EXP_BUCKETS; i++)
            into[i] = from[i];
        return;
    }
    if (into[OA_EXP_DOWN] < from[OA_EXP_DOWN])
        lower(into, (int)(from[OA_EXP_DOWN] - into[OA_EXP_DOWN]));
    by = (int)(into[OA_EXP_DOWN] - from[OA_EXP_DOWN]);
    low = first >> by < first_of(into) ? first >> by : first_of(into);
    high = last >> by > last_of(into) ? last >> by : last_of(into);
    more = excess(low, high);
    lower(into, more);
    by += more;
    widen(into, low >> more, high >> more);
    for (int32_t i = first; i <= last; i++)
        into[OA_EXP_BUCKET + (i >> by) - first_of(into)] += from[OA_EXP_BUCKET + i - first];
}

/* Last value wins (metrics SDK, last value aggregation). */
static void take_newer(uint64_t *into, const uint64_t *from)
{
    if (from[OA_GAUGE_TIME] <= into[OA_GAUGE_TIME])
        return;
    into[OA_GAUGE_VALUE] = from[OA_GAUGE_VALUE];
    into[OA_GAUGE_TIME] = from[OA_GAUGE_TIME];
}

void oa_tally_merge(const struct oa_cells_metric *m, uint64_t *into, const uint64_t *from)
{
    if (m->kind == OA_METRIC_GAUGE) {
        take_newer(into, from);
        return;
    }
    into[OA_CELL_SUM] += from[OA_CELL_SUM];
    if (m->kind != OA_METRIC_HISTOGRAM)
        return;
    for (int i = OA_CELL_NOT_MIN; i <= OA_CELL_MAX; i++)
        into[i] = into[i] > from[i] ? into[i] : from[i];
    if (is_exponential(m)) {
        into[OA_EXP_ZERO] += from[OA_EXP_ZERO];
        merge_buckets(into, from);
        return;
    }
    for (uint32_t i = 0; i <= m->bounds; i++)
        into[OA_CELL_BUCKET + i] += from[OA_CELL_BUCKET + i];
}

static void take(uint64_t *from, uint64_t n)
{
    *from = *from > n ? *from - n : 0;
}

static void subtract_buckets(uint64_t *now, const uint64_t *before)
{
    int by = (int)now[OA_EXP_DOWN] - (int)before[OA_EXP_DOWN];
    int32_t first = first_of(before), last = last_of(before);

    for (int32_t i = first; i <= last && by >= 0; i++) {
        int32_t at = (i >> by) - first_of(now);

        if (at >= 0 && at < (int32_t)now[OA_EXP_SPAN])
            take(&now[OA_EXP_BUCKET + at], before[OA_EXP_BUCKET + i - first]);
    }
}

void oa_tally_subtract(const struct oa_cells_metric *m, uint64_t *now, const uint64_t *before)
{
    now[OA_CELL_SUM] -= before[OA_CELL_SUM];
    if (m->kind != OA_METRIC_HISTOGRAM)
        return;
    if (is_exponential(m)) {
        take(&now[OA_EXP_ZERO], before[OA_EXP_ZERO]);
        subtract_buckets(now, before);
        return;
    }
    for (uint32_t i = 0; i <= m->bounds; i++)
        take(&now[OA_CELL_BUCKET + i], before[OA_CELL_BUCKET + i]);
}

uint64_t oa_tally_count(const struct oa_cells_metric *m, const uint64_t *words)
{
    uint32_t from = is_exponential(m) ? OA_EXP_BUCKET : OA_CELL_BUCKET;
    uint32_t count = is_exponential(m) ? (uint32_t)words[OA_EXP_SPAN] : m->bounds + 1u;
    uint64_t total = is_exponential(m) ? words[OA_EXP_ZERO] : 0;

    for (uint32_t i = 0; i < count; i++)
        total += words[from + i];
    return total;
}
