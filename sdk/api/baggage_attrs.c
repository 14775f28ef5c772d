#include "sdk/api/baggage_attrs.h"

#include "preload/base/compiler.h"
#include "preload/base/glob.h"

bool oa_baggage_attrs_on;
static struct oa_slice wanted;

struct entry {
    struct oa_slice key, value;
};

OA_START void oa_baggage_attrs_init(const char *keys)
{
    wanted = oa_slice_trim(oa_slice_of(keys));
    oa_baggage_attrs_on = wanted.len != 0;
}

static bool is_meant(struct oa_slice item, struct oa_slice key)
{
    if (item.ptr[item.len - 1] != '*')
        return oa_slice_eq(item, key);
    item.len--;
    return oa_slice_starts(key, item);
}

/* Takes the list up to the next entry that is asked for. */
static bool next(struct oa_slice *list, struct entry *ret_entry)
{
    while (list->len) {
        struct oa_slice member = oa_slice_next(list, ',');
        struct oa_slice pair = oa_slice_next(&member, ';'); /* without its metadata */
        struct oa_slice key = oa_slice_next(&pair, '=');

        if (oa_glob_list(wanted, key, is_meant)) {
            *ret_entry = (struct entry){ .key = key, .value = pair };
            return true;
        }
    }
    return false;
}

uint32_t oa_baggage_attrs_room(struct oa_slice list)
{
    struct entry entry;
    uint32_t room = 0;

    for (uint32_t count = 0; count < OA_BAGGAGE_ATTRS_MAX && next(&list, &entry); count++)
        room += OA_SPAN_ENCODED_ROOM(entry.key.len, entry.value.len);
    return room;
}

void oa_baggage_attrs_put(struct oa_span_writer *w, struct oa_slice list, uint32_t room)
{
    uint32_t end = w->used + room, count = 0;
    struct entry entry;

    while (next(&list, &entry)) {
        uint32_t need = OA_SPAN_ENCODED_ROOM(entry.key.len, entry.value.len);

        if (count == OA_BAGGAGE_ATTRS_MAX || w->used + need > end) {
            w->record->attr_dropped++;
            continue;
        }
        oa_span_str_encoded(w, entry.key, entry.value);
        count++;
    }
}
