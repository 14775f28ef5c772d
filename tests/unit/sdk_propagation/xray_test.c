/* H.5 statement 111, X-Ray.
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
#define ROOT "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736"
#define NAME "x-amzn-trace-id: "

static const uint8_t xray = OA_PROPAGATOR_xray;

static const struct {
    const char *headers, *want;
} rows[] = {
    { NAME ROOT ";Parent=" S ";Sampled=1\n", T "-" S " s" },
    { NAME ROOT ";Parent=" S ";Sampled=0\n", T "-" S " -" },
    { NAME ROOT ";Parent=" S "\n", T "-" S " -" },
    { NAME "Sampled=1; Parent=" S " ;\t" ROOT "\n", T "-" S " s" },
    { NAME "Self=1-67891234-12456789abcdef012345678;" ROOT ";Parent=" S ";Sampled=1;Lineage=1:a87bd80c:0\n",
      T "-" S " s" },
    { NAME ROOT ";Parent=" S ";Sampled=1;\n", T "-" S " s" },
    /* no parent */
    { NAME ROOT ";Parent=" S ";Sampled=?\n", "" },
    { NAME ROOT ";Parent=" S ";Sampled=10\n", "" },
    { NAME ROOT ";Sampled=1\n", "" },
    { NAME "Parent=" S ";Sampled=1\n", "" },
    { NAME ROOT ";Parent=" S ";Sampled=1;x\n", "" },
    { NAME "Root=2-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=" S ";Sampled=1\n", "" },
    { NAME "Root=1-4bf92f3-577b34da6a3ce929d0e0e4736;Parent=" S ";Sampled=1\n", "" },
    { NAME "Root=1-4bf92f35-77b34da6a3ce929d0e0e473;Parent=" S ";Sampled=1\n", "" },
    { NAME "Root=1-4BF92F35-77b34da6a3ce929d0e0e4736;Parent=" S ";Sampled=1\n", "" },
    { NAME "Root=1-00000000-000000000000000000000000;Parent=" S ";Sampled=1\n", "" },
    { NAME ROOT ";Parent=0000000000000000;Sampled=1\n", "" },
    { NAME ROOT ";Parent=00f067aa0ba902b;Sampled=1\n", "" },
    { NAME "\n", "" },
    { NAME "nothing\n", "" },
    { NAME ROOT ";Parent=" S ";Sampled=1\n" NAME ROOT ";Parent=" S ";Sampled=1\n", "" },
};

Test(xray, statement_111__read)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_str_eq(oa_test_extract(&xray, 1, rows[i].headers), rows[i].want, "row %zu: %s", i, rows[i].headers);
}

Test(xray, statement_111__written)
{
    cr_assert_str_eq(oa_test_inject(&xray, 1, OA_PROPAGATOR_xray, NAME "Sampled=1;Parent=" S ";" ROOT "\n"),
                     NAME ROOT ";Parent=" S ";Sampled=1\n");
    cr_assert_str_eq(oa_test_inject(&xray, 1, OA_PROPAGATOR_xray, NAME ROOT ";Parent=" S ";Sampled=0\n"),
                     NAME ROOT ";Parent=" S ";Sampled=0\n");
    cr_assert_str_eq(oa_test_inject(&xray, 1, OA_PROPAGATOR_xray, ""), "");
}

static const struct {
    uint8_t flags;
    const char *value, *want;
} targets[] = {
    { 1, ROOT ";Parent=" S ";Sampled=0", ROOT ";Parent=" OURS ";Sampled=1" },
    { 0, "Sampled=1;Parent=" S ";" ROOT, "Sampled=0;Parent=" OURS ";" ROOT },
    { 1, ROOT ";Parent=" S, ROOT ";Parent=" OURS },
    { 1, ROOT ";Sampled=1", NULL },
    { 1, "Root=1-5bf92f35-77b34da6a3ce929d0e0e4736;Parent=" S ";Sampled=1", NULL },
};

Test(xray, retarget__rows)
{
    for (size_t i = 0; i < OA_COUNT(targets); i++) {
        const char *got = oa_test_retarget(OA_PROPAGATOR_xray, OA_FIELD_XRAY, targets[i].value, targets[i].flags);

        if (targets[i].want)
            cr_assert_str_eq(got, targets[i].want, "row %zu", i);
        else
            cr_assert_null(got, "row %zu", i);
    }
}
