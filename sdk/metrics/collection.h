/*
 * struct oa_collection: what one collection tells an exporter. Borrowed for the length of a call, never changed.
 * Numbers stand in units of cells: divide by oa_metric_per_unit(), and where that is not 1 tell a real number.
 */
#ifndef OA_SDK_METRICS_COLLECTION_H
#define OA_SDK_METRICS_COLLECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/cells.h"
#include "sdk/metrics/temporality.h"
#include "sdk/model/span_view.h"

struct oa_point {
    const struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint64_t start_unix_ns;
    uint64_t time_unix_ns;
    int64_t value; /* sums and gauges; of a histogram: the sum */
    /* Histograms. */
    uint64_t count;
    uint64_t min, max; /* if has_range */
    bool has_range;
    const uint64_t *buckets; /* explicit: one more than boundaries; exponential: from offset on */
    uint32_t bucket_count;
    int32_t scale, offset;
    uint64_t zero_count;
    const struct oa_cell_exemplar *exemplars;
    uint32_t exemplar_count;
};

struct oa_stream {
    struct oa_point *points;
    uint32_t count; /* 0: nothing to tell */
    uint8_t temporality;
    bool exponential;
};

struct oa_collection {
    struct oa_stream stream[OA_METRIC_COUNT];
    uint32_t point_count;
    uint64_t time_unix_ns;
};

/* A value as a real number of its unit. */
static inline double oa_point_real(enum oa_metric metric, int64_t value)
{
    return (double)value / (double)oa_metric_per_unit(metric);
}

#endif
