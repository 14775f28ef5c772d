/* SOURCES: sdk/transport/gzip.c preload/base/arena.c
 * LIBS: -lz */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "sdk/transport/gzip.h"
#include "sdk/transport/http.h"

static void round_trip(struct oa_slice in)
{
    struct oa_arena arena;
    struct oa_slice packed;
    z_stream z = { 0 };
    char *out = malloc(in.len + 1);

    oa_arena_init(&arena, 1024, 1u << 27);
    cr_assert_eq(oa_gzip_pack(&in, 1, &arena, &packed), 0);
    cr_assert_gt(packed.len, 18);
    cr_assert_eq((unsigned char)packed.ptr[0], 0x1f);
    cr_assert_eq((unsigned char)packed.ptr[1], 0x8b);
    cr_assert_eq(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (z_const Bytef *)packed.ptr;
    z.avail_in = (uInt)packed.len;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)in.len + 1;
    cr_assert_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    cr_assert_eq(z.avail_in, 0);
    cr_assert_eq(z.total_out, in.len);
    cr_assert(in.len == 0 || memcmp(out, in.ptr, in.len) == 0);
    inflateEnd(&z);
    oa_arena_release(&arena);
    free(out);
}

Test(gzip, round_trip__sizes)
{
    static const size_t sizes[] = { 0, 1, 2, 100, 65535, 65536, 1000000 };
    char *text = malloc(1000000);
    uint32_t random = 1;

    for (size_t i = 0; i < 1000000; i++)
        text[i] = (char)((random = random * 1103515245u + 12345u) >> 16);
    for (size_t i = 0; i < OA_COUNT(sizes); i++)
        round_trip((struct oa_slice){ text, sizes[i] });
    memset(text, 'a', 1000000);
    for (size_t i = 0; i < OA_COUNT(sizes); i++)
        round_trip((struct oa_slice){ text, sizes[i] });
    free(text);
}

Test(gzip, pack__bounds)
{
    struct oa_arena arena;
    struct oa_slice packed;

    oa_arena_init(&arena, 64, 128);
    cr_expect_eq(oa_gzip_pack(&(struct oa_slice){ "abc", 3 }, 1, &arena, &packed), 0);
    oa_arena_reset(&arena);
    cr_expect_eq(oa_gzip_pack(&(struct oa_slice){ NULL, (size_t)OA_HTTP_REQUEST_MAX + 1 }, 1, &arena, &packed),
                 OA_EINVAL);
    oa_arena_release(&arena);
    oa_arena_init(&arena, 8, 8);
    cr_expect_eq(oa_gzip_pack(&(struct oa_slice){ "abcdefghijklmnop", 16 }, 1, &arena, &packed), OA_ENOMEM);
}

/* A body in pieces is the same stream as the body in one. */
Test(gzip, pack__parts)
{
    const struct oa_slice parts[] = { OA_SLICE("hello "), OA_SLICE(""), OA_SLICE("wide "), OA_SLICE("world") };
    const struct oa_slice whole = OA_SLICE("hello wide world");
    struct oa_slice one, many;
    struct oa_arena arena;

    oa_arena_init(&arena, 1024, 1u << 20);
    cr_assert_eq(oa_gzip_pack(parts, OA_COUNT(parts), &arena, &many), 0);
    cr_assert_eq(oa_gzip_pack(&whole, 1, &arena, &one), 0);
    cr_assert(oa_slice_eq(one, many));
    oa_arena_release(&arena);
}
