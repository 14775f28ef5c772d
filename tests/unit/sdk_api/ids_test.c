/* SOURCES: sdk/api/ids.c preload/base/rng.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "preload/thread.h"
#include "sdk/api/ids.h"

OA_TLS struct oa_thread oa_thread;

Test(ids, span__the_slot_comes_back)
{
    uint8_t id[8];

    for (uint32_t slot = 0; slot <= OA_OP_MAX; slot++) {
        oa_ids_span(id, slot);
        cr_assert_eq(oa_ids_slot(id), slot);
        cr_assert_neq(oa_ids_number(id), 0);
    }
}

Test(ids, span__one_slot_many_ids)
{
    enum { DRAWS = 1000 };
    uint64_t seen[DRAWS];
    uint8_t id[8];

    for (int i = 0; i < DRAWS; i++) {
        oa_ids_span(id, 5);
        seen[i] = oa_ids_number(id);
        for (int k = 0; k < i; k++)
            cr_assert_neq(seen[i], seen[k]);
    }
}

/* An id that somebody else made up names any slot: the owner compares the whole id. */
Test(ids, slot__of_a_foreign_id_is_some_number)
{
    static const uint8_t foreign[][8] = { { 0 }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 0x80 } };

    for (size_t i = 0; i < OA_COUNT(foreign); i++)
        cr_assert(oa_ids_slot(foreign[i]) <= UINT16_MAX);
}

Test(ids, trace__random_and_never_zero)
{
    static const uint8_t zero[16];
    uint8_t a[16], b[16], ones[16] = { 0 };

    for (int i = 0; i < 1000; i++) {
        oa_ids_trace(a);
        oa_ids_trace(b);
        cr_assert_arr_neq(a, b, 16);
        cr_assert_arr_neq(a, zero, 16);
        for (int k = 0; k < 16; k++)
            ones[k] |= a[k];
    }
    for (int k = 0; k < 16; k++)
        cr_assert_eq(ones[k], 0xff, "byte %d: every bit is used", k);
}

/* The generator is made to give zeros: an all-zero state that counts as seeded would do that. */
Test(ids, trace_and_span__zero_is_drawn_again)
{
    uint8_t trace[16], span[8];

    /* xoshiro256** gives 0 while s[1] is 0. */
    oa_thread.rng = (struct oa_rng){ { 1, 0, 0, 0 } };
    oa_ids_trace(trace);
    cr_assert(oa_ids_number(trace) != 0 || oa_ids_number(trace + 8) != 0);
    for (uint32_t slot = 0; slot < 64; slot++) {
        oa_thread.rng = (struct oa_rng){ { 1, 0, 0, 0 } };
        oa_ids_span(span, slot);
        cr_assert_neq(oa_ids_number(span), 0);
        cr_assert_eq(oa_ids_slot(span), slot);
    }
}

static void *draw(void *arg)
{
    uint64_t *out = arg;

    out[0] = oa_ids_random();
    out[1] = oa_ids_random();
    return NULL;
}

Test(ids, threads__draw_different_numbers)
{
    enum { THREADS = 16 };
    uint64_t drawn[THREADS][2];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, draw, drawn[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < i; k++)
            cr_assert(drawn[i][0] != drawn[k][0] && drawn[i][1] != drawn[k][1]);
}

/* A tag made by one thread is read by another: the mask belongs to the process. */
static void *read_slot(void *arg)
{
    return (void *)(uintptr_t)oa_ids_slot(arg);
}

Test(ids, slot__reads_the_same_in_every_thread)
{
    pthread_t thread;
    uint8_t id[8];
    void *slot;

    oa_ids_span(id, 1234);
    cr_assert_eq(pthread_create(&thread, NULL, read_slot, id), 0);
    pthread_join(thread, &slot);
    cr_assert_eq((uintptr_t)slot, 1234);
}

/* Ten numbers of a child, by a pipe. */
static void numbers_of_child(uint64_t *numbers)
{
    int fds[2];
    pid_t child;

    cr_assert_eq(pipe(fds), 0);
    child = fork();
    if (child == 0) {
        oa_ids_forked();
        for (int i = 0; i < 10; i++)
            numbers[i] = oa_ids_random();
        _exit(write(fds[1], numbers, 10 * sizeof(*numbers)) == 10 * sizeof(*numbers) ? 0 : 1);
    }
    cr_assert_eq(read(fds[0], numbers, 10 * sizeof(*numbers)), 10 * sizeof(*numbers));
    cr_assert_eq(waitpid(child, NULL, 0), child);
    close(fds[0]);
    close(fds[1]);
}

Test(ids, forked__a_child_repeats_neither_parent_nor_sibling)
{
    uint64_t parent[10], child[2][10];

    (void)oa_ids_random();
    numbers_of_child(child[0]);
    numbers_of_child(child[1]);
    for (int i = 0; i < 10; i++)
        parent[i] = oa_ids_random();
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < 10; k++) {
            cr_assert_neq(parent[i], child[0][k]);
            cr_assert_neq(parent[i], child[1][k]);
            cr_assert_neq(child[0][i], child[1][k]);
        }
    }
}

/* Operations that were open at the fork keep their ids: the child must still find their slots. */
Test(ids, forked__ids_of_before_keep_their_slots)
{
    uint8_t id[8];

    oa_ids_span(id, 77);
    oa_ids_forked();
    cr_assert_eq(oa_ids_slot(id), 77);
}
