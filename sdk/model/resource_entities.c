/* OTEL_ENTITIES: attributes of the resource, and which of them belong to which entity. */
#include "env/entities.h"
#include "env/text.h"
#include "preload/base/err.h"
#include "sdk/model/resource.h"

#define KEYS_MAX 32u /* of one kind, per entity; further ones are attributes only */

/* What was found to be well-formed when the environment was read. */
static struct oa_slice decode(struct oa_arena *arena, struct oa_slice raw)
{
    struct oa_slice text = { oa_arena_alloc(arena, raw.len + 1), 0 };

    while (text.ptr && raw.len)
        ((char *)(uintptr_t)text.ptr)[text.len++] = (char)oa_text_percent_next(&raw);
    return text;
}

struct taking {
    struct oa_resource *resource;
    struct oa_env_entity entities[OA_RESOURCE_ENTITIES_MAX];
    uint32_t entity_count;
    const char **keys;
    uint32_t count;
    int err;
};

/* Is the key described by an entity that comes later than this one? Its value is that one's then. */
static bool described_later(const struct taking *taking, uint32_t entity, struct oa_slice key)
{
    for (uint32_t i = entity + 1; i < taking->entity_count; i++) {
        struct oa_slice pairs = taking->entities[i].description, other, value;

        while (oa_env_entity_pair(&pairs, &other, &value))
            if (oa_slice_eq(other, key))
                return true;
    }
    return false;
}

static void take_pair(struct taking *taking, struct oa_slice key, struct oa_slice raw)
{
    struct oa_arena *arena = &taking->resource->arena;
    struct oa_slice value = decode(arena, raw);
    int err = value.ptr ? oa_resource_set(taking->resource, key, value) : OA_ENOMEM;

    if (err == OA_EFULL)
        taking->resource->attr_dropped++;
    else if (err < 0)
        taking->err = err;
    if (err < 0 || taking->count == KEYS_MAX)
        return;
    taking->keys[taking->count] = oa_arena_strndup(arena, key.ptr, key.len);
    taking->count += taking->keys[taking->count] != NULL;
}

/* The pairs as attributes; their keys, terminated, in *ret_keys. described_by: the entity whose description they
 * are, or -1. */
static uint32_t take_pairs(struct taking *taking, struct oa_slice pairs, int described_by,
                           const char *const **ret_keys)
{
    struct oa_slice key, value;

    taking->count = 0;
    taking->keys = oa_arena_alloc(&taking->resource->arena, KEYS_MAX * sizeof(*taking->keys));
    *ret_keys = taking->keys;
    if (!taking->keys)
        taking->err = OA_ENOMEM;
    while (taking->err == 0 && oa_env_entity_pair(&pairs, &key, &value))
        if (described_by < 0 || !described_later(taking, (uint32_t)described_by, key))
            take_pair(taking, key, value);
    return taking->count;
}

static void take_entity(struct taking *taking, uint32_t index)
{
    const struct oa_env_entity *entity = &taking->entities[index];
    struct oa_resource *resource = taking->resource;
    struct oa_entity_ref *ref = &resource->entities[resource->entity_count];

    ref->schema_url = "";
    ref->type = oa_arena_strndup(&resource->arena, entity->type.ptr, entity->type.len);
    if (entity->schema_url.len)
        ref->schema_url = oa_arena_strndup(&resource->arena, entity->schema_url.ptr, entity->schema_url.len);
    if (!ref->type || !ref->schema_url)
        taking->err = OA_ENOMEM;
    ref->id_count = take_pairs(taking, entity->ids, -1, &ref->id_keys);
    ref->description_count = take_pairs(taking, entity->description, (int)index, &ref->description_keys);
    resource->entity_count += taking->err == 0;
}

int oa_resource_set_entities(struct oa_resource *resource, struct oa_slice text)
{
    struct taking taking = { .resource = resource };

    while (taking.entity_count < OA_RESOURCE_ENTITIES_MAX &&
           oa_env_entity_next(&text, &taking.entities[taking.entity_count], NULL))
        taking.entity_count++;
    for (uint32_t i = 0; i < taking.entity_count && taking.err == 0; i++)
        take_entity(&taking, i);
    return taking.err;
}
