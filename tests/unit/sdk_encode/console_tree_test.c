/* SOURCES: sdk/encode/console_tree.c sdk/encode/console_parts.c sdk/encode/json.c sdk/model/iso_time.c
 * sdk/encode/span_tree.c sdk/encode/buf.c sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c
 * sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c preload/base/arena.c
 * preload/base/hex.c
 * tests/support/span_record.c tests/support/batch_fixture.c */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sdk/encode/console.h"
#include "sdk/encode/span_tree.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/test_memory.h"

static struct oa_arena arena;
static struct oa_batch batch;
static struct oa_test_record record;

static void setup(void)
{
    oa_arena_init(&arena, 4096, 16u << 20);
    oa_test_batch_init(&batch);
    oa_test_record_init(&record, "GET /users/*", "");
}

static void teardown(void)
{
    oa_batch_release(&batch);
    oa_arena_release(&arena);
}

TestSuite(console_tree, .init = setup, .fini = teardown);

static const char *print(void)
{
    struct oa_slice text = OA_SLICE("");
    char *copy;

    cr_assert_eq(oa_console_tree(&batch, &arena, &text), 0);
    copy = oa_arena_strndup(&arena, text.ptr, text.len);
    cr_assert_not_null(copy);
    return copy;
}

/* Ids of one byte; parent 0: a root. Starts are milliseconds after the first. */
static void add(uint8_t trace, uint8_t id, uint8_t parent, uint64_t start_ms)
{
    char name[2] = { (char)('@' + id), '\0' };

    oa_test_record_init(&record, name, "");
    memset(record.head.trace_id, trace, 16);
    memset(record.head.span_id, id, 8);
    memset(record.head.parent_id, parent, 8);
    record.head.start_unix_ns += start_ms * 1000000;
    record.head.end_unix_ns = record.head.start_unix_ns + 1000000;
    oa_test_batch_add(&batch, &record);
}

/* The lines as letters, each behind as many dots as it is deep, '|' before each trace. */
static const char *shape(void)
{
    static char text[4096];
    const struct oa_span_line *lines = oa_span_tree_lines(&batch, &arena);
    size_t len = 0;

    cr_assert_not_null(lines);
    for (uint32_t i = 0; i < batch.count; i++) {
        if (lines[i].first)
            text[len++] = '|';
        for (uint32_t k = 0; k < lines[i].depth; k++)
            text[len++] = '.';
        text[len++] = lines[i].span->name.ptr[0];
    }
    text[len] = '\0';
    return text;
}

Test(console_tree, line__server)
{
    oa_test_record_int(&record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
    oa_test_record_str(&record, OA_KEY_URL_PATH, OA_SLICE("/users/7"));
    record.head.kind = OA_SPAN_SERVER;
    oa_test_batch_add(&batch, &record);
    cr_assert_str_eq(print(), "trace 0102030405060708090a0b0c0d0e0f10\n"
                              "  GET /users/*                            SERVER       12.3ms  200  /users/7\n");
}

Test(console_tree, line__outcomes)
{
    static const struct {
        enum oa_key key;
        int64_t number; /* 0: error.type "timeout" */
        uint8_t status;
        const char *text;
    } rows[] = {
        { OA_KEY_PROCESS_EXIT_CODE, 3, OA_STATUS_ERROR, "ms  exit 3  ERROR\n" },
        { OA_KEY_HTTP_RESPONSE_STATUS_CODE, 500, OA_STATUS_ERROR, "ms  500  ERROR\n" },
        { OA_KEY_ERROR_TYPE, 0, OA_STATUS_ERROR, "ms  ERROR timeout\n" },
        { OA_KEY_SERVER_PORT, 80, OA_STATUS_UNSET, "ms\n" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_batch_next(&batch);
        oa_test_record_init(&record, "n", "");
        record.head.status = rows[i].status;
        if (rows[i].number)
            oa_test_record_int(&record, rows[i].key, rows[i].number);
        else
            oa_test_record_str(&record, rows[i].key, OA_SLICE("timeout"));
        oa_test_batch_add(&batch, &record);
        cr_expect_not_null(strstr(print(), rows[i].text), "%s: %s", rows[i].text, print());
    }
}

Test(console_tree, line__durations)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        { 0, "    0.0us\n" },         { 999, "    0.9us\n" },          { 12345, "   12.3us\n" },
        { 999999, "  999.9us\n" },    { 1000000, "    1.0ms\n" },      { 999949999, "  999.9ms\n" },
        { 1000000000, "    1.0s\n" }, { 3661500000000, " 3661.5s\n" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_batch_next(&batch);
        oa_test_record_init(&record, "n", "");
        record.head.end_unix_ns = record.head.start_unix_ns + rows[i].ns;
        oa_test_batch_add(&batch, &record);
        cr_expect_not_null(strstr(print(), rows[i].text), "%s", print());
    }
}

/* Text from the network must not steer the terminal. */
Test(console_tree, line__control_characters)
{
    oa_test_record_init(&record,
                        "a\x1b[2J\nb\x7f\xc2\x9b"
                        "c\xc3\xa9",
                        "");
    oa_test_batch_add(&batch, &record);
    cr_assert_not_null(strstr(print(), "  a?[2J?b??c\xc3\xa9"), "%s", print());
}

Test(console_tree, shape__nothing)
{
    cr_assert_str_eq(print(), "");
}

Test(console_tree, shape__children_by_start_below_parents)
{
    add(1, 3, 1, 30); /* in the order in which they ended */
    add(1, 4, 2, 25);
    add(1, 2, 1, 20);
    add(1, 1, 0, 10);
    cr_assert_str_eq(shape(), "|A.B..D.C");
}

Test(console_tree, shape__orphans_at_the_top)
{
    add(1, 5, 99, 5);
    add(1, 6, 5, 50);
    add(1, 1, 0, 10);
    cr_assert_str_eq(shape(), "|E.FA");
}

Test(console_tree, shape__traces_by_first_start)
{
    add(7, 1, 0, 20);
    add(9, 2, 0, 10);
    add(8, 3, 0, 30);
    add(9, 4, 2, 40);
    cr_assert_str_eq(shape(), "|B.D|A|C");
}

/* The same span id in another trace is another span. */
Test(console_tree, shape__ids_belong_to_a_trace)
{
    add(1, 1, 0, 0);
    add(2, 2, 1, 5);
    cr_assert_str_eq(shape(), "|A|B");
}

Test(console_tree, shape__rings_are_cut)
{
    add(1, 1, 2, 10);
    add(1, 2, 3, 20);
    add(1, 3, 1, 30);
    add(1, 4, 4, 40); /* its own parent */
    add(1, 5, 3, 50);
    cr_assert_str_eq(shape(), "|DA.C..B..E");
}

Test(console_tree, shape__doubled_ids)
{
    add(1, 1, 0, 10);
    add(1, 1, 0, 20);
    add(1, 2, 1, 30);
    cr_assert_eq(strlen(shape()), strlen("|AA.B"));
}

/* Whatever the parents are: every span once. */
Test(console_tree, shape__random_parents)
{
    srand(3);
    for (int round = 0; round < 300; round++) {
        bool seen[64] = { false };
        const struct oa_span_line *lines;

        oa_batch_next(&batch);
        oa_arena_reset(&arena);
        for (uint8_t i = 1; i <= 40; i++)
            add((uint8_t)(1 + rand() % 3), i, (uint8_t)(rand() % 45), (uint64_t)rand() % 100);
        lines = oa_span_tree_lines(&batch, &arena);
        for (uint32_t i = 0; i < batch.count; i++) {
            cr_assert(!seen[lines[i].span->span_id[0]]);
            seen[lines[i].span->span_id[0]] = true;
        }
    }
}

Test(console_tree, no_memory)
{
    struct oa_test_memory memory = { 0 };
    struct oa_slice text = OA_SLICE("untouched");

    add(1, 1, 0, 10);
    while (oa_test_memory_grows(&memory)) {
        memory.err = oa_console_tree(&batch, &memory.arena, &text);
        cr_assert(memory.err == 0 || text.len == 9);
    }
    cr_assert_eq(memory.err, 0);
}

Test(console_tree, events_and_links_stand_below_their_span)
{
    const char *text;

    oa_test_record_event(&record, record.head.start_unix_ns + 1234567, "http.send.start");
    oa_test_record_close(&record);
    oa_test_record_event(&record, record.head.start_unix_ns - 1500, "a\x1b[2Jb");
    oa_test_record_close(&record);
    oa_test_record_link(&record, 0xaa, 0xbb, "a=b");
    oa_test_record_close(&record);
    oa_test_batch_add(&batch, &record);
    text = print();
    cr_assert(strstr(text, "\n    @ +1.2ms  http.send.start\n    @ -1.5us  a?[2Jb\n"
                           "    ~ trace aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  span bbbbbbbbbbbbbbbb\n"),
              "%s", text);
}
