/* The mapping of spans to Zipkin's (statements H.9, 150 to 153). SOURCES: sdk/encode/zipkin_span.c
 * sdk/encode/zipkin_json.c sdk/encode/zipkin_proto.c sdk/encode/json.c sdk/encode/buf.c sdk/model/batch.c
 * sdk/model/log_view.c sdk/model/bytes.c sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c
 * sdk/model/extras_reader.c sdk/model/utf8.c preload/base/arena.c preload/base/hex.c
 * build/gen/sdk/encode/proto/zipkin.pb-c.c LIBS: -lprotobuf-c */
#include <criterion/criterion.h>
#include <string.h>

#include "sdk/encode/proto/zipkin.pb-c.h"
#include "sdk/encode/zipkin_span.h"
#include "tests/support/test_memory.h"

#define TEXT(name, value)                                                                           \
    {                                                                                               \
        .key = { name, sizeof(name) - 1 }, .type = OA_ATTR_STR, .str = { value, sizeof(value) - 1 } \
    }
#define NUMBER(name, value)                                                  \
    {                                                                        \
        .key = { name, sizeof(name) - 1 }, .type = OA_ATTR_INT, .num = value \
    }

static struct oa_resource resource;
static struct oa_arena arena;
static struct oa_zipkin_span made;

static void map(struct oa_span_view view)
{
    static struct oa_span_view kept;

    kept = view;
    oa_arena_init(&arena, 4096, 1u << 20);
    oa_resource_init(&resource);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("service.name"), OA_SLICE("shop")), 0);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("service.namespace"), OA_SLICE("ns")), 0);
    cr_assert_eq(oa_zipkin_span(&kept, &resource, &arena, &made), 0);
}

static const char *tag(const char *key)
{
    for (uint32_t i = 0; i < made.tag_count; i++)
        if (oa_slice_eq(made.tags[i].key, oa_slice_of(key)))
            return strndup(made.tags[i].value.ptr, made.tags[i].value.len);
    return "(none)";
}

Test(zipkin, h9_151_times_are_whole_microseconds)
{
    map((struct oa_span_view){ .start_unix_ns = 1700000000123456789u, .end_unix_ns = 1700000000123456789u + 2999 });
    cr_assert_eq(made.timestamp_us, 1700000000123456u);
    cr_assert_eq(made.duration_us, 2, "cut, not rounded");
    map((struct oa_span_view){ .start_unix_ns = 5, .end_unix_ns = 6 });
    cr_assert_eq(made.duration_us, 1, "never 0");
}

Test(zipkin, h9_151_kinds)
{
    cr_assert_eq(oa_zipkin_kind(OA_SPAN_INTERNAL), 0);
    cr_assert_eq(oa_zipkin_kind(OA_SPAN_CLIENT), 1);
    cr_assert_eq(oa_zipkin_kind(OA_SPAN_SERVER), 2);
    cr_assert_eq(oa_zipkin_kind(OA_SPAN_PRODUCER), 3);
    cr_assert_eq(oa_zipkin_kind(OA_SPAN_CONSUMER), 4);
    cr_assert_eq(oa_zipkin_kind(200), 0);
}

Test(zipkin, h9_151_tags)
{
    static const struct oa_slice items[] = { { "a", 1 }, { "b\"", 2 } };
    static const struct oa_attr_view attrs[] = {
        TEXT("text", "x"),
        NUMBER("number", -5),
        { .key = { "bool", 4 }, .type = OA_ATTR_BOOL, .num = 1 },
        { .key = { "real", 4 }, .type = OA_ATTR_DOUBLE, .real = 0.5 },
        { .key = { "list", 4 }, .type = OA_ATTR_ARR, .items = items, .item_count = 2 },
        TEXT("service.namespace", "the span's own"),
    };

    map((struct oa_span_view){ .attrs = attrs, .attr_count = 6, .attr_dropped = 3, .scope = OA_SCOPE_HTTP });
    cr_assert_str_eq(tag("text"), "x");
    cr_assert_str_eq(tag("number"), "-5");
    cr_assert_str_eq(tag("bool"), "true");
    cr_assert_str_eq(tag("real"), "0.5");
    cr_assert_str_eq(tag("list"), "[\"a\", \"b\\\"\"]");
    cr_assert_str_eq(tag("service.namespace"), "the span's own");
    cr_assert_str_eq(tag("service.name"), "(none)", "it is the endpoint's");
    cr_assert_str_eq(tag("otel.scope.name"), "libotel-auto.http");
    cr_assert_str_eq(tag("otel.library.version"), OA_SDK_VERSION);
    cr_assert_str_eq(tag("otel.dropped_attributes_count"), "3");
    cr_assert_str_eq(tag("error"), "(none)");
    cr_assert_str_eq(tag("otel.status_code"), "(none)");
}

static const struct oa_attr_view event_attrs[] = { NUMBER("i", 103), TEXT("t", "x\"") };
static const struct oa_event_view events[] = {
    { .unix_ns = 1700000000123456789u, .name = { "http.send.start", 15 } },
    { .unix_ns = 2999, .name = { "GOT 1xx", 7 }, .attrs = event_attrs, .attr_count = 2 },
};
static const struct oa_link_view links[] = { { .trace_id = { 1 }, .span_id = { 2 } } };
static const struct oa_span_extras extras = { events, links, 2, 5, 1, 6 };

Test(zipkin, h9_151_events_are_annotations)
{
    map((struct oa_span_view){ .extras = &extras, .attr_dropped = 4, .status = OA_STATUS_ERROR });
    cr_assert_eq(made.annotation_count, 2);
    cr_assert_eq(made.annotations[0].timestamp_us, 1700000000123456u, "cut, not rounded");
    cr_assert(oa_slice_eq(made.annotations[0].value, OA_SLICE("http.send.start")));
    cr_assert_eq(made.annotations[1].timestamp_us, 2);
    cr_assert(oa_slice_eq(made.annotations[1].value, OA_SLICE("\"GOT 1xx\": {\"i\": 103, \"t\": \"x\\\"\"}")));
    cr_assert_str_eq(tag("otel.dropped_attributes_count"), "4");
    cr_assert_str_eq(tag("otel.dropped_events_count"), "5");
    cr_assert_str_eq(tag("otel.dropped_links_count"), "6");
}

Test(zipkin, h9_151_status)
{
    map((struct oa_span_view){ .status = OA_STATUS_ERROR });
    cr_assert_str_eq(tag("otel.status_code"), "ERROR");
    cr_assert_str_eq(tag("error"), "");
    map((struct oa_span_view){ .status = OA_STATUS_OK });
    cr_assert_str_eq(tag("otel.status_code"), "OK");
    cr_assert_str_eq(tag("error"), "(none)");
}

Test(zipkin, h9_152_remote_endpoint_by_rank)
{
    static const struct oa_attr_view all[] = {
        TEXT("db.name", "d"),
        TEXT("network.peer.address", "10.0.0.7"),
        NUMBER("network.peer.port", 443),
        TEXT("server.address", "shop.example"),
        TEXT("peer.service", "basket"),
    };

    map((struct oa_span_view){ .kind = OA_SPAN_CLIENT, .attrs = all, .attr_count = 5 });
    cr_assert(oa_slice_eq(made.remote.service, OA_SLICE("basket")));
    map((struct oa_span_view){ .kind = OA_SPAN_CLIENT, .attrs = all, .attr_count = 4 });
    cr_assert(oa_slice_eq(made.remote.service, OA_SLICE("shop.example")));
    map((struct oa_span_view){ .kind = OA_SPAN_PRODUCER, .attrs = all, .attr_count = 3 });
    cr_assert_eq(made.remote.service.len, 0);
    cr_assert_eq(made.remote.address_bytes, 4);
    cr_assert_eq(memcmp(made.remote.address, (uint8_t[]){ 10, 0, 0, 7 }, 4), 0);
    cr_assert_eq(made.remote.port, 443);
    map((struct oa_span_view){ .kind = OA_SPAN_CLIENT, .attrs = all, .attr_count = 1 });
    cr_assert(oa_slice_eq(made.remote.service, OA_SLICE("d")));
    map((struct oa_span_view){ .kind = OA_SPAN_SERVER, .attrs = all, .attr_count = 5 });
    cr_assert_eq(made.remote.service.len, 0, "for those who ask only");
}

static struct oa_batch batch_of(struct oa_span_view *views, uint32_t count)
{
    return (struct oa_batch){ .spans = views, .count = count };
}

Test(zipkin, h9_150_153_json)
{
    struct oa_span_view views[] = {
        { .trace_id = { 0xab },
          .span_id = { 1 },
          .name = { "GET", 3 },
          .kind = OA_SPAN_CLIENT,
          .has_parent = true,
          .parent_id = { 2 },
          .start_unix_ns = 1000000,
          .end_unix_ns = 2000000 },
        { .span_id = { 3 }, .name = { "job", 3 }, .kind = OA_SPAN_INTERNAL },
    };
    struct oa_batch batch = batch_of(views, 2);
    struct oa_slice text;

    map(views[0]);
    cr_assert_eq(oa_zipkin_json(&batch, &resource, &arena, &text), 0);
    const char *json = strndup(text.ptr, text.len);

    cr_assert(strstr(json,
                     "[{\"traceId\": \"ab000000000000000000000000000000\", \"parentId\": \"0200000000000000\", "
                     "\"id\": \"0100000000000000\", \"kind\": \"CLIENT\", \"name\": \"GET\", \"timestamp\": 1000, "
                     "\"duration\": 1000, \"localEndpoint\": {\"serviceName\": \"shop\"}, \"tags\": {") == json,
              "%s", json);
    const char *second = strstr(json, "\"id\": \"0300000000000000\", \"name\": \"job\"");

    cr_assert(second, "no kind, no parent: %s", json);
    cr_assert_null(strstr(json, "remoteEndpoint"));
}

Test(zipkin, h9_150_protobuf)
{
    static const struct oa_attr_view attrs[] = { TEXT("network.peer.address", "::1"),
                                                 NUMBER("network.peer.port", 80) };
    struct oa_span_view views[] = {
        { .trace_id = { 0xab },
          .span_id = { 1 },
          .name = { "GET", 3 },
          .kind = OA_SPAN_CLIENT,
          .start_unix_ns = 1000000,
          .end_unix_ns = 2000000,
          .attrs = attrs,
          .attr_count = 2 },
    };
    struct oa_batch batch = batch_of(views, 1);
    struct oa_slice bytes;

    map(views[0]);
    cr_assert_eq(oa_zipkin_proto(&batch, &resource, &arena, &bytes), 0);
    OaZipkin__ListOfSpans *list = oa_zipkin__list_of_spans__unpack(NULL, bytes.len, (const uint8_t *)bytes.ptr);

    cr_assert(list && list->n_spans == 1);
    cr_assert_eq(list->spans[0]->trace_id.len, 16);
    cr_assert_eq(list->spans[0]->parent_id.len, 0);
    cr_assert_eq(list->spans[0]->kind, 1);
    cr_assert_eq(list->spans[0]->timestamp, 1000);
    cr_assert_eq(list->spans[0]->remote_endpoint->ipv6.len, 16);
    cr_assert_eq(list->spans[0]->remote_endpoint->port, 80);
    cr_assert_eq(list->spans[0]->local_endpoint->service_name.len, 4);
    cr_assert_eq(list->spans[0]->n_tags, made.tag_count);
}

Test(zipkin, every_bound_of_memory)
{
    struct oa_span_view views[] = { { .name = { "GET", 3 }, .kind = OA_SPAN_CLIENT } };
    struct oa_batch batch = batch_of(views, 1);
    struct oa_slice text;

    map(views[0]);
    for (int proto = 0; proto < 2; proto++) {
        struct oa_test_memory memory = { 0 };

        while (oa_test_memory_grows(&memory))
            memory.err = (proto ? oa_zipkin_proto : oa_zipkin_json)(&batch, &resource, &memory.arena, &text);
        cr_assert_eq(memory.err, 0);
    }
}

Test(zipkin, h9_151_annotations_in_both_encodings)
{
    struct oa_span_view views[] = { { .trace_id = { 1 }, .span_id = { 2 }, .name = { "n", 1 }, .extras = &extras } };
    struct oa_batch batch = batch_of(views, 1);
    OaZipkin__ListOfSpans *list;
    struct oa_slice text;
    const char *json;

    map(views[0]);
    cr_assert_eq(oa_zipkin_json(&batch, &resource, &arena, &text), 0);
    json = strndup(text.ptr, text.len);
    cr_assert(strstr(json, "\"annotations\": [{\"timestamp\": 1700000000123456, \"value\": \"http.send.start\"}, "
                           "{\"timestamp\": 2, \"value\": \"\\\"GOT 1xx\\\": {\\\"i\\\": 103, "),
              "%s", json);
    cr_assert_null(strstr(json, "link\""));
    cr_assert_eq(oa_zipkin_proto(&batch, &resource, &arena, &text), 0);
    list = oa_zipkin__list_of_spans__unpack(NULL, text.len, (const uint8_t *)text.ptr);
    cr_assert_not_null(list);
    cr_assert_eq(list->spans[0]->n_annotations, 2);
    cr_assert_eq(list->spans[0]->annotations[0]->timestamp, 1700000000123456u);
    cr_assert_eq(list->spans[0]->annotations[0]->value.len, 15);
    cr_assert_eq(list->spans[0]->annotations[1]->timestamp, 2);
    oa_zipkin__list_of_spans__free_unpacked(list, NULL);
    views[0].extras = NULL;
    cr_assert_eq(oa_zipkin_json(&batch, &resource, &arena, &text), 0);
    cr_assert_null(memmem(text.ptr, text.len, "annotations", 11), "absent, not empty");
}
