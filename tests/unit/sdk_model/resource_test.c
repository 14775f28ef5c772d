/* SOURCES: sdk/model/resource.c sdk/model/utf8.c preload/base/arena.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/err.h"
#include "sdk/model/resource.h"

static struct oa_resource resource;

static void setup(void)
{
    oa_resource_init(&resource);
}

static void teardown(void)
{
    oa_resource_release(&resource);
}

TestSuite(resource, .init = setup, .fini = teardown);

Test(resource, set__overwrites_in_place)
{
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("a"), OA_SLICE("1")), 0);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("b"), OA_SLICE("2")), 0);
    cr_assert_eq(oa_resource_set_int(&resource, OA_SLICE("a"), 3), 0);
    cr_assert_eq(resource.attr_count, 2);
    cr_assert_str_eq(resource.attrs[0].key.ptr, "a");
    cr_assert_eq(resource.attrs[0].type, OA_ATTR_INT);
    cr_assert_eq(resource.attrs[0].num, 3);
    cr_assert_str_eq(oa_resource_find(&resource, OA_SLICE("b"))->str.ptr, "2");
    cr_assert_null(oa_resource_find(&resource, OA_SLICE("c")));
}

Test(resource, set__copies_and_repairs)
{
    char key[] = "k\xff", value[] = "v\0w";

    cr_assert_eq(oa_resource_set(&resource, (struct oa_slice){ key, 2 }, (struct oa_slice){ value, 3 }), 0);
    key[0] = value[0] = 'x';
    cr_assert_str_eq(resource.attrs[0].key.ptr, "k\xef\xbf\xbd");
    cr_assert_str_eq(resource.attrs[0].str.ptr, "v\xef\xbf\xbdw");
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("empty"), OA_SLICE("")), 0);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE(""), OA_SLICE("v")), OA_EINVAL);
}

Test(resource, set__bounded)
{
    for (unsigned i = 0; i < OA_RESOURCE_ATTRS_MAX; i++) {
        char key[16];
        int len = snprintf(key, sizeof(key), "key%u", i);

        cr_assert_eq(oa_resource_set_int(&resource, (struct oa_slice){ key, (size_t)len }, i), 0);
    }
    cr_assert_eq(oa_resource_set_int(&resource, OA_SLICE("more"), 0), OA_EFULL);
    cr_assert_eq(oa_resource_set_int(&resource, OA_SLICE("key7"), 77), 0, "what is there may change");
    cr_assert_eq(oa_resource_find(&resource, OA_SLICE("key7"))->num, 77);
    cr_assert_eq(oa_resource_find(&resource, OA_SLICE("key255"))->num, 255);
}

Test(resource, release__leaves_an_empty_one)
{
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("a"), OA_SLICE("1")), 0);
    oa_resource_release(&resource);
    cr_assert_eq(resource.attr_count, 0);
    cr_assert_eq(oa_resource_set(&resource, OA_SLICE("a"), OA_SLICE("1")), 0);
    oa_resource_release(NULL);
}
