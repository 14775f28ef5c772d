/* Indices against libm, and buckets against a plain list of values (H.6, 133).
 * SOURCES: sdk/api/exp_histogram.c preload/metric.c
 * LIBS: -lm */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "preload/cells.h"
#include "sdk/api/exp_histogram.h"

static _Atomic uint64_t cell[OA_EXP_BUCKET + OA_EXP_BUCKETS];

static int scale(void)
{
    return OA_EXP_SCALE_MAX - (int)cell[OA_EXP_DOWN];
}

static uint64_t held(void)
{
    uint64_t total = cell[OA_EXP_ZERO];

    for (uint32_t i = 0; i < OA_EXP_BUCKETS; i++)
        total += cell[OA_EXP_BUCKET + i];
    return total;
}

/* C.5.1: bucket index holds (base^index, base^(index + 1)]; an error of one bucket is tolerated off the powers
 * of two. */
Test(exp_histogram, index__as_libm_says)
{
    srand(7);
    for (int i = 0; i < 200000; i++) {
        double value = ldexp(1.0 + rand() / (double)RAND_MAX, rand() % 80 - 40);
        int s = rand() % (OA_EXP_SCALE_MAX - OA_EXP_SCALE_MIN + 1) + OA_EXP_SCALE_MIN;
        double exact = ceil(log2(value) * ldexp(1, s)) - 1;

        cr_assert(fabs(oa_exp_histogram_index(value, s) - exact) <= (s > 0), "%a at scale %d: %d, not %g", value, s,
                  oa_exp_histogram_index(value, s), exact);
    }
}

Test(exp_histogram, index__powers_of_two_belong_to_the_bucket_below)
{
    for (int s = OA_EXP_SCALE_MIN; s <= OA_EXP_SCALE_MAX; s++)
        for (int e = -1000; e <= 1000; e += 50) {
            double exact = ceil(e * ldexp(1, s)) - 1;

            cr_assert_eq(oa_exp_histogram_index(ldexp(1, e), s), (int32_t)exact, "2^%d at scale %d", e, s);
        }
}

Test(exp_histogram, index__subnormals_count_as_the_smallest_normal_one)
{
    cr_assert_eq(oa_exp_histogram_index(4e-320, 0), oa_exp_histogram_index(2.2250738585072014e-308, 0));
}

Test(exp_histogram, h6_133_one_value_is_at_the_best_scale)
{
    oa_exp_histogram_add(cell, 250000000, 1000000000);
    cr_assert_eq(scale(), OA_EXP_SCALE_MAX);
    cr_assert_eq(cell[OA_EXP_SPAN], 1);
    cr_assert_eq((int32_t)cell[OA_EXP_FIRST], -2 * (1 << 20) - 1, "0.25 is a power of two");
}

Test(exp_histogram, h6_133_zero_has_a_bucket_of_its_own)
{
    oa_exp_histogram_add(cell, 0, 1);
    oa_exp_histogram_add(cell, 5, 1);
    cr_assert_eq(cell[OA_EXP_ZERO], 1);
    cr_assert_eq(held(), 2);
}

/* Whatever comes: at most 160 buckets, each value in the bucket that its index at the scale in force says. */
Test(exp_histogram, h6_133_merges_by_scaling_down)
{
    static uint64_t values[3000];

    srand(3);
    for (int round = 0; round < 60; round++) {
        int count = 1 + rand() % 3000, width = 1 + rand() % 50;

        for (uint32_t i = 0; i < sizeof(cell) / sizeof(cell[0]); i++)
            cell[i] = 0;
        for (int i = 0; i < count; i++) {
            values[i] = 1 + ((uint64_t)rand() << (rand() % width)) % (1ull << 62);
            oa_exp_histogram_add(cell, values[i], 1000000000);
        }
        cr_assert_leq(cell[OA_EXP_SPAN], OA_EXP_BUCKETS);
        cr_assert_eq(held(), (uint64_t)count);
        for (int i = 0; i < count; i++) {
            int32_t at =
                oa_exp_histogram_index((double)values[i] / 1e9, OA_EXP_SCALE_MAX) >> (OA_EXP_SCALE_MAX - scale());

            at -= (int32_t)cell[OA_EXP_FIRST];
            cr_assert(at >= 0 && at < (int32_t)cell[OA_EXP_SPAN]);
            cr_assert_geq(cell[OA_EXP_BUCKET + (uint32_t)at], 1);
            cell[OA_EXP_BUCKET + (uint32_t)at]--;
        }
        cr_assert_eq(held(), 0, "each count was that of a value");
    }
}
