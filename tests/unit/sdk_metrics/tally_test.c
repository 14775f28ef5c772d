/* Sums of parts are what one part would have been; what was is taken away again.
 * SOURCES: sdk/metrics/tally.c sdk/api/exp_histogram.c preload/metric.c */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/api/exp_histogram.h"
#include "sdk/metrics/tally.h"

#define WORDS (OA_EXP_BUCKET + OA_EXP_BUCKETS)

static const struct oa_cells_metric exponential = { .kind = OA_METRIC_HISTOGRAM,
                                                    .aggregation = OA_AGGREGATION_EXPONENTIAL };
static const struct oa_cells_metric fixed = { .kind = OA_METRIC_HISTOGRAM,
                                              .aggregation = OA_AGGREGATION_EXPLICIT,
                                              .bounds = 3 };
static const struct oa_cells_metric gauge = { .kind = OA_METRIC_GAUGE };
static const struct oa_cells_metric counter = { .kind = OA_METRIC_COUNTER };

static void add(uint64_t *words, uint64_t value)
{
    words[OA_CELL_SUM] += value;
    oa_exp_histogram_add((_Atomic uint64_t *)words, value, 1000);
}

Test(tally, words)
{
    cr_assert_eq(oa_tally_words(&counter), 1);
    cr_assert_eq(oa_tally_words(&gauge), OA_GAUGE_WORDS);
    cr_assert_eq(oa_tally_words(&fixed), OA_CELL_HEAD + 4);
    cr_assert_eq(oa_tally_words(&exponential), WORDS);
}

Test(tally, h6_122_gauge__the_newest_value_of_all_parts)
{
    uint64_t all[OA_GAUGE_WORDS] = { 0 }, never[] = { 9, 0 }, old[] = { 7, 100 }, newest[] = { 2, 300 },
             between[] = { 5, 200 };

    oa_tally_merge(&gauge, all, never);
    cr_assert_eq(all[OA_GAUGE_TIME], 0, "nobody has set it");
    oa_tally_merge(&gauge, all, old);
    cr_assert_eq(all[OA_GAUGE_VALUE], 7);
    oa_tally_merge(&gauge, all, newest);
    oa_tally_merge(&gauge, all, between);
    cr_assert_eq(all[OA_GAUGE_VALUE], 2);
    cr_assert_eq(all[OA_GAUGE_TIME], 300);
}

Test(tally, explicit__merge_and_subtract)
{
    uint64_t a[] = { 10, 5, 7, 1, 2, 3, 4 }, b[] = { 1, 9, 2, 1, 0, 1, 0 };

    oa_tally_merge(&fixed, a, b);
    cr_assert_eq(a[0], 11);
    cr_assert_eq(a[1], 9, "complements: the larger one");
    cr_assert_eq(a[2], 7);
    cr_assert_eq(oa_tally_count(&fixed, a), 12);
    oa_tally_subtract(&fixed, a, b);
    cr_assert_eq(a[0], 10);
    cr_assert_eq(oa_tally_count(&fixed, a), 10);
}

/* The shape of a merged histogram is that of one histogram with all values: same scale or one coarser, no count
 * lost, each in the bucket of its index. */
Test(tally, exponential__merge_is_as_good_as_one)
{
    static uint64_t part[5][WORDS], all[WORDS], merged[WORDS], values[2000];

    srand(11);
    for (int round = 0; round < 200; round++) {
        int count = rand() % 2000, width = 1 + rand() % 40;

        memset(part, 0, sizeof(part));
        memset(all, 0, sizeof(all));
        memset(merged, 0, sizeof(merged));
        for (int i = 0; i < count; i++) {
            values[i] = rand() % 20 ? 1 + ((uint64_t)rand() << (rand() % width)) % (1ull << 60) : 0;
            add(part[rand() % 5], values[i]);
            add(all, values[i]);
        }
        for (int p = 0; p < 5; p++)
            oa_tally_merge(&exponential, merged, part[p]);
        cr_assert_eq(merged[OA_CELL_SUM], all[OA_CELL_SUM]);
        cr_assert_eq(oa_tally_count(&exponential, merged), (uint64_t)count);
        cr_assert_eq(merged[OA_EXP_DOWN], all[OA_EXP_DOWN], "round %d", round);
        cr_assert_eq(memcmp(merged, all, sizeof(all)), 0, "round %d", round);
    }
}

/* Growing, as cells do: the difference to an earlier look is what came since. */
Test(tally, exponential__subtract_what_was_seen)
{
    static uint64_t now[WORDS], before[WORDS], since[WORDS], diff[WORDS];

    srand(13);
    for (int round = 0; round < 200; round++) {
        int count = rand() % 1000, at = count ? rand() % count : 0, fresh = 0;

        memset(now, 0, sizeof(now));
        memset(before, 0, sizeof(before));
        memset(since, 0, sizeof(since));
        for (int i = 0; i < count; i++) {
            uint64_t value = 1 + ((uint64_t)rand() << (i % 30));

            if (i == at)
                memcpy(before, now, sizeof(now));
            add(now, value);
            if (i >= at)
                add(since, value), fresh++;
        }
        memcpy(diff, now, sizeof(now));
        oa_tally_subtract(&exponential, diff, before);
        cr_assert_eq(diff[OA_CELL_SUM], since[OA_CELL_SUM]);
        cr_assert_eq(oa_tally_count(&exponential, diff), (uint64_t)fresh);
        int by = (int)(diff[OA_EXP_DOWN] - since[OA_EXP_DOWN]);

        for (uint32_t i = 0; i < since[OA_EXP_SPAN]; i++) {
            int32_t index = ((int32_t)(int64_t)since[OA_EXP_FIRST] + (int32_t)i) >> by;

            diff[OA_EXP_BUCKET + (uint32_t)(index - (int32_t)(int64_t)diff[OA_EXP_FIRST])] -=
                since[OA_EXP_BUCKET + i];
        }
        diff[OA_EXP_ZERO] -= since[OA_EXP_ZERO];
        cr_assert_eq(oa_tally_count(&exponential, diff), 0, "each in its bucket");
    }
}

Test(tally, check__what_cannot_be_is_emptied)
{
    static const struct {
        int word;
        uint64_t value;
    } rows[] = {
        { OA_EXP_SPAN, 161 }, { OA_EXP_DOWN, 31 }, { OA_EXP_FIRST, 1ull << 40 }, { OA_EXP_SPAN, UINT64_MAX }
    };
    static uint64_t words[WORDS], into[WORDS];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(words, 0, sizeof(words));
        memset(into, 0, sizeof(into));
        add(into, 5);
        words[rows[i].word] = rows[i].value;
        oa_tally_check(&exponential, words);
        oa_tally_merge(&exponential, into, words);
        cr_assert_eq(oa_tally_count(&exponential, into), 1);
    }
}
