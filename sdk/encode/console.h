/*
 * Spans, metrics and log records for people and for scripts on a terminal: the two shapes of the console exporter.
 * For debugging; neither shape is a standard, and what is for people may change.
 */
#ifndef OA_SDK_ENCODE_CONSOLE_H
#define OA_SDK_ENCODE_CONSOLE_H

#include "preload/base/arena.h"
#include "preload/base/slice.h"
#include "sdk/metrics/collection.h"
#include "sdk/model/batch.h"
#include "sdk/model/resource.h"

/* One span with its resource as one indented JSON object and a line break: the keys, their order and
 * their spelling are those that Python's ConsoleSpanExporter taught users. 0 or OA_ENOMEM. */
int oa_console_json(const struct oa_span_view *span, const struct oa_resource *resource, struct oa_arena *arena,
                    struct oa_slice *ret_text) OA_MUST_CHECK;

/* The batch as one tree per trace, one line per span: children below their parents by start time. Below a span a
 * line for each of its events and links.
 * Control characters are replaced, they could steer a terminal. 0 or OA_ENOMEM. */
int oa_console_tree(const struct oa_batch *batch, struct oa_arena *arena, struct oa_slice *ret_text) OA_MUST_CHECK;

/* One collection as one JSON object and a line break: what Python's ConsoleMetricExporter prints. 0 or OA_ENOMEM. */
int oa_console_metrics_json(const struct oa_collection *metrics, const struct oa_resource *resource,
                            struct oa_arena *arena, struct oa_slice *ret_text) OA_MUST_CHECK;

/* One line per point. 0 or OA_ENOMEM. */
int oa_console_metrics_lines(const struct oa_collection *metrics, struct oa_arena *arena,
                             struct oa_slice *ret_text) OA_MUST_CHECK;

/* One log record as one JSON object and a line break: what Python's ConsoleLogRecordExporter prints. 0 or
 * OA_ENOMEM. */
int oa_console_log_json(const struct oa_log_view *log, const struct oa_resource *resource, struct oa_arena *arena,
                        struct oa_slice *ret_text) OA_MUST_CHECK;

/* One line per log record, control characters replaced. 0 or OA_ENOMEM. */
int oa_console_log_lines(const struct oa_batch *batch, struct oa_arena *arena,
                         struct oa_slice *ret_text) OA_MUST_CHECK;

#endif
