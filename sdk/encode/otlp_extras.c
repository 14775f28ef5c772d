#include "sdk/encode/otlp_extras.h"

#include "sdk/encode/otlp_wire.h"

/* Members (otlp-wire 2). */
enum { SPAN_EVENTS = 11, SPAN_EVENTS_DROPPED, SPAN_LINKS, SPAN_LINKS_DROPPED };
enum { EVENT_TIME = 1, EVENT_NAME, EVENT_ATTRIBUTES, EVENT_DROPPED };
enum { LINK_TRACE_ID = 1, LINK_SPAN_ID, LINK_TRACE_STATE, LINK_ATTRIBUTES, LINK_DROPPED, LINK_FLAGS };

/* What is zero is left out. */
static size_t count_len(uint32_t count)
{
    return count ? 1 + oa_otlp_varint_len(count) : 0;
}

static uint8_t *put_count(uint8_t *at, unsigned number, uint32_t count)
{
    return count ? oa_otlp_varint(oa_otlp_tag(at, number, OA_OTLP_WIRE_VARINT), count) : at;
}

static size_t event_len(const struct oa_event_view *event)
{
    return (event->unix_ns ? 1 + sizeof(event->unix_ns) : 0) + oa_otlp_text_len(event->name.len) +
           oa_otlp_attributes_len(event->attrs, event->attr_count) + count_len(event->attr_dropped);
}

static uint8_t *put_event(uint8_t *at, const struct oa_event_view *event)
{
    at += oa_otlp_wire_head(at, SPAN_EVENTS, event_len(event));
    if (event->unix_ns)
        at = oa_otlp_fixed64(at, EVENT_TIME, event->unix_ns);
    at = oa_otlp_text_put(at, EVENT_NAME, event->name.ptr, event->name.len);
    at = oa_otlp_put_attributes(at, EVENT_ATTRIBUTES, event->attrs, event->attr_count);
    return put_count(at, EVENT_DROPPED, event->attr_dropped);
}

static size_t link_len(const struct oa_link_view *link)
{
    return oa_otlp_text_len(sizeof(link->trace_id)) + oa_otlp_text_len(sizeof(link->span_id)) +
           (link->tracestate.len ? oa_otlp_text_len(link->tracestate.len) : 0) +
           oa_otlp_attributes_len(link->attrs, link->attr_count) + count_len(link->attr_dropped) + 1 +
           sizeof(uint32_t);
}

static uint8_t *put_link(uint8_t *at, const struct oa_link_view *link)
{
    at += oa_otlp_wire_head(at, SPAN_LINKS, link_len(link));
    at = oa_otlp_text_put(at, LINK_TRACE_ID, link->trace_id, sizeof(link->trace_id));
    at = oa_otlp_text_put(at, LINK_SPAN_ID, link->span_id, sizeof(link->span_id));
    if (link->tracestate.len)
        at = oa_otlp_text_put(at, LINK_TRACE_STATE, link->tracestate.ptr, link->tracestate.len);
    at = oa_otlp_put_attributes(at, LINK_ATTRIBUTES, link->attrs, link->attr_count);
    at = put_count(at, LINK_DROPPED, link->attr_dropped);
    return oa_otlp_fixed32(oa_otlp_tag(at, LINK_FLAGS, OA_OTLP_WIRE_FIXED32),
                           oa_otlp_flags(link->flags, link->remote));
}

size_t oa_otlp_extras_len(const struct oa_span_extras *extras)
{
    size_t len = count_len(extras->event_dropped) + count_len(extras->link_dropped);

    for (uint32_t i = 0; i < extras->event_count; i++)
        len += oa_otlp_text_len(event_len(&extras->events[i]));
    for (uint32_t i = 0; i < extras->link_count; i++)
        len += oa_otlp_text_len(link_len(&extras->links[i]));
    return len;
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
