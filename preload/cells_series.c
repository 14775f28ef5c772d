/* Attribute sets and the series that stand for them: the index, its growth, and the limit. */
#include <string.h>

#include "preload/base/clock.h"
#include "preload/cells.h"

/* Words are multiplied by factors of their own and summed up: no step waits for the one before. */
struct hashing {
    uint64_t sum, factor;
};

static inline void mix(struct hashing *h, uint64_t word)
{
    h->factor += 0x9e3779b97f4a7c16ull; /* even: the factor stays odd */
    h->sum += (word ^ word >> 32 ^ h->factor >> 7) * h->factor;
}

static inline uint64_t head_word(const struct oa_record_attr *head)
{
    uint64_t word;

    _Static_assert(sizeof(*head) == sizeof(word), "a head is one word");
    memcpy(&word, head, sizeof(word));
    return word;
}

/* Text beyond its first word: whole words, then the last 8 bytes. */
static inline bool is_long(const struct oa_set_item *item)
{
    return oa_unlikely(item->head.len > 8 && item->head.type == OA_ATTR_STR);
}

static inline void mix_rest(struct hashing *h, const char *text, uint32_t len)
{
    for (uint32_t at = 8; at + 8 < len; at += 8)
        mix(h, oa_set_load8(text + at));
    mix(h, oa_set_load8(text + len - 8));
}

static uint32_t set_hash(enum oa_metric_group group, const struct oa_set *set)
{
    struct hashing h = { .sum = group, .factor = 0xd6e8feb86659fd93ull };

    for (uint32_t i = 0; i < set->count; i++) {
        const struct oa_set_item *item = &set->item[i];

        mix(&h, head_word(&item->head));
        mix(&h, item->first);
        if (is_long(item))
            mix_rest(&h, item->text, item->head.len);
    }
    h.sum = (h.sum ^ h.sum >> 32) * 0xd6e8feb86659fd93ull;
    return (uint32_t)(h.sum >> 32) | 1u; /* an entry of the index is never 0 */
}

#define PAD8(n) (((uint32_t)(n) + 7u) & ~7u)

/* Equal beyond the first word. */
static inline bool same_rest(const char *a, const char *b, uint32_t len)
{
    for (uint32_t at = 8; at + 8 < len; at += 8)
        if (oa_set_load8(a + at) != oa_set_load8(b + at))
            return false;
    return oa_set_load8(a + len - 8) == oa_set_load8(b + len - 8);
}

/* A series keeps its values padded with zeros: a short one is one word, as in the set. */
static bool set_is(const struct oa_series *series, enum oa_metric_group group, const struct oa_set *set)
{
    const char *at = (const char *)(series + 1);

    if (series->group != group || series->attr_count != set->count)
        return false;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct oa_set_item *item = &set->item[i];
        const char *value = at + sizeof(item->head);

        if (head_word(&item->head) != oa_set_load8(at) || item->first != oa_set_load8(value))
            return false;
        if (is_long(item) && !same_rest(value, item->text, item->head.len))
            return false;
        at = value + PAD8(item->head.len);
    }
    return true;
}

static uint32_t set_bytes(const struct oa_set *set)
{
    uint32_t bytes = 0;

    for (uint32_t i = 0; i < set->count; i++)
        bytes += (uint32_t)sizeof(struct oa_record_attr) + PAD8(set->item[i].head.len);
    return bytes;
}

/* Written into zeroed memory that nobody else sees yet. */
static void set_write(struct oa_series *series, const struct oa_set *set)
{
    char *at = (char *)(series + 1);

    for (uint32_t i = 0; i < set->count; i++) {
        const struct oa_set_item *item = &set->item[i];

        memcpy(at, &item->head, sizeof(item->head));
        at += sizeof(item->head);
        memcpy(at, item->head.type == OA_ATTR_STR ? item->text : (const char *)&item->first, item->head.len);
        at += PAD8(item->head.len);
    }
}

static _Atomic uint32_t *directory(struct oa_cells *cells)
{
    return (_Atomic uint32_t *)((char *)cells + cells->directory_at);
}

/* A series that the directory knows and the index does not yet: a reader passes over one without blocks, so that
 * a process that dies in between leaves nothing wrong behind. Offset / 8, or 0. */
static uint32_t series_new(struct oa_cells *cells, enum oa_metric_group group, const struct oa_set *set,
                           uint32_t hash)
{
    uint32_t bytes = set_bytes(set), number, at;
    struct oa_series *series;

    at = bytes <= UINT16_MAX ? oa_cells_take(cells, (uint32_t)sizeof(*series) + bytes) : 0;
    number = at ? atomic_fetch_add_explicit(&cells->series_count, 1, memory_order_relaxed) : 0;
    if (!at || number >= cells->series_max)
        return 0;
    series = oa_cells_at(cells, at);
    series->hash = hash;
    series->group = (uint16_t)group;
    series->attr_bytes = (uint16_t)bytes;
    series->attr_count = (uint16_t)set->count;
    series->number = number;
    series->start_unix_ns = oa_clock_unix_ns();
    set_write(series, set);
    atomic_store_explicit(&directory(cells)[number], at, memory_order_release);
    return at;
}

static void series_forget(struct oa_cells *cells, uint32_t at)
{
    struct oa_series *series = oa_cells_at(cells, at);

    atomic_store_explicit(&directory(cells)[series->number], 0, memory_order_release);
}

/* Metrics SDK, cardinality limits: one series takes what has no series of its own. */
static OA_COLD struct oa_series *series_overflow(struct oa_cells *cells, enum oa_metric_group group)
{
    struct oa_set set = { .count = 0 };
    uint32_t at = atomic_load_explicit(&cells->overflow[group], memory_order_acquire), mine;

    oa_set_number(&set, OA_KEY_METRIC_OVERFLOW, OA_ATTR_BOOL, 1);
    if (!at) {
        mine = series_new(cells, group, &set, 0);
        if (mine)
            ((struct oa_series *)oa_cells_at(cells, mine))->overflow = 1;
        if (mine && !atomic_compare_exchange_strong(&cells->overflow[group], &at, mine))
            series_forget(cells, mine);
        else
            at = mine;
    }
    if (!at)
        atomic_fetch_add_explicit(&cells->lost, 1, memory_order_relaxed);
    return at ? oa_cells_at(cells, at) : NULL;
}

static OA_COLD struct oa_series *series_add(struct oa_cells *cells, enum oa_metric_group group,
                                            const struct oa_set *set, uint32_t hash, _Atomic uint64_t *entry)
{
    uint64_t expected = 0;
    uint32_t at;

    if (atomic_fetch_add_explicit(&cells->group_series[group], 1, memory_order_relaxed) >= cells->series_limit) {
        atomic_fetch_sub_explicit(&cells->group_series[group], 1, memory_order_relaxed);
        return series_overflow(cells, group);
    }
    at = series_new(cells, group, set, hash);
    if (at && atomic_compare_exchange_strong(entry, &expected, (uint64_t)hash << 32 | at))
        return oa_cells_at(cells, at);
    atomic_fetch_sub_explicit(&cells->group_series[group], 1, memory_order_relaxed);
    if (!at)
        return series_overflow(cells, group);
    series_forget(cells, at);
    return oa_cells_series(cells, group, set); /* somebody has just filled the place */
}

struct oa_series *oa_cells_series(struct oa_cells *cells, enum oa_metric_group group, const struct oa_set *set)
{
    _Atomic uint64_t *index = (_Atomic uint64_t *)((char *)cells + cells->index_at);
    uint32_t hash = set_hash(group, set), mask = cells->index_entries - 1;

    for (uint32_t i = hash & mask, tries = 0; tries <= mask; i = (i + 1) & mask, tries++) {
        uint64_t entry = atomic_load_explicit(&index[i], memory_order_acquire);
        struct oa_series *series;

        if (entry == 0)
            return series_add(cells, group, set, hash, &index[i]);
        if ((uint32_t)(entry >> 32) != hash)
            continue;
        series = oa_cells_at(cells, (uint32_t)entry);
        if (set_is(series, group, set))
            return series;
    }
    return series_overflow(cells, group);
}

struct oa_series *oa_cells_series_again(struct oa_cells *cells, enum oa_metric_group group, const struct oa_set *set,
                                        uint32_t stripe)
{
    _Atomic uint32_t *last = &cells->last[stripe][group];
    uint32_t at = atomic_load_explicit(last, memory_order_acquire);
    struct oa_series *series = at ? oa_cells_at(cells, at) : NULL;

    if (series && set_is(series, group, set))
        return series;
    series = oa_cells_series(cells, group, set);
    if (series && !series->overflow)
        atomic_store_explicit(last, (uint32_t)(((char *)series - (char *)cells) / 8), memory_order_release);
    return series;
}
