/* SOURCES: sdk/propagation/tracecontext.c sdk/propagation/tracestate.c sdk/propagation/propagator.c
 * sdk/propagation/id_text.c sdk/propagation/b3.c sdk/propagation/jaeger.c sdk/propagation/xray.c
 * sdk/propagation/ottrace.c sdk/propagation/baggage.c preload/base/hex.c */
/*
 * The input is a traceparent up to its first line feed, then a tracestate (and baggage). Properties:
 * what is read is written back the same, also through all propagators at once; a normalised
 * tracestate is short, of printable text, and normal already.
 */
#include "sdk/propagation/tracecontext.h"

#include <stdint.h>

#include "preload/base/limits.h"
#include "sdk/propagation/tracestate.h"
#include "tests/fuzz/must.h"

static void fuzz_parent(struct oa_slice text)
{
    struct oa_span_context first, second;
    char out[OA_TRACEPARENT_LEN];

    if (!oa_traceparent_parse(text, &first))
        return;
    must(first.valid && first.remote && first.flags <= 3);
    oa_traceparent_format(out, &first);
    must(oa_traceparent_parse((struct oa_slice){ out, sizeof(out) }, &second));
    must(memcmp(&first, &second, sizeof(first)) == 0);
}

static void fuzz_state(struct oa_slice text, size_t cap)
{
    char one[1024], two[1024];
    struct oa_scratch a = { one, cap, 0 }, b = { two, sizeof(two), 0 };
    struct oa_slice list = oa_tracestate_normalise(text, &a);

    must(list.len == a.len && list.len <= cap && list.len <= OA_TRACESTATE_MAX && list.len <= text.len);
    for (size_t i = 0; i < list.len; i++)
        must(list.ptr[i] >= ' ' && list.ptr[i] <= '~');
    must(oa_slice_eq(oa_tracestate_normalise(list, &b), list));
}

/* Catches what is injected as the carrier of the next hop. */
struct catcher {
    struct oa_setter setter;
    struct oa_carrier carrier;
    char text[OA_FIELD_COUNT][OA_BAGGAGE_MAX];
};

static void catch_field(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    struct catcher *c = (struct catcher *)self;

    must(value.len && value.len <= sizeof(c->text[field]) && c->carrier.lines[field] == 0);
    memcpy(c->text[field], value.ptr, value.len);
    c->carrier.value[field] = (struct oa_slice){ c->text[field], value.len };
    c->carrier.lines[field] = 1;
}

/* A context that went over the wire twice is what it was after the first time. */
static void fuzz_hops(const struct oa_carrier *carrier)
{
    static const uint8_t all[] = { OA_PROPAGATOR_tracecontext, OA_PROPAGATOR_baggage };
    static struct catcher caught;
    static char one[16384], two[16384];
    struct oa_scratch a = { one, sizeof(one), 0 }, b = { two, sizeof(two), 0 };
    struct oa_context first, second;

    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    memset(&caught.carrier, 0, sizeof(caught.carrier));
    caught.setter.set = catch_field;
    oa_propagation_extract(all, sizeof(all), carrier, &first, &a);
    oa_propagation_inject(all, sizeof(all), &first, &caught.setter);
    oa_propagation_extract(all, sizeof(all), &caught.carrier, &second, &b);
    must(memcmp(&first.span, &second.span, sizeof(first.span)) == 0);
    must(oa_slice_eq(first.tracestate, second.tracestate) && oa_slice_eq(first.baggage, second.baggage));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice state = { (const char *)data, size }, parent = oa_slice_next(&state, '\n');
    struct oa_carrier carrier = { .value = { parent, state, state }, .lines = { 1, 1, 1 } };

    fuzz_parent(parent);
    fuzz_state(state, 1024);
    fuzz_state(state, state.len % 64);
    fuzz_hops(&carrier);
    return 0;
}
