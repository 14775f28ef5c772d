/* SOURCES: sdk/propagation/ot_entry.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"
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
    { "ot=th:8;th:4;x:y", NONE, 0x80000000000000, "ot=x:y" },
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

#define TH UINT64_C(0xc0000000000000)

/* What c0... makes of them. */
static const struct {
    const char *before, *after;
} written[] = {
    { "", "ot=th:c" },
    { "a=1", "ot=th:c,a=1" },
    { "a=1,b=2", "ot=th:c,a=1,b=2" },
    { "ot=th:8", "ot=th:c" },
    { "ot=th:8,a=1", "ot=th:c,a=1" },
    { "a=1,ot=th:8", "ot=th:c,a=1" },
    { "a=1,ot=th:8,b=2", "ot=th:c,a=1,b=2" },
    { "ot=rv:6e6d1a75832a2f", "ot=rv:6e6d1a75832a2f;th:c" },
    { "a=1,b=2,ot=rv:6e6d1a75832a2f,c=3", "ot=rv:6e6d1a75832a2f;th:c,a=1,b=2,c=3" },
    { "a=1,ot=rv:6e6d1a75832a2f", "ot=rv:6e6d1a75832a2f;th:c,a=1" },
    { "ot=rv:6e6d1a75832a2f,a=1", "ot=rv:6e6d1a75832a2f;th:c,a=1" },
    { "ot=th:8;rv:6e6d1a75832a2f;x:y,a=1", "ot=rv:6e6d1a75832a2f;x:y;th:c,a=1" },
    { "ot=x:y;th:fd70a;z:,a=1", "ot=x:y;z:;th:c,a=1" },
    { "ot=th:8G", "ot=th:c" },
    { "ot=th:8;th:4", "ot=th:c" },
    /* an equal threshold, however it is written, is no change */
    { "a=1,ot=th:c;x:y", "a=1,ot=th:c;x:y" },
    { "a=1,ot=th:c0", "a=1,ot=th:c0" },
    /* an entry that cannot be read is not ours to change, and there must be no second one */
    { "a=1,ot=rv", "a=1,ot=rv" },
    { "ot=th:8;", "ot=th:8;" },
};

Test(ot_entry, statement_99__written_in_front_and_the_others_keep_their_order)
{
    for (size_t i = 0; i < OA_COUNT(written); i++) {
        char text[128];
        size_t len = strlen(written[i].before);

        memcpy(text, written[i].before, len + 1);
        len = oa_ot_entry_write_threshold(text, len, sizeof(text), TH);
        text[len] = '\0';
        cr_assert_str_eq(text, written[i].after, "%s", written[i].before);
    }
}

/* "k=v" a number of times, each key another; with room behind it. */
static size_t fill(char *text, int members, const char *last)
{
    size_t len = 0;

    for (int i = 0; i < members; i++)
        len += (size_t)sprintf(text + len, "%s%c%d=v", i ? "," : "", 'a' + i % 26, i);
    return len + (size_t)sprintf(text + len, "%s", last);
}

Test(ot_entry, statement_99__a_list_keeps_32_members)
{
    char text[OA_TRACESTATE_MAX], want[OA_TRACESTATE_MAX];
    size_t len = fill(text, 32, ""), n;

    len = oa_ot_entry_write_threshold(text, len, sizeof(text), TH);
    n = (size_t)sprintf(want, "ot=th:c,");
    n += fill(want + n, 31, "");
    cr_assert_eq(len, n);
    cr_assert_arr_eq(text, want, n);
    len = fill(text, 31, ",ot=x:y"); /* 32 with it: nobody has to go */
    len = oa_ot_entry_write_threshold(text, len, sizeof(text), TH);
    n = (size_t)sprintf(want, "ot=x:y;th:c,");
    n += fill(want + n, 31, "");
    cr_assert_eq(len, n);
    cr_assert_arr_eq(text, want, n);
}

Test(ot_entry, statement_99__a_list_keeps_within_512_bytes)
{
    char text[OA_TRACESTATE_MAX + 64], want[OA_TRACESTATE_MAX + 64];
    size_t len, n;

    /* a long member goes before the right-most one */
    len = (size_t)sprintf(text, "a=1,b=%0150d,c=%0200d,d=%0100d,e=%040d", 1, 2, 3, 4);
    cr_assert(len <= OA_TRACESTATE_MAX && len + 8 > OA_TRACESTATE_MAX, "%zu", len);
    len = oa_ot_entry_write_threshold(text, len, sizeof(text), TH);
    n = (size_t)sprintf(want, "ot=th:c,a=1,b=%0150d,d=%0100d,e=%040d", 1, 3, 4);
    cr_assert_eq(len, n);
    cr_assert_arr_eq(text, want, n);
    /* of short ones, and if need be more than one, the right-most; never our own */
    len = (size_t)sprintf(text, "a=%0126d,b=%0120d,c=%0120d,d=%0120d,e=1,f=2,ot=x:y", 1, 2, 3, 4);
    cr_assert(len <= OA_TRACESTATE_MAX && len - 4 + 5 > OA_TRACESTATE_MAX, "%zu", len);
    len = oa_ot_entry_write_threshold(text, len, sizeof(text), TH);
    n = (size_t)sprintf(want, "ot=x:y;th:c,a=%0126d,b=%0120d,c=%0120d,d=%0120d", 1, 2, 3, 4);
    cr_assert_eq(len, n);
    cr_assert_arr_eq(text, want, n);
}

Test(ot_entry, statement_99__an_entry_keeps_within_256_characters)
{
    char text[300] = "ot=th:8;x:", want[300] = "ot=x:";

    memset(text + 10, 'y', 256 - 10 + 3); /* "x:yyy" of 249 bytes: with ";th:8" it is full */
    cr_assert_eq(oa_ot_entry_write_threshold(text, 3 + 256, sizeof(text), TH), 3 + 256, "th:8 makes room for th:c");
    memset(want + 5, 'y', 256 - 10 + 3);
    cr_assert_arr_eq(text, want, 3 + 251);
    cr_assert_arr_eq(text + 3 + 251, ";th:c", 5);
    cr_assert_eq(oa_ot_entry_write_threshold(text, 3 + 256, sizeof(text), TH + 1), 3 + 251, "no room: none");
    cr_assert_arr_eq(text, want, 3 + 251);
}

Test(ot_entry, statement_99__without_room_there_is_none)
{
    char text[16] = "ot=th:8,a=1";

    cr_assert_eq(oa_ot_entry_write_threshold(text, 11, 11, TH), 11);
    cr_assert_arr_eq(text, "ot=th:c,a=1", 11);
    cr_assert_eq(oa_ot_entry_write_threshold(text, 11, 11, TH + 1), 3);
    cr_assert_arr_eq(text, "a=1", 3);
    cr_assert_eq(oa_ot_entry_write_threshold(text, 3, 10, TH), 3);
    cr_assert_eq(oa_ot_entry_write_threshold(text, 0, 0, TH), 0);
}

/* The specification's table of 1-in-N, four digits, and what lies at the ends. */
static const struct {
    double share;
    const char *th;
} thresholds[] = {
    { 1, "0" },
    { 0.5, "8" },
    { 1.0 / 3, "aaab" },
    { 0.25, "c" },
    { 0.2, "cccd" },
    { 0.125, "e" },
    { 0.1, "e666" },
    { 0.0625, "f" },
    { 0.01, "fd70a" },
    { 0.001, "ffbe77" },
    { 0.0001, "fff9724" },
    { 0.00001, "ffff583a" },
    { 0.000001, "ffffef39" },
    { 0.75, "4" },
    { 0.9, "199a" },
    { 0.99999, "0001" },
    { 0.999999, "0" }, /* so near to all that four digits do not tell */
    { 0x1p-52, "fffffffffffff" },
    { 0x1p-55, "fffffffffffffe" },
    { 0x1p-56, "ffffffffffffff" },
};

Test(ot_entry, statement_99__thresholds_of_shares)
{
    for (size_t i = 0; i < OA_COUNT(thresholds); i++) {
        char text[32], want[32];
        size_t len = oa_ot_entry_write_threshold(text, 0, sizeof(text), oa_ot_threshold(thresholds[i].share));

        text[len] = '\0';
        snprintf(want, sizeof(want), "ot=th:%s", thresholds[i].th);
        cr_assert_str_eq(text, want, "%g", thresholds[i].share);
    }
    cr_assert_eq(oa_ot_threshold(0), OA_OT_NEVER);
    cr_assert_eq(oa_ot_threshold(0x1p-60), OA_OT_NEVER);
}

/* What stands in a head keeps its length; as it was sent, not normalised. */
static const struct {
    const char *before;
    uint64_t want; /* NONE: none */
    const char *after;
} patched[] = {
    { "ot=th:8", 0, "ot=th:0" },
    { "ot=th:8", NONE, "       " },
    { "ot=th:8", UINT64_C(0xfd70a000000000), "       " },
    { "a=1, ot=th:8 , b=2", NONE, "a=1, , b=2        " },
    { "a=1, ot=th:fd70a;x:y , b=2", TH, "a=1, ot=x:y;th:c , b=2    " },
    { "a=1,ot=th:fd70a;x:y", TH, "ot=x:y;th:c,a=1    " },
    { "a=1 ,\tot=x:y;th:8;rv:6e6d1a75832a2f", NONE, "a=1 ,\tot=x:y;rv:6e6d1a75832a2f     " },
    { "a=1,ot=rv:6e6d1a75832a2f;th:8", TH, "ot=rv:6e6d1a75832a2f;th:c,a=1" },
    { " ot=th:80 ,b=2", TH, "ot=th:c, ,b=2 " },
    /* nothing to do */
    { "ot=th:8", UINT64_C(0x80000000000000), NULL },
    { "a=1, ot=rv:6e6d1a75832a2f", TH, NULL },
    { "a=1", NONE, NULL },
    { "ot=th:8;", TH, NULL },
};

Test(ot_entry, statement_99__a_copy_is_patched_in_its_place)
{
    for (size_t i = 0; i < OA_COUNT(patched); i++) {
        struct oa_ot_entry want = { .has_threshold = patched[i].want != NONE, .threshold = patched[i].want };
        size_t len = strlen(patched[i].before);
        char text[64];

        memcpy(text, patched[i].before, len + 1);
        cr_assert_eq(oa_ot_entry_patch(text, len, &want), patched[i].after != NULL, "%s", patched[i].before);
        cr_assert_str_eq(text, patched[i].after ? patched[i].after : patched[i].before, "%s", patched[i].before);
    }
}
