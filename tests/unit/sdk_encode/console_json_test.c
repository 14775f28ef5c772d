/* SOURCES: sdk/encode/console_json.c sdk/encode/console_parts.c sdk/encode/json.c sdk/encode/buf.c sdk/model/batch.c sdk/model/log_view.c
 * sdk/model/bytes.c
 *   sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/iso_time.c sdk/model/utf8.c
 * preload/base/arena.c
 *   preload/base/hex.c tests/support/span_record.c tests/support/batch_fixture.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sdk/encode/console.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_arena arena;
static struct oa_batch batch;
static struct oa_test_record record;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 1u << 20);
    oa_test_batch_init(&batch);
    oa_test_record_init(&record, "GET /users/*", "");
}

static void teardown(void)
{
    oa_batch_release(&batch);
    oa_arena_release(&arena);
}

TestSuite(console_json, .init = setup, .fini = teardown);

/* Terminated, for comparison. */
static const char *print(void)
{
    struct oa_resource resource = oa_test_resource();
    struct oa_slice text = OA_SLICE("");
    char *copy;

    oa_test_batch_add(&batch, &record);
    cr_assert_eq(oa_console_json(&batch.spans[batch.count - 1], &resource, &arena, &text), 0);
    copy = oa_arena_strndup(&arena, text.ptr, text.len);
    cr_assert_not_null(copy);
    return copy;
}

static bool prints(const char *part)
{
    return strstr(print(), part) != NULL;
}

/* What OpenTelemetry Python 1.45 prints for the same span (taken from a run of it). */
Test(console_json, as_python_prints_it__bare)
{
    record.head.kind = OA_SPAN_INTERNAL;
    cr_assert_str_eq(print(), "{\n"
                              "    \"name\": \"GET /users/*\",\n"
                              "    \"context\": {\n"
                              "        \"trace_id\": \"0x0102030405060708090a0b0c0d0e0f10\",\n"
                              "        \"span_id\": \"0xa1a2a3a4a5a6a7a8\",\n"
                              "        \"trace_state\": \"[]\"\n"
                              "    },\n"
                              "    \"kind\": \"SpanKind.INTERNAL\",\n"
                              "    \"parent_id\": null,\n"
                              "    \"start_time\": \"2023-11-14T22:13:20.000000Z\",\n"
                              "    \"end_time\": \"2023-11-14T22:13:20.012346Z\",\n"
                              "    \"status\": {\n"
                              "        \"status_code\": \"UNSET\"\n"
                              "    },\n"
                              "    \"attributes\": {},\n"
                              "    \"events\": [],\n"
                              "    \"links\": [],\n"
                              "    \"resource\": {\n"
                              "        \"attributes\": {\n"
                              "            \"service.name\": \"shop\",\n"
                              "            \"process.pid\": 12\n"
                              "        },\n"
                              "        \"schema_url\": \"https://opentelemetry.io/schemas/1.44.0\"\n"
                              "    }\n"
                              "}\n");
}

Test(console_json, as_python_prints_it__attributes)
{
    const char *const items[] = { "192.0.2.1", "\xc3\xa9" };
    double ratio = 0.1;
    int64_t yes = 1;

    oa_test_record_str(&record, OA_KEY_URL_FULL, OA_SLICE("http://h/?a=\"b\""));
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_BOOL, 3, 8 }, "yes", &yes);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_DOUBLE, 5, 8 }, "ratio", &ratio);
    oa_test_record_arr(&record, OA_KEY_DNS_ANSWERS, items, 2);
    cr_assert(prints("    \"attributes\": {\n"
                     "        \"url.full\": \"http://h/?a=\\\"b\\\"\",\n"
                     "        \"http.response.status_code\": 200,\n"
                     "        \"yes\": true,\n"
                     "        \"ratio\": 0.1,\n"
                     "        \"dns.answers\": [\n"
                     "            \"192.0.2.1\",\n"
                     "            \"\\u00e9\"\n"
                     "        ]\n"
                     "    },\n"));
}

Test(console_json, as_python_prints_it__events_and_links)
{
    oa_test_record_event(&record, 1700000000001234567u, "http.send.start");
    oa_test_record_close(&record);
    oa_test_record_event(&record, 1700000000002000000u, "GOT 1xx");
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 103);
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xaa, 0xbb, "a=b");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xcc, 0xdd, "");
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/"));
    oa_test_record_close(&record);
    cr_assert(prints("    \"attributes\": {},\n"
                     "    \"events\": [\n"
                     "        {\n"
                     "            \"name\": \"http.send.start\",\n"
                     "            \"timestamp\": \"2023-11-14T22:13:20.001235Z\",\n"
                     "            \"attributes\": {}\n"
                     "        },\n"
                     "        {\n"
                     "            \"name\": \"GOT 1xx\",\n"
                     "            \"timestamp\": \"2023-11-14T22:13:20.002000Z\",\n"
                     "            \"attributes\": {\n"
                     "                \"http.response.status_code\": 103\n"
                     "            }\n"
                     "        }\n"
                     "    ],\n"
                     "    \"links\": [\n"
                     "        {\n"
                     "            \"context\": {\n"
                     "                \"trace_id\": \"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n"
                     "                \"span_id\": \"0xbbbbbbbbbbbbbbbb\",\n"
                     "                \"trace_state\": \"['{key=a, value=b}']\"\n"
                     "            },\n"
                     "            \"attributes\": {}\n"
                     "        },\n"
                     "        {\n"
                     "            \"context\": {\n"
                     "                \"trace_id\": \"0xcccccccccccccccccccccccccccccccc\",\n"
                     "                \"span_id\": \"0xdddddddddddddddd\",\n"
                     "                \"trace_state\": \"[]\"\n"
                     "            },\n"
                     "            \"attributes\": {\n"
                     "                \"url.path\": \"/\"\n"
                     "            }\n"
                     "        }\n"
                     "    ],\n"
                     "    \"resource\": {\n"));
}

Test(console_json, parent_and_error)
{
    record.head.kind = OA_SPAN_SERVER;
    record.head.parent_id[7] = 0x99;
    record.head.status = OA_STATUS_ERROR;
    cr_assert(prints("    \"kind\": \"SpanKind.SERVER\",\n    \"parent_id\": \"0x0000000000000099\",\n"));
    cr_assert(prints("    \"status\": {\n        \"status_code\": \"ERROR\"\n    },\n"));
}

/* Python prints the repr of a list of strings; which quotes it takes depends on those in the text. */
Test(console_json, trace_state__rows)
{
    static const struct {
        const char *state;
        const char *text;
    } rows[] = {
        { "", "\"[]\"" },
        { ", ,", "\"[]\"" },
        { "a=b", "\"['{key=a, value=b}']\"" },
        { "a=b, c=d/e\"", "\"['{key=a, value=b}', '{key=c, value=d/e\\\"}']\"" },
        { "a=it's", "\"[\\\"{key=a, value=it's}\\\"]\"" },
        { "a=it's\"", "\"['{key=a, value=it\\\\'s\\\"}']\"" },
        { "a=x\\y", "\"['{key=a, value=x\\\\\\\\y}']\"" },
        { "rubbish,a=1", "\"['{key=a, value=1}']\"" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        char line[256];

        snprintf(line, sizeof(line), "        \"trace_state\": %s\n", rows[i].text);
        oa_test_record_init(&record, "n", rows[i].state);
        cr_expect(prints(line), "%s", rows[i].state);
    }
}

Test(console_json, no_memory)
{
    struct oa_resource resource = oa_test_resource();
    struct oa_test_memory memory = { 0 };
    struct oa_slice text = OA_SLICE("untouched");

    oa_test_record_event(&record, 1, "e");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 1, 1, "a=b");
    oa_test_record_close(&record);
    oa_test_batch_add(&batch, &record);
    while (oa_test_memory_grows(&memory)) {
        memory.err = oa_console_json(&batch.spans[0], &resource, &memory.arena, &text);
        cr_assert(memory.err == 0 || text.len == 9);
    }
    cr_assert_eq(memory.err, 0);
}
