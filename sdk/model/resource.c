#include "sdk/model/resource.h"

#include "preload/base/err.h"
#include "sdk/model/utf8.h"

#define RESOURCE_CHUNK_BYTES 4096u
#define RESOURCE_BYTES_MAX (1024u * 1024)
#define RESOURCE_ATTRS_FIRST 32u

void oa_resource_init(struct oa_resource *resource)
{
    *resource = (struct oa_resource){ .schema_url = OA_SCHEMA_URL };
    oa_arena_init(&resource->arena, RESOURCE_CHUNK_BYTES, RESOURCE_BYTES_MAX);
}

void oa_resource_release(struct oa_resource *resource)
{
    if (!resource)
        return;
    oa_arena_release(&resource->arena);
    oa_resource_init(resource);
}

const struct oa_attr_view *oa_resource_find(const struct oa_resource *resource, struct oa_slice key)
{
    for (uint32_t i = 0; i < resource->attr_count; i++)
        if (oa_slice_eq(resource->attrs[i].key, key))
            return &resource->attrs[i];
    return NULL;
}

static int resource_grow(struct oa_resource *resource)
{
    uint32_t want = resource->attr_capacity ? resource->attr_capacity * 2 : RESOURCE_ATTRS_FIRST;
    struct oa_attr_view *attrs = oa_arena_grow(&resource->arena, resource->attrs,
                                               resource->attr_capacity * sizeof(*attrs), want * sizeof(*attrs));

    if (!attrs)
        return OA_ENOMEM;
    resource->attrs = attrs;
    resource->attr_capacity = want;
    return 0;
}

/* Keys are unique: the same key again overwrites in place, so that the order stays that of first mention. */
static int resource_put(struct oa_resource *resource, struct oa_slice key, struct oa_attr_view attr)
{
    int err = oa_utf8_copy(&resource->arena, key, OA_UTF8_NO_LIMIT, &attr.key);

    if (err < 0)
        return err;
    if (!attr.key.len)
        return OA_EINVAL;
    for (uint32_t i = 0; i < resource->attr_count; i++) {
        if (oa_slice_eq(resource->attrs[i].key, attr.key)) {
            resource->attrs[i] = attr;
            return 0;
        }
    }
    if (resource->attr_count == OA_RESOURCE_ATTRS_MAX)
        return OA_EFULL;
    if (resource->attr_count == resource->attr_capacity && resource_grow(resource) < 0)
        return OA_ENOMEM;
    resource->attrs[resource->attr_count++] = attr;
    return 0;
}

int oa_resource_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value)
{
    struct oa_attr_view attr = { .type = OA_ATTR_STR };
    int err = oa_utf8_copy(&resource->arena, value, OA_UTF8_NO_LIMIT, &attr.str);

    return err < 0 ? err : resource_put(resource, key, attr);
}

int oa_resource_set_int(struct oa_resource *resource, struct oa_slice key, int64_t value)
{
    return resource_put(resource, key, (struct oa_attr_view){ .type = OA_ATTR_INT, .num = value });
}
