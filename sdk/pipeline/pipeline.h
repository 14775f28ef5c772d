/*
 * struct oa_pipeline: the whole SDK of one process, built from the environment's snapshot: resource,
 * one exporter and one processor per word of OTEL_TRACES_EXPORTER, the scheduler over the ring, one exporter and one
 * reader per word of OTEL_METRICS_EXPORTER, and the same as for spans for log records.
 * A forked child builds a new one and forgets its parent's: nothing here is ever shared or freed.
 */
#ifndef OA_SDK_PIPELINE_PIPELINE_H
#define OA_SDK_PIPELINE_PIPELINE_H

#include <stdint.h>

#include "preload/base/compiler.h"

struct oa_host;
struct oa_pipeline;

/* 0 and *ret_pipeline; OA_ENOTSUP: no exporter is left; OA_ENOMEM; OA_EINVAL: unusable ring. */
int oa_pipeline_new(const struct oa_host *host, struct oa_pipeline **ret_pipeline) OA_MUST_CHECK;

/* As oa_sdk.work() in preload/abi.h. */
uint64_t oa_pipeline_work(struct oa_pipeline *pipeline, uint32_t flags, uint64_t deadline_mono_ns);

#endif
