/* SOURCES: sdk/api/sampler.c sdk/api/strategy.c sdk/propagation/ot_entry.c env/sampler_arg.c env/parse.c env/url.c
 * env/words.c tests/support/log_capture.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "preload/base/compiler.h"
#include "sdk/api/sampler.h"
#include "sdk/api/strategy.h"
#include "tests/support/log_capture.h"

/* Trace ids whose low 56 bits are given; the rest must not matter. */
static enum oa_sample decide(struct oa_sampler *s, const struct oa_span_context *parent, uint64_t low)
{
    uint8_t id[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    for (int i = 0; i < 7; i++)
        id[15 - i] = (uint8_t)(low >> (8 * i));
    return oa_sampler_decide(s, &(struct oa_sampler_question){ .parent = parent, .trace_id = id });
}

#define MAX56 ((UINT64_C(1) << 56) - 1)

/* For each kind: what a root gets (lowest and highest id), and what children of either parent get. */
static const struct {
    uint8_t kind;
    const char *arg;
    int root_low, root_high, child_on, child_off;
} kinds[] = {
    { OA_ENV_SAMPLER_ALWAYS_ON, "", 1, 1, 1, 1 },
    { OA_ENV_SAMPLER_ALWAYS_OFF, "", 0, 0, 0, 0 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, "0.5", 0, 1, 0, 0 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, "", 1, 1, 1, 1 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, NULL, 1, 1, 1, 1 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, "0", 0, 0, 0, 0 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, "1", 1, 1, 1, 1 },
    { OA_ENV_SAMPLER_TRACEIDRATIO, " 0.0 ", 0, 0, 0, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, "", 1, 1, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, "0.0", 1, 1, 1, 0 }, /* takes no argument */
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_OFF, "", 0, 0, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO, "0.5", 0, 1, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO, "0", 0, 0, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO, "", 1, 1, 1, 0 },
    { OA_ENV_SAMPLER_PROBABILITY, "0.5", 0, 1, 0, 0 },
    { OA_ENV_SAMPLER_PROBABILITY, "", 1, 1, 1, 1 },
    { OA_ENV_SAMPLER_PROBABILITY, "0", 0, 0, 0, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.5", 0, 1, 1, 0 },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.5", 0, 1, 1, 0 },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0", 0, 0, 1, 0 },
    { OA_ENV_SAMPLER_JAEGER_REMOTE, "", 0, 1, 1, 0 },
    { OA_ENV_SAMPLER_JAEGER_REMOTE, "endpoint=http://h:14250,initialSamplingRate=1", 1, 1, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE, "initialSamplingRate=0", 0, 0, 1, 0 },
    { OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE, NULL, 0, 1, 1, 0 },
};

Test(sampler, decide__kinds)
{
    const struct oa_span_context on = { .flags = OA_FLAG_SAMPLED, .valid = 1 },
                                 off = { .flags = OA_FLAG_RANDOM, .valid = 1 };
    const struct oa_span_context invalid = { .flags = OA_FLAG_SAMPLED };

    for (size_t i = 0; i < OA_COUNT(kinds); i++) {
        struct oa_sampler s;

        oa_sampler_init(&s, kinds[i].kind, kinds[i].arg);
        cr_assert_eq(decide(&s, NULL, 0), kinds[i].root_low, "row %zu", i);
        cr_assert_eq(decide(&s, NULL, MAX56), kinds[i].root_high, "row %zu", i);
        cr_assert_eq(decide(&s, &invalid, 0), kinds[i].root_low, "row %zu: an invalid parent is none", i);
        cr_assert_eq(decide(&s, &on, 0), kinds[i].child_on, "row %zu", i);
        cr_assert_eq(decide(&s, &off, 0), kinds[i].child_off, "row %zu", i);
    }
}

Test(sampler, always_record__what_would_be_dropped_is_recorded)
{
    const struct oa_span_context on = { .flags = OA_FLAG_SAMPLED, .valid = 1 },
                                 off = { .flags = OA_FLAG_RANDOM, .valid = 1 };
    const enum oa_sample want[] = { OA_SAMPLE_RECORD_ONLY, OA_SAMPLE_RECORD };

    for (size_t i = 0; i < OA_COUNT(kinds); i++) {
        struct oa_sampler s;

        oa_sampler_init(&s, kinds[i].kind, kinds[i].arg);
        oa_sampler_always_record(&s);
        cr_assert_eq(decide(&s, NULL, 0), want[kinds[i].root_low], "row %zu", i);
        cr_assert_eq(decide(&s, NULL, MAX56), want[kinds[i].root_high], "row %zu", i);
        cr_assert_eq(decide(&s, &on, 0), want[kinds[i].child_on], "row %zu", i);
        cr_assert_eq(decide(&s, &off, 0), want[kinds[i].child_off], "row %zu", i);
    }
}

/* The thresholds of the specification's examples, cut there to four hex digits. */
static const struct {
    const char *arg;
    uint64_t threshold;
} ratios[] = {
    { "0.5", 0x80000000000000 },
    { "0.25", 0xc0000000000000 },
    { "0.1", 0xe6666666666666 },
    { "0.01", 0xfd70a3d70a3d71 },
    { "0.001", 0xffbe76c8b43958 },
    { "1", 0 },
    { "1.0", 0 },
    { "0", UINT64_C(1) << 56 },
    { ".5", 0x80000000000000 },
    { "1e-1", 0xe6666666666666 },
    { "5E-1", 0x80000000000000 },
    { "0.75", 0x40000000000000 },
    { "1e-300", UINT64_C(1) << 56 },
    { "1.38777878078144567e-17", MAX56 }, /* 2^-56, the least that keeps any */
    { "0.500000000000000000000000000000", 0x80000000000000 },
};

Test(sampler, ratio__thresholds)
{
    for (size_t i = 0; i < OA_COUNT(ratios); i++) {
        struct oa_sampler s;
        uint64_t t = ratios[i].threshold, error;

        oa_sampler_init(&s, OA_ENV_SAMPLER_TRACEIDRATIO, ratios[i].arg);
        error = s.threshold > t ? s.threshold - t : t - s.threshold;
        cr_assert_leq(error, 8, "%s: %llx", ratios[i].arg, (unsigned long long)s.threshold);
        if (t == 0 || t > MAX56)
            continue;
        cr_assert_eq(decide(&s, NULL, s.threshold), OA_SAMPLE_RECORD, "%s", ratios[i].arg);
        cr_assert_eq(decide(&s, NULL, s.threshold - 1), OA_SAMPLE_DROP, "%s", ratios[i].arg);
    }
}

Test(sampler, ratio__monotone_and_fair)
{
    static const char *const args[] = { "0.01", "0.1", "0.3", "0.5", "0.9", "1" };
    static const int percent[] = { 1, 10, 30, 50, 90, 100 };
    struct oa_sampler s[OA_COUNT(args)];
    int kept[OA_COUNT(args)] = { 0 };
    uint64_t id = 1;

    for (size_t i = 0; i < OA_COUNT(args); i++)
        oa_sampler_init(&s[i], OA_ENV_SAMPLER_TRACEIDRATIO, args[i]);
    for (int n = 0; n < 100000; n++) {
        int before = 0;

        id = id * 6364136223846793005u + 1442695040888963407u;
        for (size_t i = 0; i < OA_COUNT(args); i++) {
            int now = decide(&s[i], NULL, id >> 8);

            cr_assert_geq(now, before, "what a smaller share keeps, a larger one keeps");
            kept[i] += before = now;
        }
    }
    for (size_t i = 0; i < OA_COUNT(args); i++)
        cr_assert(abs(kept[i] - percent[i] * 1000) < 700, "%s kept %d", args[i], kept[i]);
}

static const char *const bad_args[] = { "1.1", "-0.5", "2",    "abc", "0.5x", "0,5", "nan",
                                        "inf", "0x1",  "+0.5", ".",   "e-1",  "1e",  "1e+5" };

/* Runs an init; returns how many lines it logged. */
static int count_lines(uint8_t kind, const char *arg, struct oa_sampler *s)
{
    captured.count = 0;
    oa_sampler_init(s, kind, arg);
    return captured.count;
}

Test(sampler, ratio__a_bad_argument_is_said_once_and_means_all)
{
    struct oa_sampler s;

    for (size_t i = 0; i < OA_COUNT(bad_args); i++) {
        cr_assert_eq(count_lines(OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO, bad_args[i], &s), 1, "%s", bad_args[i]);
        cr_assert_eq(s.threshold, 0, "%s", bad_args[i]);
    }
    cr_assert_eq(count_lines(OA_ENV_SAMPLER_PARENTBASED_TRACEIDRATIO, " ", &s), 0, "blank is unset");
    cr_assert_eq(count_lines(OA_ENV_SAMPLER_TRACEIDRATIO, "0.5", &s), 0);
    cr_assert_eq(count_lines(OA_ENV_SAMPLER_ALWAYS_ON, "rubbish", &s), 0, "takes no argument");
}

Test(sampler, jaeger_remote__keeps_its_initial_share)
{
    struct oa_sampler s, ratio;

    oa_sampler_init(&s, OA_ENV_SAMPLER_JAEGER_REMOTE, "");
    oa_sampler_init(&ratio, OA_ENV_SAMPLER_TRACEIDRATIO, "0.001");
    cr_assert_eq(s.threshold, ratio.threshold);
    oa_sampler_init(&s, OA_ENV_SAMPLER_JAEGER_REMOTE, "initialSamplingRate=0.25");
    cr_assert_eq(s.threshold, UINT64_C(0xc0000000000000));
}

/* What a root of this name gets by a strategy, and what is told about it. */
static enum oa_sample decide_named(struct oa_sampler *s, const char *name, uint64_t low, struct oa_sampled_by *by)
{
    uint8_t id[16] = { 0 };

    for (int i = 0; i < 7; i++)
        id[15 - i] = (uint8_t)(low >> (8 * i));
    return oa_sampler_decide(s, &(struct oa_sampler_question){
                                    .trace_id = id, .name = oa_slice_of(name), .ret_by = by });
}

Test(sampler, jaeger_remote__a_strategy_comes_before_the_initial_share)
{
    const struct oa_span_context on = { .flags = OA_FLAG_SAMPLED, .valid = 1 }, off = { .valid = 1 };
    struct oa_strategy strategy = { .kind = OA_STRATEGY_PROBABILISTIC, .probability = 0.5 };
    struct oa_sampled_by by = { .kind = 77 };
    struct oa_sampler s, other;

    oa_sampler_init(&s, OA_ENV_SAMPLER_JAEGER_REMOTE, "initialSamplingRate=0");
    oa_sampler_init(&other, OA_ENV_SAMPLER_TRACEIDRATIO, "0");
    cr_assert_eq(decide_named(&s, "x", MAX56, &by), OA_SAMPLE_DROP);
    cr_assert_eq(by.kind, OA_SAMPLED_BY_NOTHING);
    oa_strategy_put(&strategy);
    cr_assert_eq(decide_named(&s, "x", MAX56 / 2 + 1, &by), OA_SAMPLE_RECORD);
    cr_assert_eq(by.kind, OA_SAMPLED_BY_PROBABILISTIC);
    cr_assert_eq(by.param, 0.5);
    cr_assert_eq(decide_named(&s, "x", MAX56 / 2, &by), OA_SAMPLE_DROP);
    cr_assert_not(oa_sampler_by_name(&s));
    cr_assert_eq(decide(&s, &on, 0), OA_SAMPLE_RECORD, "the parent decides");
    cr_assert_eq(decide(&s, &off, MAX56), OA_SAMPLE_DROP, "the parent decides");
    cr_assert_eq(decide(&other, NULL, MAX56), OA_SAMPLE_DROP, "no other sampler looks at it");
}

Test(sampler, jaeger_remote__a_rate)
{
    struct oa_strategy strategy = { .kind = OA_STRATEGY_RATE_LIMITING, .traces_per_second = 1.0 / 3600 };
    struct oa_sampled_by by;
    struct oa_sampler s;

    oa_sampler_init(&s, OA_ENV_SAMPLER_JAEGER_REMOTE, "initialSamplingRate=0");
    oa_strategy_put(&strategy);
    cr_assert_eq(decide_named(&s, "x", 0, &by), OA_SAMPLE_RECORD, "whatever its randomness");
    cr_assert_eq(by.kind, OA_SAMPLED_BY_RATE_LIMITING);
    cr_assert_eq(by.param, 1.0 / 3600);
    cr_assert_eq(decide_named(&s, "y", MAX56, &by), OA_SAMPLE_DROP, "one an hour, of all names");
}

Test(sampler, jaeger_remote__operations)
{
    struct oa_strategy_operation all = { oa_strategy_name(OA_SLICE("GET /all")), 1 };
    struct oa_strategy strategy = {
        .kind = OA_STRATEGY_OPERATIONS, .traces_per_second = 1.0 / 3600, .operation_count = 1, .operations = &all
    };
    struct oa_sampled_by by;
    struct oa_sampler s;

    oa_sampler_init(&s, OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE, "initialSamplingRate=0");
    oa_strategy_put(&strategy);
    cr_assert(oa_sampler_by_name(&s));
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(decide_named(&s, "GET /all", 0, &by), OA_SAMPLE_RECORD);
        cr_assert_eq(by.kind, OA_SAMPLED_BY_PROBABILISTIC);
        cr_assert_eq(by.param, 1);
    }
    for (int i = 0; i < 3; i++) { /* the least rate is for each name */
        cr_assert_eq(decide_named(&s, "GET /x", 0, &by), i ? OA_SAMPLE_DROP : OA_SAMPLE_RECORD);
        cr_assert_eq(by.kind, i ? OA_SAMPLED_BY_PROBABILISTIC : OA_SAMPLED_BY_LOWER_BOUND);
    }
    cr_assert_eq(decide_named(&s, "GET /y", 0, &by), OA_SAMPLE_RECORD);
    cr_assert_eq(by.param, 1.0 / 3600);
}

/* The lowest id is in no share: what is kept of it is the one of a second. Four seconds may begin while
 * this runs, a fifth would need a machine that stands still. */
Test(sampler, xray__one_a_second_and_a_share)
{
    const struct oa_span_context off = { .valid = 1 };
    struct oa_sampler s;
    int kept = 0;

    oa_sampler_init(&s, OA_ENV_SAMPLER_XRAY, "");
    cr_assert_eq(decide(&s, &off, 0), OA_SAMPLE_DROP, "the parent decides");
    cr_assert_eq(decide(&s, NULL, 0), OA_SAMPLE_RECORD, "the first one");
    for (int i = 0; i < 1000; i++)
        kept += decide(&s, NULL, 0) == OA_SAMPLE_RECORD;
    cr_assert_leq(kept, 4);
    cr_assert_eq(decide(&s, NULL, MAX56), OA_SAMPLE_RECORD, "and 5 % of the others");
    cr_assert_eq(decide(&s, NULL, s.threshold), OA_SAMPLE_RECORD);
}

static enum oa_sample decide_with(struct oa_sampler *s, struct oa_slice tracestate, const uint8_t *id)
{
    return oa_sampler_decide(s, &(struct oa_sampler_question){ .tracestate = tracestate, .trace_id = id });
}

Test(sampler, explicit_randomness_stands_for_the_trace_id)
{
    const uint8_t high[16] = { [9] = 0xff, [10] = 0xff, [15] = 1 };
    struct oa_sampler s;

    oa_sampler_init(&s, OA_ENV_SAMPLER_TRACEIDRATIO, "0.5");
    cr_assert_eq(decide_with(&s, OA_SLICE("a=1"), high), OA_SAMPLE_RECORD);
    cr_assert_eq(decide_with(&s, OA_SLICE("ot=rv:7fffffffffffff"), high), OA_SAMPLE_DROP);
    cr_assert_eq(decide_with(&s, OA_SLICE("ot=rv:80000000000000"), high), OA_SAMPLE_RECORD);
    cr_assert_eq(decide_with(&s, OA_SLICE("ot=rv:8"), high), OA_SAMPLE_RECORD, "unreadable: the id");
}

Test(sampler, init__unknown_kind_is_the_default)
{
    const struct oa_span_context off = { .valid = 1 };
    struct oa_sampler s;

    cr_assert_eq(count_lines(200, "", &s), 1);
    cr_assert_eq(decide(&s, NULL, 0), OA_SAMPLE_RECORD);
    cr_assert_eq(decide(&s, &off, 0), OA_SAMPLE_DROP);
}
