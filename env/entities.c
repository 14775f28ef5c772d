#include "env/entities.h"

#include "env/text.h"

#define LOOK_AHEAD 64 /* parts; nobody has more entities, and time must not grow with the square of a text */

/* What types and keys are made of: [A-Za-z][A-Za-z0-9._-]*. */
static bool is_name(struct oa_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!oa_ascii_is_letter(c) && (i == 0 || !(oa_ascii_is_digit(c) || c == '.' || c == '_' || c == '-')))
            return false;
    }
    return text.len > 0;
}

bool oa_env_entity_pair(struct oa_slice *pairs, struct oa_slice *ret_key, struct oa_slice *ret_value)
{
    struct oa_slice pair = oa_slice_item(pairs, ',');

    if (pair.len == 0)
        return false;
    *ret_key = oa_slice_trim(oa_slice_next(&pair, '='));
    *ret_value = oa_slice_trim(pair);
    return true;
}

static bool has_any(struct oa_slice text, const char *reserved)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(reserved, text.ptr[i]))
            return true;
    return false;
}

/* How many pairs there are; -1: one of them is none. */
static int count_pairs(struct oa_slice pairs)
{
    struct oa_slice key, value;
    int count = 0;

    while (oa_env_entity_pair(&pairs, &key, &value)) {
        if (!is_name(key) || value.ptr == NULL || has_any(value, "{}[]@;=") || !oa_text_is_encoded(value))
            return -1;
        count++;
    }
    return count;
}

/* Takes what stands between open and close off the front of text; false if it does not start with open, or the
 * end is missing. */
static bool take_between(struct oa_slice *text, char open, char close, struct oa_slice *ret_inside)
{
    if (text->len == 0 || text->ptr[0] != open)
        return false;
    *text = (struct oa_slice){ text->ptr + 1, text->len - 1 };
    *ret_inside = oa_slice_next(text, close);
    return text->ptr != NULL;
}

static bool is_url(struct oa_slice text)
{
    const char *colon = text.len ? memchr(text.ptr, ':', text.len) : NULL;

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f)
            return false;
    return colon && is_name((struct oa_slice){ text.ptr, (size_t)(colon - text.ptr) }) &&
           text.len - (size_t)(colon - text.ptr) > 3 && memcmp(colon, "://", 3) == 0;
}

/* *ret_bad: a URL that is none; the entity counts without it. */
static bool read_part(struct oa_slice part, struct oa_env_entity *entity, struct oa_slice *ret_bad)
{
    const char *brace = memchr(part.ptr, '{', part.len);
    struct oa_slice rest;

    *entity = (struct oa_env_entity){ .type = { NULL, 0 } };
    if (!brace)
        return false;
    rest = (struct oa_slice){ brace, part.len - (size_t)(brace - part.ptr) };
    entity->type = oa_slice_trim((struct oa_slice){ part.ptr, (size_t)(brace - part.ptr) });
    if (!is_name(entity->type) || !take_between(&rest, '{', '}', &entity->ids) || count_pairs(entity->ids) <= 0)
        return false;
    rest = oa_slice_trim(rest);
    if (rest.len && rest.ptr[0] == '[') {
        if (!take_between(&rest, '[', ']', &entity->description) || count_pairs(entity->description) < 0)
            return false;
        rest = oa_slice_trim(rest);
    }
    if (rest.len == 0)
        return true;
    if (rest.ptr[0] != '@')
        return false;
    rest = oa_slice_trim((struct oa_slice){ rest.ptr + 1, rest.len - 1 });
    if (is_url(rest))
        entity->schema_url = rest;
    else if (ret_bad && ret_bad->len == 0)
        *ret_bad = rest;
    return true;
}

static bool comes_again(struct oa_slice text, struct oa_slice type)
{
    struct oa_env_entity later;

    for (int i = 0; text.len && i < LOOK_AHEAD; i++) {
        struct oa_slice part = oa_slice_trim(oa_slice_next(&text, ';'));

        if (part.len && read_part(part, &later, NULL) && oa_slice_eq(later.type, type))
            return true;
    }
    return false;
}

bool oa_env_entity_next(struct oa_slice *text, struct oa_env_entity *ret_entity, struct oa_slice *ret_bad)
{
    struct oa_slice part;

    while ((part = oa_slice_item(text, ';')).len) {
        if (read_part(part, ret_entity, ret_bad) && !comes_again(*text, ret_entity->type))
            return true;
        if (ret_bad && ret_bad->len == 0)
            *ret_bad = part;
    }
    return false;
}
