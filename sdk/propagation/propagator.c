#include "sdk/propagation/propagator.h"

#include "preload/base/compiler.h"
#include "sdk/propagation/formats.h"

const struct oa_propagator *const oa_propagators[OA_PROPAGATOR_COUNT] = {
#define PROPAGATOR(id, word) [OA_PROPAGATOR_##id] = &oa_propagator_##id,
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR
};

static const struct oa_slice field_names[] = {
#define FIELD(id, name, carries, ctx) [OA_FIELD_##id] = { name, sizeof(name) - 1 },
#define PREFIX(id, name) [OA_FIELD_##id] = { name, sizeof(name) - 1 },
#include "sdk/propagation/fields.def"
#undef FIELD
#undef PREFIX
};
_Static_assert(OA_COUNT(field_names) == OA_FIELD_COUNT, "one name per field");
_Static_assert(OA_FIELD_COUNT <= 32, "struct oa_propagator keeps fields in 32 bits");

#define SPAN(id) | 1u << OA_FIELD_##id
#define LIST(id)
#define FIELD(id, name, carries, ctx) carries(id)
#define PREFIX(id, name)
const uint32_t oa_fields_of_spans = 0
#include "sdk/propagation/fields.def"
    ;
#undef FIELD
#undef PREFIX
#define FIELD(id, name, carries, ctx)
#define PREFIX(id, name) | 1u << OA_FIELD_##id
const uint32_t oa_fields_by_prefix = 0
#include "sdk/propagation/fields.def"
    ;
#undef FIELD
#undef PREFIX
#undef SPAN
#undef LIST

struct oa_slice oa_field_name(enum oa_field field)
{
    return (unsigned)field < OA_FIELD_COUNT ? field_names[field] : (struct oa_slice){ NULL, 0 };
}

/* Each member gets what the ones before it made, so of several trace formats the last valid one wins. */
void oa_propagation_extract(const uint8_t *list, size_t count, const struct oa_carrier *carrier,
                            struct oa_context *ctx, struct oa_scratch *scratch)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] < OA_PROPAGATOR_COUNT)
            oa_propagators[list[i]]->extract(carrier, ctx, scratch);
}

void oa_propagation_inject(const uint8_t *list, size_t count, const struct oa_context *ctx, struct oa_setter *setter)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] < OA_PROPAGATOR_COUNT)
            oa_propagators[list[i]]->inject(ctx, setter);
}
