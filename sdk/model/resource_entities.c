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

/* Is the key described by an entity that comes later? Its value is that one's then. */
static bool described_later(struct oa_slice rest, struct oa_slice key)
{
    struct oa_env_entity entity;
    struct oa_slice other, value;

    while (oa_env_entity_next(&rest, &entity, NULL))
        while (oa_env_entity_pair(&entity.description, &other, &value))
            if (oa_slice_eq(other, key))
                return true;
    return false;
}

struct taking {
    struct oa_resource *resource;
    struct oa_slice rest; /* entities that follow */
    const char **keys;
    uint32_t count;
    int err;
};

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

/* The pairs as attributes; their keys, terminated, in *ret_keys. */
static uint32_t take_pairs(struct taking *taking, struct oa_slice pairs, bool describes, const char *const **ret_keys)
{
    struct oa_slice key, value;

    taking->count = 0;
    taking->keys = oa_arena_alloc(&taking->resource->arena, KEYS_MAX * sizeof(*taking->keys));
    *ret_keys = taking->keys;
    if (!taking->keys)
        taking->err = OA_ENOMEM;
    while (taking->err == 0 && oa_env_entity_pair(&pairs, &key, &value))
        if (!describes || !described_later(taking->rest, key))
            take_pair(taking, key, value);
    return taking->count;
}

int oa_resource_set_entities(struct oa_resource *resource, struct oa_slice text)
{
    struct taking taking = { .resource = resource, .rest = text };
    struct oa_env_entity entity;

    while (taking.err == 0 && resource->entity_count < OA_RESOURCE_ENTITIES_MAX &&
           oa_env_entity_next(&taking.rest, &entity, NULL)) {
        struct oa_entity_ref *ref = &resource->entities[resource->entity_count];

        ref->type = oa_arena_strndup(&resource->arena, entity.type.ptr, entity.type.len);
        ref->schema_url = entity.schema_url.len
                              ? oa_arena_strndup(&resource->arena, entity.schema_url.ptr, entity.schema_url.len)
                              : "";
        if (!ref->type || !ref->schema_url)
            return OA_ENOMEM;
        ref->id_count = take_pairs(&taking, entity.ids, false, &ref->id_keys);
        ref->description_count = take_pairs(&taking, entity.description, true, &ref->description_keys);
        resource->entity_count += taking.err == 0;
    }
    return taking.err;
}
