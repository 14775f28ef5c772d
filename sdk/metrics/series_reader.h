/*
 * Reading of the cells of one series (preload/cells.h) while hooks go on counting: block by block, each as a whole
 * under its lock, which nobody ever waits for on the other side.
 */
#ifndef OA_SDK_METRICS_SERIES_READER_H
#define OA_SDK_METRICS_SERIES_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/cells.h"

struct oa_series_reading {
    uint64_t *words;                    /* totals of the group, zeroed by the caller; added to */
    uint64_t *scratch;                  /* as many */
    struct oa_cell_exemplar *exemplars; /* latest per slot, NULL: not wanted; added to */
    uint32_t pid;                       /* of this process, for the locks */
    bool harvest;                       /* take minimum, maximum and exemplars out of the cells */
};

/* False: the region does not add up (it is not from this version, or overwritten). */
bool oa_cells_ok(const struct oa_cells *cells);

/* The series with this number, NULL if there is none (yet). */
const struct oa_series *oa_cells_number(struct oa_cells *cells, uint32_t number);

/* Adds all blocks up; false: it has none yet. */
bool oa_series_read(struct oa_cells *cells, const struct oa_series *series, struct oa_series_reading *reading);

#endif
