/* Log records in OTLP/JSON, text by text (otel-environment E.3).
 * SOURCES: sdk/encode/otlp_json_logs.c sdk/encode/otlp_json.c sdk/encode/otlp_json_extras.c sdk/encode/json.c
 * sdk/encode/buf.c sdk/model/resource.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c
 * sdk/model/utf8.c preload/base/arena.c preload/base/hex.c tests/support/log_batch.c tests/support/batch_fixture.c
 * sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/otlp_json.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"
#include "tests/support/test_memory.h"

#define SCOPE(name)                                                                              \
    "{\"scope\": {\"name\": \"" name "\", \"version\": \"" OA_SDK_VERSION "\"}, \"schemaUrl\": " \
    "\"" OA_SCHEMA_URL "\", \"logRecords\": ["

static struct oa_resource resource;
static struct oa_arena arena;

static const char *json_of(const struct oa_batch *batch)
{
    struct oa_slice text;

    resource = oa_test_resource();
    oa_arena_init(&arena, 4096, 1u << 20);
    cr_assert_eq(oa_otlp_json_logs(batch, &resource, &arena, &text), 0);
    return strndup(text.ptr, text.len);
}

Test(otlp_json_logs, h7_139_all_of_it)
{
    struct oa_batch batch = oa_test_log_batch();

    cr_assert_str_eq(
        json_of(&batch),
        "{\"resourceLogs\": [{\"resource\": {\"attributes\": [{\"key\": \"service.name\", \"value\": "
        "{\"stringValue\": "
        "\"shop\"}}, {\"key\": \"process.pid\", \"value\": {\"intValue\": \"12\"}}]}, \"schemaUrl\": \"" OA_SCHEMA_URL
        "\", \"scopeLogs\": [" SCOPE(
            "libotel-auto.syslog") "{\"timeUnixNano\": \"1700000000000000000\", \"severityNumber\": 17, "
                                   "\"severityText\": \"err\", \"body\": "
                                   "{\"stringValue\": \"disk \\\"sda\\\" \\u00e9\\n\"}, \"attributes\": [{\"key\": "
                                   "\"syslog.facility\", "
                                   "\"value\": {\"intValue\": \"3\"}}, {\"key\": \"yes\", \"value\": {\"boolValue\": "
                                   "true}}, {\"key\": \"ratio\", "
                                   "\"value\": {\"doubleValue\": 0.1}}, {\"key\": \"l\", \"value\": {\"arrayValue\": "
                                   "{\"values\": "
                                   "[{\"stringValue\": \"a\"}, {\"stringValue\": \"b\"}]}}}, {\"key\": "
                                   "\"log.iostream\", \"value\": "
                                   "{\"stringValue\": \"stderr\"}}], \"flags\": 1, \"traceId\": "
                                   "\"0102030405060708090a0b0c0d0e0f10\", "
                                   "\"spanId\": \"a1a2a3a4a5a6a7a8\", \"observedTimeUnixNano\": "
                                   "\"1700000000012345678\", \"eventName\": "
                                   "\"disk.full\"}, {\"timeUnixNano\": \"1700000000000000000\", \"severityNumber\": "
                                   "24, \"body\": "
                                   "{\"stringValue\": \"\"}, \"attributes\": [], \"droppedAttributesCount\": 2, "
                                   "\"flags\": 0, \"traceId\": "
                                   "\"0102030405060708090a0b0c0d0e0f10\", \"spanId\": \"a1a2a3a4a5a6a7a8\", "
                                   "\"observedTimeUnixNano\": "
                                   "\"1700000000012345678\"}]}, " SCOPE(
                                       "libotel-auto.stdio") "{\"body\": {\"stringValue\": \"bare\"}, "
                                                             "\"attributes\": [], \"observedTimeUnixNano\": "
                                                             "\"1700000000012345678\"}]}]}]}");
}

Test(otlp_json_logs, no_records)
{
    struct oa_batch batch = { .type = OA_RECORD_LOG };

    cr_assert(strstr(json_of(&batch), "\"scopeLogs\": []}]}"));
}

Test(otlp_json_logs, every_bound_of_memory)
{
    struct oa_batch batch = oa_test_log_batch();
    struct oa_slice text;
    struct oa_test_memory memory = { 0 };

    resource = oa_test_resource();
    while (oa_test_memory_grows(&memory))
        memory.err = oa_otlp_json_logs(&batch, &resource, &memory.arena, &text);
    cr_assert_eq(memory.err, 0);
}
