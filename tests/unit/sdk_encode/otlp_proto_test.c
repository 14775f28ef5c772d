/* SOURCES: sdk/encode/otlp_proto.c sdk/encode/otlp_span.c sdk/encode/otlp_extras.c sdk/encode/otlp_attrs.c
 * sdk/encode/otlp_resource.c sdk/model/batch.c sdk/model/log_view.c
 *   sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c
 *   tests/support/span_record.c tests/support/batch_fixture.c build/gen/sdk/encode/proto/common.pb-c.c
 *   build/gen/sdk/encode/proto/resource.pb-c.c build/gen/sdk/encode/proto/trace.pb-c.c
 *   build/gen/sdk/encode/proto/trace_service.pb-c.c
 * LIBS: -lprotobuf-c */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#include "sdk/encode/otlp_proto.h"
#include "sdk/encode/proto/trace_service.pb-c.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_arena arena;
static struct oa_batch batch;
static struct oa_span_encoder *encoder;
static struct oa_test_record record;
static OaOtlp__ExportTraceServiceRequest *request;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 64u << 20);
    encoder = oa_otlp_encoder_new();
    cr_assert_not_null(encoder);
    oa_test_batch_init_encoded(&batch, encoder);
    oa_test_record_init(&record, "GET", "a=1");
}

static void teardown(void)
{
    if (request)
        oa_otlp__export_trace_service_request__free_unpacked(request, NULL);
    oa_batch_release(&batch);
    oa_otlp_encoder_free(encoder);
    oa_arena_release(&arena);
}

TestSuite(otlp_proto, .init = setup, .fini = teardown);

static struct oa_entity_ref entities[2];
static uint32_t entity_count;

/* The parts put one behind the other. */
static struct oa_slice encode(void)
{
    struct oa_resource resource = oa_test_resource();
    struct oa_otlp_request parts;
    char *bytes, *at;

    memcpy(resource.entities, entities, sizeof(entities));
    resource.entity_count = entity_count;
    cr_assert_eq(oa_otlp_proto_request(&batch, &resource, &arena, &parts), 0);
    cr_assert_leq(parts.part_count, OA_OTLP_PARTS_MAX);
    at = bytes = oa_arena_alloc(&arena, parts.bytes);
    for (uint32_t i = 0; i < parts.part_count; i++) {
        memcpy(at, parts.parts[i].ptr, parts.parts[i].len);
        at += parts.parts[i].len;
    }
    cr_assert_eq((size_t)(at - bytes), parts.bytes);
    return (struct oa_slice){ bytes, parts.bytes };
}

static bool is(ProtobufCBinaryData text, const char *want)
{
    return oa_slice_eq((struct oa_slice){ (const char *)text.data, text.len }, oa_slice_of(want));
}

/* protobuf-c would have written these very bytes for each span. */
static void as_protobuf_c(const OaOtlp__ScopeSpans *spans, struct oa_slice bytes)
{
    for (size_t i = 0; i < spans->n_spans; i++) {
        size_t len = oa_otlp__span__get_packed_size(spans->spans[i]);
        uint8_t *again = oa_arena_alloc(&arena, len);

        (void)oa_otlp__span__pack(spans->spans[i], again);
        cr_assert(memmem(bytes.ptr, bytes.len, again, len));
    }
}

static OaOtlp__ResourceSpans *round_trip(void)
{
    struct oa_slice bytes = encode();

    request = oa_otlp__export_trace_service_request__unpack(NULL, bytes.len, (const uint8_t *)bytes.ptr);
    cr_assert_not_null(request);
    cr_assert_eq(request->n_resource_spans, 1);
    for (size_t i = 0; i < request->resource_spans[0]->n_scope_spans; i++)
        as_protobuf_c(request->resource_spans[0]->scope_spans[i], bytes);
    return request->resource_spans[0];
}

Test(otlp_proto, encode__resource_and_scope)
{
    OaOtlp__ResourceSpans *spans;

    oa_test_batch_add(&batch, &record);
    spans = round_trip();
    cr_assert_str_eq(spans->schema_url, "https://opentelemetry.io/schemas/1.44.0");
    cr_assert_eq(spans->resource->n_attributes, 2);
    cr_assert(is(spans->resource->attributes[0]->key, "service.name"));
    cr_assert(is(spans->resource->attributes[0]->value->string_value, "shop"));
    cr_assert_eq(spans->resource->attributes[1]->value->int_value, 12);
    cr_assert_eq(spans->n_scope_spans, 1);
    cr_assert_str_eq(spans->scope_spans[0]->scope->name, "libotel-auto.http");
    cr_assert_str_eq(spans->scope_spans[0]->scope->version, "0.1.0");
    cr_assert_str_eq(spans->scope_spans[0]->schema_url, "https://opentelemetry.io/schemas/1.44.0");
}

/* Wherever a length takes one byte more. */
Test(otlp_proto, encode__text_of_every_length)
{
    char text[300];

    memset(text, 'x', sizeof(text));
    for (size_t len = 0; len < sizeof(text); len++) {
        oa_test_record_init(&record, "GET", "");
        oa_test_record_str(&record, OA_KEY_URL_PATH, (struct oa_slice){ text, len });
        oa_test_record_str(&record, OA_KEY_NETWORK_PROTOCOL_VERSION, (struct oa_slice){ text, len });
        oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_BODY_SIZE, (int64_t)(UINT64_C(1) << len % 64));
        oa_test_batch_add(&batch, &record);
        (void)round_trip();
        oa_otlp__export_trace_service_request__free_unpacked(request, NULL);
        request = NULL;
        oa_batch_next(&batch);
    }
}

Test(otlp_proto, encode__entities)
{
    static const char *const ids[] = { "service.name" }, *const described[] = { "a", "b" };
    OaOtlp__Resource *got;

    entities[0] = (struct oa_entity_ref){ .type = "service", .schema_url = "", .id_keys = ids, .id_count = 1 };
    entities[1] = (struct oa_entity_ref){ "zone", "https://e/1", ids, described, 1, 2 };
    entity_count = 2;
    oa_test_batch_add(&batch, &record);
    got = round_trip()->resource;
    cr_assert_eq(got->n_entity_refs, 2);
    cr_assert_str_eq(got->entity_refs[0]->type, "service");
    cr_assert_eq(got->entity_refs[0]->n_id_keys, 1);
    cr_assert_str_eq(got->entity_refs[0]->id_keys[0], "service.name");
    cr_assert_eq(got->entity_refs[0]->n_description_keys, 0);
    cr_assert_str_eq(got->entity_refs[1]->schema_url, "https://e/1");
    cr_assert_str_eq(got->entity_refs[1]->description_keys[1], "b");
}

Test(otlp_proto, encode__root_span)
{
    OaOtlp__Span *span;

    oa_test_batch_add(&batch, &record);
    span = round_trip()->scope_spans[0]->spans[0];
    cr_assert_eq(span->trace_id.len, 16);
    cr_assert_eq(memcmp(span->trace_id.data, record.head.trace_id, 16), 0);
    cr_assert_eq(span->span_id.len, 8);
    cr_assert_eq(memcmp(span->span_id.data, record.head.span_id, 8), 0);
    cr_assert_eq(span->parent_span_id.len, 0, "a root has no parent id");
    cr_assert(is(span->trace_state, "a=1"));
    cr_assert(is(span->name, "GET"));
    cr_assert_eq(span->kind, 3);
    cr_assert_eq(span->start_time_unix_nano, 1700000000000000000u);
    cr_assert_eq(span->end_time_unix_nano, 1700000000012345678u);
    cr_assert_null(span->status, "unset is said by absence");
    cr_assert_eq(span->flags, 0x103);
}

Test(otlp_proto, encode__remote_parent_and_error)
{
    OaOtlp__Span *span;

    record.head.parent_id[0] = 5;
    record.head.parent_remote = 1;
    record.head.status = OA_STATUS_ERROR;
    record.head.flags = 1;
    record.head.attr_dropped = 4;
    oa_test_batch_add(&batch, &record);
    span = round_trip()->scope_spans[0]->spans[0];
    cr_assert_eq(span->parent_span_id.len, 8);
    cr_assert_eq(span->parent_span_id.data[0], 5);
    cr_assert_eq(span->flags, 0x301);
    cr_assert_eq(span->status->code, 2);
    cr_assert_str_eq(span->status->message, "");
    cr_assert_eq(span->dropped_attributes_count, 4);
}

Test(otlp_proto, encode__attribute_types)
{
    const char *const items[] = { "a", "" };
    double ratio = 0;
    int64_t no = 0;
    OaOtlp__Span *span;

    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE(""));
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, -1);
    oa_test_record_arr(&record, OA_KEY_DNS_ANSWERS, items, 2);
    oa_test_record_arr(&record, OA_KEY_PROCESS_COMMAND_ARGS, items, 0);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_BOOL, 1, 8 }, "b", &no);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_DOUBLE, 1, 8 }, "d", &ratio);
    oa_test_batch_add(&batch, &record);
    span = round_trip()->scope_spans[0]->spans[0];
    cr_assert_eq(span->n_attributes, 6);
    cr_assert_eq(span->attributes[0]->value->value_case, OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE);
    cr_assert(is(span->attributes[0]->value->string_value, ""));
    cr_assert_eq(span->attributes[1]->value->int_value, -1);
    cr_assert_eq(span->attributes[2]->value->array_value->n_values, 2);
    cr_assert(is(span->attributes[2]->value->array_value->values[0]->string_value, "a"));
    cr_assert_eq(span->attributes[3]->value->value_case, OA_OTLP__ANY_VALUE__VALUE_ARRAY_VALUE);
    cr_assert_eq(span->attributes[3]->value->array_value->n_values, 0);
    cr_assert_eq(span->attributes[4]->value->value_case, OA_OTLP__ANY_VALUE__VALUE_BOOL_VALUE);
    cr_assert_eq(span->attributes[5]->value->value_case, OA_OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE);
}

/* round_trip() compares the bytes with those of protobuf-c. */
Test(otlp_proto, h4_89_events_and_links)
{
    static const struct oa_span_limits limits = { 128, UINT32_MAX, 2, 1, 1, 1 };
    OaOtlp__Span *span;

    batch.limits = limits;
    oa_test_record_event(&record, 1700000000000000001u, "http.send.start");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xaa, 0xbb, "a=b");
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 80);
    oa_test_record_int(&record, OA_KEY_CLIENT_PORT, 81);
    oa_test_record_close(&record);
    oa_test_record_event(&record, 0, "GOT 1xx");
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 103);
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/"));
    oa_test_record_close(&record);
    for (int i = 0; i < 300; i++) {
        oa_test_record_event(&record, 5, "over the limit");
        oa_test_record_close(&record);
    }
    for (int i = 0; i < 5; i++) {
        oa_test_record_link(&record, 1, 1, "");
        oa_test_record_close(&record);
    }
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 443);
    oa_test_batch_add(&batch, &record);
    span = round_trip()->scope_spans[0]->spans[0];
    cr_assert_eq(span->n_attributes, 1);
    cr_assert_eq(span->n_events, 2);
    cr_assert_eq(span->dropped_events_count, 300);
    cr_assert_eq(span->events[0]->time_unix_nano, 1700000000000000001u);
    cr_assert(is(span->events[0]->name, "http.send.start"));
    cr_assert_eq(span->events[0]->n_attributes + span->events[0]->dropped_attributes_count, 0);
    cr_assert(is(span->events[1]->name, "GOT 1xx"));
    cr_assert_eq(span->events[1]->attributes[0]->value->int_value, 103);
    cr_assert_eq(span->events[1]->dropped_attributes_count, 1);
    cr_assert_eq(span->n_links, 1);
    cr_assert_eq(span->dropped_links_count, 5);
    cr_assert_eq(span->links[0]->trace_id.len, 16);
    cr_assert_eq(span->links[0]->trace_id.data[15], 0xaa);
    cr_assert_eq(span->links[0]->span_id.len, 8);
    cr_assert_eq(span->links[0]->span_id.data[7], 0xbb);
    cr_assert(is(span->links[0]->trace_state, "a=b"));
    cr_assert_eq(span->links[0]->attributes[0]->value->int_value, 80);
    cr_assert_eq(span->links[0]->dropped_attributes_count, 1);
    cr_assert_eq(span->links[0]->flags, 0x301, "sampled; known to be remote");
}

Test(otlp_proto, encode__groups_by_scope)
{
    const uint16_t scopes[] = { OA_SCOPE_PROCESS, OA_SCOPE_HTTP, OA_SCOPE_PROCESS, OA_SCOPE_HTTP, OA_SCOPE_HTTP };
    OaOtlp__ResourceSpans *spans;

    for (uint8_t i = 0; i < OA_COUNT(scopes); i++) {
        record.head.head.scope = scopes[i];
        record.head.span_id[7] = i;
        oa_test_batch_add(&batch, &record);
    }
    spans = round_trip();
    cr_assert_eq(spans->n_scope_spans, 2);
    cr_assert_str_eq(spans->scope_spans[0]->scope->name, "libotel-auto.http");
    cr_assert_eq(spans->scope_spans[0]->n_spans, 3);
    cr_assert_eq(spans->scope_spans[0]->spans[2]->span_id.data[7], 4, "the order within a scope is kept");
    cr_assert_str_eq(spans->scope_spans[1]->scope->name, "libotel-auto.process");
    cr_assert_eq(spans->scope_spans[1]->n_spans, 2);
}

/* Bytes that the reference compiler gave for these fields: a wrong number in a .proto shows here. */
Test(otlp_proto, encode__bytes_of_the_reference)
{
    static const struct {
        const char *what;
        struct oa_slice bytes;
    } rows[] = {
        { "attribute n = 150", OA_SLICE("\x4a\x08\x0a\x01n\x12\x03\x18\x96\x01") },
        { "attribute t = false", OA_SLICE("\x4a\x07\x0a\x01t\x12\x02\x10\x00") },
        { "flags", OA_SLICE("\x85\x01\x01\x01\x00\x00") },
        { "kind CLIENT", OA_SLICE("\x30\x03") },
        { "start = 1", OA_SLICE("\x39\x01\0\0\0\0\0\0\0") },
        { "status ERROR", OA_SLICE("\x7a\x02\x18\x02") },
        { "trace state", OA_SLICE("\x1a\x03"
                                  "a=1") },
        { "event e at 1", OA_SLICE("\x5a\x0c\x09\x01\0\0\0\0\0\0\0\x12\x01"
                                   "e") },
        { "link", OA_SLICE("\x6a\x24\x0a\x10\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07"
                           "\x12\x08\x09\x09\x09\x09\x09\x09\x09\x09\x1a\x01"
                           "z\x35\x01\x03\0\0") },
    };
    int64_t number = 150, no = 0;
    struct oa_slice bytes;

    record.head.flags = 1;
    record.head.start_unix_ns = 1;
    record.head.status = OA_STATUS_ERROR;
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_INT, 1, 8 }, "n", &number);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_BOOL, 1, 8 }, "t", &no);
    oa_test_record_event(&record, 1, "e");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 7, 9, "z");
    oa_test_record_close(&record);
    oa_test_batch_add(&batch, &record);
    bytes = encode();
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_expect_not_null(memmem(bytes.ptr, bytes.len, rows[i].bytes.ptr, rows[i].bytes.len), "%s", rows[i].what);
}

Test(otlp_proto, encode__empty_batch)
{
    cr_assert_eq(round_trip()->n_scope_spans, 0);
}

Test(otlp_proto, encode__full_batch)
{
    for (int i = 0; i < 1024; i++)
        oa_test_batch_add(&batch, &record);
    cr_assert_eq(round_trip()->scope_spans[0]->n_spans, 1024);
}

/* With every amount of memory short of enough: an error, and the result is not touched. */
Test(otlp_proto, encode__no_memory)
{
    struct oa_resource resource = oa_test_resource();
    struct oa_otlp_request parts = { .bytes = 9 };
    struct oa_test_memory memory = { 0 };

    oa_test_batch_add(&batch, &record);
    while (oa_test_memory_grows(&memory)) {
        memory.err = oa_otlp_proto_request(&batch, &resource, &memory.arena, &parts);
        cr_assert(memory.err == 0 || parts.bytes == 9);
    }
    cr_assert_eq(memory.err, 0);
}

/* Spans whose length takes one, two and three bytes; none of them may depend on what was there before. */
Test(otlp_proto, encode__lengths)
{
    static char path[15000];
    OaOtlp__ScopeSpans *spans;

    memset(path, 'p', sizeof(path));
    for (size_t len = 0; len < sizeof(path); len += len < 300 ? 1 : 977) {
        oa_test_record_init(&record, "a", "");
        oa_test_record_str(&record, OA_KEY_URL_PATH, (struct oa_slice){ path, len });
        oa_test_batch_add(&batch, &record);
    }
    spans = round_trip()->scope_spans[0];
    cr_assert_eq(spans->n_spans, batch.count);
    for (size_t i = 0; i < 300; i++)
        cr_assert_eq(spans->spans[i]->attributes[0]->value->string_value.len, i);
}

/* What was encoded while the batch was full belongs to the next request. */
Test(otlp_proto, encode__only_the_front)
{
    for (int i = 0; i < 1030; i++) {
        record.head.span_id[7] = i < 1024 ? 1 : 2;
        oa_test_batch_add(&batch, &record);
    }
    cr_assert_eq(round_trip()->scope_spans[0]->n_spans, 1024);
    oa_otlp__export_trace_service_request__free_unpacked(request, NULL);
    oa_batch_next(&batch);
    cr_assert_eq(round_trip()->scope_spans[0]->n_spans, 6);
    cr_assert_eq(request->resource_spans[0]->scope_spans[0]->spans[0]->span_id.data[7], 2);
}
