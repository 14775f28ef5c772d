#include "sdk/encode/zipkin_span.h"

#include <arpa/inet.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/json.h"

#define TAGS_OWN 9u /* scope (4), status (2), what was dropped (3) */

uint8_t oa_zipkin_kind(uint8_t kind)
{
    static const uint8_t kinds[] = {
        [OA_SPAN_CLIENT] = 1, [OA_SPAN_SERVER] = 2, [OA_SPAN_PRODUCER] = 3, [OA_SPAN_CONSUMER] = 4
    };

    return kind < sizeof(kinds) ? kinds[kind] : 0;
}

/* As text: numbers as JSON writes them, lists as JSON. */
static int text_of(const struct oa_attr_view *attr, struct oa_arena *arena, struct oa_slice *ret_text)
{
    struct oa_json json;

    if (attr->type == OA_ATTR_STR) {
        *ret_text = attr->str;
        return 0;
    }
    oa_json_init(&json, arena, 0);
    oa_json_value(&json, attr);
    return oa_json_finish(&json, ret_text);
}

/* The first of a name stays: a span's own attributes come before those of its resource. */
static void put_tag(struct oa_zipkin_span *span, struct oa_slice key, struct oa_slice value)
{
    for (uint32_t i = 0; i < span->tag_count; i++)
        if (oa_slice_eq(span->tags[i].key, key))
            return;
    span->tags[span->tag_count++] = (struct oa_zipkin_tag){ key, value };
}

static int put_attrs(struct oa_zipkin_span *span, const struct oa_attr_view *attrs, uint32_t count,
                     struct oa_arena *arena)
{
    struct oa_slice value;
    int err = 0;

    for (uint32_t i = 0; i < count && err == 0; i++) {
        if (oa_slice_eq(attrs[i].key, OA_SLICE("service.name")) && span->local.service.len)
            continue; /* the endpoint says it */
        err = text_of(&attrs[i], arena, &value);
        if (err == 0)
            put_tag(span, attrs[i].key, value);
    }
    return err;
}

/* A count, if it is one of something. */
static int put_dropped(struct oa_zipkin_span *span, struct oa_slice key, uint32_t count, struct oa_arena *arena)
{
    struct oa_attr_view dropped = { .type = OA_ATTR_INT, .num = count };
    struct oa_slice text;
    int err;

    if (!count)
        return 0;
    err = text_of(&dropped, arena, &text);
    if (err == 0)
        put_tag(span, key, text);
    return err;
}

/* Any tag "error" marks a failure for Zipkin, whatever it says: so it is there only where one is. */
static int put_own(struct oa_zipkin_span *span, struct oa_arena *arena)
{
    const struct oa_span_view *view = span->view;
    struct oa_slice scope = oa_slice_of(oa_scope_name(view->scope)), version = OA_SLICE(OA_SDK_VERSION);
    int err;

    put_tag(span, OA_SLICE("otel.scope.name"), scope);
    put_tag(span, OA_SLICE("otel.scope.version"), version);
    put_tag(span, OA_SLICE("otel.library.name"), scope);
    put_tag(span, OA_SLICE("otel.library.version"), version);
    if (view->status != OA_STATUS_UNSET)
        put_tag(span, OA_SLICE("otel.status_code"),
                view->status == OA_STATUS_OK ? OA_SLICE("OK") : OA_SLICE("ERROR"));
    if (view->status == OA_STATUS_ERROR)
        put_tag(span, OA_SLICE("error"), OA_SLICE(""));
    err = put_dropped(span, OA_SLICE("otel.dropped_attributes_count"), view->attr_dropped, arena);
    if (err == 0 && view->extras)
        err = put_dropped(span, OA_SLICE("otel.dropped_events_count"), view->extras->event_dropped, arena);
    if (err == 0 && view->extras)
        err = put_dropped(span, OA_SLICE("otel.dropped_links_count"), view->extras->link_dropped, arena);
    return err;
}

static const struct oa_attr_view *text_attr(const struct oa_span_view *view, struct oa_slice key)
{
    const struct oa_attr_view *attr = oa_span_view_attr(view, key);

    return attr && attr->type == OA_ATTR_STR && attr->str.len ? attr : NULL;
}

static void set_address(struct oa_zipkin_endpoint *endpoint, struct oa_slice text)
{
    char address[INET6_ADDRSTRLEN];

    if (text.len >= sizeof(address))
        return;
    memcpy(address, text.ptr, text.len);
    address[text.len] = '\0';
    if (inet_pton(AF_INET, address, endpoint->address) == 1)
        endpoint->address_bytes = 4;
    else if (inet_pton(AF_INET6, address, endpoint->address) == 1)
        endpoint->address_bytes = 16;
}

/* The first of these that is there, for spans that ask somebody. address: it may be an IP address; port: goes
 * with it. */
static void set_remote(struct oa_zipkin_span *span)
{
    static const struct {
        struct oa_slice key, port;
        bool address;
    } ranks[] = {
        { OA_SLICE("peer.service"), { NULL, 0 }, false },
        { OA_SLICE("server.address"), { NULL, 0 }, false },
        { OA_SLICE("net.peer.name"), { NULL, 0 }, false },
        { OA_SLICE("network.peer.address"), OA_SLICE("network.peer.port"), true },
        { OA_SLICE("server.socket.domain"), { NULL, 0 }, false },
        { OA_SLICE("server.socket.address"), OA_SLICE("server.socket.port"), true },
        { OA_SLICE("net.sock.peer.name"), { NULL, 0 }, false },
        { OA_SLICE("net.sock.peer.addr"), OA_SLICE("net.sock.peer.port"), true },
        { OA_SLICE("peer.hostname"), { NULL, 0 }, false },
        { OA_SLICE("peer.address"), { NULL, 0 }, false },
        { OA_SLICE("db.name"), { NULL, 0 }, false },
    };
    const struct oa_attr_view *attr, *port;

    if (span->view->kind != OA_SPAN_CLIENT && span->view->kind != OA_SPAN_PRODUCER)
        return;
    for (size_t i = 0; i < OA_COUNT(ranks); i++) {
        if (!(attr = text_attr(span->view, ranks[i].key)))
            continue;
        if (ranks[i].address)
            set_address(&span->remote, attr->str);
        if (!span->remote.address_bytes) {
            span->remote.service = attr->str;
            return;
        }
        port = oa_span_view_attr(span->view, ranks[i].port);
        if (port && port->type == OA_ATTR_INT && port->num > 0 && port->num <= UINT16_MAX)
            span->remote.port = (uint16_t)port->num;
        return;
    }
}

/* The name, or "name": {its attributes}. */
static int annotation_of(const struct oa_event_view *event, struct oa_arena *arena, struct oa_slice *ret_value)
{
    struct oa_json json;

    if (!event->attr_count) {
        *ret_value = event->name;
        return 0;
    }
    oa_json_init(&json, arena, 0);
    oa_json_member_object_open(&json, event->name);
    oa_json_members(&json, event->attrs, event->attr_count);
    oa_json_object_close(&json);
    return oa_json_finish(&json, ret_value);
}

/* Links and tracestate have no place in Zipkin. */
static int put_annotations(struct oa_zipkin_span *span, const struct oa_span_extras *extras, struct oa_arena *arena)
{
    int err = 0;

    if (!extras || !extras->event_count)
        return 0;
    span->annotations = oa_arena_calloc(arena, extras->event_count, sizeof(*span->annotations));
    if (!span->annotations)
        return OA_ENOMEM;
    span->annotation_count = extras->event_count;
    for (uint32_t i = 0; i < extras->event_count && err == 0; i++) {
        span->annotations[i].timestamp_us = extras->events[i].unix_ns / 1000;
        err = annotation_of(&extras->events[i], arena, &span->annotations[i].value);
    }
    return err;
}

int oa_zipkin_span(const struct oa_span_view *view, const struct oa_resource *resource, struct oa_arena *arena,
                   struct oa_zipkin_span *ret_span)
{
    const struct oa_attr_view *name = oa_resource_find(resource, OA_SLICE("service.name"));
    struct oa_zipkin_span span = { .view = view };
    uint32_t most = view->attr_count + resource->attr_count + TAGS_OWN;
    int err;

    span.timestamp_us = view->start_unix_ns / 1000;
    span.duration_us = (view->end_unix_ns - view->start_unix_ns) / 1000;
    span.duration_us = span.duration_us ? span.duration_us : 1;
    span.local.service = name && name->type == OA_ATTR_STR ? name->str : OA_SLICE("unknown_service");
    span.tags = oa_arena_calloc(arena, most, sizeof(*span.tags));
    if (!span.tags)
        return OA_ENOMEM;
    set_remote(&span);
    err = put_attrs(&span, view->attrs, view->attr_count, arena);
    if (err == 0)
        err = put_own(&span, arena);
    if (err == 0)
        err = put_attrs(&span, resource->attrs, resource->attr_count, arena);
    if (err == 0)
        err = put_annotations(&span, view->extras, arena);
    *ret_span = span;
    return err;
}
