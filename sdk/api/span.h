/*
 * Writing a finished span into the ring, in place: begin reserves, the attribute calls append, end
 * publishes. Everything is bounded by what begin reserved: an attribute that does not fit is left
 * out and counted in the record (attr_dropped). No allocation; any hook may call.
 */
#ifndef OA_API_SPAN_H
#define OA_API_SPAN_H

#include "preload/record.h"
#include "sdk/api/context.h"

struct oa_span_end {
    struct oa_span_context self;
    struct oa_span_context parent; /* not valid = root */
    struct oa_slice tracestate;
    struct oa_slice baggage; /* of the parent, normalised (baggage_attrs.h) */
    struct oa_slice name;
    uint64_t start_unix_ns;
    uint64_t duration_ns;
    enum oa_scope scope;
    enum oa_span_kind kind;
    enum oa_span_status status;
    struct oa_sampled_by sampled_by; /* told as sampler.type and sampler.param, if it has a kind */
};

struct oa_span_writer {
    struct oa_record_span *record; /* NULL: dropped, every call is a no-op */
    uint32_t used;
};

/* text_bytes: upper bound of all attribute text; attrs: upper bound of their number. */
void oa_span_begin(struct oa_span_writer *w, const struct oa_span_end *span, uint32_t attrs, uint32_t text_bytes);

/* An empty string is written too; a NULL pointer is not. */
void oa_span_str(struct oa_span_writer *w, enum oa_key key, struct oa_slice value);
void oa_span_int(struct oa_span_writer *w, enum oa_key key, int64_t value);
/* An array of strings. */
void oa_span_arr(struct oa_span_writer *w, enum oa_key key, const struct oa_slice *values, uint32_t count);

/* The same under a key that is in no table: prefix and name, at most 255 bytes together. */
void oa_span_arr_named(struct oa_span_writer *w, struct oa_slice prefix, struct oa_slice name,
                       const struct oa_slice *values, uint32_t count);

/* A string under such a key, its percent escapes decoded; a broken escape stands for itself. */
void oa_span_str_encoded(struct oa_span_writer *w, struct oa_slice name, struct oa_slice value);
/* What it takes of a record at most. */
#define OA_SPAN_ENCODED_ROOM(name_len, value_len) \
    ((uint32_t)(sizeof(struct oa_record_attr) + (name_len) + 7 + (value_len) + 7))

void oa_span_commit(struct oa_span_writer *w);

#endif
