/* SOURCES: sdk/api/strategy.c */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "sdk/api/strategy.h"

#define S OA_NS_PER_S

static void put_rate(double per_second)
{
    oa_strategy_put(&(struct oa_strategy){ .kind = OA_STRATEGY_RATE_LIMITING, .traces_per_second = per_second });
}

static int taken(const struct oa_strategy_rule *rule, uint64_t now, int tries)
{
    int count = 0;

    for (int i = 0; i < tries; i++)
        count += oa_strategy_take(rule, now);
    return count;
}

/* At a rate: how many of 100 at one moment, then at a second one. */
static const struct {
    double per_second;
    uint64_t later_ns;
    int first, then;
} rates[] = {
    { 10, S, 10, 10 },     { 10, S / 2, 10, 5 }, { 10, S / 20, 10, 0 }, { 10, 60 * S, 10, 10 },
    { 1, S, 1, 1 },        { 1, S - 1, 1, 0 },   { 0.5, 2 * S, 1, 1 },  { 0.5, S, 1, 0 },
    { 0, 3600 * S, 0, 0 }, { 50, S, 50, 50 },    { 1e12, 1, 100, 100 }, { 1e-9, 60 * S, 1, 0 },
};

Test(strategy, statement_97__rates)
{
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        uint64_t now = (i + 1) * 100000 * S;
        struct oa_strategy_rule rule;

        put_rate(rates[i].per_second);
        rule = oa_strategy_get(OA_SLICE("any"));
        cr_assert_eq(rule.kind, OA_STRATEGY_RATE_LIMITING);
        cr_assert_eq(rule.per_second, rates[i].per_second);
        cr_assert_eq(taken(&rule, now, 100), rates[i].first, "row %zu", i);
        cr_assert_eq(taken(&rule, now + rates[i].later_ns, 100), rates[i].then, "row %zu", i);
    }
}

Test(strategy, statement_97__a_higher_rate_does_not_wait_for_the_lower_one)
{
    struct oa_strategy_rule rule;

    put_rate(1.0 / 3600);
    rule = oa_strategy_get(OA_SLICE(""));
    cr_assert_eq(taken(&rule, 1000 * S, 5), 1);
    put_rate(10);
    rule = oa_strategy_get(OA_SLICE(""));
    cr_assert_eq(taken(&rule, 1000 * S, 5), 0);
    cr_assert_eq(taken(&rule, 1001 * S, 20), 10);
}

static struct oa_strategy_operation operations[OA_STRATEGY_OPERATIONS_MAX];

static int by_name(const void *a, const void *b)
{
    uint64_t one = ((const struct oa_strategy_operation *)a)->name;
    uint64_t two = ((const struct oa_strategy_operation *)b)->name;

    return one < two ? -1 : one > two;
}

static struct oa_slice name_of(uint32_t i, char text[32])
{
    return (struct oa_slice){ text, (size_t)snprintf(text, 32, "GET /things/%u", i) };
}

Test(strategy, statement_97__operations)
{
    char text[32];

    cr_assert_eq(oa_strategy_get(OA_SLICE("x")).kind, OA_STRATEGY_NONE);
    cr_assert_not(oa_strategy_by_name());
    for (uint32_t count = 0; count <= OA_STRATEGY_OPERATIONS_MAX; count += 1 + count * 3) {
        for (uint32_t i = 0; i < count; i++)
            operations[i] = (struct oa_strategy_operation){ oa_strategy_name(name_of(i, text)), i / 1024.0 };
        qsort(operations, count, sizeof(operations[0]), by_name);
        oa_strategy_put(&(struct oa_strategy){ .kind = OA_STRATEGY_OPERATIONS,
                                               .probability = 0.125,
                                               .operation_count = count,
                                               .operations = operations });
        cr_assert(oa_strategy_by_name());
        for (uint32_t i = 0; i < count; i++)
            cr_assert_eq(oa_strategy_get(name_of(i, text)).probability, i / 1024.0, "%u of %u", i, count);
        cr_assert_eq(oa_strategy_get(name_of(count, text)).probability, 0.125);
        cr_assert_eq(oa_strategy_get(name_of(count, text)).threshold, UINT64_C(0xe0000000000000));
    }
}

/* Names without a bucket of their own are sampled by their share alone; none takes from another's. */
Test(strategy, statement_97__buckets)
{
    struct oa_strategy_rule rule = { .kind = OA_STRATEGY_OPERATIONS, .interval_ns = S };
    uint32_t got = 0;

    for (uint64_t name = 1; name <= 2 * OA_STRATEGY_BUCKETS; name++) {
        rule.name = name * UINT64_C(0x9e3779b97f4a7c15);
        got += oa_strategy_take(&rule, 10 * S);
        cr_assert_not(oa_strategy_take(&rule, 10 * S), "one a second each");
    }
    cr_assert_leq(got, OA_STRATEGY_BUCKETS);
    cr_assert_geq(got, OA_STRATEGY_BUCKETS * 9 / 10);
}

static _Atomic bool over;

/* Each strategy says of itself the same number in all its words. */
static void *reads(void *wrong)
{
    while (!atomic_load(&over)) {
        struct oa_strategy_rule rule = oa_strategy_get(OA_SLICE("GET /things/7"));

        if (rule.kind == OA_STRATEGY_OPERATIONS && rule.probability != rule.per_second)
            atomic_fetch_add((_Atomic int *)wrong, 1);
    }
    return NULL;
}

Test(strategy, statement_97__readers_see_one_strategy_or_the_other)
{
    struct oa_strategy_operation one = { oa_strategy_name(OA_SLICE("GET /things/7")), 0 };
    _Atomic int wrong = 0;
    pthread_t readers[2];
    uint64_t until = oa_clock_mono_ns() + S / 2;

    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&readers[i], NULL, reads, &wrong), 0);
    for (uint32_t i = 1; oa_clock_mono_ns() < until; i++) {
        one.probability = (i % 1000) / 1000.0;
        oa_strategy_put(&(struct oa_strategy){ .kind = OA_STRATEGY_OPERATIONS,
                                               .traces_per_second = one.probability,
                                               .probability = 1,
                                               .operation_count = 1,
                                               .operations = &one });
        for (volatile int rest = 0; rest < 200; rest++)
            ;
    }
    atomic_store(&over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    cr_assert_eq(wrong, 0);
}
