/* SOURCES: sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/span_limits.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/guard_page.c tests/support/span_record.c */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "sdk/model/span_view.h"
#include "tests/support/guard_page.h"
#include "tests/support/span_record.h"
#include "tests/support/test_memory.h"

static const struct oa_span_limits no_limits = { UINT32_MAX, UINT32_MAX, UINT32_MAX,
                                                 UINT32_MAX, UINT32_MAX, UINT32_MAX };
static struct oa_arena arena;
static struct oa_test_record record;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 64u << 20);
    oa_test_record_init(&record, "GET /users/*", "a=1,b=2");
}

static void teardown(void)
{
    oa_arena_release(&arena);
    oa_guard_page_free();
}

TestSuite(span_view, .init = setup, .fini = teardown);

/* Reads a copy that ends at an unreadable page. */
static int view_read_bytes(size_t bytes, const struct oa_span_limits *limits, struct oa_span_view *view)
{
    char *guarded = oa_guard_page_copy(&record, bytes);

    return oa_span_view_read((const struct oa_record_span *)(void *)guarded, bytes, &arena, limits, view);
}

static int view_read(const struct oa_span_limits *limits, struct oa_span_view *view)
{
    return view_read_bytes(record.head.head.used, limits, view);
}

static void add_one_of_each(void)
{
    const char *const items[] = { "curl", "", "-v" };
    double ratio = 0.25;
    int64_t yes = 7;

    oa_test_record_str(&record, OA_KEY_URL_FULL, OA_SLICE("http://h/?q=1"));
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 404);
    oa_test_record_arr(&record, OA_KEY_PROCESS_COMMAND_ARGS, items, OA_COUNT(items));
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_BOOL, 3, 8 }, "own", &yes);
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_DOUBLE, 5, 8 }, "ratio", &ratio);
}

Test(span_view, read__all_fields)
{
    struct oa_span_view view;

    add_one_of_each();
    record.head.parent_id[7] = 9;
    record.head.parent_remote = 1;
    record.head.attr_dropped = 2;
    record.head.status = OA_STATUS_ERROR;
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert(oa_slice_eq(view.name, OA_SLICE("GET /users/*")));
    cr_assert(oa_slice_eq(view.tracestate, OA_SLICE("a=1,b=2")));
    cr_assert_eq(view.end_unix_ns - view.start_unix_ns, 12345678);
    cr_assert_eq(view.kind, OA_SPAN_CLIENT);
    cr_assert_eq(view.status, OA_STATUS_ERROR);
    cr_assert_eq(view.flags, 3);
    cr_assert_eq(view.pid, 42);
    cr_assert(view.has_parent && view.parent_remote);
    cr_assert_eq(view.attr_dropped, 2);
    cr_assert_str_eq(oa_scope_name(view.scope), "libotel-auto.http");
    cr_assert_eq(memcmp(view.trace_id, record.head.trace_id, 16), 0);
}

Test(span_view, read__all_attribute_types)
{
    struct oa_span_view view;
    const struct oa_attr_view *args;

    add_one_of_each();
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_eq(view.attr_count, 5);
    cr_assert_str_eq(oa_span_view_attr(&view, OA_SLICE("url.full"))->str.ptr, "http://h/?q=1");
    cr_assert_eq(oa_span_view_attr(&view, OA_SLICE("http.response.status_code"))->num, 404);
    cr_assert_eq(oa_span_view_attr(&view, OA_SLICE("own"))->num, 1, "a boolean is 0 or 1");
    cr_assert_eq(oa_span_view_attr(&view, OA_SLICE("ratio"))->real, 0.25);
    args = oa_span_view_attr(&view, OA_SLICE("process.command_args"));
    cr_assert_eq(args->item_count, 3);
    cr_assert_str_eq(args->items[0].ptr, "curl");
    cr_assert_str_eq(args->items[1].ptr, "");
    cr_assert_str_eq(args->items[2].ptr, "-v");
    cr_assert_null(oa_span_view_attr(&view, OA_SLICE("absent")));
}

Test(span_view, read__repairs_text)
{
    struct oa_span_view view;

    oa_test_record_init(&record, "caf\xe9", "a=\xff");
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/a\0b\xc3"));
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_str_eq(view.name.ptr, "caf\xef\xbf\xbd");
    cr_assert_str_eq(view.tracestate.ptr, "a=\xef\xbf\xbd");
    cr_assert_str_eq(view.attrs[0].str.ptr, "/a\xef\xbf\xbd"
                                            "b\xef\xbf\xbd");
}

Test(span_view, read__nothing_is_fine)
{
    struct oa_span_view view;

    oa_test_record_init(&record, "", "");
    record.head.end_unix_ns = record.head.start_unix_ns - 1;
    record.head.parent_remote = 1;
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_str_eq(view.name.ptr, "unknown", "OTLP wants a name");
    cr_assert_str_eq(view.tracestate.ptr, "");
    cr_assert_eq(view.end_unix_ns, view.start_unix_ns);
    cr_assert(!view.has_parent && !view.parent_remote);
}

Test(span_view, limits__count)
{
    const struct oa_span_limits two = { .attr_count_max = 2, .value_chars_max = UINT32_MAX },
                                none = { .attr_count_max = 0, .value_chars_max = UINT32_MAX };
    struct oa_span_view view;

    add_one_of_each();
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 500);
    record.head.attr_dropped = 10;
    cr_assert_eq(view_read(&two, &view), 0);
    cr_assert_eq(view.attr_count, 2);
    cr_assert_eq(view.attr_dropped, 13, "overwriting is no discard");
    cr_assert_eq(view.attrs[1].num, 500, "the last value of a key wins");
    cr_assert_eq(view_read(&none, &view), 0);
    cr_assert_eq(view.attr_count, 0);
    cr_assert_eq(view.attr_dropped, 16);
}

Test(span_view, limits__value_length)
{
    const struct oa_span_limits three = { .attr_count_max = UINT32_MAX, .value_chars_max = 3 },
                                zero = { .attr_count_max = UINT32_MAX, .value_chars_max = 0 };
    struct oa_span_view view;

    add_one_of_each();
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/\xc3\xbc\xe2\x82\xac!"));
    cr_assert_eq(view_read(&three, &view), 0);
    cr_assert_str_eq(oa_span_view_attr(&view, OA_SLICE("url.full"))->str.ptr, "htt");
    cr_assert_str_eq(oa_span_view_attr(&view, OA_SLICE("url.path"))->str.ptr, "/\xc3\xbc\xe2\x82\xac");
    cr_assert_str_eq(oa_span_view_attr(&view, OA_SLICE("process.command_args"))->items[0].ptr, "cur");
    cr_assert_str_eq(view.name.ptr, "GET /users/*", "names are no attribute values");
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(view_read(&zero, &view), 0);
    cr_assert_str_eq(oa_span_view_attr(&view, OA_SLICE("url.full"))->str.ptr, "");
}

Test(span_view, limits__from_env)
{
    const struct oa_env env = { .span_attribute_count_limit = 7, .span_attribute_value_length_limit = OA_ENV_UNSET };
    struct oa_span_limits limits;

    oa_span_limits_init(&limits, &env);
    cr_assert_eq(limits.attr_count_max, 7);
    cr_assert_eq(limits.value_chars_max, UINT32_MAX);
}

Test(span_view, read__skips_what_it_does_not_know)
{
    struct oa_span_view view;

    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_COUNT + 5, OA_ATTR_STR, 0, 3 }, "", "new");
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_URL_PATH, 99, 0, 3 }, "", "new");
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_STR, 0, 3 }, "", "new");
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 80);
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_eq(view.attr_count, 1);
    cr_assert_eq(view.attr_dropped, 3);
}

/* Every byte of the head that can make the record a wrong one. */
Test(span_view, read__refuses_a_bad_head)
{
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } rows[] = {
        { "type", offsetof(struct oa_record_span, head.type), 9 },
        { "scope", offsetof(struct oa_record_span, head.scope), OA_SCOPE_COUNT },
        { "scope, high byte", offsetof(struct oa_record_span, head.scope) + 1, 1 },
        { "kind too low", offsetof(struct oa_record_span, kind), 0 },
        { "kind too high", offsetof(struct oa_record_span, kind), 6 },
        { "status", offsetof(struct oa_record_span, status), 3 },
        { "used too small", offsetof(struct oa_record_span, head.used), 79 },
        { "used too large", offsetof(struct oa_record_span, head.used) + 1, 0xff },
        { "used far too large", offsetof(struct oa_record_span, head.used) + 3, 0xff },
        { "more attributes than bytes", offsetof(struct oa_record_span, attr_count) + 1, 0xff },
        { "name longer than the record", offsetof(struct oa_record_span, name_len) + 1, 0xff },
        { "tracestate longer than the record", offsetof(struct oa_record_span, tracestate_len) + 1, 0xff },
    };
    const struct oa_test_record good = record;
    struct oa_span_view view;

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        uint32_t bytes = good.head.head.used;

        record = good;
        record.bytes[rows[i].offset] = (char)rows[i].value;
        cr_expect_eq(view_read_bytes(bytes, &no_limits, &view), OA_EMALFORMED, "%s", rows[i].what);
    }
    record = good;
    memset(record.head.trace_id, 0, 16);
    cr_expect_eq(view_read(&no_limits, &view), OA_EMALFORMED, "no trace id");
    record = good;
    memset(record.head.span_id, 0, 8);
    cr_expect_eq(view_read(&no_limits, &view), OA_EMALFORMED, "no span id");
}

Test(span_view, read__refuses_bad_attributes)
{
    static const struct {
        struct oa_record_attr head;
        const char *name;
        const char *value;
    } rows[] = {
        { { OA_KEY_SERVER_PORT, OA_ATTR_INT, 0, 4 }, "", "1234" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_BOOL, 0, 0 }, "", "" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_DOUBLE, 0, 9 }, "", "123456789" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_STR, 3, 1 }, "abc", "x" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_ARR, 0, 3 }, "", "\1\0\0" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_ARR, 0, 5 }, "", "\2\0\0\0x" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_ARR, 0, 8 },
          "",
          "\xff\xff\xff\xff"
          "abcd" },
        { { OA_KEY_SERVER_PORT, OA_ATTR_ARR, 0, 6 }, "", "\1\0\0\0xy" },
    };
    const struct oa_test_record good = record;
    struct oa_span_view view;

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        record = good;
        oa_test_record_attr(&record, rows[i].head, rows[i].name, rows[i].value);
        cr_expect_eq(view_read(&no_limits, &view), OA_EMALFORMED, "row %zu", i);
    }
}

/* Cut anywhere, with and without an honest `used`: refused, or read as far as it goes; never over-read. */
Test(span_view, read__truncated_at_every_byte)
{
    struct oa_test_record whole;
    struct oa_span_view view;
    uint32_t used;

    add_one_of_each();
    whole = record;
    used = whole.head.head.used;
    for (uint32_t bytes = 0; bytes < used; bytes++) {
        oa_arena_reset(&arena);
        record = whole;
        cr_assert_eq(view_read_bytes(bytes, &no_limits, &view), OA_EMALFORMED, "%u bytes", bytes);
        record.head.head.used = bytes;
        cr_assert_eq(view_read_bytes(bytes, &no_limits, &view), OA_EMALFORMED, "%u bytes, used says so", bytes);
    }
}

Test(span_view, read__padding_of_the_last_value_may_be_missing)
{
    struct oa_span_view view;

    oa_test_record_str(&record, OA_KEY_URL_SCHEME, OA_SLICE("http"));
    record.head.head.used -= 4;
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_str_eq(view.attrs[0].str.ptr, "http");
}

/* A crashed producer may have left anything: whatever comes out must be sound. */
static void check_sound(const struct oa_span_view *view)
{
    for (uint32_t i = 0; i < view->attr_count; i++) {
        const struct oa_attr_view *attr = &view->attrs[i];

        cr_assert_eq(strlen(attr->key.ptr), attr->key.len);
        if (attr->type == OA_ATTR_STR)
            cr_assert_eq(strlen(attr->str.ptr), attr->str.len);
        for (uint32_t k = 0; attr->type == OA_ATTR_ARR && k < attr->item_count; k++)
            cr_assert_eq(strlen(attr->items[k].ptr), attr->items[k].len);
    }
    cr_assert_eq(strlen(view->name.ptr), view->name.len);
}

Test(span_view, read__every_byte_corrupted)
{
    static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
    struct oa_test_record whole;

    add_one_of_each();
    whole = record;
    for (uint32_t at = 0; at < whole.head.head.used; at++) {
        for (size_t i = 0; i < OA_COUNT(values); i++) {
            struct oa_span_view view;

            oa_arena_reset(&arena);
            record = whole;
            record.bytes[at] = (char)values[i];
            if (view_read_bytes(whole.head.head.used, &no_limits, &view) == 0)
                check_sound(&view);
        }
    }
}

Test(span_view, read__random_corruption)
{
    struct oa_test_record whole;

    srand(1);
    add_one_of_each();
    whole = record;
    for (int round = 0; round < 20000; round++) {
        struct oa_span_view view;

        oa_arena_reset(&arena);
        record = whole;
        for (int k = rand() % 6; k >= 0; k--)
            record.bytes[(unsigned)rand() % whole.head.head.used] = (char)rand();
        if (view_read_bytes(whole.head.head.used, &no_limits, &view) == 0)
            check_sound(&view);
    }
}

Test(span_view, read__no_memory_leaves_the_result_alone)
{
    struct oa_span_view view = { .pid = 77 };
    struct oa_test_memory memory = { 0 };

    add_one_of_each();
    while (oa_test_memory_grows(&memory)) {
        memory.err = oa_span_view_read(&record.head, record.head.head.used, &memory.arena, &no_limits, &view);
        cr_assert(memory.err == 0 || view.pid == 77);
    }
    cr_assert_eq(memory.err, 0);
    cr_assert_eq(view.pid, 42, "with enough memory it was read");
}

static bool inside(struct oa_slice text)
{
    return text.ptr >= record.bytes && text.ptr + text.len <= record.bytes + sizeof(record.bytes);
}

/* The same content as a view that was read; good text stays where it is, the rest is repaired elsewhere. */
Test(span_view, borrow__points_into_the_record)
{
    const struct oa_span_limits ten = { .attr_count_max = UINT32_MAX, .value_chars_max = 10 };
    struct oa_span_view view;

    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/good and long"));
    oa_test_record_str(&record, OA_KEY_URL_QUERY, OA_SLICE("/\xc3\xbcmlaut and more"));
    oa_test_record_str(&record, OA_KEY_URL_FULL, OA_SLICE("/bad\xff"));
    oa_test_record_str(&record, OA_KEY_URL_SCHEME, OA_SLICE("a\0b"));
    cr_assert_eq(oa_span_view_borrow(&record.head, record.head.head.used, &arena, &ten, &view), 0);
    cr_expect(inside(view.name) && oa_slice_eq(view.name, OA_SLICE("GET /users/*")), "names are not cut");
    cr_expect(inside(view.tracestate) && oa_slice_eq(view.tracestate, OA_SLICE("a=1,b=2")));
    cr_expect(inside(view.attrs[0].str) && oa_slice_eq(view.attrs[0].str, OA_SLICE("/good and ")));
    cr_expect(inside(view.attrs[1].str) && oa_slice_eq(view.attrs[1].str, OA_SLICE("/\xc3\xbcmlaut an")));
    cr_expect(!inside(view.attrs[2].str) && oa_slice_eq(view.attrs[2].str, OA_SLICE("/bad\xef\xbf\xbd")));
    cr_expect(oa_slice_eq(view.attrs[3].str, OA_SLICE("a\xef\xbf\xbd"
                                                      "b")));
}

Test(span_view, read__keys_are_unique_whatever_their_kind)
{
    struct oa_span_view view;

    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("1"));
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_STR, 8, 1 }, "url.path", "2");
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_STR, 10, 1 }, "url.scheme", "3");
    oa_test_record_str(&record, OA_KEY_URL_SCHEME, OA_SLICE("4"));
    cr_assert_eq(view_read(&no_limits, &view), 0);
    cr_assert_eq(view.attr_count, 2);
    cr_expect_str_eq(view.attrs[0].str.ptr, "2");
    cr_expect_str_eq(view.attrs[1].str.ptr, "4");
}
