/*
 * struct oa_log_view: a log record as exporters see it, decoded from one ring record (logs data model). All text is
 * valid UTF-8 without zero bytes, and lives in the arena, each with a terminator that its length does not count.
 * Limits of the specification are applied to attributes; the body has none. Records are untrusted, as those of spans.
 */
#ifndef OA_SDK_MODEL_LOG_VIEW_H
#define OA_SDK_MODEL_LOG_VIEW_H

#include "sdk/model/span_view.h"

struct oa_log_view {
    uint8_t trace_id[16]; /* all zero if !has_context */
    uint8_t span_id[8];
    uint64_t unix_ns; /* 0 = unknown */
    uint64_t observed_unix_ns;
    struct oa_slice severity_text; /* the source's own word; empty = none */
    struct oa_slice event_name;    /* not empty: the record is an event */
    struct oa_slice body;
    const struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint32_t attr_dropped; /* left out by the recorder or by the count limit */
    uint32_t pid;
    uint8_t severity; /* SeverityNumber, 0 (unspecified) to 24 */
    uint8_t scope;    /* enum oa_scope */
    uint8_t flags;    /* W3C trace flags */
    bool has_context; /* recorded while a span was at work */
};

/* OTEL_LOGRECORD_ATTRIBUTE_*_LIMIT, else OTEL_ATTRIBUTE_*_LIMIT, else the defaults. */
void oa_log_limits_init(struct oa_span_limits *limits, const struct oa_env *env);

/* Decodes a record of rec_bytes readable bytes. 0, OA_EMALFORMED, or OA_ENOMEM (*ret_view untouched). */
int oa_log_view_read(const struct oa_record_log *rec, size_t rec_bytes, struct oa_arena *arena,
                     const struct oa_span_limits *limits, struct oa_log_view *ret_view) OA_MUST_CHECK;

#endif
