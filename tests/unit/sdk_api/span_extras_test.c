/* Events and links as the writer puts them are read back by the consumer's own decoder.
 * SOURCES: sdk/api/span.c sdk/api/span_extras.c sdk/api/baggage_attrs.c env/text.c preload/base/glob.c preload/ring.c
 * preload/shared_memory.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/ring_consumer.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/err.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/span_extras.h"
#include "sdk/model/span_view.h"
#include "tests/support/ring_consumer.h"

#define NO UINT32_MAX

OA_TLS struct oa_thread oa_thread;

static struct oa_arena arena;
static struct oa_span_writer w;
static const struct oa_span_context other = { { 1, 2 }, { 3, 4 }, .flags = 1, .valid = 1, .remote = 1 };

static void begin(uint32_t attrs, uint32_t bytes)
{
    struct oa_span_end end = { .name = OA_SLICE("GET"),
                               .start_unix_ns = 1000,
                               .scope = OA_SCOPE_HTTP,
                               .kind = OA_SPAN_SERVER,
                               .self = { .trace_id = { 1 }, .span_id = { 2 }, .valid = 1 } };

    oa_arena_init(&arena, 1024, 1u << 20);
    if (!oa_ring())
        cr_assert_eq(oa_ring_open(100), OA_OK);
    oa_span_begin(&w, &end, attrs, bytes);
    cr_assert_not_null(w.record);
}

static struct oa_span_view read_back(void)
{
    static const struct oa_span_limits no_limits = { NO, NO, NO, NO, NO, NO };
    struct oa_record *record = oa_test_ring_peek(oa_ring());
    struct oa_span_view view;

    cr_assert_not_null(record);
    cr_assert_eq(oa_span_view_read((struct oa_record_span *)record, record->size, &arena, &no_limits, &view), 0);
    oa_test_ring_release(oa_ring(), record);
    return view;
}

static void event(uint64_t unix_ns, const char *name)
{
    struct oa_span_item item;

    oa_span_event_open(&w, &item, unix_ns, oa_slice_of(name));
    oa_span_item_close(&w, &item);
}

Test(span_extras, events_and_links_among_attributes)
{
    struct oa_span_item item;
    struct oa_span_view view;

    begin(4, OA_SPAN_EVENT_ROOM(5) + OA_SPAN_EVENT_ROOM(3) + OA_SPAN_LINK_ROOM(3) + 8);
    oa_span_int(&w, OA_KEY_SERVER_PORT, 80);
    event(1001, "early");
    oa_span_link_open(&w, &item, &other, OA_SLICE("a=b"));
    oa_span_str(&w, OA_KEY_URL_PATH, OA_SLICE("/linked"));
    oa_span_item_close(&w, &item);
    oa_span_event_open(&w, &item, 1002, OA_SLICE("GOT"));
    oa_span_int(&w, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 103);
    oa_span_item_close(&w, &item);
    oa_span_int(&w, OA_KEY_CLIENT_PORT, 81);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.attr_count, 2);
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(view.attrs[1].num, 81);
    cr_assert_eq(view.extras->event_count, 2);
    cr_assert_str_eq(view.extras->events[0].name.ptr, "early");
    cr_assert_eq(view.extras->events[0].unix_ns, 1001);
    cr_assert_eq(view.extras->events[0].attr_count, 0);
    cr_assert_str_eq(view.extras->events[1].name.ptr, "GOT");
    cr_assert_eq(view.extras->events[1].attrs[0].num, 103);
    cr_assert_eq(view.extras->link_count, 1);
    cr_assert_arr_eq(view.extras->links[0].trace_id, other.trace_id, 16);
    cr_assert_arr_eq(view.extras->links[0].span_id, other.span_id, 8);
    cr_assert(view.extras->links[0].flags == 1 && view.extras->links[0].remote);
    cr_assert_str_eq(view.extras->links[0].tracestate.ptr, "a=b");
    cr_assert_str_eq(view.extras->links[0].attrs[0].str.ptr, "/linked");
}

/* The macros promise room, whatever the lengths. */
Test(span_extras, what_was_announced_fits)
{
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    for (uint32_t len = 1; len < sizeof(text); len++) {
        struct oa_span_view view;
        struct oa_span_item item;

        begin(0, 2 * OA_SPAN_EVENT_ROOM(len) + OA_SPAN_LINK_ROOM(len));
        for (int i = 0; i < 2; i++) {
            oa_span_event_open(&w, &item, 1, (struct oa_slice){ text, len });
            oa_span_item_close(&w, &item);
        }
        oa_span_link_open(&w, &item, &other, (struct oa_slice){ text, len });
        oa_span_item_close(&w, &item);
        oa_span_commit(&w);
        view = read_back();
        cr_assert_eq(view.attr_dropped, 0);
        cr_assert_eq(view.extras->event_count, 2);
        cr_assert_eq(view.extras->events[1].name.len, len);
        cr_assert_eq(view.extras->links[0].tracestate.len, len);
        cr_assert_eq(view.extras->links[0].attr_count, 0);
    }
}

/* Left out with its attributes, counted once, and the bytes behind what is used stay clean. */
Test(span_extras, what_has_no_room_is_left_out_whole)
{
    struct oa_span_item item;
    struct oa_span_view view;
    char name[64];

    memset(name, 'n', sizeof(name));
    begin(2, 0);
    oa_span_event_open(&w, &item, 1, (struct oa_slice){ name, sizeof(name) });
    oa_span_int(&w, OA_KEY_SERVER_PORT, 80);
    oa_span_item_close(&w, &item);
    for (uint32_t i = w.used; i < w.record->head.size; i++)
        cr_assert_eq(((char *)w.record)[i], 0);
    oa_span_int(&w, OA_KEY_CLIENT_PORT, 81);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_null(view.extras);
    cr_assert_eq(view.attr_count, 1);
    cr_assert_eq(view.attrs[0].num, 81);
    cr_assert_eq(view.attr_dropped, 1);
}

Test(span_extras, attributes_without_room_count_where_they_belong)
{
    struct oa_span_item item;
    struct oa_span_view view;

    begin(1, OA_SPAN_EVENT_ROOM(1));
    oa_span_event_open(&w, &item, 1, OA_SLICE("e"));
    for (int i = 0; i < 5; i++)
        oa_span_int(&w, OA_KEY_SERVER_PORT, i);
    oa_span_item_close(&w, &item);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_gt(view.extras->events[0].attr_dropped, 0);
}

Test(span_extras, bounds)
{
    char name[OA_NAME_MAX + 10], state[OA_TRACESTATE_MAX + 1];
    struct oa_span_item item;
    struct oa_span_view view;

    memset(name, 'n', sizeof(name));
    memset(state, 's', sizeof(state));
    begin(0, OA_SPAN_EVENT_ROOM(sizeof(name)) + OA_SPAN_LINK_ROOM(sizeof(state)));
    oa_span_event_open(&w, &item, 1, (struct oa_slice){ name, sizeof(name) });
    oa_span_item_close(&w, &item);
    oa_span_link_open(&w, &item, &other, (struct oa_slice){ state, sizeof(state) });
    oa_span_item_close(&w, &item);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.extras->events[0].name.len, OA_NAME_MAX);
    cr_assert_eq(view.extras->links[0].tracestate.len, 0, "never a cut list");
}

Test(span_extras, a_dropped_span_takes_nothing)
{
    struct oa_span_item item;

    w.record = NULL;
    oa_span_event_open(&w, &item, 1, OA_SLICE("e"));
    oa_span_item_close(&w, &item);
    oa_span_link_open(&w, &item, &other, OA_SLICE(""));
    oa_span_item_close(&w, &item);
    cr_assert_null(w.record);
}

/* What a recorder of exceptions writes by itself, and then what it was given besides. */
Test(span_extras, h4_90_an_exception_is_an_event_whose_later_attributes_win)
{
    static const char *const pairs[][2] = { { "exception.type", "std::runtime_error" },
                                            { "exception.message", "generated" },
                                            { "exception.stacktrace", "at main\nat _start" },
                                            { "exception.message", "given" } };
    struct oa_span_item item;
    struct oa_span_view view;
    const struct oa_event_view *seen;

    begin(8, OA_SPAN_EVENT_ROOM(9) + 256);
    oa_span_event_open(&w, &item, 1001, OA_SLICE("exception"));
    for (size_t i = 0; i < OA_COUNT(pairs); i++)
        oa_span_str_encoded(&w, oa_slice_of(pairs[i][0]), oa_slice_of(pairs[i][1]));
    oa_span_item_close(&w, &item);
    oa_span_commit(&w);
    view = read_back();
    cr_assert_eq(view.extras->event_count, 1);
    seen = &view.extras->events[0];
    cr_expect_str_eq(seen->name.ptr, "exception");
    cr_assert_eq(seen->attr_count, 3);
    cr_expect_eq(seen->attr_dropped, 0);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(seen->attrs[i].key.ptr, pairs[i][0]);
        cr_expect_str_eq(seen->attrs[i].str.ptr, pairs[i == 1 ? 3 : i][1]);
    }
}
