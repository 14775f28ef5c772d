/*
 * What is told about an instrument besides its numbers: sdk/metrics/metrics.def as data. Constant.
 */
#ifndef OA_SDK_METRICS_INSTRUMENTS_H
#define OA_SDK_METRICS_INSTRUMENTS_H

#include "preload/base/slice.h"
#include "preload/metric.h"
#include "sdk/metrics/collection.h"

struct oa_instrument {
    struct oa_slice name;
    struct oa_slice unit;
    struct oa_slice description;
    uint8_t scope; /* enum oa_scope */
};

extern const struct oa_instrument oa_instruments[OA_METRIC_COUNT];

static inline bool oa_metric_is_monotonic(enum oa_metric metric)
{
    uint8_t kind = oa_metric_info[metric].kind;

    return kind == OA_METRIC_COUNTER || kind == OA_METRIC_OBSERVABLE_COUNTER;
}

static inline bool oa_metric_is_gauge(enum oa_metric metric)
{
    uint8_t kind = oa_metric_info[metric].kind;

    return kind == OA_METRIC_GAUGE || kind == OA_METRIC_OBSERVABLE_GAUGE;
}

/* Are its values told as real numbers? */
static inline bool oa_metric_is_real(enum oa_metric metric)
{
    return oa_metric_info[metric].cell == OA_CELL_NANO;
}

/* Is it of that scope, and has it something to tell? */
static inline bool oa_metric_tells(enum oa_metric metric, const struct oa_collection *metrics, uint8_t scope)
{
    return oa_instruments[metric].scope == scope && metrics->stream[metric].count;
}

/* Has any metric of the scope? */
static inline bool oa_scope_tells(uint8_t scope, const struct oa_collection *metrics)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        if (oa_metric_tells((enum oa_metric)i, metrics, scope))
            return true;
    return false;
}

#endif
