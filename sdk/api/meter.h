/*
 * Recording of measurements: what the hooks call when an operation ends, sampled or not. One call records all
 * instruments of a group (sdk/metrics/metrics.def) under one attribute set. Lock-free for the caller, no
 * allocation, any hook may call; the first measurement of a process maps the cells (preload/cells.h).
 */
#ifndef OA_API_METER_H
#define OA_API_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/cells.h"
#include "sdk/api/context.h"

struct oa_measurement {
    enum oa_metric metric;
    uint64_t value; /* in the unit of its cells; an up-down counter's is a signed difference */
};

/* When, and in which span: for exemplars. span NULL or not sampled: as the filter says. */
struct oa_moment {
    const struct oa_span_context *span;
    uint64_t unix_ns;
};

/* Reads the environment. Constructor only. */
void oa_meter_init(void);

/* Is anybody going to read? Callers need not build attribute sets otherwise. */
extern bool oa_meter_on;

/* Counts under one set (a gauge: sets), at least one instrument, all of one group. moment NULL: no exemplars. */
void oa_meter_record(const struct oa_set *set, const struct oa_measurement *list, uint32_t count,
                     const struct oa_moment *moment);

/* Where a set was counted, for who takes it back later: offsets of series / 8, 0 = nowhere. Of this process only. */
struct oa_meter_place {
    uint32_t own, family;
};

/* An up-down counter: counts one more, and what was counted one less. */
void oa_meter_up(enum oa_metric metric, const struct oa_set *set, struct oa_meter_place *ret_place);
void oa_meter_down(enum oa_metric metric, const struct oa_meter_place *place);

/* One counter or up-down counter: adds difference. */
void oa_meter_add(enum oa_metric metric, const struct oa_set *set, int64_t difference);

/* Forked child: nothing of the parent's is ever reported by it. */
void oa_meter_forked(void);

/* A server is about to do its work: whoever scrapes it should find somebody before the first request. */
void oa_meter_expect(void);

/* Has anything been counted that nobody may have collected yet? */
bool oa_meter_pending(void);

/* What has been counted here; NULL: nothing yet, or not wanted. */
struct oa_cells *oa_meter_own(void);
struct oa_cells *oa_meter_family(void);

#endif
