/*
 * The observable instruments: numbers that are asked for at each collection, here those of the process from
 * getrusage(2) and /proc. What cannot be found out is left out of that collection.
 */
#ifndef OA_SDK_METRICS_OBSERVERS_H
#define OA_SDK_METRICS_OBSERVERS_H

#include <stdint.h>

#include "preload/metric.h"
#include "sdk/model/span_view.h"

struct oa_observation {
    enum oa_metric metric;
    int64_t value;                    /* in units of its cells */
    const struct oa_attr_view *attrs; /* constant */
    uint32_t attr_count;
    uint32_t row; /* the same at each collection */
};

#define OA_OBSERVATIONS_MAX 128u
#define OA_OBSERVATION_ROWS 24u /* rows from here on are those of other sources */

/* Numbers of somebody else, added behind count to the list; returns the new count. */
struct oa_observed_more {
    uint32_t (*add)(void *context, struct oa_observation *list, uint32_t count);
    void *context;
};

/* Writes at most OA_OBSERVATION_ROWS and returns how many. */
uint32_t oa_observe(struct oa_observation *list);

#endif
