/* SOURCES: preload/symbol.c */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <string.h>

#include "preload/symbol.h"

/* The program itself is "this object" here: what comes after it is the C library and its like. */
Test(symbol, next__agrees_with_the_dynamic_linker)
{
    static const char *const names[] = { "read",        "write",       "pthread_create",
                                         "syscall",     "getaddrinfo", "__libc_start_main",
                                         "posix_spawn", "fcntl64",     "on_exit",
                                         "cr_log_info" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        void *volatile expected = dlsym(RTLD_NEXT, names[i]);

        cr_assert_eq(oa_symbol_next(names[i]), expected, "%s", names[i]);
    }
}

/* pthread_create has two versions where libpthread was once a library of its own; memcpy too, elsewhere. */
Test(symbol, next__takes_the_default_version)
{
    void *volatile current = dlsym(RTLD_NEXT, "pthread_create"), *volatile old = dlvsym(RTLD_NEXT, "pthread_create",
                                                                                        "GLIBC_2.2.5");

    cr_assert_eq(oa_symbol_next("pthread_create"), current);
    if (old && old != current)
        cr_assert_neq(oa_symbol_next("pthread_create"), old);
}

/* An indirect function's value is that of its resolver: only the dynamic linker knows what comes out. */
Test(symbol, next__leaves_indirect_functions_to_the_linker)
{
    void *volatile strlen_of_linker = dlsym(RTLD_NEXT, "strlen");
    void *found = oa_symbol_next("strlen");

    cr_assert(found == NULL || found == strlen_of_linker);
}

Test(symbol, next__knows_nothing_of_what_is_not_there)
{
    cr_assert_null(oa_symbol_next("no_such_symbol_in_any_libc"));
    cr_assert_null(oa_symbol_next(""));
}

Test(symbol, precedes__nothing_comes_before_the_program)
{
    cr_assert_eq(oa_symbol_precedes("read"), OA_SYMBOL_NO);
    cr_assert_eq(oa_symbol_precedes("no_such_symbol_in_any_libc"), OA_SYMBOL_NO);
}
