/* SOURCES: sdk/propagation/tracecontext.c sdk/propagation/tracestate.c sdk/propagation/propagator.c
 * sdk/propagation/id_text.c sdk/propagation/b3.c sdk/propagation/jaeger.c sdk/propagation/xray.c
 * sdk/propagation/ottrace.c sdk/propagation/baggage.c preload/base/hex.c */
/*
 * The input is lines; the first letter of each says which field the rest is a line of ("a" is the first of
 * fields.def). Properties, for every propagator alone and for all at once: what is read survives a hop; a
 * value that is made to name another span keeps its length, and still names the same trace.
 */
#include <stdint.h>

#include "preload/base/hex.h"
#include "preload/base/limits.h"
#include "sdk/propagation/propagator.h"
#include "tests/fuzz/must.h"

#define TEXT_MAX 8192u

static char texts[OA_FIELD_COUNT][TEXT_MAX + 1], injected[OA_FIELD_COUNT][TEXT_MAX + 1];

/* A further line of a field joins what is there after a comma, as the capture of headers does it. */
static void add(struct oa_carrier *c, char (*room)[TEXT_MAX + 1], unsigned field, struct oa_slice value)
{
    size_t len = c->value[field].len;

    if (len + 1 + value.len > TEXT_MAX || c->lines[field] == UINT8_MAX)
        return;
    if (c->lines[field]++)
        room[field][len++] = ',';
    if (value.len)
        memcpy(room[field] + len, value.ptr, value.len);
    c->value[field] = (struct oa_slice){ room[field], len + value.len };
}

struct catcher {
    struct oa_setter setter;
    struct oa_carrier carrier;
};

static void catch_field(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    struct catcher *c = (struct catcher *)self;

    must(value.len > 0 && value.len <= TEXT_MAX);
    must(c->carrier.lines[field] == 0 || (oa_fields_by_prefix & 1u << field));
    for (size_t i = 0; i < value.len; i++)
        must((value.ptr[i] >= ' ' && value.ptr[i] <= '~') || value.ptr[i] == '\t');
    add(&c->carrier, injected, field, value);
}

/* Formats of half the bits or without a flag cannot carry all of it; the parent id is carried by all. */
static void hop(const uint8_t *list, size_t count, const struct oa_carrier *carrier)
{
    static struct catcher caught;
    static char one[32768], two[32768];
    struct oa_scratch a = { one, sizeof(one), 0 }, b = { two, sizeof(two), 0 };
    struct oa_context first, second;

    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    memset(&caught.carrier, 0, sizeof(caught.carrier));
    caught.setter.set = catch_field;
    oa_propagation_extract(list, count, carrier, &first, &a);
    must(a.len <= a.cap && first.span.valid <= 1);
    oa_propagation_inject(list, count, &first, &caught.setter);
    oa_propagation_extract(list, count, &caught.carrier, &second, &b);
    if (!first.span.valid || !second.span.valid)
        return;
    must(memcmp(first.span.span_id, second.span.span_id, 8) == 0);
    must(memcmp(first.span.trace_id + 8, second.span.trace_id + 8, 8) == 0);
    must((first.span.flags & OA_FLAG_SAMPLED) == (second.span.flags & OA_FLAG_SAMPLED));
}

static void retarget(const struct oa_propagator *p, const struct oa_carrier *carrier, unsigned field)
{
    static char copy[TEXT_MAX + 1], memory[32768];
    struct oa_slice value = oa_slice_trim(carrier->value[field]);
    struct oa_scratch scratch = { memory, sizeof(memory), 0 };
    struct oa_carrier changed = *carrier;
    struct oa_context before, after;
    int at;

    memset(&before, 0, sizeof(before));
    memset(&after, 0, sizeof(after));
    p->extract(carrier, &before, &scratch);
    must(value.len < sizeof(copy));
    if (value.len)
        memcpy(copy, value.ptr, value.len);
    struct oa_span_context span = before.span;

    memset(span.span_id, 0x5a, sizeof(span.span_id));
    at = p->id_at((enum oa_field)field, value);
    must(at < 0 || (size_t)at + 16 <= value.len);
    at = p->retarget((enum oa_field)field, copy, value.len, &span);
    must(at >= 0 || value.len == 0 || memcmp(copy, value.ptr, value.len) == 0);
    must(at < 0 || (size_t)at < value.len);
    if (at < 0 || !before.span.valid || carrier->lines[field] != 1)
        return;
    changed.value[field] = (struct oa_slice){ copy, value.len };
    scratch.len = 0;
    p->extract(&changed, &after, &scratch);
    must(after.span.valid && memcmp(after.span.trace_id, before.span.trace_id, 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice rest = { (const char *)data, size };
    struct oa_carrier carrier;
    uint8_t all[OA_PROPAGATOR_COUNT];

    memset(&carrier, 0, sizeof(carrier));
    while (rest.len) {
        struct oa_slice line = oa_slice_next(&rest, '\n');
        unsigned field = line.len ? (unsigned char)line.ptr[0] - 'a' : OA_FIELD_COUNT;

        if (field < OA_FIELD_COUNT)
            add(&carrier, texts, field, (struct oa_slice){ line.ptr + 1, line.len - 1 });
    }
    for (unsigned p = 0; p < OA_PROPAGATOR_COUNT; p++) {
        all[p] = (uint8_t)p;
        hop(&all[p], 1, &carrier);
        for (unsigned f = 0; oa_propagators[p]->retarget && f < OA_FIELD_COUNT; f++)
            retarget(oa_propagators[p], &carrier, f);
    }
    hop(all, OA_PROPAGATOR_COUNT, &carrier);
    return 0;
}
