#include "sdk/api/strategy.h"

#include <stdatomic.h>
#include <string.h>

#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "sdk/propagation/ot_entry.h"

#define BUCKET_PROBES 8u /* places that are looked at for a name */
#define READS 8          /* of a table that is replaced meanwhile; each time polling comes between */
#define INTERVAL_MAX_NS (OA_NS_PER_S * 86400 * 365)

_Static_assert((OA_STRATEGY_BUCKETS & (OA_STRATEGY_BUCKETS - 1)) == 0, "a mask finds the place");

/* Words are written by put() and read by anybody, relaxed; `version` orders them. */
struct table {
    _Atomic uint32_t kind, count;
    _Atomic uint64_t probability, per_second; /* the bits of a double */
    struct {
        _Atomic uint64_t name, probability;
    } operation[OA_STRATEGY_OPERATIONS_MAX];
};

static struct table tables[2];
static _Atomic uint32_t version; /* how many strategies there were; table number `version & 1` is in force */

/* A bucket is the time at which the next trace would be due if they came evenly (a leaky bucket as a clock). */
struct bucket {
    _Atomic uint64_t name; /* 0: free; whoever comes first takes it, for good */
    _Atomic uint64_t due_mono_ns;
};

static struct bucket buckets[OA_STRATEGY_BUCKETS];
static _Atomic uint64_t all_due_mono_ns; /* RATE_LIMITING */

uint64_t oa_strategy_threshold(double share)
{
    return OA_OT_NEVER - (uint64_t)(share * (double)OA_OT_NEVER + 0.5);
}

static uint64_t bits_of(double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    return bits;
}

static double number_of(uint64_t bits)
{
    double number;

    memcpy(&number, &bits, sizeof(number));
    return number;
}

static uint64_t interval_of(double per_second)
{
    double ns;

    if (!(per_second > 0))
        return 0;
    ns = (double)OA_NS_PER_S / per_second;
    if (ns > (double)INTERVAL_MAX_NS)
        return INTERVAL_MAX_NS;
    return ns < 1 ? 1 : (uint64_t)ns;
}

#define PUT(word, value) atomic_store_explicit(&(word), (value), memory_order_relaxed)
#define GET(word) atomic_load_explicit(&(word), memory_order_relaxed)

void oa_strategy_put(const struct oa_strategy *strategy)
{
    uint32_t next = GET(version) + 1, count = strategy->operation_count;
    struct table *table = &tables[next & 1];

    /* Who has still seen this table in force, and sees one word of what follows, sees the version that ended it. */
    atomic_thread_fence(memory_order_release);
    if (count > OA_STRATEGY_OPERATIONS_MAX)
        count = OA_STRATEGY_OPERATIONS_MAX;
    PUT(table->kind, strategy->kind);
    PUT(table->probability, bits_of(strategy->probability));
    PUT(table->per_second, bits_of(strategy->traces_per_second));
    PUT(table->count, count);
    for (uint32_t i = 0; i < count; i++) {
        PUT(table->operation[i].name, strategy->operations[i].name);
        PUT(table->operation[i].probability, bits_of(strategy->operations[i].probability));
    }
    atomic_store_explicit(&version, next, memory_order_release);
}

static uint64_t probability_of(struct table *table, uint64_t name)
{
    uint32_t low = 0, high = GET(table->count);

    if (high > OA_STRATEGY_OPERATIONS_MAX)
        high = OA_STRATEGY_OPERATIONS_MAX;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint64_t found = GET(table->operation[middle].name);

        if (found == name)
            return GET(table->operation[middle].probability);
        if (found < name)
            low = middle + 1;
        else
            high = middle;
    }
    return GET(table->probability);
}

struct oa_strategy_rule oa_strategy_get(struct oa_slice name)
{
    struct oa_strategy_rule rule = { .kind = OA_STRATEGY_NONE };
    uint32_t seen = atomic_load_explicit(&version, memory_order_acquire), now;
    uint64_t probability = 0;
    bool whole = false;

    for (int i = 0; seen && !whole && i < READS; i++, seen = now) {
        struct table *table = &tables[seen & 1];

        rule.kind = GET(table->kind);
        rule.per_second = number_of(GET(table->per_second));
        probability = GET(table->probability);
        if (rule.kind == OA_STRATEGY_OPERATIONS) {
            rule.name = oa_strategy_name(name);
            probability = probability_of(table, rule.name);
        }
        atomic_thread_fence(memory_order_acquire);
        now = atomic_load_explicit(&version, memory_order_acquire);
        whole = now == seen;
    }
    if (!whole)
        return (struct oa_strategy_rule){ .kind = OA_STRATEGY_NONE };
    rule.probability = number_of(probability);
    rule.threshold = oa_strategy_threshold(rule.probability);
    rule.interval_ns = interval_of(rule.per_second);
    return rule;
}

bool oa_strategy_by_name(void)
{
    uint32_t seen = atomic_load_explicit(&version, memory_order_acquire);

    return seen && GET(tables[seen & 1].kind) == OA_STRATEGY_OPERATIONS;
}

/* The bucket of a name; NULL: there is no room for another one. */
static _Atomic uint64_t *bucket_of(uint64_t name)
{
    for (uint32_t i = 0; i < BUCKET_PROBES; i++) {
        struct bucket *bucket = &buckets[(name + i) & (OA_STRATEGY_BUCKETS - 1)];
        uint64_t found = GET(bucket->name);

        if (found == name ||
            (found == 0 && atomic_compare_exchange_strong_explicit(&bucket->name, &found, name, memory_order_relaxed,
                                                                   memory_order_relaxed)) ||
            found == name)
            return &bucket->due_mono_ns;
    }
    return NULL;
}

bool oa_strategy_take(const struct oa_strategy_rule *rule, uint64_t now_mono_ns)
{
    _Atomic uint64_t *due = &all_due_mono_ns;
    uint64_t interval = rule->interval_ns, spare = interval < OA_NS_PER_S ? OA_NS_PER_S - interval : 0;
    uint64_t latest = now_mono_ns + spare + interval, old, from;

    if (interval == 0 || (rule->kind == OA_STRATEGY_OPERATIONS && !(due = bucket_of(rule->name))))
        return false;
    old = GET(*due);
    if (old > latest) /* of a time when the rate was lower: empty, by the rate of today */
        (void)atomic_compare_exchange_strong_explicit(due, &old, latest, memory_order_relaxed, memory_order_relaxed);
    do {
        if (old > now_mono_ns + spare)
            return false;
        from = old < now_mono_ns ? now_mono_ns : old;
    } while (!atomic_compare_exchange_weak_explicit(due, &old, from + interval, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}
