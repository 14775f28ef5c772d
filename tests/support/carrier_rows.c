#include "tests/support/carrier_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "preload/base/hex.h"

static char memory[32768], lists[OA_FIELD_COUNT][16384], text[32768];

static bool is_prefix(int field)
{
    return oa_fields_by_prefix & 1u << field;
}

static void add_line(struct oa_carrier *c, struct oa_slice name, struct oa_slice value)
{
    for (int f = 0; f < OA_FIELD_COUNT; f++) {
        struct oa_slice want = oa_field_name((enum oa_field)f), rest = { NULL, 0 };
        size_t n = strlen(lists[f]);

        if (is_prefix(f) ? name.len <= want.len || !oa_slice_starts(name, want) : !oa_slice_eq(name, want))
            continue;
        if (is_prefix(f))
            rest = (struct oa_slice){ name.ptr + want.len, name.len - want.len };
        snprintf(lists[f] + n, sizeof(lists[f]) - n, "%s%.*s%s%.*s", c->lines[f] ? "," : "", (int)rest.len,
                 rest.ptr ? rest.ptr : "", is_prefix(f) ? "=" : "", (int)value.len, value.ptr);
        c->lines[f]++;
        c->value[f] = oa_slice_of(lists[f]);
        return;
    }
    abort(); /* a row that names no field tests nothing */
}

static struct oa_carrier carrier(const char *headers)
{
    struct oa_slice rest = oa_slice_of(headers);
    struct oa_carrier c;

    memset(&c, 0, sizeof(c));
    memset(lists, 0, sizeof(lists));
    while (rest.len) {
        struct oa_slice value = oa_slice_next(&rest, '\n'), name = oa_slice_next(&value, ':');

        add_line(&c, name, oa_slice_trim(value));
    }
    return c;
}

const char *oa_test_extract(const uint8_t *list, size_t count, const char *headers)
{
    struct oa_carrier c = carrier(headers);
    struct oa_scratch scratch = { memory, sizeof(memory), 0 };
    struct oa_context ctx = { .span = { .valid = 0 } };
    char trace[33] = "", span[17] = "";

    oa_propagation_extract(list, count, &c, &ctx, &scratch);
    text[0] = '\0';
    if (ctx.span.valid) {
        oa_hex_encode(trace, ctx.span.trace_id, 16);
        oa_hex_encode(span, ctx.span.span_id, 8);
        snprintf(text, sizeof(text), "%s-%s %s%s%s%s", trace, span, ctx.span.flags & OA_FLAG_SAMPLED ? "s" : "",
                 ctx.span.flags & OA_FLAG_RANDOM ? "r" : "", ctx.span.debug ? "d" : "",
                 ctx.span.flags || ctx.span.debug ? "" : "-");
        if (!ctx.span.remote)
            abort();
    }
    for (int i = 0; i < 2; i++) {
        struct oa_slice l = i ? ctx.baggage : ctx.tracestate;
        size_t n = strlen(text);

        if (l.len)
            snprintf(text + n, sizeof(text) - n, "%s[%.*s]", n ? " " : "", (int)l.len, l.ptr);
    }
    return text;
}

struct recorder {
    struct oa_setter setter;
    char text[32768];
};

static void record(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    struct recorder *r = (struct recorder *)self;
    struct oa_slice name = oa_field_name(field), key = { "", 0 };
    size_t n = strlen(r->text);

    if (is_prefix(field))
        key = oa_slice_next(&value, '=');
    snprintf(r->text + n, sizeof(r->text) - n, "%.*s%.*s: %.*s\n", (int)name.len, name.ptr, (int)key.len, key.ptr,
             (int)value.len, value.ptr ? value.ptr : "");
}

const char *oa_test_inject(const uint8_t *list, size_t count, enum oa_propagator_id from, const char *headers)
{
    static struct recorder r;
    const uint8_t in[] = { (uint8_t)from, OA_PROPAGATOR_baggage };
    struct oa_carrier c = carrier(headers);
    struct oa_scratch scratch = { memory, sizeof(memory), 0 };
    struct oa_context ctx = { .span = { .valid = 0 } };

    r.setter.set = record;
    r.text[0] = '\0';
    oa_propagation_extract(in, 2, &c, &ctx, &scratch);
    oa_propagation_inject(list, count, &ctx, &r.setter);
    return r.text;
}

const char *oa_test_retarget(enum oa_propagator_id id, enum oa_field field, const char *value, uint8_t flags)
{
    struct oa_span_context span = { .valid = 1, .flags = flags };
    int at;

    if (!oa_hex_decode(span.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736", 16) ||
        !oa_hex_decode(span.span_id, "b7ad6b7169203331", 8))
        abort();
    snprintf(text, sizeof(text), "%s", value);
    at = oa_propagators[id]->retarget(field, text, strlen(text), &span);
    if (at < 0 && strcmp(text, value) != 0)
        abort();
    if (at >= 0 && strncmp(text, value, (size_t)at) != 0)
        abort();
    return at < 0 ? NULL : text;
}
