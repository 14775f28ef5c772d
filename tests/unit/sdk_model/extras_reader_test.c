/* Events and links of a record (statements H.4: 29, 30, 87, 89).
 * SOURCES: sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/span_limits.c
 * sdk/model/utf8.c preload/base/arena.c tests/support/guard_page.c tests/support/span_record.c */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "sdk/model/span_view.h"
#include "tests/support/guard_page.h"
#include "tests/support/span_record.h"
#include "tests/support/test_memory.h"

#define NO UINT32_MAX

static const struct oa_span_limits no_limits = { NO, NO, NO, NO, NO, NO };
static struct oa_arena arena;
static struct oa_test_record record;
static struct oa_span_view view;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 64u << 20);
    oa_test_record_init(&record, "GET", "");
}

static void teardown(void)
{
    oa_arena_release(&arena);
    oa_guard_page_free();
}

TestSuite(extras_reader, .init = setup, .fini = teardown);

/* A copy that ends at an unreadable page. */
static int view_read_bytes(size_t bytes, const struct oa_span_limits *limits)
{
    char *guarded = oa_guard_page_copy(&record, bytes);

    return oa_span_view_read((const struct oa_record_span *)(void *)guarded, bytes, &arena, limits, &view);
}

static int view_read(const struct oa_span_limits *limits)
{
    return view_read_bytes(record.head.head.used, limits);
}

static const struct oa_span_extras *read_extras(const struct oa_span_limits *limits)
{
    cr_assert_eq(view_read(limits), 0);
    cr_assert_not_null(view.extras);
    return view.extras;
}

/* Three events and two links, mixed with attributes; the second event and the first link have some of their own. */
static void add_some(void)
{
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/x"));
    oa_test_record_event(&record, 1700000000000000100u, "one");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xaa, 0xbb, "k=v");
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/linked"));
    oa_test_record_close(&record);
    oa_test_record_event(&record, 1700000000000000200u, "two");
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/then"));
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 103);
    oa_test_record_str(&record, OA_KEY_URL_SCHEME, OA_SLICE("http"));
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xcc, 0xdd, "");
    oa_test_record_close(&record);
    oa_test_record_event(&record, 1700000000000000300u, "three");
    oa_test_record_close(&record);
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 80);
}

Test(extras_reader, none)
{
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 80);
    cr_assert_eq(view_read(&no_limits), 0);
    cr_assert_null(view.extras);
}

Test(extras_reader, h4_89_all_of_them_in_their_order)
{
    const struct oa_span_extras *extras;

    add_some();
    extras = read_extras(&no_limits);
    cr_assert_eq(view.attr_count, 2, "those of the span alone");
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(extras->event_count, 3);
    cr_assert_eq(extras->event_dropped + extras->link_dropped, 0);
    cr_assert_str_eq(extras->events[0].name.ptr, "one");
    cr_assert_eq(extras->events[0].unix_ns, 1700000000000000100u);
    cr_assert_eq(extras->events[0].attr_count, 0);
    cr_assert_str_eq(extras->events[1].name.ptr, "two");
    cr_assert_eq(extras->events[1].attr_count, 3);
    cr_assert_str_eq(extras->events[1].attrs[0].str.ptr, "/then", "not the span's own of that key");
    cr_assert_eq(extras->events[1].attrs[1].num, 103);
    cr_assert_str_eq(extras->events[2].name.ptr, "three");
    cr_assert_eq(extras->link_count, 2);
    cr_assert_eq(extras->links[0].trace_id[15], 0xaa);
    cr_assert_eq(extras->links[0].span_id[7], 0xbb);
    cr_assert_eq(extras->links[0].flags, 1);
    cr_assert(extras->links[0].remote);
    cr_assert_str_eq(extras->links[0].tracestate.ptr, "k=v");
    cr_assert_str_eq(extras->links[0].attrs[0].str.ptr, "/linked");
    cr_assert_eq(extras->links[1].trace_id[0], 0xcc);
    cr_assert_eq(extras->links[1].tracestate.len, 0);
}

Test(extras_reader, h1_29_the_first_ones_stay_and_the_others_count)
{
    const struct oa_span_limits rows[] = {
        { NO, NO, 3, 2, NO, NO }, { NO, NO, 2, 2, NO, NO }, { NO, NO, 3, 1, NO, NO }, { NO, NO, 0, 0, NO, NO }
    };

    add_some();
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const struct oa_span_extras *extras = read_extras(&rows[i]);

        cr_expect_eq(extras->event_count, rows[i].event_count_max);
        cr_expect_eq(extras->event_dropped, 3 - rows[i].event_count_max);
        cr_expect_eq(extras->link_count, rows[i].link_count_max);
        cr_expect_eq(extras->link_dropped, 2 - rows[i].link_count_max);
        cr_expect_eq(view.attr_count, 2);
        cr_expect_eq(view.attr_dropped, 0, "an event is no attribute");
        for (uint32_t k = 1; k < extras->event_count; k++)
            cr_expect_lt(extras->events[k - 1].unix_ns, extras->events[k].unix_ns);
    }
}

Test(extras_reader, h1_30_attributes_of_each_have_limits_of_their_own)
{
    const struct oa_span_limits two_and_none = { 1, NO, NO, NO, 2, 0 };
    const struct oa_span_extras *extras;

    add_some();
    extras = read_extras(&two_and_none);
    cr_assert_eq(extras->events[0].attr_dropped, 0);
    cr_assert_eq(extras->events[1].attr_count, 2);
    cr_assert_eq(extras->events[1].attr_dropped, 1);
    cr_assert_eq(extras->links[0].attr_count, 0);
    cr_assert_eq(extras->links[0].attr_dropped, 1);
    cr_assert_eq(view.attr_count, 1);
    cr_assert_eq(view.attr_dropped, 1);
}

Test(extras_reader, the_length_of_values_is_limited_that_of_names_is_not)
{
    const struct oa_span_limits three = { NO, 3, NO, NO, NO, NO };
    const struct oa_span_extras *extras;

    add_some();
    extras = read_extras(&three);
    cr_assert_str_eq(extras->events[1].attrs[0].str.ptr, "/th");
    cr_assert_str_eq(extras->links[0].attrs[0].str.ptr, "/li");
    cr_assert_str_eq(extras->events[2].name.ptr, "three");
    cr_assert_eq(extras->events[1].attr_dropped, 0, "to cut is not to drop");
}

Test(extras_reader, limits__from_env)
{
    const struct oa_env env = { .span_event_count_limit = 1,
                                .span_link_count_limit = 2,
                                .event_attribute_count_limit = 3,
                                .link_attribute_count_limit = 4 };
    struct oa_span_limits limits;

    oa_span_limits_init(&limits, &env);
    cr_assert_eq(limits.event_count_max, 1);
    cr_assert_eq(limits.link_count_max, 2);
    cr_assert_eq(limits.event_attr_count_max, 3);
    cr_assert_eq(limits.link_attr_count_max, 4);
}

/* What the writer had no room for is told with what is over the limit here. */
Test(extras_reader, dropped_by_the_writer)
{
    const struct oa_span_limits one = { NO, NO, NO, NO, 1, NO };
    uint16_t dropped = 5;

    oa_test_record_event(&record, 1, "e");
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 1);
    oa_test_record_int(&record, OA_KEY_CLIENT_PORT, 2);
    memcpy(record.bytes + record.open_at + 8 + 10, &dropped, sizeof(dropped));
    oa_test_record_close(&record);
    cr_assert_eq(read_extras(&one)->events[0].attr_dropped, 6);
}

Test(extras_reader, texts_are_repaired_and_an_event_has_a_name)
{
    const struct oa_span_extras *extras;

    oa_test_record_event(&record, 1, "");
    oa_test_record_close(&record);
    oa_test_record_event(&record, 2, "caf\xe9");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 1, 1, "a=\xff");
    oa_test_record_close(&record);
    extras = read_extras(&no_limits);
    cr_assert_str_eq(extras->events[0].name.ptr, "unknown");
    cr_assert_str_eq(extras->events[1].name.ptr, "caf\xef\xbf\xbd");
    cr_assert_str_eq(extras->links[0].tracestate.ptr, "a=\xef\xbf\xbd");
}

/* Trace API, links: one to a context that is not valid is kept for what else it says. */
Test(extras_reader, a_link_to_nothing)
{
    const struct oa_span_extras *extras;

    oa_test_record_link(&record, 0, 0, "");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 1, 0, "");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0, 0, "a=b");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0, 1, "");
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 1);
    oa_test_record_close(&record);
    extras = read_extras(&no_limits);
    cr_assert_eq(extras->link_count, 2);
    cr_assert_eq(extras->link_dropped, 0);
    cr_assert_str_eq(extras->links[0].tracestate.ptr, "a=b");
    cr_assert_eq(extras->links[1].attrs[0].num, 1);
}

/* Events of events are not known; whoever writes them loses them, and nothing else. */
Test(extras_reader, no_event_in_an_event)
{
    struct oa_record_event head = { .unix_ns = 1 };

    oa_test_record_event(&record, 1, "outer");
    oa_test_record_attr(&record, (struct oa_record_attr){ 0, OA_ATTR_EVENT, 0, sizeof(head) }, "", &head);
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 1);
    oa_test_record_close(&record);
    cr_assert_eq(read_extras(&no_limits)->event_count, 1);
    cr_assert_eq(view.extras->events[0].attr_count, 1);
    cr_assert_eq(view.extras->events[0].attr_dropped, 1);
}

Test(extras_reader, refuses_what_does_not_add_up)
{
    static const struct {
        const char *what;
        size_t at; /* in the item */
        uint8_t value;
    } rows[] = {
        { "no room for the head", 4, 15 },          { "more than there is", 6, 0xff },
        { "more attributes than bytes", 8 + 8, 2 }, { "many more", 8 + 9, 0xff },
        { "a name beyond the end", 8 + 12, 60 },    { "far beyond", 8 + 13, 0xff },
    };
    struct oa_test_record good;

    oa_test_record_event(&record, 1, "name");
    oa_test_record_int(&record, OA_KEY_SERVER_PORT, 1);
    oa_test_record_close(&record);
    good = record;
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        record = good;
        record.bytes[good.open_at + rows[i].at] = (char)rows[i].value;
        cr_expect_eq(view_read(&no_limits), OA_EMALFORMED, "%s", rows[i].what);
    }
}

Test(extras_reader, truncated_at_every_byte)
{
    struct oa_test_record whole;

    add_some();
    whole = record;
    for (uint32_t bytes = 0; bytes < whole.head.head.used; bytes++) {
        oa_arena_reset(&arena);
        record = whole;
        record.head.head.used = bytes;
        cr_assert_eq(view_read_bytes(bytes, &no_limits), OA_EMALFORMED, "%u bytes", bytes);
    }
}

static void check_sound(void)
{
    const struct oa_span_extras *extras = view.extras;

    for (uint32_t i = 0; extras && i < extras->event_count; i++) {
        cr_assert_eq(strlen(extras->events[i].name.ptr), extras->events[i].name.len);
        for (uint32_t k = 0; k < extras->events[i].attr_count; k++)
            cr_assert_eq(strlen(extras->events[i].attrs[k].key.ptr), extras->events[i].attrs[k].key.len);
    }
    for (uint32_t i = 0; extras && i < extras->link_count; i++)
        cr_assert_eq(strlen(extras->links[i].tracestate.ptr), extras->links[i].tracestate.len);
}

Test(extras_reader, random_corruption)
{
    struct oa_test_record whole;

    srand(1);
    add_some();
    whole = record;
    for (int round = 0; round < 20000; round++) {
        oa_arena_reset(&arena);
        record = whole;
        for (int k = rand() % 4; k >= 0; k--)
            record.bytes[(unsigned)rand() % whole.head.head.used] = (char)rand();
        if (view_read_bytes(whole.head.head.used, &no_limits) == 0)
            check_sound();
    }
}

Test(extras_reader, no_memory)
{
    struct oa_test_memory memory = { 0 };

    add_some();
    view.pid = 77;
    while (oa_test_memory_grows(&memory)) {
        memory.err = oa_span_view_read(&record.head, record.head.head.used, &memory.arena, &no_limits, &view);
        cr_assert(memory.err == 0 || view.pid == 77);
    }
    cr_assert_eq(memory.err, 0);
    cr_assert_eq(view.pid, 42, "with enough memory it was read");
}

Test(extras_reader, borrowed_texts_stay_where_they_are)
{
    add_some();
    cr_assert_eq(oa_span_view_borrow(&record.head, record.head.head.used, &arena, &no_limits, &view), 0);
    cr_assert(view.extras->events[1].name.ptr > record.bytes &&
              view.extras->events[1].name.ptr < record.bytes + record.head.head.used);
    cr_assert(oa_slice_eq(view.extras->events[1].name, OA_SLICE("two")));
    cr_assert(oa_slice_eq(view.extras->links[0].tracestate, OA_SLICE("k=v")));
}
