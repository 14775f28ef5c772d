#include "sdk/api/sampler.h"

#include "env/env.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

#define RANDOM_BITS 56
#define KEEP_ALL UINT64_C(0)
#define KEEP_NONE (UINT64_C(1) << RANDOM_BITS)

static uint64_t ratio_threshold(const char *arg)
{
    double ratio = 1;

    if (arg && oa_slice_trim(oa_slice_of(arg)).len && oa_parse_ratio(oa_slice_of(arg), &ratio) != OA_OK)
        oa_log(OA_LOG_WARN, "OTEL_TRACES_SAMPLER_ARG: \"%.64s\" is no number from 0 to 1, continuing with 1", arg);
    return KEEP_NONE - (uint64_t)(ratio * (double)KEEP_NONE + 0.5);
}

void oa_sampler_init(struct oa_sampler *sampler, uint8_t kind, const char *arg)
{
    switch (kind) {
    case OA_ENV_SAMPLER_ALWAYS_ON:
        *sampler = (struct oa_sampler){ KEEP_ALL, false };
        return;
    case OA_ENV_SAMPLER_ALWAYS_OFF:
        *sampler = (struct oa_sampler){ KEEP_NONE, false };
        return;
    case OA_ENV_SAMPLER_TRACEIDRATIO:
        *sampler = (struct oa_sampler){ ratio_threshold(arg), false };
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_OFF:
        *sampler = (struct oa_sampler){ KEEP_NONE, true };
        return;
    case OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO:
        *sampler = (struct oa_sampler){ ratio_threshold(arg), true };
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON:
        break;
    default:
        oa_log(OA_LOG_WARN, "this sampler is not supported, continuing with parentbased_always_on");
    }
    *sampler = (struct oa_sampler){ KEEP_ALL, true };
}

enum oa_sample oa_sampler_decide(const struct oa_sampler *sampler, const struct oa_span_context *parent,
                                 const uint8_t trace_id[16])
{
    uint64_t low = 0;

    if (sampler->parent_based && parent && parent->valid)
        return parent->flags & OA_FLAG_SAMPLED ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
    for (int i = 16 - RANDOM_BITS / 8; i < 16; i++)
        low = low << 8 | trace_id[i];
    return low >= sampler->threshold ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
}
