#include "sdk/api/ids.h"

#include <stdatomic.h>

#include "preload/thread.h"

static _Atomic uint32_t slot_mask; /* top bit set once drawn */

void oa_ids_forked(void)
{
    oa_thread.rng = (struct oa_rng){ { 0 } };
}

uint64_t oa_ids_random(void)
{
    struct oa_rng *rng = &oa_thread.rng;

    if (oa_unlikely((rng->s[0] | rng->s[1] | rng->s[2] | rng->s[3]) == 0))
        oa_rng_seed(rng);
    return oa_rng_next(rng);
}

static uint16_t mask(void)
{
    uint32_t seen = atomic_load_explicit(&slot_mask, memory_order_relaxed);

    if (oa_unlikely(seen == 0)) {
        uint32_t drawn = 0x80000000u | (uint16_t)oa_ids_random();

        seen = 0;
        if (atomic_compare_exchange_strong(&slot_mask, &seen, drawn))
            seen = drawn;
    }
    return (uint16_t)seen;
}

void oa_ids_trace(uint8_t trace_id[16])
{
    uint64_t half[2];

    do {
        half[0] = oa_ids_random();
        half[1] = oa_ids_random();
    } while (half[0] == 0 && half[1] == 0);
    memcpy(trace_id, half, sizeof(half));
}

void oa_ids_span(uint8_t span_id[8], uint32_t slot)
{
    uint16_t tag = (uint16_t)(slot ^ mask());
    uint64_t n;

    do {
        n = oa_ids_random();
        memcpy(span_id, &n, sizeof(n));
        span_id[0] = (uint8_t)(tag >> 8);
        span_id[1] = (uint8_t)tag;
        n = oa_ids_number(span_id);
    } while (n == 0);
}

uint32_t oa_ids_slot(const uint8_t span_id[8])
{
    return (uint32_t)((span_id[0] << 8 | span_id[1]) ^ mask());
}
