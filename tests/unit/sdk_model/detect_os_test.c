/* SOURCES: sdk/model/detect_os.c sdk/model/detector.c sdk/model/resource.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_root.c */
#include <criterion/criterion.h>

#include "sdk/model/detector.h"
#include "tests/support/fake_root.h"

static struct oa_resource resource;
static const char *root;

static void setup(void)
{
    root = oa_fake_root_new();
    oa_resource_init(&resource);
}

static void teardown(void)
{
    oa_resource_release(&resource);
    oa_fake_root_remove();
}

TestSuite(detect_os, .init = setup, .fini = teardown);

static const char *detect(const char *key)
{
    const struct oa_detect from = { .root = root };
    const struct oa_attr_view *attr;

    oa_resource_release(&resource);
    cr_assert_eq(oa_detect_os(&resource, &from), 0);
    attr = oa_resource_find(&resource, oa_slice_of(key));
    return attr ? attr->str.ptr : "(none)";
}

Test(detect_os, release__quoting)
{
    oa_fake_root_put("/etc/os-release", "# comment\nPRETTY_NAME=\"Some \\\"OS\\\" \\$5 \\\\\"\nNAME='Plain\\OS'\n"
                                        "\nVERSION_ID=12\nVERSION=\"12 (x)\"\nbroken\n");
    cr_expect_str_eq(detect("os.description"), "Some \"OS\" $5 \\");
    cr_expect_str_eq(detect("os.name"), "Plain\\OS");
    cr_expect_str_eq(detect("os.version"), "12");
    cr_expect_str_eq(detect("os.type"), "linux");
}

Test(detect_os, release__second_place)
{
    oa_fake_root_put("/usr/lib/os-release", "VERSION_ID=\"41\"");
    cr_expect_str_eq(detect("os.version"), "41");
    cr_expect_str_eq(detect("os.description"), "(none)");
}

Test(detect_os, release__absent_or_odd)
{
    cr_expect_str_eq(detect("os.type"), "linux");
    cr_expect_str_eq(detect("os.version"), "(none)");
    oa_fake_root_put("/etc/os-release", "VERSION_ID=\nNAME=\"\nPRETTY_NAME=\"\\");
    cr_expect_str_eq(detect("os.version"), "(none)");
    cr_expect_str_eq(detect("os.description"), "\\");
}
