#include "preload/metric.h"

#include <stddef.h>

#include "preload/base/compiler.h"

static const struct oa_bounds bounds_table[] = {
#define BOUNDS(id, ...) { sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, { __VA_ARGS__ } },
    OA_BOUNDS(BOUNDS){ 0, { 0 } }, /* NONE */
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
    { OA_GROUP_##group, OA_METRIC_##kind, OA_CELL_##cell,              \
      BOUNDS_##bounds == BOUNDS_NONE ? NULL : &bounds_table[BOUNDS_##bounds] },
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
};
