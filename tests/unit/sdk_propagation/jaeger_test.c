/* H.5 statement 111, Jaeger.
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
static const uint8_t jaeger = OA_PROPAGATOR_jaeger;

static const struct {
    const char *headers, *want;
} rows[] = {
    { "uber-trace-id: " T ":" S ":0:1\n", T "-" S " s" },
    { "uber-trace-id: " T ":" S ":0:0\n", T "-" S " -" },
    { "uber-trace-id: " T ":" S ":0:3\n", T "-" S " s" },
    { "uber-trace-id: " T ":" S ":0:2\n", T "-" S " -" },
    { "uber-trace-id: " T ":" S ":0:09\n", T "-" S " s" },
    { "uber-trace-id: " T ":" S ":" OURS ":1\n", T "-" S " s" },
    { "uber-trace-id: 1:2:0:1\n", "00000000000000000000000000000001-0000000000000002 s" },
    { "uber-trace-id: " T "%3A" S "%3a0%3A1\n", T "-" S " s" },
    { "uber-trace-id: " T ":" S ":0:1\nuberctx-a: 1\nuberctx-b: x%20y\n", T "-" S " s [a=1,b=x%20y]" },
    { "uber-trace-id: " T ":" S ":0:1\njaeger-baggage: a=1, b=2\n", T "-" S " s [a=1,b=2]" },
    { "uberctx-a: 1\n", "[a=1]" },
    { "jaeger-baggage: a=1\nuberctx-b: 2\n", "[b=2]" },
    /* no parent */
    { "uber-trace-id: 0:2:0:1\n", "" },
    { "uber-trace-id: 1:0:0:1\n", "" },
    { "uber-trace-id: 1:2:0\n", "" },
    { "uber-trace-id: 1:2:0:1:1\n", "" },
    { "uber-trace-id: 1:2:0:1:\n", "" },
    { "uber-trace-id: 1:2::1\n", "" },
    { "uber-trace-id: 1:2:0:\n", "" },
    { "uber-trace-id: 1:2:0:x\n", "" },
    { "uber-trace-id: 1:2:0:100\n", "" },
    { "uber-trace-id: " T "0:" S ":0:1\n", "" },
    { "uber-trace-id: " T ":" S "0:0:1\n", "" },
    { "uber-trace-id: x:2:0:1\n", "" },
    { "uber-trace-id: \n", "" },
    { "uber-trace-id: 1%3A2\n", "" },
    { "uber-trace-id: 1:2:0:1\nuber-trace-id: 1:2:0:1\n", "" },
};

Test(jaeger, statement_111__read)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_str_eq(oa_test_extract(&jaeger, 1, rows[i].headers), rows[i].want, "row %zu: %s", i,
                         rows[i].headers);
}

Test(jaeger, statement_111__written)
{
    cr_assert_str_eq(oa_test_inject(&jaeger, 1, OA_PROPAGATOR_jaeger, "uber-trace-id: 1:2:3:f\n"),
                     "uber-trace-id: 00000000000000000000000000000001:0000000000000002:0:1\n");
    cr_assert_str_eq(oa_test_inject(&jaeger, 1, OA_PROPAGATOR_jaeger, "uber-trace-id: " T ":" S ":0:0\n"),
                     "uber-trace-id: " T ":" S ":0:0\n");
    cr_assert_str_eq(oa_test_inject(&jaeger, 1, OA_PROPAGATOR_jaeger, "baggage: a=1;meta, b=x%20y, c=\n"),
                     "uberctx-a: 1\nuberctx-b: x%20y\nuberctx-c: \n");
    cr_assert_str_eq(oa_test_inject(&jaeger, 1, OA_PROPAGATOR_jaeger, ""), "");
}

static const struct {
    uint8_t flags;
    const char *value, *want;
} targets[] = {
    { 1, T ":" S ":0:1", T ":" OURS ":0:1" },
    { 0, T ":" S ":0:1", T ":" OURS ":0:0" },
    { 1, T ":" S ":0:0", T ":" OURS ":0:1" },
    { 1, T ":" S ":" S ":0a", T ":" OURS ":" S ":0b" },
    { 1, T ":2:0:1", NULL }, /* no room for sixteen digits */
    { 1, "1:" S ":0:1", NULL },
    { 1, T "%3A" S "%3A0%3A1", NULL },
};

Test(jaeger, retarget__rows)
{
    for (size_t i = 0; i < OA_COUNT(targets); i++) {
        const char *got =
            oa_test_retarget(OA_PROPAGATOR_jaeger, OA_FIELD_UBER_TRACE_ID, targets[i].value, targets[i].flags);

        if (targets[i].want)
            cr_assert_str_eq(got, targets[i].want, "row %zu", i);
        else
            cr_assert_null(got, "row %zu", i);
    }
}
