/* Symbols that a libc lacks are played by look-ups that do not find them.
 * SOURCES: preload/real.c preload/symbol.c
 * LIBS: -Wl,--wrap=dlsym -Wl,--wrap=oa_symbol_next */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "preload/real.h"
#include "preload/symbol.h"

void *__real_dlsym(void *handle, const char *name);
void *__wrap_dlsym(void *handle, const char *name);
void *__real_oa_symbol_next(const char *name);
void *__wrap_oa_symbol_next(const char *name);

static const char *hidden = ""; /* the name that is not found */
static int lookups, asked;      /* ourselves; the dynamic linker */

void *__wrap_oa_symbol_next(const char *name)
{
    lookups++;
    return strcmp(name, hidden) == 0 ? NULL : __real_oa_symbol_next(name);
}

void *__wrap_dlsym(void *handle, const char *name)
{
    asked++;
    if (strcmp(name, hidden) == 0)
        name = "no_such_symbol_in_any_libc";
    void *volatile found = __real_dlsym(handle, name);

    return found;
}

Test(real, resolve__finds_what_code_without_a_pointer_of_its_own_needs)
{
    oa_real_resolve();
    cr_assert_eq(oa_raw_syscall, __real_dlsym(RTLD_NEXT, "syscall"));
    cr_assert_eq(lookups, 1, "the others wait for their first call");
    cr_assert_eq(asked, 0);
}

Test(real, late__every_row_is_found_where_the_dynamic_linker_finds_it)
{
    static const char *const names[] = {
#define HOOK(name, need, family) #name,
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
    };

    for (int i = 0; i < OA_HOOK_COUNT; i++) {
        void *volatile expected = __real_dlsym(RTLD_NEXT, names[i]);

        oa_real_late((enum oa_hook)i);
        if (expected)
            cr_assert_eq(((void **)&oa_real)[i], expected, "%s", names[i]);
    }
    (void)dlerror();
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
    errno = 0;
    cr_assert_eq(OA_REAL(preadv2)(0, NULL, 0, 0, 0), -1);
    cr_assert_eq(errno, ENOSYS);
    oa_real_late(OA_HOOK_pwritev2);
    cr_assert_neq((void *)oa_real.pwritev2, (void *)oa_real.preadv2, "the others are there");
}

Test(real, missing__leaves_no_message_for_the_application)
{
    hidden = "preadv2";
    (void)OA_REAL(preadv2)(0, NULL, 0, 0, 0);
    cr_assert_eq(asked, 1);
    cr_assert_null(dlerror());
}

Test(real, late__a_call_resolves_its_own_row_once)
{
    errno = 4711;
    cr_assert_eq((void *)OA_REAL(getsockopt), __real_dlsym(RTLD_NEXT, "getsockopt"));
    cr_assert_eq(errno, 4711);
    cr_assert_eq(lookups, 1);
    cr_assert_null((void *)oa_real.recv, "only that one");
    cr_assert_neq((void *)OA_REAL(getsockopt), NULL);
    cr_assert_eq(lookups, 1, "once");
}

Test(real, late__a_missing_symbol_is_never_null)
{
    hidden = "epoll_pwait2";
    errno = 0;
    cr_assert_eq(OA_REAL(epoll_pwait2)(0, NULL, 0, NULL, NULL), -1);
    cr_assert_eq(errno, ENOSYS);
}
