/*
 * A propagator reads and writes trace context in a carrier: header fields of a request, or the
 * environment of a program. Pure: no allocation, no global state. Formats are rows of
 * propagators.def, one file each.
 *
 * Reading: struct oa_carrier gives, per field of fields.def, the joined text of all its lines and
 * how many lines there were; of a PREFIX field the text is a list of "end of the name=value". Writing: the
 * propagator calls set() once per field, in order; for a PREFIX field once per member, with such a text.
 */
#ifndef OA_PROPAGATOR_H
#define OA_PROPAGATOR_H

#include "sdk/api/context.h"

/* Every field that any propagator uses. */
enum oa_field {
#define FIELD(id, name, carries, ctx) OA_FIELD_##id,
#define PREFIX(id, name) OA_FIELD_##id,
#include "sdk/propagation/fields.def"
#undef FIELD
#undef PREFIX
    OA_FIELD_COUNT
};

struct oa_carrier {
    struct oa_slice value[OA_FIELD_COUNT]; /* several lines joined with "," in order (RFC 9110 5.3) */
    uint8_t lines[OA_FIELD_COUNT];
};

struct oa_setter {
    /* name is the lower-case header name; value is valid during the call only. */
    void (*set)(struct oa_setter *self, enum oa_field field, struct oa_slice value);
};

/* Scratch for normalised lists: the slices of the extracted context point into it. */
struct oa_scratch {
    char *ptr;
    size_t cap;
    size_t len;
};

struct oa_propagator {
    const char *name;
    uint32_t fields; /* that inject writes: bit set of 1 << enum oa_field */
    uint32_t reads;  /* that extract looks at */
    /* Adds to *ctx what the carrier holds; leaves it untouched if the carrier holds nothing valid. */
    void (*extract)(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch);
    /* Writes *ctx; writes nothing for an invalid span context or an empty list. */
    void (*inject)(const struct oa_context *ctx, struct oa_setter *setter);

    /* Of formats that carry a span context; NULL in others. Both look at one value, without blanks around it. */
    /* Where the sixteen digits of the parent id stand in it; < 0: nowhere, or it is not valid. */
    int (*id_at)(enum oa_field field, struct oa_slice value);
    /* Makes it name span, which is of the same trace, without changing its length: the parent id, the flags, or
     * both. Returns where the first changed byte is; < 0: it is left as it is. */
    int (*retarget)(enum oa_field field, char *value, size_t len, const struct oa_span_context *span);
};

enum oa_propagator_id {
#define PROPAGATOR(id, word) OA_PROPAGATOR_##id,
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR
    OA_PROPAGATOR_COUNT
};

extern const struct oa_propagator *const oa_propagators[OA_PROPAGATOR_COUNT];

/* The header name of a field, or how the names of a PREFIX field begin. */
struct oa_slice oa_field_name(enum oa_field field);

/* Bit sets of fields: those that carry ids or flags of a span context, and those that are PREFIX rows. */
extern const uint32_t oa_fields_of_spans, oa_fields_by_prefix;

/* Runs the propagators whose ids stand in list (count of them), in order: the composite propagator. */
void oa_propagation_extract(const uint8_t *list, size_t count, const struct oa_carrier *carrier,
                            struct oa_context *ctx, struct oa_scratch *scratch);
void oa_propagation_inject(const uint8_t *list, size_t count, const struct oa_context *ctx, struct oa_setter *setter);

#endif
