/*
 * struct oa_collector: the series of one region of cells, and the readers that look at them. Each reader has a
 * state of its own: what it has successfully told so far. Cells only grow; a delta is the difference to that, so
 * that an export which fails is part of the next one, and one reader never disturbs another.
 *
 * One thread at a time. Points and their arrays live until the next collection of any reader.
 */
#ifndef OA_SDK_METRICS_COLLECTOR_H
#define OA_SDK_METRICS_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "sdk/metrics/collection.h"
#include "sdk/metrics/observers.h"

#define OA_COLLECTOR_READERS 8u

struct oa_collector_series; /* what is known of one series */

struct oa_metric_reader {
    struct oa_collector *collector;
    uint32_t number;                               /* among the collector's */
    uint8_t preset;                                /* enum oa_env_temporality */
    uint64_t told_unix_ns;                         /* time of the last collection that was told */
    uint64_t pending_unix_ns;                      /* of the one on its way */
    int64_t observed[OA_OBSERVATIONS_MAX];         /* told */
    int64_t observed_pending[OA_OBSERVATIONS_MAX]; /* on its way */
};

struct oa_collector {
    struct oa_cells *cells; /* NULL until something is counted */
    bool harvest;           /* of one process: minimum, maximum and exemplars are per collection */
    bool broken;
    uint32_t pid;
    uint64_t start_unix_ns;              /* of what is observed */
    struct oa_collector_series **series; /* by number; NULL: not met yet */
    uint32_t series_capacity;
    uint32_t reader_count;
    struct oa_metric_reader *readers[OA_COLLECTOR_READERS];
    struct oa_arena lasting; /* what is known of series */
    struct oa_arena arena;   /* of one collection */
    uint64_t *scratch;       /* words of a block */
    struct oa_observation observation[OA_OBSERVATIONS_MAX];
    struct oa_observed_more more; /* add NULL: none */
};

void oa_collector_init(struct oa_collector *collector, bool harvest, uint32_t pid, uint64_t start_unix_ns);
void oa_collector_release(struct oa_collector *collector);

/* 0 or OA_EFULL. Readers are added before the first collection. */
int oa_collector_add(struct oa_collector *collector, struct oa_metric_reader *reader, uint8_t preset) OA_MUST_CHECK;

/* Reads everything. cells NULL: nothing is counted yet, what is observed is told all the same.
 * 0, or OA_ENOMEM: *ret holds what there was room for. */
int oa_metric_reader_collect(struct oa_metric_reader *reader, struct oa_cells *cells, uint64_t now_unix_ns,
                             struct oa_collection *ret) OA_MUST_CHECK;

/* The last collection has arrived: it counts as told. Without this call it is part of the next one. */
void oa_metric_reader_told(struct oa_metric_reader *reader);

#endif
