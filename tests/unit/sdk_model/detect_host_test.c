/* SOURCES: sdk/model/detect_host.c sdk/model/detector.c sdk/model/resource.c sdk/model/utf8.c preload/base/arena.c
 * tests/support/fake_root.c */
#include <criterion/criterion.h>
#include <sys/utsname.h>

#include "sdk/model/detector.h"
#include "tests/support/fake_root.h"

#define ID "0123456789abcdef0123456789abcdef"

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

TestSuite(detect_host, .init = setup, .fini = teardown);

static const char *detect(const char *root, const char *key)
{
    const struct oa_detect from = { .root = root };
    const struct oa_attr_view *attr;

    cr_assert_eq(oa_detect_host(&resource, &from), 0);
    attr = oa_resource_find(&resource, oa_slice_of(key));
    return attr ? attr->str.ptr : "(none)";
}

Test(detect_host, id__rows)
{
    static const struct {
        const char *etc, *dbus, *id;
    } rows[] = {
        { ID "\n", NULL, ID },    { ID, NULL, ID },      { "uninitialized\n", ID "\n", ID },
        { "", ID "\n", ID },      { NULL, ID "\n", ID }, { "0123456789ABCDEF0123456789ABCDEF\n", NULL, "(none)" },
        { NULL, NULL, "(none)" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *root = oa_fake_root_new();

        oa_resource_release(&resource);
        if (rows[i].etc)
            oa_fake_root_put("/etc/machine-id", rows[i].etc);
        if (rows[i].dbus)
            oa_fake_root_put("/var/lib/dbus/machine-id", rows[i].dbus);
        cr_expect_str_eq(detect(root, "host.id"), rows[i].id, "row %zu", i);
    }
}

Test(detect_host, id__not_in_a_container)
{
    const char *root = oa_fake_root_new();

    oa_fake_root_put("/etc/machine-id", ID "\n");
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("container.id"), OA_SLICE("abc")), 0);
    cr_assert_str_eq(detect(root, "host.id"), "(none)");
}

Test(detect_host, name_and_arch)
{
    struct utsname names;

    cr_assert_eq(uname(&names), 0);
    cr_assert_str_eq(detect("", "host.name"), names.nodename);
    if (strcmp(names.machine, "x86_64") == 0)
        cr_assert_str_eq(detect("", "host.arch"), "amd64");
    if (strcmp(names.machine, "aarch64") == 0)
        cr_assert_str_eq(detect("", "host.arch"), "arm64");
}
