#include "sdk/encode/console.h"
#include "sdk/encode/console_parts.h"
#include "sdk/encode/json.h"

#define CONSOLE_INDENT 4u

static const char *const kind_words[] = {
    [OA_SPAN_INTERNAL] = "SpanKind.INTERNAL", [OA_SPAN_SERVER] = "SpanKind.SERVER",
    [OA_SPAN_CLIENT] = "SpanKind.CLIENT",     [OA_SPAN_PRODUCER] = "SpanKind.PRODUCER",
    [OA_SPAN_CONSUMER] = "SpanKind.CONSUMER",
};

static const char *const status_words[] = {
    [OA_STATUS_UNSET] = "UNSET",
    [OA_STATUS_OK] = "OK",
    [OA_STATUS_ERROR] = "ERROR",
};

/* A string as Python's repr prints it: single quotes unless the text holds one and no double quote. */
static void put_repr(struct oa_buf *buf, struct oa_slice key, struct oa_slice value)
{
    bool single = memchr(value.ptr, '\'', value.len), both = single && memchr(value.ptr, '"', value.len);
    struct oa_slice quote = single && !both ? OA_SLICE("\"") : OA_SLICE("'");

    oa_buf_put(buf, quote);
    oa_buf_put(buf, OA_SLICE("{key="));
    oa_buf_put(buf, key);
    oa_buf_put(buf, OA_SLICE(", value="));
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\\' || (both && value.ptr[i] == '\''))
            oa_buf_put(buf, OA_SLICE("\\"));
        oa_buf_put(buf, (struct oa_slice){ value.ptr + i, 1 });
    }
    oa_buf_put(buf, OA_SLICE("}"));
    oa_buf_put(buf, quote);
}

/* The list of members as Python's repr of it, inside one JSON string: "[]" when there are none. */
static void put_trace_state(struct oa_json *json, struct oa_slice state)
{
    struct oa_buf buf;
    bool more = false;

    oa_buf_init(&buf, json->buf.arena);
    oa_buf_put(&buf, OA_SLICE("["));
    while (state.len) {
        struct oa_slice member = oa_slice_trim(oa_slice_next(&state, ','));
        struct oa_slice key = oa_slice_next(&member, '=');

        if (!key.len || !member.ptr)
            continue;
        if (more)
            oa_buf_put(&buf, OA_SLICE(", "));
        put_repr(&buf, key, member);
        more = true;
    }
    oa_buf_put(&buf, OA_SLICE("]"));
    if (buf.err)
        json->buf.err = buf.err;
    else
        oa_json_member_str(json, OA_SLICE("trace_state"), (struct oa_slice){ buf.ptr, buf.len });
}

static void put_context(struct oa_json *json, const uint8_t trace_id[16], const uint8_t span_id[8],
                        struct oa_slice tracestate)
{
    oa_json_member_object_open(json, OA_SLICE("context"));
    oa_console_id(json, OA_SLICE("trace_id"), trace_id, 16);
    oa_console_id(json, OA_SLICE("span_id"), span_id, 8);
    put_trace_state(json, tracestate);
    oa_json_object_close(json);
}

static void put_event(struct oa_json *json, const struct oa_event_view *event)
{
    oa_json_object_open(json);
    oa_json_member_str(json, OA_SLICE("name"), event->name);
    oa_console_time(json, OA_SLICE("timestamp"), event->unix_ns);
    oa_console_attributes(json, event->attrs, event->attr_count);
    oa_json_object_close(json);
}

static void put_link(struct oa_json *json, const struct oa_link_view *link)
{
    oa_json_object_open(json);
    put_context(json, link->trace_id, link->span_id, link->tracestate);
    oa_console_attributes(json, link->attrs, link->attr_count);
    oa_json_object_close(json);
}

/* Both lists, empty ones too. What was left out of them is not told there. */
static void put_extras(struct oa_json *json, const struct oa_span_extras *extras)
{
    oa_json_member_array_open(json, OA_SLICE("events"));
    for (uint32_t i = 0; extras && i < extras->event_count; i++)
        put_event(json, &extras->events[i]);
    oa_json_array_close(json);
    oa_json_member_array_open(json, OA_SLICE("links"));
    for (uint32_t i = 0; extras && i < extras->link_count; i++)
        put_link(json, &extras->links[i]);
    oa_json_array_close(json);
}

static void put_span(struct oa_json *json, const struct oa_span_view *span, const struct oa_resource *resource)
{
    oa_json_object_open(json);
    oa_json_member_str(json, OA_SLICE("name"), span->name);
    put_context(json, span->trace_id, span->span_id, span->tracestate);
    oa_json_member_str(json, OA_SLICE("kind"), oa_slice_of(kind_words[span->kind]));
    if (span->has_parent)
        oa_console_id(json, OA_SLICE("parent_id"), span->parent_id, sizeof(span->parent_id));
    else
        oa_json_member_null(json, OA_SLICE("parent_id"));
    oa_console_time(json, OA_SLICE("start_time"), span->start_unix_ns);
    oa_console_time(json, OA_SLICE("end_time"), span->end_unix_ns);
    oa_json_member_object_open(json, OA_SLICE("status"));
    oa_json_member_str(json, OA_SLICE("status_code"), oa_slice_of(status_words[span->status]));
    oa_json_object_close(json);
    oa_console_attributes(json, span->attrs, span->attr_count);
    put_extras(json, span->extras);
    oa_console_resource(json, resource);
    oa_json_object_close(json);
}

int oa_console_json(const struct oa_span_view *span, const struct oa_resource *resource, struct oa_arena *arena,
                    struct oa_slice *ret_text)
{
    struct oa_json json;

    oa_json_init(&json, arena, CONSOLE_INDENT);
    put_span(&json, span, resource);
    oa_buf_put(&json.buf, OA_SLICE("\n"));
    return oa_json_finish(&json, ret_text);
}
