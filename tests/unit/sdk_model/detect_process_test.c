/* SOURCES: sdk/model/detect_process.c sdk/model/detector.c sdk/model/resource.c sdk/model/iso_time.c
 * sdk/model/utf8.c sdk/elf/own_build_id.c preload/base/arena.c preload/base/hex.c
 * tests/support/fake_root.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "sdk/model/detector.h"
#include "sdk/model/iso_time.h"
#include "tests/support/fake_root.h"

static struct oa_resource resource;
static struct oa_host host;

static void setup(void)
{
    host = (struct oa_host){ .exe_path = "", .service_guess = "" };
    oa_resource_init(&resource);
    oa_fake_root_new();
}

static void teardown(void)
{
    oa_resource_release(&resource);
    oa_fake_root_remove();
}

TestSuite(detect_process, .init = setup, .fini = teardown);

static const char *detect(const char *root, const char *key)
{
    const struct oa_detect from = { .host = &host, .root = root };
    const struct oa_attr_view *attr;

    oa_resource_release(&resource);
    cr_assert_eq(oa_detect_process(&resource, &from), 0);
    attr = oa_resource_find(&resource, oa_slice_of(key));
    return attr ? attr->str.ptr : "(none)";
}

Test(detect_process, proc_unreadable__is_silent)
{
    const char *root = oa_fake_root_new();

    cr_assert_str_eq(detect(root, "process.command"), "(none)");
    cr_assert_str_eq(detect(root, "process.owner"), "(none)");
    cr_assert_str_eq(detect(root, "process.executable.name"), "(none)");
    cr_assert_str_eq(detect(root, "process.creation.time"), "(none)");
    cr_assert_eq(oa_resource_find(&resource, OA_SLICE("process.pid"))->num, getpid());
    host.process_start_unix_ns = 1700000000123000000u;
    cr_assert_str_eq(detect(root, "process.creation.time"), "2023-11-14T22:13:20.123Z", "the next best");
}

/* 12.34 s after boot, as the clocks say it just before and just after. */
static uint64_t started_unix_ns(void)
{
    return oa_clock_unix_ns() - oa_clock_ns(CLOCK_BOOTTIME) + 12340 * OA_NS_PER_MS;
}

Test(detect_process, creation_time__from_the_kernel)
{
    const char *root = oa_fake_root_new(), *found;
    char before[OA_ISO_TIME_BYTES], after[OA_ISO_TIME_BYTES];

    oa_fake_root_put("/proc/self/stat",
                     "7 (we) ird (name) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 1234 99 100 1 0 0 0\n");
    cr_assert_eq(sysconf(_SC_CLK_TCK), 100);
    (void)oa_iso_time(before, started_unix_ns() - 10 * OA_NS_PER_MS, 3);
    found = detect(root, "process.creation.time");
    (void)oa_iso_time(after, started_unix_ns() + 10 * OA_NS_PER_MS, 3);
    cr_assert(strcmp(before, found) <= 0 && strcmp(found, after) <= 0, "%s, not %s", found, before);
}

Test(detect_process, creation_time__garbage_falls_back)
{
    static const char *const stats[] = {
        "",
        "7",
        "7 (name",
        "7 (name)",
        "7 (name) ",
        "7 (n) S 1 7 7 0 -1 1 1 1 1 1 1 1 1 1 1 1 1 1 x 1\n",
        "7 (n) S 1 7 7 0 -1 1 1 1 1 1 1 1 1 1 1 1 1 1 99999999999999999999 1\n",
    };
    const char *root = oa_fake_root_new();

    host.process_start_unix_ns = 1700000000000000000u;
    for (size_t i = 0; i < OA_COUNT(stats); i++) {
        oa_fake_root_put("/proc/self/stat", stats[i]);
        cr_expect_str_eq(detect(root, "process.creation.time"), "2023-11-14T22:13:20.000Z", "row %zu", i);
    }
}

Test(detect_process, owner__by_effective_user)
{
    const char *root = oa_fake_root_new();
    char passwd[256];

    snprintf(passwd, sizeof(passwd), "bad line\nx:y\nother:x:%u:0::/:/bin/sh\nme:x:%u:0::/:/bin/sh\nme2:x:%u:\n",
             geteuid() + 1, geteuid(), geteuid());
    oa_fake_root_put("/etc/passwd", passwd);
    cr_assert_str_eq(detect(root, "process.owner"), "me");
    oa_fake_root_put("/etc/passwd", "nobody:x:4000000000:0::/:/bin/sh");
    cr_assert_str_eq(detect(root, "process.owner"), "(none)");
}

/* Arguments may hold secrets: only the first word leaves. */
Test(detect_process, command__without_arguments)
{
    const char *root = oa_fake_root_new();

    oa_fake_root_put("/proc/self/cmdline", "./shopd");
    cr_assert_str_eq(detect(root, "process.command"), "./shopd");
    cr_assert_str_neq(detect("", "process.command"), "(none)", "on this machine");
    cr_assert_null(strchr(detect("", "process.command"), ' '));
}

Test(detect_process, executable__replaced_on_disk)
{
    const char *root = oa_fake_root_new();

    host.exe_path = "/usr/sbin/nginx (deleted)";
    cr_assert_str_eq(detect(root, "process.executable.path"), "/usr/sbin/nginx");
    cr_assert_str_eq(detect(root, "process.executable.name"), "nginx");
    host.exe_path = "bare";
    cr_assert_str_eq(detect(root, "process.executable.name"), "bare");
}
