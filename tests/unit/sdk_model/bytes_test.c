/* SOURCES: sdk/model/bytes.c */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "sdk/model/bytes.h"

static void put(struct oa_bytes *bytes, int c, size_t count)
{
    char *at = oa_bytes_reserve(bytes, count);

    cr_assert_not_null(at);
    cr_assert_eq(at, bytes->ptr + bytes->len);
    memset(at, c, count);
    bytes->len += count;
}

Test(bytes, reserve__grows_and_keeps)
{
    struct oa_bytes bytes = { 0 };

    for (int i = 0; i < 200; i++)
        put(&bytes, i, 5000);
    for (size_t i = 0; i < bytes.len; i++)
        cr_assert_eq((unsigned char)bytes.ptr[i], i / 5000);
    oa_bytes_release(&bytes);
    cr_assert_null(bytes.ptr);
    oa_bytes_release(&bytes);
}

Test(bytes, reserve__bounds)
{
    struct oa_bytes bytes = { 0 };

    cr_expect_null(oa_bytes_reserve(&bytes, (size_t)OA_BYTES_MAX + 1));
    cr_expect_eq(bytes.capacity, 0);
    cr_expect_not_null(oa_bytes_reserve(&bytes, OA_BYTES_MAX));
    bytes.len = OA_BYTES_MAX;
    cr_expect_not_null(oa_bytes_reserve(&bytes, 0));
    cr_expect_null(oa_bytes_reserve(&bytes, 1));
    cr_expect_null(oa_bytes_reserve(&bytes, SIZE_MAX));
    oa_bytes_release(&bytes);
}

Test(bytes, drop__moves_the_rest_to_the_front)
{
    struct oa_bytes bytes = { 0 };

    put(&bytes, 1, 10);
    put(&bytes, 2, 90000);
    oa_bytes_drop(&bytes, 10);
    cr_expect_eq(bytes.len, 90000);
    cr_expect_eq(bytes.ptr[0], 2);
    cr_expect_eq(bytes.ptr[89999], 2);
    oa_bytes_drop(&bytes, 0);
    oa_bytes_drop(&bytes, 90000);
    cr_expect_eq(bytes.len, 0);
    oa_bytes_release(&bytes);
}

Test(bytes, trim__never_what_is_used)
{
    struct oa_bytes bytes = { 0 };

    oa_bytes_trim(&bytes, 0);
    put(&bytes, 3, 1000000);
    oa_bytes_trim(&bytes, 100);
    cr_expect_geq(bytes.capacity, 1000000);
    cr_expect_eq(bytes.ptr[999999], 3);
    bytes.len = 7;
    oa_bytes_trim(&bytes, 5000);
    cr_expect_eq(bytes.capacity, 8192);
    cr_expect_eq(bytes.ptr[6], 3);
    bytes.len = 0;
    oa_bytes_trim(&bytes, 0);
    cr_expect_null(bytes.ptr);
    put(&bytes, 4, 1);
    oa_bytes_release(&bytes);
}
