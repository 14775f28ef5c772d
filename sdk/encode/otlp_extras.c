#include "sdk/encode/otlp_extras.h"

#include "sdk/encode/otlp_wire.h"

/* Members (otlp-wire 2). */
enum { SPAN_EVENTS = 11, SPAN_EVENTS_DROPPED, SPAN_LINKS, SPAN_LINKS_DROPPED };
enum { EVENT_TIME = 1, EVENT_NAME, EVENT_ATTRIBUTES, EVENT_DROPPED };
enum { LINK_TRACE_ID = 1, LINK_SPAN_ID, LINK_TRACE_STATE, LINK_ATTRIBUTES, LINK_DROPPED, LINK_FLAGS };

#define EXTRA_FIXED_MAX 128u /* ids, time, flags and counts, with every tag and length */

/* What is zero is left out. */
static uint8_t *put_count(uint8_t *at, unsigned number, uint32_t count)
{
    return count ? oa_otlp_varint(oa_otlp_tag(at, number, OA_OTLP_WIRE_VARINT), count) : at;
}

/* A message whose body ends at `end` and was begun so far behind `at` that any head fits: tag, length, body. */
static uint8_t *close_message(uint8_t *at, unsigned number, const uint8_t *end)
{
    const uint8_t *body = at + OA_OTLP_HEAD_MAX;
    size_t len = (size_t)(end - body), head_len = oa_otlp_wire_head(at, number, len);

    memmove(at + head_len, body, len);
    return at + head_len + len;
}

static uint8_t *put_event(uint8_t *at, const struct oa_event_view *event)
{
    uint8_t *to = at + OA_OTLP_HEAD_MAX;

    if (event->unix_ns)
        to = oa_otlp_fixed64(to, EVENT_TIME, event->unix_ns);
    to = oa_otlp_text_put(to, EVENT_NAME, event->name.ptr, event->name.len);
    to = oa_otlp_put_attributes(to, EVENT_ATTRIBUTES, event->attrs, event->attr_count);
    return close_message(at, SPAN_EVENTS, put_count(to, EVENT_DROPPED, event->attr_dropped));
}

static uint8_t *put_link(uint8_t *at, const struct oa_link_view *link)
{
    uint8_t *to = at + OA_OTLP_HEAD_MAX;

    to = oa_otlp_text_put(to, LINK_TRACE_ID, link->trace_id, sizeof(link->trace_id));
    to = oa_otlp_text_put(to, LINK_SPAN_ID, link->span_id, sizeof(link->span_id));
    if (link->tracestate.len)
        to = oa_otlp_text_put(to, LINK_TRACE_STATE, link->tracestate.ptr, link->tracestate.len);
    to = oa_otlp_put_attributes(to, LINK_ATTRIBUTES, link->attrs, link->attr_count);
    to = put_count(to, LINK_DROPPED, link->attr_dropped);
    to = oa_otlp_fixed32(oa_otlp_tag(to, LINK_FLAGS, OA_OTLP_WIRE_FIXED32), oa_otlp_flags(link->flags, link->remote));
    return close_message(at, SPAN_LINKS, to);
}

size_t oa_otlp_extras_max(const struct oa_span_extras *extras)
{
    size_t bytes = EXTRA_FIXED_MAX;

    for (uint32_t i = 0; i < extras->event_count; i++) {
        const struct oa_event_view *event = &extras->events[i];

        bytes += EXTRA_FIXED_MAX + event->name.len + oa_otlp_attributes_max(event->attrs, event->attr_count);
    }
    for (uint32_t i = 0; i < extras->link_count; i++) {
        const struct oa_link_view *link = &extras->links[i];

        bytes += EXTRA_FIXED_MAX + link->tracestate.len + oa_otlp_attributes_max(link->attrs, link->attr_count);
    }
    return bytes;
}

uint8_t *oa_otlp_put_extras(uint8_t *at, const struct oa_span_extras *extras)
{
    for (uint32_t i = 0; i < extras->event_count; i++)
        at = put_event(at, &extras->events[i]);
    at = put_count(at, SPAN_EVENTS_DROPPED, extras->event_dropped);
    for (uint32_t i = 0; i < extras->link_count; i++)
        at = put_link(at, &extras->links[i]);
    return put_count(at, SPAN_LINKS_DROPPED, extras->link_dropped);
}
