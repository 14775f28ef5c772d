/*
 * Instruments by number: the enums that sdk/metrics/metrics.def grows into, and what both objects must agree on about
 * the cells of each kind.
 */
#ifndef OA_METRIC_H
#define OA_METRIC_H

#include <stdint.h>

enum oa_metric_kind {
    OA_METRIC_COUNTER,
    OA_METRIC_UPDOWN,
    OA_METRIC_HISTOGRAM,
    OA_METRIC_GAUGE,
    OA_METRIC_OBSERVABLE_COUNTER,
    OA_METRIC_OBSERVABLE_UPDOWN,
    OA_METRIC_OBSERVABLE_GAUGE,
    OA_METRIC_KIND_COUNT
};

enum oa_metric_group {
#define GROUP(id, scope, attrs) OA_GROUP_##id,
#define METRIC(id, group, kind, name, unit, cell, bounds, description)
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
    OA_GROUP_COUNT
};

enum oa_metric {
#define GROUP(id, scope, attrs)
#define METRIC(id, group, kind, name, unit, cell, bounds, description) OA_METRIC_##id,
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
    OA_METRIC_COUNT
};

/* What a cell counts (column CELL). */
enum oa_metric_cell { OA_CELL_ONE, OA_CELL_NANO };

/* How a histogram's values are kept. */
enum oa_aggregation { OA_AGGREGATION_SUM, OA_AGGREGATION_EXPLICIT, OA_AGGREGATION_EXPONENTIAL };

/* Advisory boundaries in cells' own numbers; a bucket covers (lower, upper]. BOUNDS(id, members). */
#define OA_BOUNDS(BOUNDS)                                                                                        \
    BOUNDS(SECONDS, 5000000, 10000000, 25000000, 50000000, 75000000, 100000000, 250000000, 500000000, 750000000, \
           1000000000, 2500000000, 5000000000, 7500000000, 10000000000)                                          \
    BOUNDS(DEFAULT, 0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)

#define OA_BOUNDS_MAX 15u /* of one histogram: one bucket more */

struct oa_bounds {
    uint32_t count;
    uint64_t at[OA_BOUNDS_MAX];
};

/* OTEL specification, metrics SDK, base-2 exponential histogram: MaxSize and MaxScale. */
#define OA_EXP_BUCKETS 160u
#define OA_EXP_SCALE_MAX 20
#define OA_EXP_SCALE_MIN (-10)

/* The columns of metrics.def that both objects need. */
struct oa_metric_info {
    uint8_t group; /* enum oa_metric_group */
    uint8_t kind;  /* enum oa_metric_kind */
    uint8_t cell;  /* enum oa_metric_cell */
    const struct oa_bounds *bounds;
};
extern const struct oa_metric_info oa_metric_info[OA_METRIC_COUNT];

/* Boundaries by the column BOUNDS of metrics.def; NULL: the instrument has none. */
static inline const struct oa_bounds *oa_metric_bounds(enum oa_metric metric)
{
    return oa_metric_info[metric].bounds;
}

static inline enum oa_metric_group oa_metric_group_of(enum oa_metric metric)
{
    return (enum oa_metric_group)oa_metric_info[metric].group;
}

/* So much of a cell is one unit. */
static inline uint64_t oa_metric_per_unit(enum oa_metric metric)
{
    return oa_metric_info[metric].cell == OA_CELL_NANO ? 1000000000u : 1u;
}

#endif
