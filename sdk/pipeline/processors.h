/*
 * The processors of a signal that travels in records: one with its exporter per word of OTEL_TRACES_EXPORTER or
 * OTEL_LOGS_EXPORTER, with the variables of that signal.
 */
#ifndef OA_SDK_PIPELINE_PROCESSORS_H
#define OA_SDK_PIPELINE_PROCESSORS_H

#include "sdk/pipeline/scheduler.h"

/* Adds them to a scheduler of this type's ring; what cannot be made is said, and left out. Host and resource outlive
 * the scheduler. */
void oa_processors_add(struct oa_scheduler *scheduler, enum oa_record_type type, const struct oa_host *host,
                       const struct oa_resource *resource);

#endif
