#include "sdk/api/span_extras.h"

#include <stddef.h>
#include <string.h>

#define COUNTS(head) (sizeof(struct oa_record_attr) + offsetof(struct head, attr_count))

_Static_assert(offsetof(struct oa_record_event, attr_dropped) == offsetof(struct oa_record_event, attr_count) + 2 &&
                   offsetof(struct oa_record_link, attr_dropped) == offsetof(struct oa_record_link, attr_count) + 2,
               "close writes both counts at once");

/* Everything but the length and the counts, which close knows. */
static void open_item(struct oa_span_writer *w, struct oa_span_item *item, struct oa_slice head, struct oa_slice text,
                      enum oa_attr_type type)
{
    struct oa_record_span *r = w->record;
    struct oa_record_attr attr = { .type = (uint8_t)type };
    uint32_t bytes = (uint32_t)(sizeof(attr) + head.len) + OA_RECORD_PAD8(text.len);
    char *at = (char *)r + w->used;

    *item = (struct oa_span_item){ .begin = w->used, .attr_count = r->attr_count, .attr_dropped = r->attr_dropped };
    if (w->used + bytes > r->head.size)
        return;
    item->counts = w->used + (uint32_t)(type == OA_ATTR_EVENT ? COUNTS(oa_record_event) : COUNTS(oa_record_link));
    memset(at, 0, bytes);
    memcpy(at, &attr, sizeof(attr));
    memcpy(at + sizeof(attr), head.ptr, head.len);
    if (text.len)
        memcpy(at + sizeof(attr) + head.len, text.ptr, text.len);
    w->used += bytes;
}

void oa_span_event_open(struct oa_span_writer *w, struct oa_span_item *item, uint64_t unix_ns, struct oa_slice name)
{
    struct oa_record_event head = { .unix_ns = unix_ns };

    if (!w->record)
        return;
    if (name.len > OA_NAME_MAX)
        name.len = OA_NAME_MAX;
    head.text_len = (uint16_t)name.len;
    open_item(w, item, (struct oa_slice){ (const char *)&head, sizeof(head) }, name, OA_ATTR_EVENT);
}

void oa_span_link_open(struct oa_span_writer *w, struct oa_span_item *item, const struct oa_span_context *to,
                       struct oa_slice tracestate)
{
    struct oa_record_link head = { .flags = to->flags, .remote = to->remote };

    if (!w->record)
        return;
    if (tracestate.len > OA_TRACESTATE_MAX)
        tracestate.len = 0; /* never a cut list */
    memcpy(head.trace_id, to->trace_id, sizeof(head.trace_id));
    memcpy(head.span_id, to->span_id, sizeof(head.span_id));
    head.text_len = (uint16_t)tracestate.len;
    open_item(w, item, (struct oa_slice){ (const char *)&head, sizeof(head) }, tracestate, OA_ATTR_LINK);
}

void oa_span_events_lost(struct oa_span_writer *w, const struct oa_span_item *event, uint16_t count)
{
    size_t at = event->counts - offsetof(struct oa_record_event, attr_count) + offsetof(struct oa_record_event, lost);

    if (w->record && event->counts)
        memcpy((char *)w->record + at, &count, sizeof(count));
}

void oa_span_item_close(struct oa_span_writer *w, const struct oa_span_item *item)
{
    struct oa_record_span *r = w->record;
    uint16_t counts[2];
    uint32_t len;
    char *at;

    if (!r)
        return;
    counts[0] = (uint16_t)(r->attr_count - item->attr_count);
    counts[1] = (uint16_t)(r->attr_dropped - item->attr_dropped);
    r->attr_count = item->attr_count;
    r->attr_dropped = item->attr_dropped;
    at = (char *)r + item->begin;
    if (!item->counts) { /* what is not used of a record is clean (ring.c) */
        memset(at, 0, w->used - item->begin);
        w->used = item->begin;
        r->attr_dropped++;
        return;
    }
    len = w->used - item->begin - (uint32_t)sizeof(struct oa_record_attr);
    memcpy(at + offsetof(struct oa_record_attr, len), &len, sizeof(len));
    memcpy((char *)r + item->counts, counts, sizeof(counts));
    r->attr_count++;
}
