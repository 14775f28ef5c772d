/* What was packed is unpacked again by protobuf-c; and byte by byte, by the published numbers.
 * SOURCES: sdk/encode/otlp_logs.c sdk/encode/otlp_proto.c sdk/encode/otlp_attrs.c sdk/encode/otlp_resource.c
 * sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c
 * build/gen/sdk/encode/proto/logs.pb-c.c build/gen/sdk/encode/proto/trace.pb-c.c
 * build/gen/sdk/encode/proto/common.pb-c.c build/gen/sdk/encode/proto/resource.pb-c.c
 * tests/support/log_batch.c tests/support/batch_fixture.c sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c
 * LIBS: -lprotobuf-c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_logs.h"
#include "sdk/encode/proto/logs.pb-c.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"
#include "tests/support/test_memory.h"

static struct oa_resource resource;
static struct oa_arena arena;
static struct oa_otlp_request body;
static uint8_t *bytes;

/* The parts, one behind the other. */
static OaOtlp__ExportLogsServiceRequest *packed(const struct oa_batch *batch)
{
    size_t at = 0;

    resource = oa_test_resource();
    oa_arena_init(&arena, 4096, 16u << 20);
    cr_assert_eq(oa_otlp_logs_request(batch, &resource, &arena, &body), 0);
    bytes = malloc(body.bytes + 1);
    for (uint32_t i = 0; i < body.part_count; at += body.parts[i++].len)
        memcpy(bytes + at, body.parts[i].ptr, body.parts[i].len);
    cr_assert_eq(at, body.bytes);
    return oa_otlp__export_logs_service_request__unpack(NULL, body.bytes, bytes);
}

static bool is(ProtobufCBinaryData data, const char *text)
{
    return data.len == strlen(text) && memcmp(data.data, text, data.len) == 0;
}

static const OaOtlp__AnyValue *value(const OaOtlp__LogRecord *log, const char *key)
{
    for (size_t i = 0; i < log->n_attributes; i++)
        if (is(log->attributes[i]->key, key))
            return log->attributes[i]->value;
    cr_assert_fail("no %s", key);
    return NULL;
}

Test(otlp_logs, h7_134_grouped_by_resource_and_scope)
{
    struct oa_batch batch = oa_test_log_batch();
    OaOtlp__ExportLogsServiceRequest *request = packed(&batch);
    const OaOtlp__ResourceLogs *all = request->resource_logs[0];

    cr_assert_eq(request->n_resource_logs, 1);
    cr_assert_eq(all->resource->n_attributes, 2);
    cr_assert_str_eq(all->schema_url, OA_SCHEMA_URL);
    cr_assert_eq(all->n_scope_logs, 2);
    cr_assert_str_eq(all->scope_logs[0]->scope->name, "libotel-auto.syslog");
    cr_assert_str_eq(all->scope_logs[1]->scope->name, "libotel-auto.stdio");
    for (int i = 0; i < 2; i++) {
        cr_assert_str_eq(all->scope_logs[i]->scope->version, OA_SDK_VERSION);
        cr_assert_str_eq(all->scope_logs[i]->schema_url, OA_SCHEMA_URL);
    }
    cr_assert_eq(all->scope_logs[0]->n_log_records, 2);
    cr_assert_eq(all->scope_logs[1]->n_log_records, 1);
}

Test(otlp_logs, h7_136_every_field)
{
    struct oa_batch batch = oa_test_log_batch();
    const OaOtlp__LogRecord *log = packed(&batch)->resource_logs[0]->scope_logs[0]->log_records[0];

    cr_assert_eq(log->time_unix_nano, 1700000000000000000u);
    cr_assert_eq(log->observed_time_unix_nano, 1700000000012345678u);
    cr_assert_eq(log->severity_number, OA_OTLP__SEVERITY_NUMBER__SEVERITY_NUMBER_ERROR);
    cr_assert(is(log->severity_text, "err"));
    cr_assert(is(log->event_name, "disk.full"));
    cr_assert_eq(log->body->value_case, OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE);
    cr_assert(is(log->body->string_value, "disk \"sda\" \xc3\xa9\n"));
    cr_assert_eq(log->flags, 1);
    cr_assert(is(log->trace_id, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20"));
    cr_assert(is(log->span_id, "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8"));
    cr_assert_eq(log->dropped_attributes_count, 0);
    cr_assert_eq(log->n_attributes, 5);
    cr_assert_eq(value(log, "syslog.facility")->int_value, 3);
    cr_assert(value(log, "yes")->bool_value);
    cr_assert_eq(value(log, "ratio")->double_value, 0.1);
    cr_assert_eq(value(log, "l")->array_value->n_values, 2);
    cr_assert(is(value(log, "l")->array_value->values[1]->string_value, "b"));
    cr_assert(is(value(log, "log.iostream")->string_value, "stderr"));
}

Test(otlp_logs, what_is_unknown_is_not_said)
{
    struct oa_batch batch = oa_test_log_batch();
    OaOtlp__ExportLogsServiceRequest *request = packed(&batch);
    const OaOtlp__LogRecord *bare = request->resource_logs[0]->scope_logs[1]->log_records[0];
    const OaOtlp__LogRecord *empty = request->resource_logs[0]->scope_logs[0]->log_records[1];

    cr_assert_eq(bare->time_unix_nano, 0);
    cr_assert_eq(bare->observed_time_unix_nano, 1700000000012345678u, "is always there");
    cr_assert_eq(bare->severity_number, 0);
    cr_assert_eq(bare->trace_id.len + bare->span_id.len + bare->flags, 0);
    cr_assert_eq(bare->severity_text.len + bare->event_name.len + bare->n_attributes, 0);
    cr_assert(is(bare->body->string_value, "bare"));
    cr_assert_eq(empty->body->value_case, OA_OTLP__ANY_VALUE__VALUE_STRING_VALUE, "an empty text is a text");
    cr_assert_eq(empty->severity_number, 24);
    cr_assert_eq(empty->dropped_attributes_count, 2);
    cr_assert_eq(empty->trace_id.len, 16, "of a trace that is not sampled too");
    cr_assert_eq(empty->flags, 0);
}

/* otlp-wire 6, by hand. */
Test(otlp_logs, known_bytes)
{
    static const struct oa_attr_view attr = { .key = { "k", 1 }, .type = OA_ATTR_INT, .num = 300 };
    static const char record[] = "\x12\x4f"
                                 "\x09\x01\0\0\0\0\0\0\0" /* 1 time */
                                 "\x10\x11"               /* 2 severity */
                                 "\x1a\x03"
                                 "err" /* 3 its text */
                                 "\x2a\x04\x0a\x02"
                                 "hi"                                         /* 5 body, a string */
                                 "\x32\x08\x0a\x01k\x12\x03\x18\xac\x02"      /* 6 attribute */
                                 "\x38\x02"                                   /* 7 dropped */
                                 "\x45\x01\0\0\0"                             /* 8 flags */
                                 "\x4a\x10\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* 9 trace */
                                 "\x52\x08\x08\0\0\0\0\0\0\0"                 /* 10 span */
                                 "\x59\x02\0\0\0\0\0\0\0"                     /* 11 observed */
                                 "\x62\x01"
                                 "e"; /* 12 event */
    struct oa_log_view view = { .trace_id = { 9 },
                                .span_id = { 8 },
                                .has_context = true,
                                .flags = 1,
                                .unix_ns = 1,
                                .observed_unix_ns = 2,
                                .severity = 17,
                                .severity_text = { "err", 3 },
                                .event_name = { "e", 1 },
                                .body = { "hi", 2 },
                                .attrs = &attr,
                                .attr_count = 1,
                                .attr_dropped = 2 };
    struct oa_batch batch = { .type = OA_RECORD_LOG, .logs = &view, .count = 1 };

    (void)packed(&batch);
    cr_assert_eq(body.part_count, 3);
    cr_assert_eq(body.parts[2].len, sizeof(record) - 1);
    cr_assert_arr_eq(body.parts[2].ptr, record, sizeof(record) - 1);
}

Test(otlp_logs, no_records_are_a_resource_without_scopes)
{
    struct oa_batch batch = { .type = OA_RECORD_LOG };
    OaOtlp__ExportLogsServiceRequest *request = packed(&batch);

    cr_assert_eq(request->n_resource_logs, 1);
    cr_assert_eq(request->resource_logs[0]->n_scope_logs, 0);
}

/* Texts and lists that are much longer than the heads around them: what was measured holds. */
Test(otlp_logs, long_texts)
{
    static char text[70000];
    static struct oa_slice items[1000];
    struct oa_attr_view attrs[] = {
        { .key = { text, 300 }, .type = OA_ATTR_STR, .str = { text, 20000 } },
        { .key = { "l", 1 }, .type = OA_ATTR_ARR, .items = items, .item_count = OA_COUNT(items) },
    };
    struct oa_log_view views[2];
    struct oa_batch batch = { .type = OA_RECORD_LOG, .logs = views, .count = 2 };
    const OaOtlp__LogRecord *log;

    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < OA_COUNT(items); i++)
        items[i] = (struct oa_slice){ text, i };
    for (int i = 0; i < 2; i++)
        views[i] = (struct oa_log_view){ .body = { text, sizeof(text) },
                                         .severity_text = { text, 200 },
                                         .event_name = { text, 256 },
                                         .attrs = attrs,
                                         .attr_count = 2,
                                         .observed_unix_ns = UINT64_MAX,
                                         .unix_ns = UINT64_MAX,
                                         .attr_dropped = UINT32_MAX };
    log = packed(&batch)->resource_logs[0]->scope_logs[0]->log_records[1];
    cr_assert_eq(log->body->string_value.len, sizeof(text));
    cr_assert_eq(value(log, "l")->array_value->values[999]->string_value.len, 999);
    cr_assert_eq(log->dropped_attributes_count, UINT32_MAX);
}

Test(otlp_logs, every_bound_of_memory)
{
    struct oa_batch batch = oa_test_log_batch();
    struct oa_test_memory memory = { 0 };

    resource = oa_test_resource();
    while (oa_test_memory_grows(&memory))
        memory.err = oa_otlp_logs_request(&batch, &resource, &memory.arena, &body);
    cr_assert_eq(memory.err, 0);
}
