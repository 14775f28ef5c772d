/* Symbols that a libc lacks are played by a dlsym that does not find them.
 * SOURCES: preload/real.c
 * LIBS: -Wl,--wrap=dlsym */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "preload/real.h"

void *__real_dlsym(void *handle, const char *name);
void *__wrap_dlsym(void *handle, const char *name);

/* Rows that the constructor fills; the others wait for their first call. */
enum { REQUIRED = 1, OPTIONAL = 1, LATER = 0 };
static const bool early[] = {
#define HOOK(name, need, family) need,
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
};

static int early_rows(void)
{
    int n = 0;

    for (int i = 0; i < OA_HOOK_COUNT; i++)
        n += early[i];
    return n;
}

static const char *hidden = ""; /* the name that is not found */
static int lookups;

void *__wrap_dlsym(void *handle, const char *name)
{
    lookups++;
    if (strcmp(name, hidden) == 0)
        name = "no_such_symbol_in_any_libc";
    void *volatile found = __real_dlsym(handle, name);

    return found;
}

Test(real, resolve__fills_every_row_but_the_later_ones)
{
    void *const *pointers = (void *const *)&oa_real;

    oa_real_resolve();
    for (int i = 0; i < OA_HOOK_COUNT; i++)
        cr_assert_eq(pointers[i] != NULL, early[i], "row %d", i);
    cr_assert_eq((void *)oa_real.read, __real_dlsym(RTLD_NEXT, "read"));
    cr_assert_eq(oa_raw_syscall, __real_dlsym(RTLD_NEXT, "syscall"));
    cr_assert_eq(lookups, early_rows(), "one look-up a row");
}

Test(real, resolve__the_pointers_work)
{
    int pair[2];
    char c = 0;

    oa_real_resolve();
    cr_assert_eq(OA_REAL(socketpair)(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    cr_assert_eq(OA_REAL(write)(pair[0], "x", 1), 1);
    cr_assert_eq(OA_REAL(read)(pair[1], &c, 1), 1);
    cr_assert_eq(c, 'x');
    cr_assert_eq(OA_REAL(close)(pair[0]), 0);
    errno = 0;
    cr_assert_eq(OA_REAL(close)(pair[0]), -1);
    cr_assert_eq(errno, EBADF);
}

Test(real, missing__fails_with_enosys)
{
    hidden = "preadv2";
    oa_real_resolve();
    errno = 0;
    cr_assert_eq(OA_REAL(preadv2)(0, NULL, 0, 0, 0), -1);
    cr_assert_eq(errno, ENOSYS);
    cr_assert_neq((void *)oa_real.pwritev2, (void *)oa_real.preadv2, "the others are there");
}

Test(real, missing__leaves_no_message_for_the_application)
{
    hidden = "preadv2";
    oa_real_resolve();
    cr_assert_null(dlerror());
}

Test(real, late__a_call_before_the_constructor_resolves_its_own_row)
{
    errno = 4711;
    cr_assert_eq((void *)OA_REAL(getsockopt), __real_dlsym(RTLD_NEXT, "getsockopt"));
    cr_assert_eq(errno, 4711);
    cr_assert_eq(lookups, 1);
    cr_assert_null((void *)oa_real.recv, "only that one");
    cr_assert_neq((void *)OA_REAL(getsockopt), NULL);
    cr_assert_eq(lookups, 1, "once");
    oa_real_resolve();
    cr_assert_eq(lookups, early_rows(), "what is there is not looked up again");
}

Test(real, late__a_missing_symbol_is_never_null)
{
    hidden = "epoll_pwait2";
    errno = 0;
    cr_assert_eq(OA_REAL(epoll_pwait2)(0, NULL, 0, NULL, NULL), -1);
    cr_assert_eq(errno, ENOSYS);
}
