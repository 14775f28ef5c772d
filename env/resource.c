#include "env/resource.h"

#include "env/text.h"
#include "preload/base/err.h"

static bool split(struct oa_slice item, struct oa_slice *key, struct oa_slice *value)
{
    struct oa_slice rest = item;

    *key = oa_slice_trim(oa_slice_next(&rest, '='));
    if (rest.ptr == NULL || key->len == 0)
        return false;
    *value = oa_slice_trim(rest);
    return value->len == 0 || memchr(value->ptr, '=', value->len) == NULL;
}

int oa_env_resource_check(struct oa_slice text, struct oa_slice *ret_bad)
{
    struct oa_slice item, key, value;

    while ((item = oa_slice_item(&text, ',')).len) {
        if (split(item, &key, &value) && oa_text_is_encoded(key) && oa_text_is_encoded(value))
            continue;
        *ret_bad = item;
        return OA_EMALFORMED;
    }
    return OA_OK;
}

/* Decodes checked text to *at, which moves on. */
static struct oa_slice decode(struct oa_slice raw, char **at)
{
    struct oa_slice text = { *at, 0 };

    while (raw.len)
        (*at)[text.len++] = (char)oa_text_percent_next(&raw);
    *at += text.len;
    return text;
}

int oa_env_resource_parse(struct oa_slice text, char *scratch, oa_env_attribute_fn *fn, void *user)
{
    struct oa_slice item, key, value;

    if (oa_env_resource_check(text, &item) != OA_OK)
        return OA_EMALFORMED;
    while ((item = oa_slice_item(&text, ',')).len) {
        if (!split(item, &key, &value))
            return OA_EMALFORMED;
        key = decode(key, &scratch);
        value = decode(value, &scratch);
        fn(user, key, value);
    }
    return OA_OK;
}
