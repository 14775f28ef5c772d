/* Copies of short text are an inline function. SOURCES: tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "preload/base/copy.h"
#include "tests/support/guard_page.h"

#define MOST (3 * OA_COPY_SHORT)

static void fill(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(1 + i % 250);
}

/* The source ends at an unreadable page: nothing may be read behind it. */
Test(copy, bytes__of_every_length_and_no_others)
{
    char from[MOST], to[MOST + 2], want[MOST + 2];

    fill(from, sizeof(from));
    for (size_t len = 0; len <= MOST; len++) {
        memset(to, 0x55, sizeof(to));
        memset(want, 0x55, sizeof(want));
        memcpy(want + 1, from, len);
        oa_copy(to + 1, oa_guard_page_copy(from, len), len);
        cr_assert_arr_eq(to, want, sizeof(to), "%zu bytes", len);
    }
}

Test(copy, nothing__from_nowhere)
{
    char to = 'x';

    oa_copy(&to, NULL, 0);
    cr_assert_eq(to, 'x');
}
