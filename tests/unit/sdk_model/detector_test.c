/* SOURCES: sdk/model/detector.c sdk/model/resource.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_root.c */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sdk/model/detector.h"
#include "tests/support/fake_root.h"

static struct oa_resource resource;

static void setup(void)
{
    oa_resource_init(&resource);
}

static void teardown(void)
{
    oa_resource_release(&resource);
    oa_fake_root_remove();
}

TestSuite(detector, .init = setup, .fini = teardown);

/* Around each size at which the memory is made larger, and where it ends. */
Test(detector, file__sizes)
{
    const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 8191, 8192, 100000, OA_SYSTEM_FILE_MAX + 5000 };
    const char *root = oa_fake_root_new();
    char *text = calloc(1, OA_SYSTEM_FILE_MAX + 5001);

    cr_assert_not_null(text);
    for (size_t i = 0; i < OA_COUNT(sizes); i++) {
        size_t expected = sizes[i] < OA_SYSTEM_FILE_MAX ? sizes[i] : OA_SYSTEM_FILE_MAX - 1;
        struct oa_slice got;

        memset(text, 'x', sizes[i]);
        oa_fake_root_put("/a/file", text);
        got = oa_system_file(&resource.arena, root, "/a/file");
        cr_expect_eq(got.len, expected, "%zu bytes: %zu", sizes[i], got.len);
        cr_expect_eq(got.ptr[got.len], '\0');
        oa_arena_reset(&resource.arena);
    }
    free(text);
}

Test(detector, file__unreadable)
{
    const char *root = oa_fake_root_new();

    cr_expect_eq(oa_system_file(&resource.arena, root, "/nothing").len, 0);
    cr_expect_eq(oa_system_file(&resource.arena, root, "/").len, 0, "a folder");
}

Test(detector, file__without_a_size)
{
    cr_assert_gt(oa_system_file(&resource.arena, "", "/proc/self/stat").len, 0);
}

Test(detector, set__nothing_for_nothing)
{
    cr_assert_eq(oa_detect_set(&resource, OA_SLICE("a"), OA_SLICE("")), 0);
    cr_assert_eq(resource.attr_count, 0);
    cr_assert_eq(oa_detect_set(&resource, OA_SLICE("a"), OA_SLICE("b")), 0);
    cr_assert_eq(resource.attr_count, 1);
}
