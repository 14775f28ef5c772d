#include "hooks/instrumentation/carrier.h"

#include "env/env.h"

static uint32_t reads, writes;

void oa_carrier_init(void)
{
    const struct oa_env_list *list = &oa_env()->propagators;

    reads = writes = 0;
    for (int i = 0; i < list->count; i++) {
        reads |= oa_propagators[list->ids[i]]->reads;
        writes |= oa_propagators[list->ids[i]]->fields;
    }
}

uint32_t oa_carrier_reads(void)
{
    return reads;
}

uint32_t oa_carrier_writes(void)
{
    return writes;
}

const char *oa_carrier_env_value(enum oa_field field)
{
    const struct oa_env *env = oa_env();

    if (!(reads & 1u << field))
        return "";
    switch (field) {
#define FIELD(id, name, carries, ctx) \
    case OA_FIELD_##id:               \
        return env->ctx;
#define PREFIX(id, name)
#include "sdk/propagation/fields.def"
#undef FIELD
#undef PREFIX
    default:
        return "";
    }
}
