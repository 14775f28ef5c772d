/*
 * Events and links of a span that is being written (span.h). Attributes that are written between open and close
 * belong to the event or link. One that has no room is left out whole, with its attributes, and counted in the record
 * (attr_dropped); room for it is a part of the text_bytes of oa_span_begin(). No allocation; any hook may call.
 */
#ifndef OA_API_SPAN_EXTRAS_H
#define OA_API_SPAN_EXTRAS_H

#include "preload/base/limits.h"
#include "sdk/api/span.h"

/* Between open and close; on the caller's stack. */
struct oa_span_item {
    uint32_t begin;      /* where it stands in the record */
    uint32_t counts;     /* where its attr_count does, attr_dropped behind it; 0: it has no room */
    uint16_t attr_count; /* of the record, before it */
    uint16_t attr_dropped;
};

#define OA_SPAN_PADDING 8u
#define OA_SPAN_EVENT_ROOM(name_len) \
    ((uint32_t)(sizeof(struct oa_record_attr) + sizeof(struct oa_record_event) + (name_len) + OA_SPAN_PADDING))
#define OA_SPAN_LINK_ROOM(state_len) \
    ((uint32_t)(sizeof(struct oa_record_attr) + sizeof(struct oa_record_link) + (state_len) + OA_SPAN_PADDING))

void oa_span_event_open(struct oa_span_writer *w, struct oa_span_item *item, uint64_t unix_ns, struct oa_slice name);
/* to: a valid context, of another span. A tracestate that is too long is left out. */
void oa_span_link_open(struct oa_span_writer *w, struct oa_span_item *item, const struct oa_span_context *to,
                       struct oa_slice tracestate);
/* Before an event's close: so many behind it were not kept. */
void oa_span_events_lost(struct oa_span_writer *w, const struct oa_span_item *event, uint16_t count);
void oa_span_item_close(struct oa_span_writer *w, const struct oa_span_item *item);

#endif
