#include "sdk/metrics/exp2.h"

#include <string.h>

#define LN2 0.69314718055994530942
#define TERMS 18 /* of the series for e^x, x below ln 2: the first one left out is below 1e-18 */

static double power_of_two(int64_t exponent)
{
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;

    if (exponent > 1023)
        return __builtin_inf();
    if (exponent < -1022)
        return 0;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

double oa_exp2_bound(int32_t index, int scale)
{
    int64_t whole = scale > 0 ? (int64_t)index >> scale : (int64_t)index * ((int64_t)1 << -scale);
    double part = scale > 0 ? (double)(index - whole * ((int64_t)1 << scale)) / (double)((int64_t)1 << scale) : 0;
    double x = part * LN2, sum = 1;

    for (int k = TERMS; k > 0; k--)
        sum = 1 + sum * x / k;
    return sum * power_of_two(whole);
}
