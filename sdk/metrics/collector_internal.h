/* Between collector.c, which reads the cells, and metric_reader.c, which makes points of them. */
#ifndef OA_SDK_METRICS_COLLECTOR_INTERNAL_H
#define OA_SDK_METRICS_COLLECTOR_INTERNAL_H

#include "sdk/metrics/collector.h"

/* Words have the layout of a block of the group. */
struct oa_collector_series {
    uint16_t group;
    bool seen; /* it has cells */
    uint64_t start_unix_ns;
    const struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint64_t *words; /* now; its minimum and maximum: since the last harvest */
    uint64_t *range; /* of these, only minimum and maximum: since the start */
    uint64_t *told
        [OA_COLLECTOR_READERS]; /* delta readers: what was told; minimum and maximum: not told yet. NULL: all zero */
    struct oa_cell_exemplar *exemplars; /* latest per slot; NULL: none are kept */
};

/* Brings all series up to date. 0 or OA_ENOMEM (some are not). */
int oa_collector_read(struct oa_collector *collector, struct oa_cells *cells) OA_MUST_CHECK;

#endif
