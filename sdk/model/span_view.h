/*
 * struct oa_span_view: a finished span as exporters see it, decoded from one ring record. All text is
 * valid UTF-8 without zero bytes; limits of the specification are already applied. A view that was
 * read lives in its arena, each text with a terminator that its length does not count; one that is
 * borrowed points into the record wherever the text there is good as it is, without terminators.
 *
 * Records are untrusted: the ring is shared memory, and a crashed producer may have left anything
 * there. Each field is read once, nothing beyond the given length is read, and a record that does
 * not add up is refused as a whole.
 */
#ifndef OA_SDK_MODEL_SPAN_VIEW_H
#define OA_SDK_MODEL_SPAN_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "preload/base/arena.h"
#include "preload/base/slice.h"
#include "preload/record.h"

struct oa_env;

/* UINT32_MAX = no limit. */
struct oa_span_limits {
    uint32_t attr_count_max;
    uint32_t value_chars_max; /* characters, not bytes; of attributes of events and links too */
    uint32_t event_count_max;
    uint32_t link_count_max;
    uint32_t event_attr_count_max;
    uint32_t link_attr_count_max;
};

/* Of 16 bytes at most: all zero stands for no id. */
static inline bool oa_id_is_zero(const uint8_t *id, size_t bytes)
{
    static const uint8_t zero[16];

    return memcmp(id, zero, bytes) == 0;
}

struct oa_attr_view {
    struct oa_slice key;
    uint8_t type;        /* enum oa_attr_type: says which member is valid */
    uint32_t item_count; /* ARR */
    union {
        struct oa_slice str;          /* STR */
        int64_t num;                  /* INT; BOOL as 0 or 1 */
        double real;                  /* DOUBLE */
        const struct oa_slice *items; /* ARR: strings */
    };
};

struct oa_event_view {
    uint64_t unix_ns;
    struct oa_slice name;
    const struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint32_t attr_dropped;
};

struct oa_link_view {
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t flags; /* W3C trace flags */
    bool remote;
    struct oa_slice tracestate;
    const struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint32_t attr_dropped;
};

/* What few spans have. */
struct oa_span_extras {
    const struct oa_event_view *events;
    const struct oa_link_view *links;
    uint32_t event_count;
    uint32_t event_dropped; /* over the count limit, or not kept by the recorder */
    uint32_t link_count;
    uint32_t link_dropped;
};

struct oa_span_view {
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t parent_id[8]; /* all zero if !has_parent */
    uint64_t start_unix_ns;
    uint64_t end_unix_ns; /* never before the start */
    struct oa_slice name;
    struct oa_slice tracestate;
    const struct oa_attr_view *attrs;
    const struct oa_span_extras *extras; /* NULL: neither events nor links were recorded */
    uint32_t attr_count;
    uint32_t attr_dropped; /* left out by the recorder or by the count limit */
    uint32_t pid;
    uint8_t kind;   /* enum oa_span_kind */
    uint8_t status; /* enum oa_span_status */
    uint8_t scope;  /* enum oa_scope */
    uint8_t flags;  /* W3C trace flags */
    bool has_parent;
    bool parent_remote;
};

/* OTEL_SPAN_*_LIMIT, OTEL_EVENT_* and OTEL_LINK_*; for attributes else OTEL_ATTRIBUTE_*_LIMIT; else the defaults. */
void oa_span_limits_init(struct oa_span_limits *limits, const struct oa_env *env);

/* Decodes a record of rec_bytes readable bytes. 0, OA_EMALFORMED, or OA_ENOMEM (*ret_view untouched). */
int oa_span_view_read(const struct oa_record_span *rec, size_t rec_bytes, struct oa_arena *arena,
                      const struct oa_span_limits *limits, struct oa_span_view *ret_view) OA_MUST_CHECK;

/* The same for a view that ends before the record is released. Memory that others write to may change
 * under it: what it says is then wrong, but of the same length. */
int oa_span_view_borrow(const struct oa_record_span *rec, size_t rec_bytes, struct oa_arena *arena,
                        const struct oa_span_limits *limits, struct oa_span_view *ret_view) OA_MUST_CHECK;

/* First attribute with that key, NULL if the span has none. */
const struct oa_attr_view *oa_span_view_attr(const struct oa_span_view *view, struct oa_slice key);

/* "libotel-auto.http" and so on; never NULL. */
const char *oa_scope_name(uint8_t scope);

#endif
