/* Events and links of a span in OTLP/JSON. */
#include "sdk/encode/otlp_json_internal.h"
#include "sdk/encode/otlp_wire.h"

static void put_event(struct oa_json *json, const struct oa_event_view *event)
{
    oa_json_object_open(json);
    oa_otlp_json_u64(json, OA_SLICE("timeUnixNano"), event->unix_ns);
    oa_json_member_str(json, OA_SLICE("name"), event->name);
    oa_otlp_json_attrs(json, event->attrs, event->attr_count);
    oa_otlp_json_dropped(json, OA_SLICE("droppedAttributesCount"), event->attr_dropped);
    oa_json_object_close(json);
}

static void put_link(struct oa_json *json, const struct oa_link_view *link)
{
    oa_json_object_open(json);
    oa_json_member_hex(json, OA_SLICE("traceId"), link->trace_id, sizeof(link->trace_id));
    oa_json_member_hex(json, OA_SLICE("spanId"), link->span_id, sizeof(link->span_id));
    if (link->tracestate.len)
        oa_json_member_str(json, OA_SLICE("traceState"), link->tracestate);
    oa_otlp_json_attrs(json, link->attrs, link->attr_count);
    oa_otlp_json_dropped(json, OA_SLICE("droppedAttributesCount"), link->attr_dropped);
    oa_json_member_int(json, OA_SLICE("flags"), oa_otlp_flags(link->flags, link->remote));
    oa_json_object_close(json);
}

void oa_otlp_json_extras(struct oa_json *json, const struct oa_span_extras *extras)
{
    oa_json_member_array_open(json, OA_SLICE("events"));
    for (uint32_t i = 0; i < extras->event_count; i++)
        put_event(json, &extras->events[i]);
    oa_json_array_close(json);
    oa_otlp_json_dropped(json, OA_SLICE("droppedEventsCount"), extras->event_dropped);
    oa_json_member_array_open(json, OA_SLICE("links"));
    for (uint32_t i = 0; i < extras->link_count; i++)
        put_link(json, &extras->links[i]);
    oa_json_array_close(json);
    oa_otlp_json_dropped(json, OA_SLICE("droppedLinksCount"), extras->link_dropped);
}
