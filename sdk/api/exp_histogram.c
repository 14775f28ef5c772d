#include "sdk/api/exp_histogram.h"

#include <string.h>

#include "preload/cells.h"

#define LN2 0.69314718055994530942

/* log2 of a mantissa in [1, 2): libm is not ours to need. atanh series of (m-1)/(m+1) after centring on 1: the
 * first term left out is below 1e-14. */
static double log2_mantissa(double m)
{
    double offset = 0, s, square, sum = 0;

    if (m > 1.41421356237309504880) {
        m /= 2;
        offset = 1;
    }
    s = (m - 1) / (m + 1);
    square = s * s;
    for (int k = 17; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return offset + 2 * s * sum / LN2;
}

static int32_t floor_of(double x)
{
    int32_t n = (int32_t)x;

    return x < n ? n - 1 : n;
}

int32_t oa_exp_histogram_index(double value, int scale)
{
    uint64_t bits;
    int32_t exponent;
    uint64_t mantissa;

    memcpy(&bits, &value, sizeof(bits));
    exponent = (int32_t)(bits >> 52 & 0x7ff) - 1023;
    mantissa = bits & 0xfffffffffffffull;
    if (exponent == -1023) { /* subnormal: as the smallest normal one */
        exponent = -1022;
        mantissa = 0;
    }
    if (mantissa == 0) /* a power of two is the upper end of the bucket below */
        return scale > 0 ? exponent * (1 << scale) - 1 : (exponent - 1) >> -scale;
    if (scale <= 0)
        return exponent >> -scale;
    bits = (bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
    memcpy(&value, &bits, sizeof(value));
    value = log2_mantissa(value) * (double)(1u << scale);
    int32_t below = floor_of(value), most = (1 << scale) - 1;

    return exponent * (1 << scale) + (below > most ? most : below);
}

static inline uint64_t get(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static inline void set(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

/* Merges neighbours, 2^by into one, in place: no bucket moves up, so each is lifted before anything is put onto
 * it. */
static void scale_down(_Atomic uint64_t *cell, int by)
{
    int32_t first = (int32_t)get(&cell[OA_EXP_FIRST]);
    uint32_t span = (uint32_t)get(&cell[OA_EXP_SPAN]);
    _Atomic uint64_t *bucket = &cell[OA_EXP_BUCKET];

    for (uint32_t i = 0; i < span; i++) {
        uint32_t to = (uint32_t)(((first + (int32_t)i) >> by) - (first >> by));
        uint64_t count = get(&bucket[i]);

        set(&bucket[i], 0);
        set(&bucket[to], get(&bucket[to]) + count);
    }
    set(&cell[OA_EXP_DOWN], get(&cell[OA_EXP_DOWN]) + (uint64_t)by);
    set(&cell[OA_EXP_FIRST], (uint64_t)(int64_t)(first >> by));
    if (span)
        set(&cell[OA_EXP_SPAN], (uint64_t)(((first + (int32_t)span - 1) >> by) - (first >> by) + 1));
}

/* Moves all buckets up, to make room for lower indices. */
static void shift_up(_Atomic uint64_t *cell, uint32_t by, uint32_t span)
{
    _Atomic uint64_t *bucket = &cell[OA_EXP_BUCKET];

    for (uint32_t i = span; i-- > 0;)
        set(&bucket[i + by], get(&bucket[i]));
    for (uint32_t i = 0; i < by; i++)
        set(&bucket[i], 0);
}

/* How far the scale must go down for both ends to be held. */
static int excess(int32_t low, int32_t high)
{
    int by = 0;

    while ((high >> by) - (low >> by) >= (int32_t)OA_EXP_BUCKETS)
        by++;
    return by;
}

void oa_exp_histogram_add(_Atomic uint64_t *cell, uint64_t value, uint64_t per_unit)
{
    double real = (double)value / (double)per_unit;
    int scale = OA_EXP_SCALE_MAX - (int)get(&cell[OA_EXP_DOWN]);
    int32_t index, first, last;
    uint32_t span = (uint32_t)get(&cell[OA_EXP_SPAN]);

    if (value == 0) {
        set(&cell[OA_EXP_ZERO], get(&cell[OA_EXP_ZERO]) + 1);
        return;
    }
    index = oa_exp_histogram_index(real, scale);
    first = span ? (int32_t)get(&cell[OA_EXP_FIRST]) : index;
    last = span ? first + (int32_t)span - 1 : index;
    int by = excess(index < first ? index : first, index > last ? index : last);

    if (by) {
        scale_down(cell, by);
        index >>= by;
        first >>= by;
        last >>= by;
        span = span ? (uint32_t)(last - first + 1) : 0;
    }
    if (span && index < first)
        shift_up(cell, (uint32_t)(first - index), span);
    first = index < first ? index : first;
    last = index > last ? index : last;
    set(&cell[OA_EXP_FIRST], (uint64_t)(int64_t)first);
    set(&cell[OA_EXP_SPAN], (uint64_t)(last - first + 1));
    set(&cell[OA_EXP_BUCKET + index - first], get(&cell[OA_EXP_BUCKET + index - first]) + 1);
}
