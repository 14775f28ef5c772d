/* H.5 statement 111, OpenTracing.
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
#define HEAD(trace, span) "ot-tracer-traceid: " trace "\not-tracer-spanid: " span "\n"

static const uint8_t ottrace = OA_PROPAGATOR_ottrace;

static const struct {
    const char *headers, *want;
} rows[] = {
    { HEAD(T, S) "ot-tracer-sampled: true\n", T "-" S " s" },
    { HEAD(T, S) "ot-tracer-sampled: 1\n", T "-" S " s" },
    { HEAD(T, S) "ot-tracer-sampled: false\n", T "-" S " -" },
    { HEAD(T, S), T "-" S " -" },
    { HEAD(LOW, S) "ot-tracer-sampled: true\n", "0000000000000000" LOW "-" S " s" },
    { HEAD("1", "2"), "00000000000000000000000000000001-0000000000000002 -" },
    { HEAD(T, S) "ot-baggage-a: 1\not-baggage-b-c: 2\n", T "-" S " - [a=1,b-c=2]" },
    /* no parent, and then no baggage */
    { "ot-baggage-a: 1\n", "" },
    { HEAD("", S) "ot-baggage-a: 1\n", "" },
    { HEAD(T, ""), "" },
    { HEAD("0", S), "" },
    { HEAD(T, "0"), "" },
    { HEAD(T "0", S), "" },
    { HEAD(T, "00f067aa0ba902bx"), "" },
    { HEAD(T, S) "ot-tracer-spanid: " S "\n", "" },
};

Test(ottrace, statement_111__read)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        cr_assert_str_eq(oa_test_extract(&ottrace, 1, rows[i].headers), rows[i].want, "row %zu: %s", i,
                         rows[i].headers);
}

Test(ottrace, statement_111__the_low_half_is_written)
{
    cr_assert_str_eq(oa_test_inject(&ottrace, 1, OA_PROPAGATOR_ottrace,
                                    HEAD(T, S) "ot-tracer-sampled: 1\not-baggage-a: 1\n"),
                     HEAD(LOW, S) "ot-tracer-sampled: true\not-baggage-a: 1\n");
    cr_assert_str_eq(oa_test_inject(&ottrace, 1, OA_PROPAGATOR_ottrace, HEAD(T, S)),
                     HEAD(LOW, S) "ot-tracer-sampled: false\n");
    cr_assert_str_eq(oa_test_inject(&ottrace, 1, OA_PROPAGATOR_ottrace, "baggage: a=1\n"), "", "no span, no baggage");
}

Test(ottrace, retarget__the_span_id_alone)
{
    cr_assert_str_eq(oa_test_retarget(OA_PROPAGATOR_ottrace, OA_FIELD_OT_SPANID, S, 1), OURS);
    cr_assert_null(oa_test_retarget(OA_PROPAGATOR_ottrace, OA_FIELD_OT_SPANID, "1", 1));
    cr_assert_null(oa_test_retarget(OA_PROPAGATOR_ottrace, OA_FIELD_OT_TRACEID, T, 1));
    cr_assert_null(oa_test_retarget(OA_PROPAGATOR_ottrace, OA_FIELD_OT_SAMPLED, "true", 0));
}
