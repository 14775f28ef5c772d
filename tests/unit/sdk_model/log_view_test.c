/* SOURCES: sdk/model/log_view.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/span_limits.c
 * sdk/model/utf8.c preload/base/arena.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "sdk/model/log_view.h"
#include "tests/support/guard_page.h"

static const struct oa_span_limits no_limits = { .attr_count_max = UINT32_MAX, .value_chars_max = UINT32_MAX };
static struct oa_arena arena;
static struct {
    union {
        struct oa_record_log head;
        char bytes[2048];
    };
} record;

static void pad(void)
{
    record.head.head.used = (record.head.head.used + 7) & ~7u;
}

static void put(const void *bytes, size_t len)
{
    memcpy(record.bytes + record.head.head.used, bytes, len);
    record.head.head.used += (uint32_t)len;
}

static void texts(const char *severity, const char *event, const char *body)
{
    memset(record.bytes + sizeof(record.head), 0, sizeof(record) - sizeof(record.head));
    record.head.head.used = sizeof(record.head);
    record.head.severity_len = (uint16_t)strlen(severity);
    record.head.event_len = (uint16_t)strlen(event);
    record.head.body_len = (uint32_t)strlen(body);
    put(severity, strlen(severity));
    put(event, strlen(event));
    put(body, strlen(body));
    pad();
    record.head.attr_count = 0;
}

static void str(enum oa_key key, const char *value)
{
    struct oa_record_attr attr = { .key = (uint16_t)key, .type = OA_ATTR_STR, .len = (uint32_t)strlen(value) };

    put(&attr, sizeof(attr));
    put(value, strlen(value));
    pad();
    record.head.attr_count++;
}

static void setup(void)
{
    oa_arena_init(&arena, 4096, 1u << 20);
    memset(&record, 0, sizeof(record));
    record.head.head.type = OA_RECORD_LOG;
    record.head.head.scope = OA_SCOPE_SYSLOG;
    memset(record.head.trace_id, 0x11, 16);
    memset(record.head.span_id, 0x22, 8);
    record.head.flags = 1;
    record.head.severity = 13;
    record.head.unix_ns = 5;
    record.head.observed_unix_ns = 6;
    record.head.pid = 42;
    texts("warning", "", "disk almost full");
    str(OA_KEY_URL_PATH, "/some/path");
    str(OA_KEY_ERROR_TYPE, "timeout");
}

static void teardown(void)
{
    oa_arena_release(&arena);
    oa_guard_page_free();
}

TestSuite(log_view, .init = setup, .fini = teardown);

/* Reads a copy that ends at an unreadable page. */
static int read_bytes(size_t bytes, const struct oa_span_limits *limits, struct oa_log_view *view)
{
    char *guarded = oa_guard_page_copy(&record, bytes);

    return oa_log_view_read((const struct oa_record_log *)(void *)guarded, bytes, &arena, limits, view);
}

static int read_all(const struct oa_span_limits *limits, struct oa_log_view *view)
{
    return read_bytes(record.head.head.used, limits, view);
}

static bool is(struct oa_slice text, const char *want)
{
    return oa_slice_eq(text, oa_slice_of(want));
}

Test(log_view, every_field)
{
    struct oa_log_view view;

    cr_assert_eq(read_all(&no_limits, &view), 0);
    cr_expect(is(view.severity_text, "warning") && is(view.event_name, "") && is(view.body, "disk almost full"));
    cr_expect(view.severity == 13 && view.flags == 1 && view.has_context && view.scope == OA_SCOPE_SYSLOG);
    cr_expect(view.unix_ns == 5 && view.observed_unix_ns == 6 && view.pid == 42);
    cr_expect_arr_eq(view.trace_id, record.head.trace_id, 16);
    cr_expect_arr_eq(view.span_id, record.head.span_id, 8);
    cr_assert_eq(view.attr_count, 2);
    cr_expect(is(view.attrs[0].key, "url.path") && is(view.attrs[0].str, "/some/path"));
    cr_expect(is(view.attrs[1].key, "error.type") && is(view.attrs[1].str, "timeout"));
    cr_expect_eq(view.attr_dropped, 0);
}

Test(log_view, without_a_span)
{
    struct oa_log_view view;

    memset(record.head.trace_id, 0, 16);
    memset(record.head.span_id, 0, 8);
    cr_assert_eq(read_all(&no_limits, &view), 0);
    cr_expect(!view.has_context);
    cr_expect_eq(view.flags, 0, "of no span");
}

Test(log_view, limits__attributes_only)
{
    struct oa_span_limits limits = { .attr_count_max = 1, .value_chars_max = 5 };
    struct oa_log_view view;

    record.head.attr_dropped = 3;
    cr_assert_eq(read_all(&limits, &view), 0);
    cr_assert_eq(view.attr_count, 1);
    cr_expect(is(view.attrs[0].str, "/some"));
    cr_expect_eq(view.attr_dropped, 4);
    cr_expect(is(view.body, "disk almost full"), "a body has no limit");
    cr_expect(is(view.severity_text, "warning"));
}

Test(log_view, limits__from_the_environment)
{
    struct oa_env env = { .logrecord_attribute_count_limit = 7, .logrecord_attribute_value_length_limit = 8 };
    struct oa_span_limits limits;

    oa_log_limits_init(&limits, &env);
    cr_expect_eq(limits.attr_count_max, 7);
    cr_expect_eq(limits.value_chars_max, 8);
}

Test(log_view, text__repaired)
{
    struct oa_log_view view;

    texts("w\xffrn", "a.event", "caf\xc3");
    cr_assert_eq(read_all(&no_limits, &view), 0);
    cr_expect(is(view.severity_text, "w\xef\xbf\xbdrn"));
    cr_expect(is(view.event_name, "a.event"));
    cr_expect(is(view.body, "caf\xef\xbf\xbd"));
    cr_expect_eq(view.body.ptr[view.body.len], '\0', "terminated");
}

/* A record that ends earlier than it says is refused, wherever that is, and nothing behind its end is read. */
Test(log_view, truncated_at_every_byte)
{
    uint32_t whole = record.head.head.used;
    struct oa_log_view view;

    for (uint32_t bytes = 0; bytes < whole; bytes++)
        cr_expect_eq(read_bytes(bytes, &no_limits, &view), OA_EMALFORMED, "%u", bytes);
    for (uint32_t used = 0; used + 8 <= whole; used++) {
        record.head.head.used = used;
        cr_expect_eq(read_bytes(whole, &no_limits, &view), OA_EMALFORMED, "used %u", used);
    }
}

Test(log_view, refused)
{
    struct oa_log_view view;

    record.head.severity = 25;
    cr_expect_eq(read_all(&no_limits, &view), OA_EMALFORMED);
    record.head.severity = 24;
    record.head.head.scope = OA_SCOPE_COUNT;
    cr_expect_eq(read_all(&no_limits, &view), OA_EMALFORMED);
    record.head.head.scope = OA_SCOPE_STDIO;
    record.head.head.type = OA_RECORD_SPAN;
    cr_expect_eq(read_all(&no_limits, &view), OA_EMALFORMED);
    record.head.head.type = OA_RECORD_LOG;
    memset(record.head.span_id, 0, 8);
    cr_expect_eq(read_all(&no_limits, &view), OA_EMALFORMED, "half a context");
    memset(record.head.trace_id, 0, 16);
    cr_expect_eq(read_all(&no_limits, &view), 0);
    record.head.body_len = UINT32_MAX;
    cr_expect_eq(read_all(&no_limits, &view), OA_EMALFORMED);
}

Test(log_view, no_memory)
{
    struct oa_log_view view = { .pid = 7 };
    size_t bound = 0;
    int err = OA_ENOMEM;

    for (; err == OA_ENOMEM && bound < 4096; bound += 16) {
        oa_arena_release(&arena);
        oa_arena_init(&arena, 16, bound);
        err = read_all(&no_limits, &view);
        if (err)
            cr_expect_eq(view.pid, 7, "untouched");
    }
    cr_expect_eq(err, 0);
    cr_expect_eq(view.pid, 42);
}
