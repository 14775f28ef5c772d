/* Upper ends of exponential buckets without libm, which this object does not need otherwise. */
#ifndef OA_SDK_METRICS_EXP2_H
#define OA_SDK_METRICS_EXP2_H

#include <stdint.h>

/* 2^(index / 2^scale). Beyond the range of a double: infinity, or 0. */
double oa_exp2_bound(int32_t index, int scale);

#endif
