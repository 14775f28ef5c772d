#include "sdk/api/sampler.h"

#include "env/env.h"
#include "env/sampler_arg.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/propagation/ot_entry.h"

#define KEEP_ALL UINT64_C(0)
#define KEEP_NONE (UINT64_C(1) << OA_OT_RANDOM_BITS)
#define XRAY_SHARE 0.05

static uint64_t threshold_of(double share)
{
    return KEEP_NONE - (uint64_t)(share * (double)KEEP_NONE + 0.5);
}

static uint64_t ratio_threshold(const char *arg)
{
    double ratio = 1;

    if (arg && oa_slice_trim(oa_slice_of(arg)).len && oa_parse_ratio(oa_slice_of(arg), &ratio) != OA_OK)
        oa_log(OA_LOG_WARN, "OTEL_TRACES_SAMPLER_ARG: \"%.64s\" is no number from 0 to 1, continuing with 1", arg);
    return threshold_of(ratio);
}

/* What cannot be used was said when the environment was read. */
static uint64_t jaeger_threshold(const char *arg)
{
    double share = OA_JAEGER_INITIAL_SHARE;

    if (arg)
        (void)!oa_jaeger_arg_share(oa_slice_of(arg), &share);
    return threshold_of(share);
}

void oa_sampler_init(struct oa_sampler *sampler, uint8_t kind, const char *arg)
{
    sampler->threshold = KEEP_ALL;
    sampler->parent_based = true;
    sampler->one_a_second = false;
    atomic_store_explicit(&sampler->kept_second, 0, memory_order_relaxed);
    switch (kind) {
    case OA_ENV_SAMPLER_ALWAYS_ON:
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_ALWAYS_OFF:
        sampler->threshold = KEEP_NONE;
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_TRACEIDRATIO:
        sampler->threshold = ratio_threshold(arg);
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON:
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_OFF:
        sampler->threshold = KEEP_NONE;
        return;
    case OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO:
        sampler->threshold = ratio_threshold(arg);
        return;
    case OA_ENV_SAMPLER_JAEGER_REMOTE:
    case OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE:
        sampler->threshold = jaeger_threshold(arg);
        return;
    case OA_ENV_SAMPLER_XRAY:
        sampler->threshold = threshold_of(XRAY_SHARE);
        sampler->one_a_second = true;
        return;
    default:
        oa_log(OA_LOG_WARN, "this sampler is not supported, continuing with parentbased_always_on");
    }
}

static uint64_t randomness(const struct oa_ot_entry *entry, const uint8_t trace_id[16])
{
    uint64_t low = 0;

    if (entry->has_random)
        return entry->random;
    for (int i = 16 - OA_OT_RANDOM_BITS / 8; i < 16; i++)
        low = low << 8 | trace_id[i];
    return low;
}

static bool first_of_the_second(struct oa_sampler *sampler)
{
    uint64_t now = oa_clock_mono_ns() / OA_NS_PER_S + 1;
    uint64_t kept = atomic_load_explicit(&sampler->kept_second, memory_order_relaxed);

    return kept != now && atomic_compare_exchange_strong_explicit(&sampler->kept_second, &kept, now,
                                                                  memory_order_relaxed, memory_order_relaxed);
}

enum oa_sample oa_sampler_decide(struct oa_sampler *sampler, const struct oa_span_context *parent,
                                 struct oa_slice tracestate, const uint8_t trace_id[16])
{
    struct oa_ot_entry entry = { .has_random = false };

    if (sampler->parent_based && parent && parent->valid)
        return parent->flags & OA_FLAG_SAMPLED ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
    if (sampler->one_a_second && first_of_the_second(sampler))
        return OA_SAMPLE_RECORD;
    if (tracestate.len)
        entry = oa_ot_entry_read(tracestate);
    return randomness(&entry, trace_id) >= sampler->threshold ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
}

size_t oa_sampler_settle_state(const struct oa_sampler *sampler, enum oa_sample decision, const uint8_t trace_id[16],
                               char *text, size_t len)
{
    struct oa_ot_entry entry;
    bool agrees;

    if (len == 0)
        return 0;
    entry = oa_ot_entry_read((struct oa_slice){ text, len });
    agrees = (randomness(&entry, trace_id) >= entry.threshold) == (decision == OA_SAMPLE_RECORD);
    if (!entry.has_threshold || (sampler->parent_based && agrees))
        return len;
    return oa_ot_entry_erase_threshold(text, len);
}
