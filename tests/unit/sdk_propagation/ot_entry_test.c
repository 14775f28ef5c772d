/* SOURCES: sdk/propagation/ot_entry.c */
#include <criterion/criterion.h>

#include "preload/base/compiler.h"
#include "sdk/propagation/ot_entry.h"

#define NONE UINT64_MAX

static const struct {
    const char *state;
    uint64_t random, threshold;
    const char *erased; /* NULL: unchanged */
} rows[] = {
    { "", NONE, NONE, NULL },
    { "a=1", NONE, NONE, NULL },
    { "ot=th:8", NONE, 0x80000000000000, "" },
    { "ot=th:0", NONE, 0, "" },
    { "ot=th:fd70a", NONE, 0xfd70a000000000, "" },
    { "ot=th:ffffffffffffff", NONE, 0xffffffffffffff, "" },
    { "ot=rv:6e6d1a75832a2f", 0x6e6d1a75832a2f, NONE, NULL },
    { "ot=th:8;rv:6e6d1a75832a2f", 0x6e6d1a75832a2f, 0x80000000000000, "ot=rv:6e6d1a75832a2f" },
    { "ot=rv:6e6d1a75832a2f;th:8", 0x6e6d1a75832a2f, 0x80000000000000, "ot=rv:6e6d1a75832a2f" },
    { "ot=a:b;th:8;c:d", NONE, 0x80000000000000, "ot=a:b;c:d" },
    { "a=1,ot=th:8", NONE, 0x80000000000000, "a=1" },
    { "ot=th:8,a=1", NONE, 0x80000000000000, "a=1" },
    { "a=1,ot=th:8,b=2", NONE, 0x80000000000000, "a=1,b=2" },
    { "a=1,ot=th:8;x:,b=2", NONE, 0x80000000000000, "a=1,ot=x:,b=2" },
    { "xot=th:8", NONE, NONE, NULL },
    { "a=ot=th:8", NONE, NONE, NULL },
    /* numbers that are none: unreadable, but not ours to keep alive either */
    { "ot=th:8G", NONE, NONE, "" },
    { "ot=th:", NONE, NONE, "" },
    { "ot=th:123456789012345", NONE, NONE, "" },
    { "ot=th:8A", NONE, NONE, "" },
    { "ot=rv:6e6d1a75832a2", NONE, NONE, NULL },
    { "ot=rv:6e6d1a75832a2f0", NONE, NONE, NULL },
    /* entries that break their grammar */
    { "ot=th", NONE, NONE, NULL },
    { "ot=th:8;", NONE, NONE, NULL },
    { "ot=;th:8", NONE, NONE, NULL },
    { "ot=TH:8", NONE, NONE, NULL },
    { "ot=th:8;a:b c", NONE, NONE, NULL },
};

Test(ot_entry, read_and_erase)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        char text[128];
        size_t len = strlen(rows[i].state);
        struct oa_ot_entry entry = oa_ot_entry_read(oa_slice_of(rows[i].state));

        cr_assert_eq(entry.has_random, rows[i].random != NONE, "%s", rows[i].state);
        cr_assert_eq(entry.has_threshold, rows[i].threshold != NONE, "%s", rows[i].state);
        cr_assert(!entry.has_random || entry.random == rows[i].random, "%s", rows[i].state);
        cr_assert(!entry.has_threshold || entry.threshold == rows[i].threshold, "%s", rows[i].state);
        memcpy(text, rows[i].state, len + 1);
        len = oa_ot_entry_erase_threshold(text, len);
        text[len] = '\0';
        cr_assert_str_eq(text, rows[i].erased ? rows[i].erased : rows[i].state, "%s", rows[i].state);
    }
}

Test(ot_entry, a_value_of_256_bytes_is_read_and_one_more_is_not)
{
    char text[300] = "ot=th:8;x:";
    size_t head = strlen(text);

    memset(text + head, 'y', sizeof(text) - head);
    cr_assert(oa_ot_entry_read((struct oa_slice){ text, 3 + 256 }).has_threshold);
    cr_assert_not(oa_ot_entry_read((struct oa_slice){ text, 3 + 257 }).has_threshold);
}
