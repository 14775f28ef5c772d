#include "sdk/api/sampler.h"

#include "env/env.h"
#include "env/sampler_arg.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/api/strategy.h"
#include "sdk/propagation/ot_entry.h"

#define KEEP_ALL UINT64_C(0)
#define XRAY_SHARE 0.05

static double ratio_of(const char *arg)
{
    double ratio = 1;

    if (arg && oa_slice_trim(oa_slice_of(arg)).len && oa_parse_ratio(oa_slice_of(arg), &ratio) != OA_OK)
        oa_log(OA_LOG_WARN, "OTEL_TRACES_SAMPLER_ARG: \"%.64s\" is no number from 0 to 1, continuing with 1", arg);
    return ratio;
}

/* What cannot be used was said when the environment was read. */
static uint64_t jaeger_threshold(const char *arg)
{
    struct oa_jaeger_arg read = { .share = OA_JAEGER_INITIAL_SHARE };

    if (arg)
        (void)!oa_jaeger_arg_read(oa_slice_of(arg), &read);
    return oa_strategy_threshold(read.share);
}

bool oa_sampler_asks_by_libcurl(uint8_t kind, const char *arg)
{
    struct oa_jaeger_arg read;

    return (kind == OA_ENV_SAMPLER_JAEGER_REMOTE || kind == OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE) &&
           oa_jaeger_arg_read(oa_slice_of(arg), &read) == OA_OK && oa_jaeger_by_libcurl(read.endpoint);
}

void oa_sampler_init(struct oa_sampler *sampler, uint8_t kind, const char *arg)
{
    sampler->threshold = KEEP_ALL;
    sampler->parent_based = true;
    sampler->writes = sampler->composite = sampler->remote = sampler->one_a_second = false;
    sampler->always_records = false;
    atomic_store_explicit(&sampler->kept_second, 0, memory_order_relaxed);
    switch (kind) {
    case OA_ENV_SAMPLER_ALWAYS_ON:
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_ALWAYS_OFF:
        sampler->threshold = oa_strategy_threshold(0);
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_TRACEIDRATIO:
        sampler->threshold = oa_strategy_threshold(ratio_of(arg));
        sampler->parent_based = false;
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON:
        return;
    case OA_ENV_SAMPLER_PARENTBASED_ALWAYS_OFF:
        sampler->threshold = oa_strategy_threshold(0);
        return;
    case OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO:
        sampler->threshold = oa_strategy_threshold(ratio_of(arg));
        return;
    case OA_ENV_SAMPLER_PROBABILITY:
    case OA_ENV_SAMPLER_PARENTBASED_PROBABILITY:
    case OA_ENV_SAMPLER_PARENT_THRESHOLD:
        sampler->threshold = oa_ot_threshold(ratio_of(arg));
        sampler->parent_based = kind != OA_ENV_SAMPLER_PROBABILITY;
        sampler->composite = kind != OA_ENV_SAMPLER_PARENTBASED_PROBABILITY;
        sampler->writes = true;
        return;
    case OA_ENV_SAMPLER_JAEGER_REMOTE:
    case OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE:
        sampler->threshold = jaeger_threshold(arg);
        sampler->remote = true;
        return;
    case OA_ENV_SAMPLER_XRAY:
        sampler->threshold = oa_strategy_threshold(XRAY_SHARE);
        sampler->one_a_second = true;
        return;
    default:
        oa_log(OA_LOG_WARN, "this sampler is not supported, continuing with parentbased_always_on");
    }
}

void oa_sampler_always_record(struct oa_sampler *sampler)
{
    sampler->always_records = true;
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

bool oa_sampler_by_name(const struct oa_sampler *sampler)
{
    return sampler->remote && oa_strategy_by_name();
}

static uint64_t randomness_of(const struct oa_sampler_question *question)
{
    struct oa_ot_entry entry = { .has_random = false };

    if (question->tracestate.len)
        entry = oa_ot_entry_read(question->tracestate);
    return randomness(&entry, question->trace_id);
}

/* Jaeger's order: a trace that the share keeps counts for the least rate of its name as well. */
static bool decide_by_rule(const struct oa_strategy_rule *rule, const struct oa_sampler_question *question,
                           struct oa_sampled_by *by)
{
    bool kept = rule->kind != OA_STRATEGY_RATE_LIMITING && randomness_of(question) >= rule->threshold;
    bool taken = rule->kind != OA_STRATEGY_PROBABILISTIC && oa_strategy_take(rule, oa_clock_mono_ns());

    *by = (struct oa_sampled_by){ rule->probability, OA_SAMPLED_BY_PROBABILISTIC };
    if (rule->kind == OA_STRATEGY_RATE_LIMITING)
        *by = (struct oa_sampled_by){ rule->per_second, OA_SAMPLED_BY_RATE_LIMITING };
    else if (!kept && taken)
        *by = (struct oa_sampled_by){ rule->per_second, OA_SAMPLED_BY_LOWER_BOUND };
    return kept || taken;
}

static enum oa_sample decide_root(struct oa_sampler *sampler, const struct oa_sampler_question *question,
                                  struct oa_sampled_by *by)
{
    struct oa_strategy_rule rule;

    if (oa_unlikely(sampler->remote)) {
        rule = oa_strategy_get(question->name);
        if (rule.kind != OA_STRATEGY_NONE)
            return decide_by_rule(&rule, question, by) ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
    }
    if (sampler->one_a_second && first_of_the_second(sampler))
        return OA_SAMPLE_RECORD;
    return randomness_of(question) >= sampler->threshold ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
}

static bool follows(const struct oa_sampler *sampler, const struct oa_span_context *parent)
{
    return sampler->parent_based && parent && parent->valid;
}

enum oa_sample oa_sampler_decide(struct oa_sampler *sampler, const struct oa_sampler_question *question)
{
    struct oa_sampled_by by = { .kind = OA_SAMPLED_BY_NOTHING };
    enum oa_sample decision;

    if (follows(sampler, question->parent))
        decision = question->parent->flags & OA_FLAG_SAMPLED ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP;
    else
        decision = decide_root(sampler, question, &by);
    if (oa_unlikely(sampler->always_records) && decision == OA_SAMPLE_DROP) {
        decision = OA_SAMPLE_RECORD_ONLY;
        by.kind = OA_SAMPLED_BY_NOTHING;
    }
    if (question->ret_by)
        *question->ret_by = by;
    return decision;
}

/* Does the threshold stay that came with the parent? */
static bool holds(const struct oa_sampler *sampler, enum oa_sample decision, const struct oa_ot_entry *entry,
                  const uint8_t trace_id[16])
{
    bool sampled = decision == OA_SAMPLE_RECORD;

    return sampler->parent_based && (sampled || !sampler->composite) &&
           (randomness(entry, trace_id) >= entry->threshold) == sampled;
}

void oa_sampler_settle_state(const struct oa_sampler *sampler, enum oa_sample decision,
                             const struct oa_sampler_question *question, struct oa_sampler_state *state)
{
    struct oa_ot_entry entry;

    if (oa_unlikely(sampler->writes) && decision == OA_SAMPLE_RECORD && !follows(sampler, question->parent)) {
        state->len = oa_ot_entry_write_threshold(state->text, state->len, state->cap, sampler->threshold);
        return;
    }
    if (state->len == 0)
        return;
    entry = oa_ot_entry_read((struct oa_slice){ state->text, state->len });
    if (entry.has_threshold && !holds(sampler, decision, &entry, question->trace_id))
        state->len = oa_ot_entry_erase_threshold(state->text, state->len);
}
