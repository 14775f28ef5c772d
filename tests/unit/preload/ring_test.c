/* The producer side against a consumer written after preload/record.h. Threads: ring_threads_test.c.
 * SOURCES: preload/ring.c preload/shared_memory.c tests/support/ring_consumer.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "tests/support/ring_consumer.h"

static struct oa_ring_header *open_ring(uint32_t max_items)
{
    cr_assert_null(oa_ring());
    cr_assert_eq(oa_ring_open(max_items), OA_OK);
    cr_assert_not_null(oa_ring());
    return oa_ring();
}

static const struct {
    uint32_t items, capacity;
} sizes[] = {
    { 1, OA_RING_BYTES_MIN },
    { OA_RING_BYTES_MIN / OA_RING_BYTES_PER_SPAN, OA_RING_BYTES_MIN },
    { OA_RING_BYTES_MIN / OA_RING_BYTES_PER_SPAN + 1, 2 * OA_RING_BYTES_MIN },
    { 2048, 1u << 20 },
    { UINT32_MAX, OA_RING_BYTES_MAX },
};

Test(ring, open__header_says_what_is_there)
{
    for (size_t i = 0; i < OA_COUNT(sizes); i++) {
        struct oa_ring_header *ring = open_ring(sizes[i].items);

        cr_assert_eq(ring->magic, OA_RING_MAGIC);
        cr_assert_eq(ring->version, OA_RING_VERSION);
        cr_assert_eq(ring->header_bytes, OA_RING_HEADER_BYTES);
        cr_assert_eq(ring->capacity, sizes[i].capacity, "row %zu", i);
        cr_assert_eq(ring->max_items, sizes[i].items);
        cr_assert_eq(ring->pid, (uint32_t)getpid());
        cr_assert_eq(oa_ring_items(), 0);
        cr_assert_eq(oa_ring_open(7), OA_OK, "idempotent");
        cr_assert_eq(oa_ring(), ring);
        oa_ring_forget();
    }
}

Test(ring, open__leaves_no_descriptor)
{
    int lowest = dup(0);

    close(lowest);
    (void)open_ring(100);
    cr_assert_eq(dup(0), lowest);
}

Test(ring, reserve__head_is_set_and_memory_is_clear)
{
    struct oa_ring_header *ring = open_ring(8);

    for (uint32_t bytes = sizeof(struct oa_record); bytes < 200; bytes++) {
        struct oa_record *record = oa_ring_reserve(bytes);
        const char *body = (const char *)(record + 1);

        cr_assert_not_null(record);
        cr_assert(record->size >= bytes && record->size < bytes + 8 && record->size % 8 == 0, "%u", bytes);
        cr_assert_eq(atomic_load(&record->state), OA_RECORD_BUSY);
        cr_assert_eq(oa_ring_items(), 1);
        cr_assert_null(oa_test_ring_peek(ring), "a BUSY record stops the consumer");
        for (uint32_t i = 0; i < record->size - sizeof(*record); i++)
            cr_assert_eq(body[i], 0);
        memset(record + 1, 0xff, record->size - sizeof(*record));
        record->used = record->size;
        oa_ring_commit(record);
        cr_assert_eq(oa_test_ring_peek(ring), record);
        oa_test_ring_release(ring, record);
        cr_assert_eq(oa_ring_items(), 0);
    }
}

Test(ring, reserve__order_is_kept_and_busy_ones_hold_up_later_ones)
{
    struct oa_ring_header *ring = open_ring(8);
    struct oa_record *first = oa_ring_reserve(64), *record;

    cr_assert(oa_test_ring_send(64, 2));
    cr_assert_null(oa_test_ring_peek(ring));
    oa_ring_commit(first);
    cr_assert_eq(oa_test_ring_peek(ring), first);
    oa_test_ring_release(ring, first);
    record = oa_test_ring_peek(ring);
    cr_assert_not_null(record);
    cr_assert_eq(oa_test_ring_value(record), 2);
}

Test(ring, commit__what_was_not_used_goes_back)
{
    struct oa_ring_header *ring = open_ring(8);
    struct oa_record *first = oa_ring_reserve(1000), *second, *third;

    first->used = 100;
    oa_ring_commit(first);
    cr_assert_eq(first->size, 104);
    cr_assert_eq(atomic_load(&ring->tail), 104);
    second = oa_ring_reserve(500);
    third = oa_ring_reserve(64);
    cr_assert_eq((char *)second - (char *)first, 104);
    second->used = 50;
    oa_ring_commit(second);
    cr_assert_eq(second->size, 504, "another one lies behind it");
    third->used = 0;
    oa_ring_commit(third);
    cr_assert_eq(third->size, sizeof(*third), "never less than the head");
    for (int i = 0; i < 3; i++) {
        struct oa_record *record = oa_test_ring_peek(ring);

        cr_assert_not_null(record);
        oa_test_ring_release(ring, record);
    }
    cr_assert_eq(atomic_load(&ring->head), atomic_load(&ring->tail));
}

Test(ring, wrap__a_pad_fills_the_end_and_records_never_wrap)
{
    struct oa_ring_header *ring = open_ring(1000);
    uint64_t sent = 0, seen = 0;
    uint32_t size = 24;

    /* Sizes that do not divide the capacity, several times round, with pads of every length. */
    while (atomic_load(&ring->tail) < 40ull * ring->capacity) {
        struct oa_record *record;

        size = 24 + (size * 7 + 8) % 2000;
        if (oa_test_ring_send(size, sent)) {
            sent++;
            continue;
        }
        while ((record = oa_test_ring_peek(ring))) {
            uint64_t from = (uint64_t)((char *)record - (char *)ring) - ring->header_bytes;

            cr_assert(from + record->size <= ring->capacity, "wrapped at %ju", (uintmax_t)from);
            cr_assert_eq(oa_test_ring_value(record), seen++);
            oa_test_ring_release(ring, record);
        }
        cr_assert_eq(seen, sent);
        cr_assert_eq(oa_ring_items(), 0);
    }
}

Test(ring, full__by_items)
{
    struct oa_ring_header *ring = open_ring(3);

    for (int i = 0; i < 3; i++)
        cr_assert(oa_test_ring_send(32, 0));
    cr_assert_not(oa_test_ring_send(32, 0));
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 1);
    cr_assert_eq(oa_ring_items(), 3, "a dropped one is not counted");
    oa_test_ring_release(ring, oa_test_ring_peek(ring));
    cr_assert(oa_test_ring_send(32, 0));
    cr_assert_not(oa_test_ring_send(32, 0));
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 2);
}

Test(ring, full__by_bytes)
{
    struct oa_ring_header *ring = open_ring(100);
    uint32_t held = 0;

    while (oa_test_ring_send(8192, 0))
        held += 8192;
    cr_assert_eq(held, ring->capacity, "every byte can be used");
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 1);
    cr_assert_eq(oa_ring_items(), held / 8192);
    cr_assert_not(oa_test_ring_send(24, 0));
    oa_test_ring_release(ring, oa_test_ring_peek(ring));
    cr_assert(oa_test_ring_send(8192, 0));
    cr_assert_not(oa_test_ring_send(24, 0));
}

static const uint32_t too_large[] = { OA_RECORD_MAX + 1, OA_RECORD_MAX + 8, 1u << 20,
                                      UINT32_MAX - 8,    UINT32_MAX - 7,    UINT32_MAX };

Test(ring, too_large__is_dropped_and_counted)
{
    struct oa_ring_header *ring = open_ring(100);

    for (size_t i = 0; i < OA_COUNT(too_large); i++) {
        cr_assert_null(oa_ring_reserve(too_large[i]), "%u", too_large[i]);
        cr_assert_eq(oa_test_ring_dropped(OA_DROP_TOO_LARGE), i + 1);
        cr_assert_eq(oa_ring_items(), 0);
        cr_assert_eq(atomic_load(&ring->tail), 0);
    }
    cr_assert_not_null(oa_ring_reserve(OA_RECORD_MAX));
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 0);
}

Test(ring, drop__is_counted_before_there_is_a_ring)
{
    oa_drop(OA_DROP_NO_SLOT);
    oa_drop(OA_DROP_NO_SLOT);
    cr_assert_null(oa_ring_reserve(64), "nobody has asked for a ring");
    cr_assert_eq(oa_ring_items(), 0);
    oa_ring_wake();
    (void)open_ring(10);
    oa_drop(OA_DROP_NO_SLOT);
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_NO_SLOT), 3);
    cr_assert_eq(oa_test_ring_dropped(OA_DROP_RING_FULL), 1, "the reservation without a ring");
}

Test(ring, forget__the_next_record_opens_a_new_one)
{
    struct oa_ring_header *old = open_ring(5), *fresh;

    cr_assert(oa_test_ring_send(64, 1));
    oa_ring_forget();
    cr_assert_null(oa_ring());
    cr_assert_eq(oa_ring_items(), 0);
    cr_assert(oa_test_ring_send(64, 2));
    fresh = oa_ring();
    cr_assert(fresh && fresh != old);
    cr_assert_eq(fresh->max_items, 5);
    cr_assert_eq(oa_ring_items(), 1);
    cr_assert_eq(oa_test_ring_value(oa_test_ring_peek(fresh)), 2);
    cr_assert_eq(oa_test_ring_value(oa_test_ring_peek(old)), 1, "still mapped, untouched");
}

Test(ring, forked_child__shares_the_old_ring_until_it_forgets)
{
    struct oa_ring_header *ring = open_ring(5);
    pid_t child = fork();
    int status;

    if (child == 0) {
        oa_ring_forget();
        bool ok = oa_test_ring_send(64, 1) && oa_ring() != ring && oa_ring()->pid == (uint32_t)getpid();

        _exit(ok ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert_eq(oa_ring_items(), 0, "the child's record is not in the parent's ring");
}

/* Somebody who waits on the futex word as the consumer does. */
struct sleeper {
    struct oa_ring_header *ring;
    _Atomic int ready, woken;
};

static void *sleep_on_ring(void *arg)
{
    struct sleeper *s = arg;
    struct timespec limit = { .tv_sec = 10 };
    uint32_t seen = atomic_load(&s->ring->wake);

    atomic_store(&s->ring->asleep, 1);
    atomic_store(&s->ready, 1);
    long r = syscall(SYS_futex, &s->ring->wake, FUTEX_WAIT, seen, &limit, NULL, 0);

    atomic_store(&s->woken, r == 0 || errno == EAGAIN ? 1 : -1);
    return NULL;
}

Test(ring, wake__when_the_consumer_sleeps_and_enough_is_there)
{
    struct sleeper s = { .ring = open_ring(100) };
    pthread_t thread;
    uint32_t before;

    atomic_store(&s.ring->wake_at_items, 3);
    cr_assert_eq(pthread_create(&thread, NULL, sleep_on_ring, &s), 0);
    while (!atomic_load(&s.ready))
        sched_yield();
    before = atomic_load(&s.ring->wake);
    cr_assert(oa_test_ring_send(64, 0) && oa_test_ring_send(64, 0));
    cr_assert_eq(atomic_load(&s.ring->wake), before, "two are too few");
    cr_assert_eq(atomic_load(&s.ring->asleep), 1);
    cr_assert(oa_test_ring_send(64, 0));
    cr_assert_eq(atomic_load(&s.ring->wake), before + 1);
    cr_assert_eq(atomic_load(&s.ring->asleep), 0, "one producer takes the flag down");
    cr_assert(oa_test_ring_send(64, 0));
    cr_assert_eq(atomic_load(&s.ring->wake), before + 1, "an awake consumer is left alone");
    pthread_join(thread, NULL);
    cr_assert_eq(atomic_load(&s.woken), 1);
}

Test(ring, wake__unconditionally)
{
    struct sleeper s = { .ring = open_ring(100) };
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, sleep_on_ring, &s), 0);
    while (!atomic_load(&s.ready))
        sched_yield();
    oa_ring_wake();
    pthread_join(thread, NULL);
    cr_assert_eq(atomic_load(&s.woken), 1);
}

Test(ring, reserve_log__opens_the_ring_that_the_consumer_sleeps_on)
{
    struct oa_record *record;

    cr_assert_eq(oa_ring_open(8), OA_OK);
    oa_ring_expect_logs(8);
    oa_ring_forget(); /* a forked child, whose first word is a line of log */
    record = oa_ring_reserve_log(64);
    cr_assert_not_null(record);
    cr_assert_not_null(oa_ring());
    cr_assert_not_null(oa_ring_logs());
    record->used = 24;
    oa_ring_commit_log(record);
    cr_assert_eq(oa_ring_items(), 1);
}
