/*
 * struct oa_scheduler: what happens in one call of oa_sdk.work(): the ring is drained into the
 * processors, those that are due export, and the time of the next call is told. Also says in the log
 * what was dropped, one line per kind and minute.
 *
 * One thread at a time (preload/abi.h). It never blocks by itself; exporters do, within deadlines.
 */
#ifndef OA_SDK_PIPELINE_SCHEDULER_H
#define OA_SDK_PIPELINE_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/pipeline/processor.h"
#include "sdk/pipeline/reader.h"
#include "sdk/transport/log_limit.h"

#define OA_SCHEDULER_PROCESSORS_MAX 8u

struct oa_scheduler {
    struct oa_reader reader;
    struct oa_processor *processors[OA_SCHEDULER_PROCESSORS_MAX];
    struct oa_processor_counts counts[OA_SCHEDULER_PROCESSORS_MAX];
    uint32_t processor_count;
    enum oa_record_type type; /* what the ring carries */
    uint64_t (*now_mono_ns)(void);
    uint64_t offered; /* records given to the processors */
    uint64_t settled; /* of these, done with by all processors */
    bool broken_logged;
    uint64_t dropped_seen[OA_DROP_COUNT];
    struct oa_log_limit drop_lines[OA_DROP_COUNT];
};

/* For a ring of records of this type. 0, or OA_EINVAL (the ring cannot be read). */
int oa_scheduler_init(struct oa_scheduler *scheduler, struct oa_ring_header *ring, enum oa_record_type type,
                      uint64_t (*now_mono_ns)(void)) OA_MUST_CHECK;

/* Takes over the processor; records are offered in the order of adding. 0 or OA_EFULL. */
int oa_scheduler_add(struct oa_scheduler *scheduler, struct oa_processor *processor) OA_MUST_CHECK;

/* Sets ring->wake_at_items; call after the last add. */
void oa_scheduler_start(struct oa_scheduler *scheduler);

/* As oa_sdk.work() in preload/abi.h; flags = enum oa_work_flags. After SHUTDOWN no call may follow. */
uint64_t oa_scheduler_work(struct oa_scheduler *scheduler, uint32_t flags, uint64_t deadline_mono_ns);

#endif
