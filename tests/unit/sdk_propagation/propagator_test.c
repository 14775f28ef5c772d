/* SOURCES: sdk/propagation/propagator.c sdk/propagation/id_text.c sdk/propagation/b3.c sdk/propagation/jaeger.c
 * sdk/propagation/xray.c sdk/propagation/ottrace.c sdk/propagation/tracecontext.c sdk/propagation/tracestate.c
 * sdk/propagation/baggage.c preload/base/hex.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "sdk/propagation/propagator.h"

#define PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static const uint8_t both[] = { OA_PROPAGATOR_tracecontext, OA_PROPAGATOR_baggage };
static char memory[1024];

static struct oa_carrier full_carrier(void)
{
    struct oa_carrier c = { .lines = { 1, 1, 1 } };

    c.value[OA_FIELD_TRACEPARENT] = OA_SLICE(PARENT);
    c.value[OA_FIELD_TRACESTATE] = OA_SLICE("t=1");
    c.value[OA_FIELD_BAGGAGE] = OA_SLICE("b=1");
    return c;
}

struct recorder {
    struct oa_setter setter;
    char text[256];
};

static void record(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    struct recorder *r = (struct recorder *)self;
    size_t n = strlen(r->text);
    struct oa_slice name = oa_field_name(field);

    snprintf(r->text + n, sizeof(r->text) - n, "%.*s: %.*s\n", (int)name.len, name.ptr, (int)value.len, value.ptr);
}

/* Extracts with one list, injects with another. */
static void pass(const uint8_t *in, size_t in_count, const uint8_t *out, size_t out_count, struct recorder *r)
{
    struct oa_carrier c = full_carrier();
    struct oa_scratch s = { memory, sizeof(memory), 0 };
    struct oa_context ctx = { .span = { .valid = 0 } };

    r->setter.set = record;
    r->text[0] = '\0';
    oa_propagation_extract(in, in_count, &c, &ctx, &s);
    oa_propagation_inject(out, out_count, &ctx, &r->setter);
}

Test(propagator, registry__complete)
{
    for (int i = 0; i < OA_PROPAGATOR_COUNT; i++) {
        cr_assert_not_null(oa_propagators[i]);
        cr_assert_not_null(oa_propagators[i]->extract);
        cr_assert_not_null(oa_propagators[i]->inject);
        cr_assert_neq(oa_propagators[i]->fields, 0);
    }
    cr_assert_str_eq(oa_propagators[OA_PROPAGATOR_tracecontext]->name, "tracecontext");
    cr_assert_str_eq(oa_propagators[OA_PROPAGATOR_baggage]->name, "baggage");
}

Test(propagator, field_name__rows)
{
    cr_assert(oa_slice_eq(oa_field_name(OA_FIELD_TRACEPARENT), OA_SLICE("traceparent")));
    cr_assert(oa_slice_eq(oa_field_name(OA_FIELD_TRACESTATE), OA_SLICE("tracestate")));
    cr_assert(oa_slice_eq(oa_field_name(OA_FIELD_BAGGAGE), OA_SLICE("baggage")));
    cr_assert_eq(oa_field_name(OA_FIELD_COUNT).len, 0);
}

Test(propagator, composite__all)
{
    struct recorder r;

    pass(both, 2, both, 2, &r);
    cr_assert_str_eq(r.text, "traceparent: " PARENT "\ntracestate: t=1\nbaggage: b=1\n");
}

Test(propagator, composite__order_is_the_list)
{
    static const uint8_t turned[] = { OA_PROPAGATOR_baggage, OA_PROPAGATOR_tracecontext };
    struct recorder r;

    pass(turned, 2, turned, 2, &r);
    cr_assert_str_eq(r.text, "baggage: b=1\ntraceparent: " PARENT "\ntracestate: t=1\n");
}

Test(propagator, composite__one_or_none)
{
    struct recorder r;

    pass(both, 2, both, 1, &r);
    cr_assert_str_eq(r.text, "traceparent: " PARENT "\ntracestate: t=1\n");
    pass(both + 1, 1, both, 2, &r);
    cr_assert_str_eq(r.text, "baggage: b=1\n");
    pass(both, 0, both, 2, &r);
    cr_assert_str_eq(r.text, "");
    pass(both, 2, both, 0, &r);
    cr_assert_str_eq(r.text, "");
}

Test(propagator, composite__unknown_id_is_skipped)
{
    static const uint8_t list[] = { 200, OA_PROPAGATOR_baggage };
    struct recorder r;

    pass(list, 2, list, 2, &r);
    cr_assert_str_eq(r.text, "baggage: b=1\n");
}
