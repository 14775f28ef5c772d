#include "sdk/encode/otlp_resource.h"

#include "preload/base/err.h"

/* As oa_otlp_text: only read. */
static char *unconst(const char *text)
{
    return (char *)(uintptr_t)text;
}

static char **unconst_list(const char *const *list)
{
    return (char **)(uintptr_t)list;
}

static void fill_entity(OaOtlp__EntityRef *message, const struct oa_entity_ref *entity)
{
    oa_otlp__entity_ref__init(message);
    message->schema_url = unconst(entity->schema_url);
    message->type = unconst(entity->type);
    message->n_id_keys = entity->id_count;
    message->id_keys = unconst_list(entity->id_keys);
    message->n_description_keys = entity->description_count;
    message->description_keys = unconst_list(entity->description_keys);
}

static int fill_entities(OaOtlp__Resource *message, const struct oa_resource *resource, struct oa_arena *arena)
{
    OaOtlp__EntityRef *refs;
    OaOtlp__EntityRef **list;

    if (resource->entity_count == 0)
        return 0;
    refs = oa_arena_calloc(arena, resource->entity_count, sizeof(*refs));
    list = oa_arena_calloc(arena, resource->entity_count, sizeof(OaOtlp__EntityRef *));
    if (!refs || !list)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < resource->entity_count; i++) {
        fill_entity(&refs[i], &resource->entities[i]);
        list[i] = &refs[i];
    }
    message->n_entity_refs = resource->entity_count;
    message->entity_refs = list;
    return 0;
}

int oa_otlp_resource_fill(OaOtlp__Resource *message, const struct oa_resource *resource, struct oa_otlp_attrs *attrs,
                          struct oa_arena *arena)
{
    int err = oa_otlp_attrs_fill(attrs, resource->attrs, resource->attr_count);

    message->dropped_attributes_count = resource->attr_dropped;
    message->n_attributes = resource->attr_count;
    message->attributes = attrs->pointers;
    return err < 0 ? err : fill_entities(message, resource, arena);
}
