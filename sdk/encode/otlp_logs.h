/*
 * Log records to an ExportLogsServiceRequest (which has the same bytes as a LogsData): one ResourceLogs, one
 * ScopeLogs per instrumentation scope that occurs in the batch.
 */
#ifndef OA_SDK_ENCODE_OTLP_LOGS_H
#define OA_SDK_ENCODE_OTLP_LOGS_H

#include "sdk/encode/otlp_proto.h"

/* The front of a batch of log records, as one part, in the arena. 0 or OA_ENOMEM. */
int oa_otlp_logs_request(const struct oa_batch *batch, const struct oa_resource *resource, struct oa_arena *arena,
                         struct oa_otlp_request *ret_request) OA_MUST_CHECK;

#endif
