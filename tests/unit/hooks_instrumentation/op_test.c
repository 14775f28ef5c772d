/* SOURCES: hooks/instrumentation/op.c preload/pool.c preload/ring.c preload/shared_memory.c sdk/api/ids.c preload/base/rng.c
 * tests/support/stall.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "hooks/instrumentation/op.h"
#include "preload/base/compiler.h"
#include "preload/ring.h"
#include "sdk/api/ids.h"
#include "tests/support/stall.h"

OA_TLS struct oa_thread oa_thread;

static struct oa_op *open_op(void)
{
    struct oa_op *op = oa_op_open();

    cr_assert_not_null(op);
    return op;
}

static struct oa_op *open_published(void)
{
    struct oa_op *op = open_op();

    oa_ids_span(op->self.span_id, op->slot);
    oa_op_publish(op);
    return op;
}

static void append(struct oa_op *op, enum oa_op_field field, const char *text, bool first)
{
    oa_op_append(op, field, oa_slice_of(text), first, OA_HEADER_MAX);
}

static bool text_is(const struct oa_op *op, enum oa_op_field field, const char *want)
{
    return oa_slice_eq(oa_op_text(op, field), oa_slice_of(want));
}

Test(op, open__is_blank_even_the_second_time)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_HOST, "old", true);
    op->status = 200;
    op->begun = op->recording = true;
    memset(&op->parent, 1, sizeof(op->parent));
    oa_op_close(op);
    op = open_op();
    for (int f = 0; f < OA_OP_FIELD_COUNT; f++)
        cr_assert_eq(oa_op_text(op, (enum oa_op_field)f).len, 0);
    cr_assert_not(op->begun || op->recording || op->status || op->parent.valid);
    cr_assert_eq(op->refs, 1);
    cr_assert_eq(op->id, 0);
    cr_assert_eq(oa_op_at(op->slot), op);
    cr_assert_null(oa_op_at(OA_OP_FIRST));
}

Test(op, append__fragments_are_one_text)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_HOST, "exam", true);
    append(op, OA_OP_HOST, "", false);
    append(op, OA_OP_HOST, "ple.", false);
    append(op, OA_OP_HOST, "com", false);
    cr_assert(text_is(op, OA_OP_HOST, "example.com"));
}

Test(op, append__lines_are_one_list)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "a=1", true);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "b=", true);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "2", false);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "c=3", true);
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "a=1,b=2,c=3"));
}

Test(op, append__an_empty_first_line_adds_no_comma)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "", true);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "a=1", true);
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "a=1"));
}

Test(op, append__fields_may_take_turns)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_CARRIED + OA_FIELD_TRACESTATE, "a=1", true);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "x=1", true);
    append(op, OA_OP_CARRIED + OA_FIELD_TRACESTATE, "b=2", true);
    append(op, OA_OP_HOST, "h", true);
    append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "y=2", true);
    append(op, OA_OP_CARRIED + OA_FIELD_TRACESTATE, "c=3", true);
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_TRACESTATE, "a=1,b=2,c=3"));
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, "x=1,y=2"));
    cr_assert(text_is(op, OA_OP_HOST, "h"));
}

Test(op, limit__a_target_is_cut_there)
{
    struct oa_op *op = open_op();

    oa_op_append(op, OA_OP_TARGET, OA_SLICE("/abc"), false, 6);
    oa_op_append(op, OA_OP_TARGET, OA_SLICE("defg"), false, 6);
    cr_assert(text_is(op, OA_OP_TARGET, "/abcde"));
    oa_op_append(op, OA_OP_TARGET, OA_SLICE("xyz"), false, 6);
    cr_assert(text_is(op, OA_OP_TARGET, "/abcde"), "and stays so");
}

Test(op, limit__any_other_field_is_left_out_whole)
{
    struct oa_op *op = open_op();

    oa_op_append(op, OA_OP_HOST, OA_SLICE("abcdef"), true, 6);
    cr_assert(text_is(op, OA_OP_HOST, "abcdef"), "the limit itself fits");
    oa_op_append(op, OA_OP_HOST, OA_SLICE("g"), false, 6);
    cr_assert(text_is(op, OA_OP_HOST, ""));
    /* The rest of the value, and further lines, must not pass for the whole. */
    oa_op_append(op, OA_OP_HOST, OA_SLICE("h"), false, 6);
    cr_assert(text_is(op, OA_OP_HOST, ""));
    oa_op_append(op, OA_OP_HOST, OA_SLICE("i"), true, 6);
    cr_assert(text_is(op, OA_OP_HOST, ""));
    append(op, OA_OP_USER_AGENT, "others are not touched", true);
    cr_assert(text_is(op, OA_OP_USER_AGENT, "others are not touched"));
}

Test(op, limit__counts_the_comma)
{
    struct oa_op *op = open_op();

    oa_op_append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, OA_SLICE("a=1"), true, 6);
    oa_op_append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, OA_SLICE("b=2"), true, 6);
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, ""));
}

Test(op, limit__a_full_text_area_leaves_lists_out_too)
{
    static char filler[OA_OP_TEXT];
    struct oa_op *op = open_op();

    memset(filler, 'f', sizeof(filler));
    oa_op_append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, OA_SLICE("a=1"), true, OA_BAGGAGE_MAX);
    oa_op_append(op, OA_OP_FORWARDED, (struct oa_slice){ filler, OA_OP_TEXT - 3 - 6 }, true, OA_OP_TEXT);
    cr_assert_eq(oa_op_text(op, OA_OP_FORWARDED).len, OA_OP_TEXT - 9);
    /* Six bytes are free, but the list must move to the end to grow: nine would be needed. */
    oa_op_append(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, OA_SLICE("bb=22"), true, OA_BAGGAGE_MAX);
    cr_assert(text_is(op, OA_OP_CARRIED + OA_FIELD_BAGGAGE, ""), "half a list is no list");
    oa_op_append(op, OA_OP_HOST, OA_SLICE("123456"), true, OA_HEADER_MAX);
    cr_assert(text_is(op, OA_OP_HOST, "123456"), "the last byte can be used");
    oa_op_append(op, OA_OP_HOST, OA_SLICE("7"), false, OA_HEADER_MAX);
    cr_assert(text_is(op, OA_OP_HOST, ""));
}

Test(op, set__replaces_the_whole_field)
{
    struct oa_op *op = open_op();

    append(op, OA_OP_STATE_LIST, "old", true);
    cr_assert(oa_op_set(op, OA_OP_STATE_LIST, OA_SLICE("new=1")));
    cr_assert(text_is(op, OA_OP_STATE_LIST, "new=1"));
    cr_assert(oa_op_set(op, OA_OP_STATE_LIST, (struct oa_slice){ NULL, 0 }));
    cr_assert(text_is(op, OA_OP_STATE_LIST, ""));
}

Test(op, set__that_does_not_fit_leaves_the_field_empty)
{
    static char big[OA_OP_TEXT + 1];
    struct oa_op *op = open_op();

    memset(big, 'b', sizeof(big));
    cr_assert(oa_op_set(op, OA_OP_BAGGAGE_LIST, OA_SLICE("x")));
    cr_assert_not(oa_op_set(op, OA_OP_BAGGAGE_LIST, (struct oa_slice){ big, sizeof(big) - 1 }));
    cr_assert(text_is(op, OA_OP_BAGGAGE_LIST, ""));
    cr_assert(oa_op_set(op, OA_OP_BAGGAGE_LIST, (struct oa_slice){ big, OA_OP_TEXT - 1 }));
}

Test(op, copy__takes_what_was_captured_but_not_the_identity)
{
    struct oa_op *from = open_published(), *to = open_op();
    uint32_t slot = to->slot;

    append(from, OA_OP_HOST, "h", true);
    oa_op_append(from, OA_OP_TARGET, OA_SLICE("/x"), false, 10);
    oa_op_append(from, OA_OP_USER_AGENT, OA_SLICE("too long"), true, 3);
    memcpy(from->method, "GET", 3);
    from->method_len = 3;
    from->lines[1] = 2;
    from->next = 9;
    from->start = (struct oa_when){ 1, 2 };
    oa_op_copy(to, from);
    cr_assert(text_is(to, OA_OP_HOST, "h") && text_is(to, OA_OP_TARGET, "/x"));
    cr_assert(to->method_len == 3 && to->lines[1] == 2 && to->start.mono_ns == 2);
    cr_assert_eq(to->slot, slot);
    cr_assert_eq(to->next, 0);
    cr_assert_eq(to->refs, 1);
    cr_assert_eq(to->id, 0);
    append(to, OA_OP_HOST, "ost", false);
    append(to, OA_OP_USER_AGENT, "x", false);
    cr_assert(text_is(to, OA_OP_HOST, "host") && text_is(from, OA_OP_HOST, "h"));
    cr_assert(text_is(to, OA_OP_USER_AGENT, ""), "what was left out stays so");
}

Test(op, ref__works_from_publish_to_close)
{
    struct oa_op *op = open_op();
    struct oa_op_ref ref;

    cr_assert_null(oa_op_acquire((struct oa_op_ref){ 0 }), "no reference");
    oa_ids_span(op->self.span_id, op->slot);
    ref = oa_op_ref(op);
    cr_assert_null(oa_op_acquire(ref), "not published yet");
    oa_op_publish(op);
    cr_assert_eq(oa_op_acquire(ref), op);
    cr_assert_eq(op->refs, 2);
    cr_assert_null(oa_op_acquire((struct oa_op_ref){ ref.span_id + 1, ref.slot }));
    cr_assert_null(oa_op_acquire((struct oa_op_ref){ ref.span_id, ref.slot + 1 }));
    cr_assert_null(oa_op_acquire((struct oa_op_ref){ ref.span_id, OA_OP_MAX }));
    oa_op_close(op);
    cr_assert_null(oa_op_acquire(ref), "closed: weak references end");
    cr_assert_eq(oa_ids_number(op->self.span_id), ref.span_id, "but who holds it may read on");
    oa_op_release(op);
}

Test(op, close__the_slot_is_free_only_when_the_last_holder_is_gone)
{
    struct oa_op *op = open_published(), *other;
    uint32_t slot = op->slot;

    cr_assert_eq(oa_op_acquire(oa_op_ref(op)), op);
    oa_op_close(op);
    other = open_op();
    cr_assert_neq(other->slot, slot);
    oa_op_release(op);
    cr_assert_eq(open_op()->slot, slot);
}

Test(op, close__a_reference_does_not_reach_the_next_tenant)
{
    struct oa_op *op = open_published(), *next;
    struct oa_op_ref ref = oa_op_ref(op);

    oa_op_close(op);
    next = open_published();
    cr_assert_eq(next->slot, ref.slot);
    cr_assert_null(oa_op_acquire(ref));
    cr_assert_eq(next->refs, 1);
}

Test(op, pool__full_is_counted)
{
    cr_assert_eq(oa_ring_open(10), 0);
    for (uint32_t i = 0; i < OA_OP_MAX; i++) {
        struct oa_op *op = oa_op_open();

        cr_assert_not_null(op);
        cr_assert(op->slot < 0x7fff, "a slot fits 15 bits, and none is the process span's");
    }
    cr_assert_null(oa_op_open());
    cr_assert_eq(oa_ring()->dropped[OA_DROP_NO_SLOT], 1);
}

Test(op, shared__since_the_last_fork)
{
    struct oa_op *op = open_op();

    cr_assert_not(oa_op_shared(op));
    atomic_fetch_add(&oa_op_fork_generation, 1);
    cr_assert(oa_op_shared(op));
    cr_assert_not(oa_op_shared(open_op()));
}

Test(op, when__is_taken_once)
{
    struct oa_when when = { 0 };
    uint64_t unix_ns, mono_ns;

    oa_when_now(&when);
    unix_ns = when.unix_ns;
    mono_ns = when.mono_ns;
    cr_assert(unix_ns && mono_ns);
    oa_when_now(&when);
    cr_assert(when.unix_ns == unix_ns && when.mono_ns == mono_ns);
}

#define READERS 3

static struct {
    _Atomic uint64_t span_id;
    _Atomic uint32_t slot, done;
    _Atomic uint64_t hits;
} shared;

/* Acquires whatever is announced; what it holds must be the operation it asked for, to the end. */
static void *hunt(void *arg)
{
    uintptr_t bad = 0;

    (void)arg;
    while (!atomic_load(&shared.done)) {
        struct oa_op_ref ref = { .span_id = atomic_load(&shared.span_id), .slot = atomic_load(&shared.slot) };
        struct oa_op *op = oa_op_acquire(ref);

        if (!op)
            continue;
        bad += oa_ids_number(op->self.span_id) != ref.span_id || oa_op_text(op, OA_OP_HOST).len != 4;
        atomic_fetch_add(&shared.hits, 1);
        oa_op_release(op);
    }
    return (void *)bad;
}

Test(op, threads__acquire_races_with_close)
{
    pthread_t threads[READERS];
    bool taken[2 * READERS + 4] = { false };
    void *bad;

    for (int i = 0; i < READERS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, hunt, NULL), 0);
    oa_test_stall_start(threads, READERS);
    for (uint64_t end = oa_clock_mono_ns() + 300 * OA_NS_PER_MS; oa_clock_mono_ns() < end;) {
        struct oa_op *op = open_op();

        append(op, OA_OP_HOST, "host", true);
        oa_ids_span(op->self.span_id, op->slot);
        oa_op_publish(op);
        atomic_store(&shared.slot, op->slot);
        atomic_store(&shared.span_id, oa_op_ref(op).span_id);
        for (int spin = 0; spin < 200; spin++)
            oa_pause();
        oa_op_close(op);
    }
    oa_test_stall_stop();
    atomic_store(&shared.done, 1);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], &bad);
        cr_assert_null(bad);
    }
    cr_assert(atomic_load(&shared.hits) > 0);
    /* Each slot came back, once. */
    for (size_t i = 0; i < OA_COUNT(taken); i++) {
        uint32_t slot = open_op()->slot;

        cr_assert(slot < OA_COUNT(taken) && !taken[slot], "slot %u", slot);
        taken[slot] = true;
    }
}
