#include "sdk/encode/otlp_attrs.h"

#include <stdlib.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_wire.h"

#define ATTRS_FIRST 24u
#define ATTRS_ARRAYS_FIRST 1024u
#define ATTRS_ARRAYS_MAX (16u * 1024 * 1024)
#define ATTR_NUMBER_MAX 11u /* tag and ten bytes */

void oa_otlp_attrs_init(struct oa_otlp_attrs *list)
{
    *list = (struct oa_otlp_attrs){ 0 };
    oa_arena_init(&list->arrays, ATTRS_ARRAYS_FIRST, ATTRS_ARRAYS_MAX);
}

void oa_otlp_attrs_release(struct oa_otlp_attrs *list)
{
    oa_arena_release(&list->arrays);
    free(list->pairs);
    *list = (struct oa_otlp_attrs){ 0 };
}

/* One block for all three; the old one holds nothing that is still wanted. */
static int attrs_grow(struct oa_otlp_attrs *list, uint32_t count)
{
    uint32_t want = count > ATTRS_FIRST ? count : ATTRS_FIRST;
    OaOtlp__KeyValue *pairs;

    pairs = calloc(want, sizeof(*pairs) + sizeof(*list->values) + sizeof(*list->pointers));
    if (!pairs)
        return OA_ENOMEM;
    free(list->pairs);
    list->pairs = pairs;
    list->values = (OaOtlp__AnyValue *)(pairs + want);
    list->pointers = (OaOtlp__KeyValue **)(list->values + want);
    list->capacity = want;
    for (uint32_t i = 0; i < want; i++) {
        oa_otlp__key_value__init(&pairs[i]);
        oa_otlp__any_value__init(&list->values[i]);
        pairs[i].value = &list->values[i];
        list->pointers[i] = &pairs[i];
    }
    return 0;
}

/* NULL without memory. */
static OaOtlp__ArrayValue *attr_array(struct oa_arena *arena, const struct oa_attr_view *attr)
{
    OaOtlp__ArrayValue *array = oa_arena_alloc(arena, sizeof(*array));
    OaOtlp__AnyValue *values = oa_arena_calloc(arena, attr->item_count, sizeof(*values));
    OaOtlp__AnyValue **pointers = oa_arena_calloc(arena, attr->item_count, sizeof(*pointers));

    if (!array || !values || !pointers)
        return NULL;
    oa_otlp__array_value__init(array);
    array->n_values = attr->item_count;
    array->values = pointers;
    for (uint32_t i = 0; i < attr->item_count; i++) {
        pointers[i] = &values[i];
        oa_otlp__any_value__init(&values[i]);
        values[i].value_case = OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        values[i].string_value = oa_otlp_text(attr->items[i]);
    }
    return array;
}

int oa_otlp_value(const struct oa_attr_view *attr, struct oa_arena *arena, OaOtlp__AnyValue *value)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE;
        value->string_value = oa_otlp_text(attr->str);
        return 0;
    case OA_ATTR_INT:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_INT_VALUE;
        value->int_value = attr->num;
        return 0;
    case OA_ATTR_BOOL:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
        value->bool_value = attr->num != 0;
        return 0;
    case OA_ATTR_DOUBLE:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
        value->double_value = attr->real;
        return 0;
    case OA_ATTR_ARR:
        value->value_case = OA_OTLP__ANY_VALUE__VALUE_ARRAY_VALUE;
        value->array_value = attr_array(arena, attr);
        return value->array_value ? 0 : OA_ENOMEM;
    default: /* the empty value: never a reason to lose the request */
        value->value_case = OA_OTLP__ANY_VALUE__VALUE__NOT_SET;
        return 0;
    }
}

int oa_otlp_attrs_fill(struct oa_otlp_attrs *list, const struct oa_attr_view *attrs, uint32_t count)
{
    int err = count > list->capacity ? attrs_grow(list, count) : 0;

    oa_arena_reset(&list->arrays);
    for (uint32_t i = 0; i < count && err == 0; i++) {
        list->pairs[i].key = oa_otlp_text(attrs[i].key);
        err = oa_otlp_value(&attrs[i], &list->arrays, &list->values[i]);
    }
    return err;
}

static size_t attr_value_bytes_max(const struct oa_attr_view *attr)
{
    size_t bytes = OA_OTLP_HEAD_MAX;

    if (attr->type == OA_ATTR_STR)
        return bytes + attr->str.len;
    if (attr->type != OA_ATTR_ARR)
        return ATTR_NUMBER_MAX;
    for (uint32_t i = 0; i < attr->item_count; i++)
        bytes += 2 * OA_OTLP_HEAD_MAX + attr->items[i].len;
    return bytes;
}

/* The pair, its key and its value each have a prefix. */
size_t oa_otlp_attrs_bytes_max(const struct oa_attr_view *attrs, uint32_t count)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < count; i++)
        bytes += 3 * OA_OTLP_HEAD_MAX + attrs[i].key.len + attr_value_bytes_max(&attrs[i]);
    return bytes;
}
