/* Events and links of a ring record: the items of its attribute stream that have attributes of their own. */
#include <string.h>

#include "preload/base/err.h"
#include "sdk/model/attrs_reader.h"
#include "sdk/model/utf8.h"

/* Behind this one there is room for so many more items of that kind at most. */
static uint32_t most_of(const struct oa_attrs_reader *reader, size_t head_bytes, uint32_t limit)
{
    size_t most = 1 + reader->cursor.left / (sizeof(struct oa_record_attr) + head_bytes);

    return most < limit ? (uint32_t)most : limit;
}

/* The attributes behind a head and its text: in a cursor of their own, so that they end with the item. */
static int read_attrs(struct oa_attrs_reader *reader, struct oa_attrs_reader *own, uint32_t count, uint32_t count_max)
{
    struct oa_span_limits limits = *reader->limits;
    int err;

    limits.attr_count_max = count_max;
    own->limits = &limits;
    err = oa_attrs_reader_run(own, count);
    own->limits = NULL;
    return err;
}

static struct oa_attrs_reader reader_of(const struct oa_attrs_reader *reader, struct oa_slice value)
{
    return (struct oa_attrs_reader){
        .cursor = { value.ptr, value.len }, .arena = reader->arena, .borrow = reader->borrow, .inner = true
    };
}

static int event_read(struct oa_attrs_reader *reader, struct oa_slice value, struct oa_event_view *event,
                      uint32_t *ret_lost)
{
    struct oa_attrs_reader own = reader_of(reader, value);
    struct oa_record_event head;
    const char *text;
    int err;

    if (!oa_record_cursor_copy(&own.cursor, &head, sizeof(head)) ||
        !(text = oa_record_cursor_take_padded(&own.cursor, head.text_len)))
        return OA_EMALFORMED;
    *event = (struct oa_event_view){ .unix_ns = head.unix_ns };
    err = oa_attrs_reader_text(&own, head.text_len ? (struct oa_slice){ text, head.text_len } : OA_SLICE("unknown"),
                               OA_UTF8_NO_LIMIT, &event->name);
    if (err == 0)
        err = read_attrs(reader, &own, head.attr_count, reader->limits->event_attr_count_max);
    event->attrs = own.attrs;
    event->attr_count = own.count;
    event->attr_dropped = head.attr_dropped + own.dropped;
    *ret_lost = head.lost;
    return err;
}

static int link_read(struct oa_attrs_reader *reader, struct oa_slice value, struct oa_link_view *link)
{
    struct oa_attrs_reader own = reader_of(reader, value);
    struct oa_record_link head;
    const char *text;
    int err;

    if (!oa_record_cursor_copy(&own.cursor, &head, sizeof(head)) ||
        !(text = oa_record_cursor_take_padded(&own.cursor, head.text_len)))
        return OA_EMALFORMED;
    *link = (struct oa_link_view){ .flags = head.flags, .remote = head.remote };
    memcpy(link->trace_id, head.trace_id, sizeof(link->trace_id));
    memcpy(link->span_id, head.span_id, sizeof(link->span_id));
    err = oa_attrs_reader_text(&own, (struct oa_slice){ text, head.text_len }, OA_UTF8_NO_LIMIT, &link->tracestate);
    if (err == 0)
        err = read_attrs(reader, &own, head.attr_count, reader->limits->link_attr_count_max);
    link->attrs = own.attrs;
    link->attr_count = own.count;
    link->attr_dropped = head.attr_dropped + own.dropped;
    return err;
}

/* A link to nothing that says nothing either is to be ignored (trace API, link creation). */
static bool says_nothing(const struct oa_link_view *link)
{
    return (oa_id_is_zero(link->trace_id, sizeof(link->trace_id)) ||
            oa_id_is_zero(link->span_id, sizeof(link->span_id))) &&
           !link->tracestate.len && !link->attr_count && !link->attr_dropped;
}

/* Puts a view behind the count of them that the list has; room for most is made for the first. NULL: no memory. */
static const void *append(struct oa_arena *arena, const void *list, uint32_t count, uint32_t most,
                          struct oa_slice view)
{
    char *room = list ? (char *)(uintptr_t)list : oa_arena_alloc(arena, most * view.len);

    if (room)
        memcpy(room + count * view.len, view.ptr, view.len);
    return room;
}

/* The first ones are kept. What is over the limit is read as well: a record is good or refused as a whole. */
static int add_event(struct oa_attrs_reader *reader, struct oa_slice value)
{
    uint32_t max = reader->limits->event_count_max, lost = 0;
    struct oa_span_extras *extras = reader->extras;
    struct oa_event_view event;
    int err = event_read(reader, value, &event, &lost);

    if (err < 0)
        return err;
    extras->event_dropped += lost;
    if (extras->event_count >= max) {
        extras->event_dropped++;
        return 0;
    }
    extras->events = append(reader->arena, extras->events, extras->event_count,
                            most_of(reader, sizeof(struct oa_record_event), max),
                            (struct oa_slice){ (const char *)&event, sizeof(event) });
    extras->event_count += extras->events != NULL;
    return extras->events ? 0 : OA_ENOMEM;
}

static int add_link(struct oa_attrs_reader *reader, struct oa_slice value)
{
    uint32_t max = reader->limits->link_count_max;
    struct oa_span_extras *extras = reader->extras;
    struct oa_link_view link;
    int err = link_read(reader, value, &link);

    if (err < 0)
        return err;
    if (says_nothing(&link))
        return 0;
    if (extras->link_count >= max) {
        extras->link_dropped++;
        return 0;
    }
    extras->links =
        append(reader->arena, extras->links, extras->link_count, most_of(reader, sizeof(struct oa_record_link), max),
               (struct oa_slice){ (const char *)&link, sizeof(link) });
    extras->link_count += extras->links != NULL;
    return extras->links ? 0 : OA_ENOMEM;
}

int oa_extras_read(struct oa_attrs_reader *reader, uint8_t type, struct oa_slice value)
{
    if (!reader->extras) {
        reader->extras = oa_arena_calloc(reader->arena, 1, sizeof(*reader->extras));
        if (!reader->extras)
            return OA_ENOMEM;
    }
    return type == OA_ATTR_EVENT ? add_event(reader, value) : add_link(reader, value);
}
