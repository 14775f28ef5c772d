/* SOURCES: preload/pool.c tests/support/stall.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "preload/base/compiler.h"
#include "preload/pool.h"
#include "tests/support/stall.h"

#define FIRST 8u
#define MAX 1000u

struct entry {
    uint32_t pool_link; /* the pool's while the entry is free */
    _Atomic uint32_t owner;
    uint32_t index;
    char text[52];
};

static struct entry first[FIRST];
static struct oa_pool pool = {
    .first = first, .first_count = FIRST, .entry_bytes = sizeof(struct entry), .max = MAX
};

static struct entry *take(uint32_t *index)
{
    return oa_pool_take(&pool, index);
}

Test(pool, take__the_first_entries_lie_in_the_zero_pages)
{
    uint32_t index;

    for (uint32_t i = 0; i < FIRST; i++) {
        cr_assert_eq(take(&index), &first[i]);
        cr_assert_eq(index, i);
    }
    cr_assert_not_null(take(&index));
    cr_assert_eq(index, FIRST);
}

Test(pool, take__grows_over_all_chunks_up_to_max)
{
    struct entry *entries[MAX];
    uint32_t index;

    for (uint32_t i = 0; i < MAX; i++) {
        entries[i] = take(&index);
        cr_assert_not_null(entries[i], "entry %u", i);
        cr_assert_eq(index, i);
        if (i >= FIRST)
            cr_assert_eq(entries[i]->owner, 0, "mapped memory is clear");
        memset(entries[i]->text, (int)i, sizeof(entries[i]->text));
        entries[i]->index = index;
    }
    cr_assert_null(take(&index), "max is reached");
    cr_assert_null(take(&index));
    for (uint32_t i = 0; i < MAX; i++) {
        cr_assert_eq(oa_pool_at(&pool, i), entries[i]);
        cr_assert_eq(entries[i]->index, i, "entries do not overlap");
        cr_assert_eq((unsigned char)entries[i]->text[sizeof(entries[i]->text) - 1], (unsigned char)i);
    }
}

Test(pool, at__an_index_that_was_never_handed_out)
{
    static const struct entry zero;
    uint32_t index;

    for (uint32_t i = 0; i < FIRST; i++) /* of the first ones: zeros, so that nobody takes it for his own */
        cr_assert_arr_eq((char *)oa_pool_at(&pool, i), (const char *)&zero, sizeof(zero));
    for (uint32_t i = 0; i < FIRST; i++)
        cr_assert_not_null(take(&index));
    cr_assert_null(oa_pool_at(&pool, FIRST));
    cr_assert_not_null(take(&index));
    cr_assert_not_null(oa_pool_at(&pool, FIRST));
    cr_assert_null(oa_pool_at(&pool, FIRST + 1));
    cr_assert_null(oa_pool_at(&pool, MAX));
    cr_assert_null(oa_pool_at(&pool, UINT32_MAX));
}

Test(pool, give__entries_come_again_before_new_ones)
{
    uint32_t index, last = 0;
    bool again[3 * FIRST] = { false };

    for (uint32_t i = 0; i < 3 * FIRST; i++)
        cr_assert_not_null(take(&last));
    for (uint32_t i = 0; i < 3 * FIRST; i += 2)
        oa_pool_give(&pool, i);
    for (uint32_t i = 0; i < 3 * FIRST; i += 2) {
        struct entry *e = take(&index);

        cr_assert_eq(e, oa_pool_at(&pool, index));
        cr_assert(index % 2 == 0 && !again[index], "%u", index);
        again[index] = true;
    }
    cr_assert_not_null(take(&index));
    cr_assert_eq(index, 3 * FIRST);
}

Test(pool, give__touches_the_link_only)
{
    uint32_t index;
    struct entry *e = take(&index);

    memset(e, 0x5a, sizeof(*e));
    oa_pool_give(&pool, index);
    for (size_t i = sizeof(e->pool_link); i < sizeof(*e); i++)
        cr_assert_eq(((char *)e)[i], 0x5a);
    cr_assert_eq(take(&index), e);
    for (size_t i = sizeof(e->pool_link); i < sizeof(*e); i++)
        cr_assert_eq(((char *)e)[i], 0x5a);
}

Test(pool, give__ignores_an_index_that_was_never_handed_out)
{
    uint32_t index;

    oa_pool_give(&pool, FIRST);
    oa_pool_give(&pool, UINT32_MAX);
    cr_assert_eq(take(&index), &first[0]);
    cr_assert_eq(take(&index), &first[1]);
}

#define THREADS 4
#define HELD 6

static _Atomic int churned_enough;

/* Takes and gives in a pattern of its own; an entry that two threads hold at once is caught by its owner. */
static void *churn(void *arg)
{
    uint32_t me = (uint32_t)(uintptr_t)arg, held[HELD], n = 0, random = me * 2654435761u, bad = 0;

    while (!atomic_load(&churned_enough)) {
        struct entry *e;

        random = random * 1664525u + 1013904223u;
        if (n < HELD && (n == 0 || random >> 31)) {
            e = take(&held[n]);
            bad += !e || atomic_exchange(&e->owner, me) != 0;
            n++;
        } else {
            uint32_t at = (random >> 8) % n;

            e = oa_pool_at(&pool, held[at]);
            bad += !e || atomic_exchange(&e->owner, 0) != me;
            oa_pool_give(&pool, held[at]);
            held[at] = held[--n];
        }
    }
    for (; n > 0; n--) {
        struct entry *e = oa_pool_at(&pool, held[n - 1]);

        bad += atomic_exchange(&e->owner, 0) != me;
        oa_pool_give(&pool, held[n - 1]);
    }
    return (void *)(uintptr_t)bad;
}

Test(pool, threads__no_entry_has_two_owners)
{
    pthread_t threads[THREADS];
    uint32_t index, used;
    void *bad;

    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)), 0);
    oa_test_stall_start(threads, THREADS);
    nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
    atomic_store(&churned_enough, 1);
    oa_test_stall_stop();
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &bad);
        cr_assert_null(bad);
    }
    /* Everything is free again, once: as many entries come as were ever made, all different. */
    used = atomic_load(&pool.used);
    cr_assert(used <= THREADS * HELD);
    for (uint32_t i = 0; i < used; i++) {
        struct entry *e = take(&index);

        cr_assert(index < used);
        cr_assert_neq(atomic_exchange(&e->owner, UINT32_MAX), UINT32_MAX, "%u came twice", index);
    }
    cr_assert_not_null(take(&index));
    cr_assert_eq(index, used);
}

static _Atomic uint32_t starters;

static void *grow(void *arg OA_UNUSED)
{
    uint32_t index, n = 0;

    atomic_fetch_add(&starters, 1);
    while (atomic_load(&starters) < THREADS)
        sched_yield();
    for (struct entry *e; (e = take(&index)) != NULL; n++)
        if (atomic_fetch_add(&e->owner, 1) != 0)
            return (void *)1;
    return NULL;
}

Test(pool, threads__grow_together)
{
    pthread_t threads[THREADS];
    void *bad;

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, grow, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &bad);
        cr_assert_null(bad);
    }
    cr_assert_eq(atomic_load(&pool.used), MAX);
    for (uint32_t i = 0; i < MAX; i++)
        cr_assert_eq(((struct entry *)oa_pool_at(&pool, i))->owner, 1, "entry %u", i);
}
