#include "sdk/model/attrs_reader.h"

#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/utf8.h"

_Static_assert(OA_KEY_COUNT <= 64, "one bit per key in oa_attrs_reader.seen");

static const struct oa_slice attr_keys[OA_KEY_COUNT] = {
#define ATTR(id, key, type) [OA_KEY_##id] = OA_SLICE(key),
#include "hooks/attrs.def"
#undef ATTR
};

int oa_attrs_reader_text(struct oa_attrs_reader *reader, struct oa_slice raw, uint32_t chars_max,
                         struct oa_slice *ret_text)
{
    if (oa_unlikely(!reader->borrow))
        return oa_utf8_copy(reader->arena, raw, chars_max, ret_text);
    if (oa_unlikely(raw.len > chars_max || !oa_utf8_is_plain(raw)))
        return oa_utf8_borrow(reader->arena, raw, chars_max, ret_text);
    *ret_text = raw;
    return 0;
}

/* Array items: how many, and whether they add up to exactly the length of the value. */
static int items_count(struct oa_slice value, uint32_t *ret_count)
{
    struct oa_record_cursor cursor = { value.ptr, value.len };
    uint32_t count = 0, len;

    for (; cursor.left; count++)
        if (!oa_record_cursor_copy(&cursor, &len, sizeof(len)) || !oa_record_cursor_take(&cursor, len))
            return OA_EMALFORMED;
    *ret_count = count;
    return 0;
}

static int attr_read_items(struct oa_attrs_reader *reader, struct oa_slice raw, struct oa_attr_view *attr)
{
    /* A private copy first: the two passes below must see the same lengths. */
    struct oa_slice value = { oa_arena_strndup(reader->arena, raw.ptr, raw.len), raw.len };
    struct oa_slice *items;
    uint32_t len;
    int err;

    if (!value.ptr)
        return OA_ENOMEM;
    err = items_count(value, &attr->item_count);
    if (err < 0)
        return err;
    items = oa_arena_calloc(reader->arena, attr->item_count, sizeof(*items));
    if (!items)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < attr->item_count; i++) {
        memcpy(&len, value.ptr, sizeof(len));
        err = oa_utf8_copy(reader->arena, (struct oa_slice){ value.ptr + sizeof(len), len },
                           reader->limits->value_chars_max, &items[i]);
        if (err < 0)
            return err;
        value.ptr += sizeof(len) + len;
    }
    attr->items = items;
    return 0;
}

static int attr_read_value(struct oa_attrs_reader *reader, struct oa_slice raw, struct oa_attr_view *attr)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        return oa_attrs_reader_text(reader, raw, reader->limits->value_chars_max, &attr->str);
    case OA_ATTR_ARR:
        return attr_read_items(reader, raw, attr);
    case OA_ATTR_INT:
    case OA_ATTR_BOOL:
        if (raw.len != sizeof(attr->num))
            return OA_EMALFORMED;
        memcpy(&attr->num, raw.ptr, sizeof(attr->num));
        if (attr->type == OA_ATTR_BOOL)
            attr->num = attr->num != 0;
        return 0;
    case OA_ATTR_DOUBLE:
        if (raw.len != sizeof(attr->real))
            return OA_EMALFORMED;
        memcpy(&attr->real, raw.ptr, sizeof(attr->real));
        return 0;
    default:
        return OA_ENOTSUP;
    }
}

/* Key text; ENOTSUP for a key that this version does not know or that has no name. */
static int attr_read_key(struct oa_attrs_reader *reader, struct oa_record_attr head, struct oa_slice raw,
                         struct oa_slice *ret_key)
{
    if (head.key == OA_KEY_CUSTOM)
        return raw.len ? oa_attrs_reader_text(reader, raw, OA_UTF8_NO_LIMIT, ret_key) : OA_ENOTSUP;
    if (raw.len)
        return OA_EMALFORMED;
    if (head.key >= OA_KEY_COUNT)
        return OA_ENOTSUP;
    *ret_key = attr_keys[head.key];
    return 0;
}

/* Could this key have been there before? Only then is it worth looking. */
static bool attrs_may_repeat(struct oa_attrs_reader *reader, uint16_t key)
{
    uint64_t bit = key == OA_KEY_CUSTOM ? 0 : UINT64_C(1) << key;
    bool may = reader->custom || key == OA_KEY_CUSTOM || (reader->seen & bit);

    reader->custom |= key == OA_KEY_CUSTOM;
    reader->seen |= bit;
    return may;
}

/* Counts what was read behind the others. The same key again overwrites, which is never a discard; a new one may
 * exceed the count limit. */
static void attrs_keep(struct oa_attrs_reader *reader, uint16_t key)
{
    const struct oa_attr_view *attr = &reader->attrs[reader->count];
    bool may_repeat = attrs_may_repeat(reader, key);

    for (uint32_t i = 0; may_repeat && i < reader->count; i++) {
        if (oa_slice_eq(reader->attrs[i].key, attr->key)) {
            reader->attrs[i] = *attr;
            return;
        }
    }
    if (reader->count >= reader->limits->attr_count_max)
        reader->dropped++;
    else
        reader->count++;
}

/* No attribute that this version knows: an event, a link, or something that a newer version of ours wrote, of which
 * the rest of the span is good. */
static OA_COLD int read_other(struct oa_attrs_reader *reader, struct oa_record_attr head, struct oa_slice value)
{
    bool extra = head.type == OA_ATTR_EVENT || head.type == OA_ATTR_LINK;

    if (extra && !reader->inner && head.key == OA_KEY_CUSTOM && !head.name_len)
        return oa_extras_read(reader, head.type, value);
    reader->dropped++;
    return 0;
}

static int attr_read(struct oa_attrs_reader *reader)
{
    struct oa_attr_view *attr = &reader->attrs[reader->count];
    struct oa_record_attr head;
    struct oa_slice name, value;
    int err;

    if (!oa_record_cursor_copy(&reader->cursor, &head, sizeof(head)))
        return OA_EMALFORMED;
    name = (struct oa_slice){ oa_record_cursor_take_padded(&reader->cursor, head.name_len), head.name_len };
    value = (struct oa_slice){ oa_record_cursor_take_padded(&reader->cursor, head.len), head.len };
    if (!name.ptr || !value.ptr)
        return OA_EMALFORMED;
    *attr = (struct oa_attr_view){ .type = head.type };
    err = attr_read_key(reader, head, name, &attr->key);
    if (err == 0)
        err = attr_read_value(reader, value, attr);
    if (err == 0)
        attrs_keep(reader, head.key);
    return oa_likely(err != OA_ENOTSUP) ? err : read_other(reader, head, value);
}

/* What nearly every attribute is: of the table and there for the first time, a number or text that is good where it
 * lies. False, and nothing has happened: it is for attr_read() to look at. */
static inline bool attr_read_usual(struct oa_attrs_reader *reader)
{
    struct oa_record_cursor cursor = reader->cursor;
    struct oa_attr_view *attr = &reader->attrs[reader->count];
    struct oa_record_attr head;
    const char *value;

    if (!oa_record_cursor_copy(&cursor, &head, sizeof(head)))
        return false;
    value = oa_record_cursor_take_padded(&cursor, head.len);
    if (!value || head.name_len || head.key == OA_KEY_CUSTOM || head.key >= OA_KEY_COUNT ||
        (reader->seen >> head.key & 1) || reader->custom || reader->count >= reader->limits->attr_count_max)
        return false;
    if (head.type == OA_ATTR_STR && reader->borrow && head.len <= reader->limits->value_chars_max &&
        oa_utf8_is_plain((struct oa_slice){ value, head.len }))
        attr->str = (struct oa_slice){ value, head.len };
    else if (head.type == OA_ATTR_INT && head.len == sizeof(attr->num))
        memcpy(&attr->num, value, sizeof(attr->num));
    else
        return false;
    attr->key = attr_keys[head.key];
    attr->type = head.type;
    attr->item_count = 0;
    reader->seen |= UINT64_C(1) << head.key;
    reader->cursor = cursor;
    reader->count++;
    return true;
}

int oa_attrs_reader_run(struct oa_attrs_reader *reader, uint32_t count)
{
    int err = 0;

    if (count > reader->cursor.left / sizeof(struct oa_record_attr))
        return OA_EMALFORMED;
    reader->attrs = oa_arena_alloc(reader->arena, count * sizeof(*reader->attrs)); /* of 16 bits: no overflow */
    if (!reader->attrs)
        return OA_ENOMEM;
    for (uint32_t i = 0; i < count && err == 0; i++)
        err = oa_likely(attr_read_usual(reader)) ? 0 : attr_read(reader);
    return err;
}
