/* SOURCES: sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * sdk/encode/otlp_span.c sdk/encode/otlp_extras.c preload/base/arena.c build/gen/sdk/encode/proto/common.pb-c.c
 * build/gen/sdk/encode/proto/resource.pb-c.c build/gen/sdk/encode/proto/trace.pb-c.c
 * build/gen/sdk/encode/proto/logs.pb-c.c sdk/encode/otlp_logs.c sdk/encode/otlp_proto.c sdk/encode/otlp_attrs.c
 * sdk/encode/otlp_resource.c
 * LIBS: -lprotobuf-c */
/*
 * The input is a record as a program that was killed may have left it in the ring. Properties: it is refused or
 * read the same by both ways, texts are valid UTF-8, and what is sent of it is a span that protobuf-c reads. The same
 * of a log record, which has one way.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/encode/otlp_logs.h"
#include "sdk/encode/proto/logs.pb-c.h"
#include "sdk/encode/proto/trace.pb-c.h"
#include "sdk/model/batch.h"
#include "tests/fuzz/must.h"

static void check_attrs(const struct oa_attr_view *attrs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        must_be_text(attrs[i].key);
        if (attrs[i].type == OA_ATTR_STR)
            must_be_text(attrs[i].str);
    }
}

static void check_extras(const struct oa_span_extras *extras, const struct oa_span_limits *limits)
{
    must(extras->event_count <= limits->event_count_max && extras->link_count <= limits->link_count_max);
    for (uint32_t i = 0; i < extras->event_count; i++) {
        must(extras->events[i].name.len > 0 && extras->events[i].attr_count <= limits->event_attr_count_max);
        must_be_text(extras->events[i].name);
        check_attrs(extras->events[i].attrs, extras->events[i].attr_count);
    }
    for (uint32_t i = 0; i < extras->link_count; i++) {
        must(extras->links[i].attr_count <= limits->link_attr_count_max);
        must_be_text(extras->links[i].tracestate);
        check_attrs(extras->links[i].attrs, extras->links[i].attr_count);
    }
}

static void check_view(const struct oa_span_view *view, const struct oa_span_limits *limits)
{
    must(view->end_unix_ns >= view->start_unix_ns && view->attr_count <= limits->attr_count_max);
    must_be_text(view->name);
    check_attrs(view->attrs, view->attr_count);
    if (view->extras)
        check_extras(view->extras, limits);
}

/* Skips tag and length of the one member that was written. */
static void check_bytes(const struct oa_bytes *bytes)
{
    const uint8_t *at = (const uint8_t *)bytes->ptr + 1, *end = (const uint8_t *)bytes->ptr + bytes->len;
    OaOtlp__Span *span;

    while (*at & 0x80)
        at++;
    at++;
    span = oa_otlp__span__unpack(NULL, (size_t)(end - at), at);
    must(span);
    oa_otlp__span__free_unpacked(span, NULL);
}

static void check_log(const struct oa_log_view *view, const struct oa_span_limits *limits)
{
    must(view->severity <= 24 && view->attr_count <= limits->attr_count_max);
    must(view->has_context || view->flags == 0);
    must_be_text(view->severity_text);
    must_be_text(view->event_name);
    must_be_text(view->body);
    check_attrs(view->attrs, view->attr_count);
}

/* What is sent is one record, with the same body. */
static void check_logs_request(const struct oa_batch *batch)
{
    static const struct oa_resource resource = { .schema_url = "" };
    OaOtlp__ExportLogsServiceRequest *read;
    const OaOtlp__LogRecord *log;
    struct oa_otlp_request request;
    struct oa_arena arena;
    uint8_t *whole;
    size_t at = 0;

    oa_arena_init(&arena, 4096, 1u << 20);
    must(oa_otlp_logs_request(batch, &resource, &arena, &request) == 0);
    whole = malloc(request.bytes + 1);
    must(whole);
    for (uint32_t i = 0; i < request.part_count; at += request.parts[i++].len)
        memcpy(whole + at, request.parts[i].ptr, request.parts[i].len);
    read = oa_otlp__export_logs_service_request__unpack(NULL, at, whole);
    must(at == request.bytes && read && read->resource_logs[0]->n_scope_logs == 1);
    log = read->resource_logs[0]->scope_logs[0]->log_records[0];
    must(log->body->string_value.len == batch->logs[0].body.len && log->n_attributes == batch->logs[0].attr_count);
    oa_otlp__export_logs_service_request__free_unpacked(read, NULL);
    free(whole);
    oa_arena_release(&arena);
}

static void try_log(const struct oa_record *record, size_t size, const struct oa_span_limits *limits)
{
    struct oa_batch logs;

    oa_batch_init_logs(&logs, 4, limits);
    if (oa_batch_append(&logs, record, size) == 0) {
        check_log(&logs.logs[0], limits);
        check_logs_request(&logs);
    }
    oa_batch_release(&logs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct oa_span_limits limits = { 8, 64, 4, 4, 2, 2 };
    struct oa_batch views, bytes;
    _Alignas(8) uint8_t record[4096];
    int first, second;

    if (size < sizeof(struct oa_record_span) || size > sizeof(record))
        return 0;
    memcpy(record, data, size);
    oa_batch_init(&views, 4, &limits, NULL);
    oa_batch_init(&bytes, 4, &limits, oa_otlp_encoder_new());
    first = oa_batch_append(&views, (struct oa_record *)record, size);
    second = oa_batch_append(&bytes, (struct oa_record *)record, size);
    must((first == 0) == (second == 0));
    if (first == 0)
        check_view(&views.spans[0], &limits);
    for (int scope = 0; second == 0 && scope < (int)OA_SCOPE_COUNT; scope++)
        if (bytes.encoded[scope].len)
            check_bytes(&bytes.encoded[scope]);
    oa_batch_release(&views);
    oa_batch_release(&bytes);
    try_log((struct oa_record *)record, size, &limits);
    return 0;
}
