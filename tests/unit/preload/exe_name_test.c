/* SOURCES: preload/exe_name.c */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/exe_name.h"

static char own[PATH_MAX]; /* this program */
static char dir[] = "/tmp/otel-auto-program.XXXXXX";

static void set_up(void)
{
    ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

    cr_assert(len > 0);
    own[len] = '\0';
    cr_assert(mkdtemp(dir));
}

static void tear_down(void)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

TestSuite(exe_name, .init = set_up, .fini = tear_down);

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void is_name(const char *path, const char *expected)
{
    struct oa_slice name = oa_exe_name(path);

    cr_expect(oa_slice_eq(name, oa_slice_of(expected)), "%s: %.*s, not %s", path, (int)name.len, name.ptr, expected);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    cr_assert(file);
    fputs(text, file);
    fclose(file);
}

Test(exe_name, own_path)
{
    is_name(own, strrchr(own, '/') + 1);
}

Test(exe_name, path_without_folder)
{
    char *slash = strrchr(own, '/');

    *slash = '\0';
    cr_assert_eq(chdir(own), 0);
    is_name(slash + 1, slash + 1);
}

/* A file of two names: the one that it was started under counts, /proc tells the same. */
Test(exe_name, second_name_of_the_file)
{
    char second[PATH_MAX + 8];

    snprintf(second, sizeof(second), "%s.second", own);
    cr_assert_eq(link(own, second), 0);
    is_name(second, strrchr(second, '/') + 1);
    cr_assert_eq(unlink(second), 0);
}

Test(exe_name, what_says_nothing)
{
    is_name(NULL, "");
    is_name("", "");
    is_name("/dev/null", "");
    is_name("/tmp", "");
    is_name(in_dir("missing"), "");
    is_name("/bin/true", ""); /* another program */
    write_file(in_dir("script"),
               "#!/bin/sh\nexit 0\n# as long as the header of an object file, and longer than that\n");
    is_name(in_dir("script"), "");
    write_file(in_dir("short"), "\177ELF");
    is_name(in_dir("short"), "");
    cr_assert_eq(symlink(own, in_dir("link")), 0);
    is_name(in_dir("link"), "");
    is_name("/proc/self/exe", "");
}

Test(exe_name, leaves_no_descriptor)
{
    int before = open("/dev/null", O_RDONLY), after;

    is_name(own, strrchr(own, '/') + 1);
    is_name("/bin/true", "");
    close(before);
    after = open("/dev/null", O_RDONLY);
    cr_expect_eq(before, after);
    close(after);
}
