#include "preload/metric.h"

#include <stddef.h>

#include "preload/base/compiler.h"

static const struct oa_bounds bounds_table[] = {
#define BOUNDS(id, ...) { sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, { __VA_ARGS__ } },
    OA_BOUNDS(BOUNDS)
#undef BOUNDS
};

enum bounds_id {
#define BOUNDS(id, ...) BOUNDS_##id,
    OA_BOUNDS(BOUNDS)
#undef BOUNDS
        BOUNDS_NONE
};

const struct oa_metric_info oa_metric_info[OA_METRIC_COUNT] = {
#define GROUP(id, scope, attrs)
#define METRIC(id, group, kind, name, unit, cell, bounds, description) \
    { OA_GROUP_##group, OA_METRIC_##kind, BOUNDS_##bounds, OA_CELL_##cell },
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
};

const struct oa_bounds *oa_metric_bounds(enum oa_metric metric)
{
    uint8_t bounds = oa_metric_info[metric].bounds;

    return bounds == BOUNDS_NONE ? NULL : &bounds_table[bounds];
}
