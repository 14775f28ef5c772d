/*
 * Writing a log record into the ring of logs, in place: begin reserves, the body is written where it will stay, the
 * attribute calls append, commit publishes. Everything is bounded by what begin reserved. No allocation; any hook may
 * call (logs API: emit).
 */
#ifndef OA_API_LOGGER_H
#define OA_API_LOGGER_H

#include <stdbool.h>

#include "preload/record.h"
#include "sdk/api/context.h"

struct oa_log_head {
    enum oa_scope scope;
    uint8_t severity; /* SeverityNumber, 0 = unspecified */
    struct oa_slice severity_text;
    struct oa_slice event_name;
    uint64_t unix_ns;                      /* 0 = nobody knows; when it is observed is seen to here */
    const struct oa_span_context *context; /* of the span at work; NULL or not valid: none */
};

struct oa_log_writer {
    struct oa_record_log *record; /* NULL: dropped, every call is a no-op */
    char *body;                   /* where it goes: body_max bytes; NULL if dropped */
    uint32_t used;
};

/* From the environment; before any thread may log. */
void oa_logger_init(void);

/* OTEL_LOGS_EXPORTER names somebody. False: nobody need look at anything. Constant after init. */
bool oa_logger_enabled(void);

/* body_max: bytes that the body may become; attrs, text_bytes: upper bounds of attributes and of their text. Together
 * no more than OA_RECORD_MAX, less some 200 bytes. False: there was no room, and that is counted. */
bool oa_logger_begin(struct oa_log_writer *w, const struct oa_log_head *head, uint32_t body_max, uint32_t attrs,
                     uint32_t text_bytes);

/* The body is the first len bytes of w->body, of which written (>= len) are not zero any more: the rest of them is
 * made so, as free bytes of a ring must be. Exactly once, before the attributes. */
void oa_logger_body(struct oa_log_writer *w, uint32_t len, uint32_t written);

/* An empty string is written too; a NULL pointer is not. */
void oa_logger_str(struct oa_log_writer *w, enum oa_key key, struct oa_slice value);
void oa_logger_int(struct oa_log_writer *w, enum oa_key key, int64_t value);

void oa_logger_commit(struct oa_log_writer *w);

#endif
