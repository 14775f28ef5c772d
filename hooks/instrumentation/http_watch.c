#include "hooks/instrumentation/http_watch.h"

#include <stdatomic.h>
#include <stddef.h>

#include "hooks/instrumentation/carrier.h"

_Static_assert(offsetof(struct oa_http_watch, names) == 0, "a parser's watch is the beginning of ours");

enum built { NOT_YET, BUILDING, BUILT };

static struct oa_http_watch requests;
static _Atomic int built;

static void add(struct oa_http_watch *watch, struct oa_slice name, bool prefix, uint8_t target)
{
    unsigned at = watch->names.count++;

    watch->names.names[at].name = name.ptr;
    watch->names.names[at].len = (uint8_t)name.len;
    watch->target[at] = target;
    if (prefix)
        watch->names.prefixes++;
    else
        watch->names.lengths |= UINT64_C(1) << name.len;
}

static void add_fields(struct oa_http_watch *watch, uint32_t fields, bool prefix)
{
    for (unsigned f = 0; f < OA_FIELD_COUNT; f++)
        if (fields & 1u << f)
            add(watch, oa_field_name((enum oa_field)f), prefix, (uint8_t)f);
}

static void build(void)
{
    uint32_t fields = oa_carrier_reads() | oa_carrier_writes();

    add_fields(&requests, fields & ~oa_fields_by_prefix, false);
    add_fields(&requests, fields & oa_fields_by_prefix, true);
}

/* Whoever comes second waits for some hundred instructions of the first. */
static OA_COLD void build_once(void)
{
    int expected = NOT_YET;

    if (atomic_compare_exchange_strong(&built, &expected, BUILDING)) {
        build();
        atomic_store_explicit(&built, BUILT, memory_order_release);
    }
    while (atomic_load_explicit(&built, memory_order_acquire) != BUILT)
        oa_pause();
}

const struct oa_http_watch *oa_http_watch(bool response, bool client)
{
    (void)client;
    if (oa_unlikely(atomic_load_explicit(&built, memory_order_acquire) != BUILT))
        build_once();
    return !response && requests.names.count ? &requests : NULL;
}
