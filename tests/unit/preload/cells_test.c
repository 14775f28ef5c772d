/* Series and blocks of the shared cells. Threads: cells_threads_test.c.
 * SOURCES: preload/cells.c preload/cells_block.c preload/cells_series.c preload/metric.c preload/shared_memory.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/cells.h"

static struct oa_cells *cells;

static void start(struct oa_cells_setup setup)
{
    setup.series_limit = setup.series_limit ? setup.series_limit : 2000;
    cells = oa_cells_new(&setup);
    cr_assert(cells);
}

static struct oa_set set_of(const char *route, int64_t status)
{
    struct oa_set set = { .count = 0 };

    oa_set_str(&set, OA_KEY_HTTP_ROUTE, oa_slice_of(route));
    oa_set_int(&set, OA_KEY_HTTP_RESPONSE_STATUS_CODE, status);
    return set;
}

static struct oa_series *series(const char *route, int64_t status)
{
    struct oa_set set = set_of(route, status);

    return oa_cells_series(cells, OA_GROUP_HTTP_SERVER, &set);
}

Test(cells, series__the_same_set_is_the_same_series)
{
    start((struct oa_cells_setup){ 0 });
    struct oa_series *first = series("/a", 200);

    cr_assert(first);
    cr_assert_eq(series("/a", 200), first);
    cr_assert_neq(series("/a", 404), first);
    cr_assert_neq(series("/b", 200), first);
    cr_assert_neq(series("", 200), first, "an absent attribute is another set");
    struct oa_set set = set_of("/a", 200);
    cr_assert_neq(oa_cells_series(cells, OA_GROUP_HTTP_CLIENT, &set), first, "groups are apart");
    cr_assert_eq(atomic_load(&cells->series_count), 5);
    cr_assert_eq(first->attr_count, 2);
    cr_assert_neq(first->start_unix_ns, 0);
}

/* Lengths around a word of the hash, and texts that differ in one byte only. */
Test(cells, series__text_of_any_length)
{
    char text[64];

    start((struct oa_cells_setup){ 0 });
    for (size_t len = 1; len < 40; len++) {
        memset(text, 'x', len);
        text[len] = '\0';
        struct oa_series *whole = series(text, 1);

        cr_assert_eq(series(text, 1), whole);
        text[len - 1] = 'y';
        cr_assert_neq(series(text, 1), whole, "length %zu", len);
    }
}

/* Metrics SDK, cardinality limits: N sets, and one series for all others (H.6, 127). */
Test(cells, h6_127_limit__the_rest_is_overflow)
{
    char route[16];

    start((struct oa_cells_setup){ .series_limit = 10 });
    for (int i = 0; i < 10; i++) {
        snprintf(route, sizeof(route), "/%d", i);
        cr_assert_eq(series(route, 200)->overflow, 0, "no more than the limit: none overflows");
    }
    struct oa_series *rest = series("/10", 200);

    cr_assert_eq(rest->overflow, 1);
    cr_assert_eq(series("/11", 200), rest, "one for all");
    cr_assert_eq(series("/3", 200)->overflow, 0, "what was there before stays");
    cr_assert_eq(rest->attr_count, 1);
    struct oa_set set = set_of("/11", 200);
    cr_assert_eq(oa_cells_series(cells, OA_GROUP_HTTP_CLIENT, &set)->overflow, 0, "each group has its own limit");
}

/* A full region loses measurements, and counts them; nothing is written beyond its end. */
Test(cells, room__what_finds_none_is_counted)
{
    char route[200];
    uint32_t lost = 0;

    start((struct oa_cells_setup){ .exemplars = true, .series_limit = 1000000 });
    for (int i = 0; i < 20000 && !lost; i++) {
        snprintf(route, sizeof(route), "/%d/%0*d", i, 150, i);
        struct oa_series *one = series(route, 200);
        struct oa_cell_block *block = one ? oa_cells_lock(cells, one, (uint32_t)i % OA_CELLS_STRIPES) : NULL;

        if (block)
            oa_cells_unlock(block);
        lost = (uint32_t)atomic_load(&cells->lost);
    }
    cr_assert_gt(lost, 0);
    cr_assert_leq(atomic_load(&cells->used), cells->capacity);
}

Test(cells, lock__a_taken_stripe_is_passed_by)
{
    start((struct oa_cells_setup){ 0 });
    struct oa_series *one = series("/a", 200);
    struct oa_cell_block *mine = oa_cells_lock(cells, one, 3), *other = oa_cells_lock(cells, one, 3);

    cr_assert(mine && other);
    cr_assert_neq(mine, other);
    oa_cells_unlock(mine);
    cr_assert_eq(oa_cells_lock(cells, one, 3), mine);
}

/* A process that dies with a lock does not take the cells with it. */
Test(cells, lock__of_a_dead_process_is_taken_over)
{
    start((struct oa_cells_setup){ .family = true });
    struct oa_series *one = series("/a", 200);

    for (uint32_t stripe = 0; stripe < OA_CELLS_STRIPES; stripe++)
        oa_cells_unlock(oa_cells_lock(cells, one, stripe));
    if (fork() == 0) {
        oa_cells_forked();
        for (uint32_t stripe = 0; stripe < OA_CELLS_STRIPES; stripe++)
            (void)oa_cells_lock(cells, one, stripe);
        _exit(0);
    }
    wait(NULL);
    cr_assert(oa_cells_lock(cells, one, 0));
    cr_assert_eq(atomic_load(&cells->lost), 0);
}

/* What a process of a family has open is in a block of its own, which a later process may have when it is gone. */
Test(cells, family__up_down_counters_belong_to_one_process)
{
    struct oa_set set = set_of("/a", 200);

    start((struct oa_cells_setup){ .family = true });
    struct oa_series *one = oa_cells_series(cells, OA_GROUP_HTTP_SERVER_ACTIVE, &set);
    struct oa_cell_block *mine = oa_cells_block(cells, one, 0);

    atomic_store(&mine->word[0], 5);
    if (fork() == 0) {
        oa_cells_forked();
        struct oa_cell_block *block = oa_cells_block(cells, one, 0);

        atomic_store(&block->word[0], 7);
        _exit(block == mine);
    }
    int status;

    wait(&status);
    cr_assert_eq(status, 0, "a block of its own");
    if (fork() == 0) {
        oa_cells_forked();
        struct oa_cell_block *block = oa_cells_block(cells, one, 0);

        _exit(block == mine || atomic_load(&block->word[0]) != 0 || oa_cells_next(cells, block) != mine);
    }
    wait(&status);
    cr_assert_eq(status, 0, "the dead one's block, emptied");
}

Test(cells, forked_child__shares_the_family)
{
    start((struct oa_cells_setup){ .family = true });
    if (fork() == 0) {
        oa_cells_forked();
        _exit(series("/child", 200) == NULL);
    }
    wait(NULL);
    cr_assert_eq(atomic_load(&cells->series_count), 1);
}
