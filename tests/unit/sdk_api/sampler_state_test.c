/* SOURCES: sdk/api/sampler.c sdk/api/strategy.c sdk/propagation/ot_entry.c env/sampler_arg.c env/parse.c env/url.c
 * env/words.c preload/base/log.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "preload/base/compiler.h"
#include "sdk/api/sampler.h"
#include "sdk/propagation/ot_entry.h"

/* The trace id's random bits are 0x40... in all rows. */
static const struct {
    uint8_t kind;
    enum oa_sample decision;
    const char *before, *after;
} states[] = {
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:3,a=1", "ot=th:3,a=1" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:4,a=1", "ot=th:4,a=1" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:5,a=1", "a=1" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_DROP, "ot=th:5,a=1", "ot=th:5,a=1" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_DROP, "ot=th:0", "" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:5;rv:60000000000000",
      "ot=th:5;rv:60000000000000" },
    { OA_ENV_SAMPLER_PARENTBASED_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:3;rv:20000000000000", "ot=rv:20000000000000" },
    { OA_ENV_SAMPLER_ALWAYS_ON, OA_SAMPLE_RECORD, "ot=th:3;rv:60000000000000,a=1", "ot=rv:60000000000000,a=1" },
    { OA_ENV_SAMPLER_TRACEIDRATIO, OA_SAMPLE_RECORD, "a=1,ot=th:3", "a=1" },
    { OA_ENV_SAMPLER_TRACEIDRATIO, OA_SAMPLE_RECORD, "a=1", "a=1" },
    { OA_ENV_SAMPLER_TRACEIDRATIO, OA_SAMPLE_RECORD, "", "" },
};

static void settle(const struct oa_sampler *s, enum oa_sample decision, const struct oa_sampler_question *question,
                   const char *before, char text[128])
{
    struct oa_sampler_state state = { .text = text, .len = strlen(before), .cap = 127 };

    memcpy(text, before, state.len);
    oa_sampler_settle_state(s, decision, question, &state);
    text[state.len] = '\0';
}

Test(sampler_state, a_threshold_that_does_not_hold_is_taken_out)
{
    const struct oa_span_context parent = { .valid = 1 };
    const uint8_t id[16] = { [9] = 0x40 };

    for (size_t i = 0; i < OA_COUNT(states); i++) {
        struct oa_sampler s;
        char text[128];

        oa_sampler_init(&s, states[i].kind, "");
        settle(&s, states[i].decision, &(struct oa_sampler_question){ .parent = &parent, .trace_id = id },
               states[i].before, text);
        cr_assert_str_eq(text, states[i].after, "row %zu", i);
    }
}

/* By the trace id's random bits, 0xd0..., unless the state has others. 'r': no parent, '1' and '0': its flag. */
static const struct {
    uint8_t kind;
    const char *arg;
    char parent;
    const char *before;
    int recorded;
    const char *after;
} consistent[] = {
    /* of our own, whatever the parent's: the flag and its threshold are not asked */
    { OA_ENV_SAMPLER_PROBABILITY, "0.25", 'r', "", 1, "ot=th:c" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.1", 'r', "", 0, "" },
    { OA_ENV_SAMPLER_PROBABILITY, "1", 'r', "", 1, "ot=th:0" },
    { OA_ENV_SAMPLER_PROBABILITY, "0", '1', "ot=th:0,a=1", 0, "a=1" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.25", '1', "a=1,ot=th:8,b=2", 1, "ot=th:c,a=1,b=2" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.25", '0', "a=1", 1, "ot=th:c,a=1" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.1", '1', "a=1,ot=th:8", 0, "a=1" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.1", '1', "ot=rv:e6660000000000", 1, "ot=rv:e6660000000000;th:e666" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.1", '1', "ot=rv:e665ffffffffff", 0, "ot=rv:e665ffffffffff" },
    { OA_ENV_SAMPLER_PROBABILITY, "0.1", '1', "ot=th:8;rv:e665ffffffffff", 0, "ot=rv:e665ffffffffff" },
    /* what the parent decided, and its threshold if that agrees; if it has none, there is none */
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", 'r', "", 1, "ot=th:c" },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", '1', "a=1,ot=th:8", 1, "a=1,ot=th:8" },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", '1', "a=1", 1, "a=1" },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", '1', "ot=th:e", 1, "" },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", '0', "ot=th:e", 0, "ot=th:e" },
    { OA_ENV_SAMPLER_PARENTBASED_PROBABILITY, "0.25", '0', "ot=th:8", 0, "" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.25", 'r', "", 1, "ot=th:c" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.1", 'r', "", 0, "" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.25", '1', "a=1,ot=th:8", 1, "a=1,ot=th:8" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.25", '1', "a=1,ot=th:8;rv:80000000000000", 1,
      "a=1,ot=th:8;rv:80000000000000" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.25", '1', "a=1,ot=th:8;rv:7fffffffffffff", 1, "a=1,ot=rv:7fffffffffffff" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "0.25", '1', "a=1", 1, "a=1" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "1", '0', "a=1", 0, "a=1" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "1", '0', "ot=th:e,a=1", 0, "a=1" },
    { OA_ENV_SAMPLER_PARENT_THRESHOLD, "1", '0', "ot=th:8", 0, "" },
};

Test(sampler_state, statement_99_100__a_threshold_tells_what_was_decided)
{
    const struct oa_span_context on = { .valid = 1, .flags = OA_FLAG_SAMPLED }, off = { .valid = 1 };
    const uint8_t id[16] = { [0] = 0xff, [8] = 0xff, [9] = 0xd0 };

    for (size_t i = 0; i < OA_COUNT(consistent); i++) {
        struct oa_sampler_question question = { .trace_id = id, .tracestate = oa_slice_of(consistent[i].before) };
        struct oa_sampler s;
        enum oa_sample decision;
        char text[128];

        question.parent = consistent[i].parent == 'r' ? NULL : consistent[i].parent == '1' ? &on : &off;
        oa_sampler_init(&s, consistent[i].kind, consistent[i].arg);
        cr_assert(oa_sampler_writes(&s));
        decision = oa_sampler_decide(&s, &question);
        cr_assert_eq(decision, consistent[i].recorded, "row %zu", i);
        settle(&s, decision, &question, consistent[i].before, text);
        cr_assert_str_eq(text, consistent[i].after, "row %zu", i);
    }
}

/* A threshold that is told must be the one that was applied, to the last bit. */
Test(sampler_state, statement_99__decides_by_the_threshold_that_it_writes)
{
    static const char *const shares[] = { "0.3333", "0.1", "0.01", "0.0007", "0.999" };

    for (size_t i = 0; i < OA_COUNT(shares); i++) {
        struct oa_sampler s;
        char text[32];
        size_t len;

        oa_sampler_init(&s, OA_ENV_SAMPLER_PROBABILITY, shares[i]);
        len = oa_ot_entry_write_threshold(text, 0, sizeof(text), s.threshold);
        cr_assert_eq(oa_ot_entry_read((struct oa_slice){ text, len }).threshold, s.threshold, "%s", shares[i]);
        for (int below = 0; below < 2; below++) {
            uint8_t id[16] = { 0 };

            for (int byte = 0; byte < 7; byte++)
                id[15 - byte] = (uint8_t)((s.threshold - (uint64_t)below) >> (8 * byte));
            cr_assert_eq(oa_sampler_decide(&s, &(struct oa_sampler_question){ .trace_id = id }), below == 0);
        }
    }
}
