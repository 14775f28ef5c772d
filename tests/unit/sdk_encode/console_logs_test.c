/* SOURCES: sdk/encode/console_logs.c sdk/encode/console_parts.c sdk/encode/json.c sdk/encode/buf.c
 * sdk/model/iso_time.c sdk/model/utf8.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c
 * sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c preload/base/arena.c preload/base/hex.c
 * tests/support/log_batch.c tests/support/batch_fixture.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/console.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"

#define RESOURCE                                                            \
    "    \"resource\": {\n"                                                 \
    "        \"attributes\": {\n"                                           \
    "            \"service.name\": \"shop\",\n"                             \
    "            \"process.pid\": 12\n"                                     \
    "        },\n"                                                          \
    "        \"schema_url\": \"https://opentelemetry.io/schemas/1.44.0\"\n" \
    "    },\n"

static struct oa_arena arena;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 1u << 20);
}

static void teardown(void)
{
    oa_arena_release(&arena);
}

TestSuite(console_logs, .init = setup, .fini = teardown);

static const char *json_of(const struct oa_log_view *log)
{
    struct oa_resource resource = oa_test_resource();
    struct oa_slice text;

    cr_assert_eq(oa_console_log_json(log, &resource, &arena, &text), 0);
    return oa_arena_strndup(&arena, text.ptr, text.len);
}

static const char *lines_of(struct oa_log_view *logs, uint32_t count)
{
    struct oa_batch batch = { .type = OA_RECORD_LOG, .logs = logs, .count = count };
    struct oa_slice text;

    cr_assert_eq(oa_console_log_lines(&batch, &arena, &text), 0);
    return oa_arena_strndup(&arena, text.ptr, text.len);
}

/* What OpenTelemetry Python 1.45.2 prints for the same records (taken from a run of it). */
Test(console_logs, as_python_prints_it__everything)
{
    struct oa_batch batch = oa_test_log_batch();

    cr_assert_str_eq(json_of(&batch.logs[0]),
                     "{\n"
                     "    \"body\": \"disk \\\"sda\\\" \\u00e9\\n\",\n"
                     "    \"severity_number\": 17,\n"
                     "    \"severity_text\": \"err\",\n"
                     "    \"attributes\": {\n"
                     "        \"syslog.facility\": 3,\n"
                     "        \"yes\": true,\n"
                     "        \"ratio\": 0.1,\n"
                     "        \"l\": [\n"
                     "            \"a\",\n"
                     "            \"b\"\n"
                     "        ],\n"
                     "        \"log.iostream\": \"stderr\"\n"
                     "    },\n"
                     "    \"dropped_attributes\": 0,\n"
                     "    \"timestamp\": \"2023-11-14T22:13:20.000000Z\",\n"
                     "    \"observed_timestamp\": \"2023-11-14T22:13:20.012346Z\",\n"
                     "    \"trace_id\": \"0x0102030405060708090a0b0c0d0e0f10\",\n"
                     "    \"span_id\": \"0xa1a2a3a4a5a6a7a8\",\n"
                     "    \"trace_flags\": 1,\n" RESOURCE "    \"event_name\": \"disk.full\"\n"
                     "}\n");
}

Test(console_logs, as_python_prints_it__bare)
{
    struct oa_batch batch = oa_test_log_batch();

    cr_assert_str_eq(json_of(&batch.logs[1]), "{\n"
                                              "    \"body\": \"bare\",\n"
                                              "    \"severity_number\": null,\n"
                                              "    \"severity_text\": null,\n"
                                              "    \"attributes\": null,\n"
                                              "    \"dropped_attributes\": 0,\n"
                                              "    \"timestamp\": null,\n"
                                              "    \"observed_timestamp\": \"2023-11-14T22:13:20.012346Z\",\n"
                                              "    \"trace_id\": \"0x00000000000000000000000000000000\",\n"
                                              "    \"span_id\": \"0x0000000000000000\",\n"
                                              "    \"trace_flags\": 0,\n" RESOURCE "    \"event_name\": \"\"\n"
                                              "}\n");
    cr_assert(strstr(json_of(&batch.logs[2]), "\"dropped_attributes\": 2,\n"));
}

Test(console_logs, a_line_each)
{
    struct oa_batch batch = oa_test_log_batch();

    cr_assert_str_eq(lines_of(batch.logs, batch.count),
                     "2023-11-14T22:13:20.000Z  ERROR   [disk.full] disk \"sda\" \xc3\xa9?  trace "
                     "0102030405060708090a0b0c0d0e0f10  span a1a2a3a4a5a6a7a8\n"
                     "2023-11-14T22:13:20.012Z  -       bare\n"
                     "2023-11-14T22:13:20.000Z  FATAL4    trace 0102030405060708090a0b0c0d0e0f10  span "
                     "a1a2a3a4a5a6a7a8\n");
    cr_assert_str_eq(lines_of(batch.logs, 0), "");
}

Test(console_logs, names_of_severities)
{
    static const char *const words[] = { "-     ", "TRACE ", "TRACE2", "TRACE3", "TRACE4", "DEBUG ", "DEBUG2",
                                         "DEBUG3", "DEBUG4", "INFO  ", "INFO2 ", "INFO3 ", "INFO4 ", "WARN  ",
                                         "WARN2 ", "WARN3 ", "WARN4 ", "ERROR ", "ERROR2", "ERROR3", "ERROR4",
                                         "FATAL ", "FATAL2", "FATAL3", "FATAL4" };

    for (uint8_t i = 0; i < OA_COUNT(words); i++) {
        struct oa_log_view log = { .observed_unix_ns = 1700000000000000000u, .severity = i, .body = { "x", 1 } };
        char line[64];

        (void)snprintf(line, sizeof(line), "2023-11-14T22:13:20.000Z  %s  x\n", words[i]);
        cr_assert_str_eq(lines_of(&log, 1), line);
    }
}

Test(console_logs, nothing_steers_a_terminal)
{
    struct oa_log_view log = { .body = { "a\x1b[2J\xc2\x9b\x7f\tb", 10 }, .event_name = { "\x1b", 1 } };

    cr_assert_str_eq(lines_of(&log, 1), "1970-01-01T00:00:00.000Z  -       [?] a?[2J???b\n");
}

Test(console_logs, a_long_body_is_cut)
{
    static char text[5000];
    struct oa_log_view log = { .body = { text, sizeof(text) } };

    memset(text, 'x', sizeof(text));
    cr_assert_eq(strlen(lines_of(&log, 1)), strlen("1970-01-01T00:00:00.000Z  -       \n") + 1000);
}

Test(console_logs, every_bound_of_memory)
{
    struct oa_batch batch = oa_test_log_batch();
    struct oa_resource resource = oa_test_resource();
    struct oa_slice text;
    int err = OA_ENOMEM, more = OA_ENOMEM;

    for (size_t most = 0; (err || more) && most < 65536; most += 64) {
        struct oa_arena small;

        oa_arena_init(&small, 64, most);
        err = oa_console_log_json(&batch.logs[0], &resource, &small, &text);
        more = oa_console_log_lines(&batch, &small, &text);
        oa_arena_release(&small);
        cr_assert((err == 0 || err == OA_ENOMEM) && (more == 0 || more == OA_ENOMEM));
    }
    cr_assert(err == 0 && more == 0);
}
