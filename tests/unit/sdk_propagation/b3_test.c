/* H.5 statement 110: single and multi are read in both modes, single first; debug survives; short ids are padded.
 * SOURCES:
 * sdk/propagation/propagator.c sdk/propagation/id_text.c sdk/propagation/b3.c sdk/propagation/jaeger.c
 * sdk/propagation/xray.c sdk/propagation/ottrace.c sdk/propagation/tracecontext.c sdk/propagation/tracestate.c
 * sdk/propagation/baggage.c preload/base/hex.c tests/support/carrier_rows.c */
#include <criterion/criterion.h>

#include "preload/base/compiler.h"
#include "tests/support/carrier_rows.h"

#define T "4bf92f3577b34da6a3ce929d0e0e4736"
#define S "00f067aa0ba902b7"
#define OURS "b7ad6b7169203331"
#define LOW "a3ce929d0e0e4736"
#define PADDED "0000000000000000" LOW
#define MULTI(trace, span) "x-b3-traceid: " trace "\nx-b3-spanid: " span "\n"

static const struct {
    const char *headers, *want;
} rows[] = {
    { "b3: " T "-" S "-1\n", T "-" S " s" },
    { "b3: " T "-" S "-0\n", T "-" S " -" },
    { "b3: " T "-" S "-d\n", T "-" S " sd" },
    { "b3: " T "-" S "\n", T "-" S " -" }, /* the decision is left to us */
    { "b3: " T "-" S "-1-05e3ac9a4f6e3b90\n", T "-" S " s" },
    { "b3: " LOW "-" S "-1\n", PADDED "-" S " s" },
    { "b3: " T "-" S "-x\n", T "-" S " -" },
    { MULTI(T, S) "x-b3-sampled: 1\n", T "-" S " s" },
    { MULTI(T, S) "x-b3-sampled: true\n", T "-" S " s" },
    { MULTI(T, S) "x-b3-sampled: 0\n", T "-" S " -" },
    { MULTI(T, S) "x-b3-sampled: false\n", T "-" S " -" },
    { MULTI(T, S), T "-" S " -" },
    { MULTI(LOW, S) "x-b3-sampled: 1\n", PADDED "-" S " s" },
    { MULTI(T, S) "x-b3-flags: 1\n", T "-" S " sd" },
    { MULTI(T, S) "x-b3-flags: 0\nx-b3-sampled: 1\n", T "-" S " s" },
    /* single first, multi where the single one is no good */
    { "b3: " T "-" S "-0\n" MULTI(LOW, OURS) "x-b3-sampled: 1\n", T "-" S " -" },
    { "b3: 1\n" MULTI(T, S) "x-b3-sampled: 1\n", T "-" S " s" },
    /* no parent */
    { "b3: 0\n", "" },
    { "b3: d\n", "" },
    { "b3: \n", "" },
    { "b3: " T "\n", "" },
    { "b3: " T "-" S "-1-05e3ac9a4f6e3b90-1\n", "" },
    { "b3: 4BF92F3577B34DA6A3CE929D0E0E4736-" S "-1\n", "" },
    { "b3: 00000000000000000000000000000000-" S "-1\n", "" },
    { "b3: " T "-0000000000000000-1\n", "" },
    { "b3: " T "-" S "-1\nb3: " T "-" S "-1\n", "" },
    { "b3: 4bf92f3577b34da6a3ce929d0e0e473-" S "-1\n", "" },
    { "b3: " T "-00f067aa0ba902b-1\n", "" },
    { "x-b3-traceid: " T "\n", "" },
    { "x-b3-spanid: " S "\n", "" },
    { "x-b3-sampled: 1\n", "" },
    { MULTI("abc", S), "" },
    { MULTI(T, "00f067aa0ba902bg"), "" },
    { MULTI(T, S) "x-b3-spanid: " S "\n", "" },
};

Test(b3, statement_110__both_forms_are_read_in_both_modes)
{
    static const uint8_t modes[] = { OA_PROPAGATOR_b3, OA_PROPAGATOR_b3multi };

    for (size_t m = 0; m < 2; m++)
        for (size_t i = 0; i < OA_COUNT(rows); i++)
            cr_assert_str_eq(oa_test_extract(&modes[m], 1, rows[i].headers), rows[i].want, "mode %zu, row %zu: %s", m,
                             i, rows[i].headers);
}

static const struct {
    const char *headers, *single, *multi;
} written[] = {
    { "b3: " T "-" S "-1\n", "b3: " T "-" S "-1\n", MULTI(T, S) "x-b3-sampled: 1\n" },
    { "b3: " T "-" S "-0\n", "b3: " T "-" S "-0\n", MULTI(T, S) "x-b3-sampled: 0\n" },
    { "b3: " T "-" S "-d\n", "b3: " T "-" S "-d\n", MULTI(T, S) "x-b3-flags: 1\n" },
    { "b3: " LOW "-" S "-1-" OURS "\n", "b3: " PADDED "-" S "-1\n", MULTI(PADDED, S) "x-b3-sampled: 1\n" },
    { MULTI(T, S) "x-b3-flags: 1\n", "b3: " T "-" S "-d\n", MULTI(T, S) "x-b3-flags: 1\n" },
    { "b3: 1\n", "", "" },
};

Test(b3, statement_110__the_configured_form_is_written_and_no_parent_of_the_parent)
{
    static const uint8_t single = OA_PROPAGATOR_b3, multi = OA_PROPAGATOR_b3multi;

    for (size_t i = 0; i < OA_COUNT(written); i++) {
        cr_assert_str_eq(oa_test_inject(&single, 1, OA_PROPAGATOR_b3, written[i].headers), written[i].single);
        cr_assert_str_eq(oa_test_inject(&multi, 1, OA_PROPAGATOR_b3, written[i].headers), written[i].multi);
    }
}

static const struct {
    enum oa_field field;
    uint8_t flags;
    const char *value, *want;
} targets[] = {
    { OA_FIELD_B3, 1, T "-" S "-1", T "-" OURS "-1" },
    { OA_FIELD_B3, 0, T "-" S "-1", T "-" OURS "-0" },
    { OA_FIELD_B3, 1, T "-" S "-0", T "-" OURS "-1" },
    { OA_FIELD_B3, 0, T "-" S "-d", T "-" OURS "-d" },
    { OA_FIELD_B3, 1, T "-" S, T "-" OURS },
    { OA_FIELD_B3, 1, T "-" S "-1-" S, T "-" OURS "-1-" S },
    { OA_FIELD_B3, 1, "b" LOW "-" S "-1", NULL },
    { OA_FIELD_B3, 1, "b3ce929d0e0e4736b3ce929d0e0e4736-" S "-1", NULL }, /* another trace */
    { OA_FIELD_B3, 1, "1", NULL },
    { OA_FIELD_B3_SPANID, 1, S, OURS },
    { OA_FIELD_B3_SPANID, 1, "0", NULL },
    { OA_FIELD_B3_SAMPLED, 0, "1", "0" },
    { OA_FIELD_B3_SAMPLED, 1, "0", "1" },
    { OA_FIELD_B3_SAMPLED, 1, "true", NULL },
    { OA_FIELD_B3_TRACEID, 1, T, NULL },
    { OA_FIELD_B3_FLAGS, 1, "1", NULL },
};

Test(b3, retarget__rows)
{
    for (size_t i = 0; i < OA_COUNT(targets); i++) {
        const char *got = oa_test_retarget(OA_PROPAGATOR_b3, targets[i].field, targets[i].value, targets[i].flags);

        if (targets[i].want)
            cr_assert_str_eq(got, targets[i].want, "row %zu", i);
        else
            cr_assert_null(got, "row %zu", i);
    }
}
