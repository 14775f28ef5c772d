#include "sdk/metrics/instruments.h"

#include "preload/record.h"

enum group_scope {
#define GROUP(id, scope, attrs) GROUP_SCOPE_##id = OA_SCOPE_##scope,
#define METRIC(id, group, kind, name, unit, cell, bounds, description)
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
};

const struct oa_instrument oa_instruments[OA_METRIC_COUNT] = {
#define GROUP(id, scope, attrs)
#define METRIC(id, group, kind, name, unit, cell, bounds, description) \
    { { name, sizeof(name) - 1 },                                      \
      { unit, sizeof(unit) - 1 },                                      \
      { description, sizeof(description) - 1 },                        \
      GROUP_SCOPE_##group },
#include "sdk/metrics/metrics.def"
#undef GROUP
#undef METRIC
};
