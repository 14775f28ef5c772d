/* SOURCES: preload/fdtab.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <limits.h>
#include <pthread.h>

#include "preload/base/compiler.h"
#include "preload/fdtab.h"

static void record(void)
{
    oa_fd_limit = OA_FD_MAX;
}

Test(fdtab, not_recording__every_number_is_ignored)
{
    cr_assert_eq(oa_fd_limit, 0);
    oa_fd_set(3, OA_FD_SOCKET);
    cr_assert_eq(oa_fd_word(3), OA_FD_IGNORED);
    cr_assert_not(oa_fd_followed(3));
    cr_assert_eq(oa_fd_exchange(3, OA_FD_SOCKET), OA_FD_IGNORED);
    record();
    cr_assert_eq(oa_fd_word(3), OA_FD_UNKNOWN, "what was set while off is not there");
    cr_assert_eq(atomic_load(&oa_fd_high), 0);
}

static const int out_of_range[] = { -1, INT_MIN, INT_MAX, (int)OA_FD_MAX };

Test(fdtab, out_of_range__is_ignored_and_not_written)
{
    record();
    for (size_t i = 0; i < OA_COUNT(out_of_range); i++) {
        cr_assert_eq(oa_fd_word(out_of_range[i]), OA_FD_IGNORED, "%d", out_of_range[i]);
        cr_assert_not(oa_fd_followed(out_of_range[i]));
        cr_assert_eq(oa_fd_exchange(out_of_range[i], 99), OA_FD_IGNORED);
        cr_assert_eq(oa_fd_word(out_of_range[i]), OA_FD_IGNORED);
    }
    cr_assert_eq(atomic_load(&oa_fd_high), 0);
}

Test(fdtab, word__unknown_until_set)
{
    record();
    cr_assert_eq(oa_fd_word(0), OA_FD_UNKNOWN);
    cr_assert(oa_fd_followed(0), "the first I/O decides");
    cr_assert_eq(oa_fd_exchange(5, OA_FD_SOCKET), OA_FD_UNKNOWN);
    cr_assert_eq(oa_fd_exchange(5, OA_FD_IGNORED), OA_FD_SOCKET);
    cr_assert_not(oa_fd_followed(5));
    cr_assert_eq(oa_fd_exchange(5, OA_FD_UNKNOWN), OA_FD_IGNORED);
    cr_assert_eq(oa_fd_word(4), OA_FD_UNKNOWN);
    cr_assert_eq(oa_fd_word(6), OA_FD_UNKNOWN);
}

Test(fdtab, high__bounds_every_number_that_was_set)
{
    record();
    oa_fd_set(7, OA_FD_IGNORED);
    cr_assert_eq(atomic_load(&oa_fd_high), 8);
    oa_fd_set(3, OA_FD_IGNORED);
    cr_assert_eq(atomic_load(&oa_fd_high), 8);
    oa_fd_set((int)OA_FD_MAX - 1, OA_FD_IGNORED);
    cr_assert_eq(atomic_load(&oa_fd_high), OA_FD_MAX);
    cr_assert_eq(oa_fd_word((int)OA_FD_MAX - 1), OA_FD_IGNORED);
}

static const uint32_t indices[] = { 0, 1, 15, 16, 255, 65535, OA_CONN_MAX - 1 };

Test(fdtab, conn_word__index_and_generation)
{
    for (size_t i = 0; i < OA_COUNT(indices); i++) {
        for (uint32_t generation = 0; generation < 5000; generation += 7) {
            uint32_t word = oa_fd_word_of(indices[i], generation);

            cr_assert(oa_fd_is_conn(word));
            cr_assert_eq(oa_fd_index(word), indices[i]);
        }
        cr_assert_neq(oa_fd_word_of(indices[i], 1), oa_fd_word_of(indices[i], 2), "a stale word differs");
    }
}

Test(fdtab, conn_word__is_no_other_word)
{
    static const uint32_t others[] = { OA_FD_UNKNOWN, OA_FD_IGNORED, OA_FD_SOCKET };

    for (size_t i = 0; i < OA_COUNT(others); i++) {
        cr_assert_not(oa_fd_is_conn(others[i]));
        for (uint32_t generation = 0; generation < 5000; generation++)
            cr_assert_neq(oa_fd_word_of(0, generation), others[i]);
    }
}

static void *raise_high(void *arg)
{
    for (int fd = (int)(uintptr_t)arg; fd < 20000; fd += 4)
        oa_fd_set(fd, OA_FD_IGNORED);
    return NULL;
}

Test(fdtab, threads__high_never_falls_behind)
{
    pthread_t threads[4];

    record();
    for (uintptr_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, raise_high, (void *)i), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(atomic_load(&oa_fd_high), 20000);
    for (int fd = 0; fd < 20000; fd++)
        cr_assert_eq(oa_fd_word(fd), OA_FD_IGNORED);
}
