/*
 * The cells of a base-2 exponential histogram (metrics SDK, "Base2 Exponential Bucket Histogram Aggregation"): at
 * most OA_EXP_BUCKETS buckets of positive values at the best scale that holds them. Bucket i at scale s covers
 * (2^(i / 2^s), 2^((i + 1) / 2^s)]. It starts at OA_EXP_SCALE_MAX and gives up precision as the range of values
 * grows; it never gets it back. Words: enum in preload/cells.h. The first bucket is that of the lowest index in
 * use.
 */
#ifndef OA_API_EXP_HISTOGRAM_H
#define OA_API_EXP_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "preload/metric.h"

/* Counts value / per_unit; the caller holds the block's lock and has seen to sum, minimum and maximum. */
void oa_exp_histogram_add(_Atomic uint64_t *cell, uint64_t value, uint64_t per_unit);

/* Index of a value > 0 at a scale. */
int32_t oa_exp_histogram_index(double value, int scale);

#endif
