#include "sdk/encode/console_parts.h"

void oa_console_str(struct oa_json *json, struct oa_slice key, struct oa_slice value)
{
    oa_json_key(json, key);
    oa_json_str(json, value);
}

static void put_value(struct oa_json *json, const struct oa_attr_view *attr)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        oa_json_str(json, attr->str);
        return;
    case OA_ATTR_INT:
        oa_json_int(json, attr->num);
        return;
    case OA_ATTR_BOOL:
        oa_json_bool(json, attr->num != 0);
        return;
    case OA_ATTR_DOUBLE:
        oa_json_double(json, attr->real);
        return;
    case OA_ATTR_ARR:
        oa_json_array_open(json);
        for (uint32_t i = 0; i < attr->item_count; i++)
            oa_json_str(json, attr->items[i]);
        oa_json_array_close(json);
        return;
    default:
        oa_json_null(json);
    }
}

void oa_console_attributes(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count)
{
    oa_json_key(json, OA_SLICE("attributes"));
    oa_json_object_open(json);
    for (uint32_t i = 0; i < count; i++) {
        oa_json_key(json, attrs[i].key);
        put_value(json, &attrs[i]);
    }
    oa_json_object_close(json);
}

void oa_console_resource(struct oa_json *json, const struct oa_resource *resource)
{
    oa_json_key(json, OA_SLICE("resource"));
    oa_json_object_open(json);
    oa_console_attributes(json, resource->attrs, resource->attr_count);
    oa_console_str(json, OA_SLICE("schema_url"), oa_slice_of(resource->schema_url));
    oa_json_object_close(json);
}
