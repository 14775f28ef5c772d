/*
 * The words of one instrument in one series, summed: the layout of a cell block (preload/cells.h), as plain
 * numbers. Sums of stripes are merged, what was seen before is subtracted. Words come from shared memory: nothing
 * in them is trusted to be in range.
 */
#ifndef OA_SDK_METRICS_TALLY_H
#define OA_SDK_METRICS_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/cells.h"

/* How many words an instrument has. */
uint32_t oa_tally_words(const struct oa_cells_metric *m);
/* How many exemplars a histogram keeps, if it keeps any. */
uint32_t oa_tally_slots(const struct oa_cells_metric *m);

/* into += from. */
void oa_tally_merge(const struct oa_cells_metric *m, uint64_t *into, const uint64_t *from);

/* now -= before, where before was read earlier from the same cells. Minimum and maximum are left alone: they are not
 * to be had by subtraction. */
void oa_tally_subtract(const struct oa_cells_metric *m, uint64_t *now, const uint64_t *before);

/* Measurements in a histogram. */
uint64_t oa_tally_count(const struct oa_cells_metric *m, const uint64_t *words);

/* Makes an exponential histogram fit for subtraction and print: spans that cannot be are emptied. */
void oa_tally_check(const struct oa_cells_metric *m, uint64_t *words);

static inline int oa_tally_scale(const uint64_t *words)
{
    return OA_EXP_SCALE_MAX - (int)words[OA_EXP_DOWN];
}

#endif
