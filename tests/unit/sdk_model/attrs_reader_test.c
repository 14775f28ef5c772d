/* The usual attributes are read in one look, all others with care: what comes out must be the same. A view that is
 * read, where every text takes the careful way, says what one that is borrowed has to say.
 * SOURCES: sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/span_view.c sdk/model/utf8.c
 *   preload/base/arena.c tests/support/span_record.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "sdk/model/span_view.h"
#include "tests/support/guard_page.h"
#include "tests/support/span_record.h"

#define NO_LIMIT UINT32_MAX

static struct oa_arena arena;
static struct oa_test_record record;
static struct oa_span_limits limits = { NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT };

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

TestSuite(attrs_reader, .init = setup, .fini = teardown);

static void same_attr(const struct oa_attr_view *a, const struct oa_attr_view *b)
{
    cr_assert(oa_slice_eq(a->key, b->key));
    cr_assert_eq(a->type, b->type);
    if (a->type == OA_ATTR_STR)
        cr_assert(oa_slice_eq(a->str, b->str));
    else if (a->type == OA_ATTR_ARR)
        cr_assert_eq(a->item_count, b->item_count);
    else
        cr_assert_eq(a->num, b->num); /* a double's bits */
}

/* Of the record's first bytes, which end at an unreadable page. Returns how many attributes there are, or < 0. */
static int both_ways(uint32_t bytes, struct oa_span_view *borrowed)
{
    struct oa_record_span *rec = (void *)oa_guard_page_copy(&record, bytes);
    struct oa_span_view read;
    int err = oa_span_view_read(rec, bytes, &arena, &limits, &read);

    cr_assert_eq(oa_span_view_borrow(rec, bytes, &arena, &limits, borrowed), err);
    if (err < 0)
        return err;
    cr_assert_eq(borrowed->attr_count, read.attr_count);
    cr_assert_eq(borrowed->attr_dropped, read.attr_dropped);
    for (uint32_t i = 0; i < read.attr_count; i++)
        same_attr(&borrowed->attrs[i], &read.attrs[i]);
    return (int)read.attr_count;
}

static void add_some(void)
{
    static const char *const items[] = { "a", "b" };
    static const int64_t yes = 1;

    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/a/path/of/some/length"));
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
    oa_test_record_str(&record, OA_KEY_URL_SCHEME, OA_SLICE("http"));
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/again"));
    oa_test_record_str(&record, OA_KEY_URL_QUERY, OA_SLICE("\xc3\xbc=1"));
    oa_test_record_arr(&record, OA_KEY_PROCESS_COMMAND_ARGS, items, OA_COUNT(items));
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_CUSTOM, OA_ATTR_BOOL, 3, 8 }, "own", &yes);
    oa_test_record_str(&record, OA_KEY_HTTP_ROUTE, OA_SLICE(""));
    oa_test_record_attr(&record, (struct oa_record_attr){ OA_KEY_COUNT + 3, OA_ATTR_INT, 0, 8 }, "", &yes);
}

Test(attrs_reader, usual__in_any_company)
{
    struct oa_span_view view;

    add_some();
    cr_assert_eq(both_ways(record.head.head.used, &view), 7);
    cr_assert_eq(view.attr_dropped, 1, "a key of a newer version");
    cr_assert(oa_slice_eq(view.attrs[0].str, OA_SLICE("/again")), "the last one of a key, in the first one's place");
    cr_assert_eq(view.attrs[1].num, 200);
}

Test(attrs_reader, limits__every_count_and_length)
{
    struct oa_span_view view;

    add_some();
    for (limits.attr_count_max = 0; limits.attr_count_max < 10; limits.attr_count_max++) {
        for (limits.value_chars_max = 0; limits.value_chars_max < 30; limits.value_chars_max++) {
            int count = both_ways(record.head.head.used, &view);

            cr_assert_leq((uint32_t)count, limits.attr_count_max);
            for (int i = 0; i < count; i++)
                cr_assert(view.attrs[i].type != OA_ATTR_STR || view.attrs[i].str.len <= limits.value_chars_max + 1,
                          "one character of them takes two bytes");
        }
    }
}

Test(attrs_reader, text__every_length_with_every_byte_odd)
{
    char text[40];
    struct oa_span_view view;

    for (size_t len = 1; len <= sizeof(text); len++) {
        for (size_t at = 0; at < len; at++) {
            static const char odd[] = { '\0', '\x7f', '\x80', '\xff' };

            for (size_t i = 0; i < OA_COUNT(odd); i++) {
                memset(text, 'x', sizeof(text));
                text[at] = odd[i];
                oa_test_record_init(&record, "GET", "");
                oa_test_record_str(&record, OA_KEY_URL_PATH, (struct oa_slice){ text, len });
                oa_arena_reset(&arena);
                cr_assert_eq(both_ways(record.head.head.used, &view), 1);
                cr_assert_eq(view.attrs[0].str.len, odd[i] == '\x7f' ? len : len + 2, "%zu of %zu", at, len);
            }
        }
        oa_guard_page_free();
    }
}

Test(attrs_reader, truncated__at_every_byte)
{
    struct oa_test_record whole;
    struct oa_span_view view;

    add_some();
    whole = record;
    for (uint32_t used = sizeof(struct oa_record_span); used <= whole.head.head.used; used++) {
        record.head.head.used = used;
        oa_arena_reset(&arena);
        (void)both_ways(used, &view);
    }
}

Test(attrs_reader, corrupted__at_random)
{
    struct oa_test_record whole;
    struct oa_span_view view;

    srand(1);
    add_some();
    whole = record;
    for (int round = 0; round < 20000; round++) {
        record = whole;
        for (int k = rand() % 4; k >= 0; k--)
            record.bytes[(unsigned)rand() % whole.head.head.used] = (char)rand();
        oa_arena_reset(&arena);
        (void)both_ways(whole.head.head.used, &view);
        if (round % 100 == 0)
            oa_guard_page_free();
    }
}
