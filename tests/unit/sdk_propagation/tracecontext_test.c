/* SOURCES: sdk/propagation/tracecontext.c sdk/propagation/tracestate.c preload/base/hex.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "preload/base/compiler.h"
#include "preload/base/hex.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/tracecontext.h"
#include "tests/support/guard_page.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define PARENT "00-" TRACE "-" SPAN "-01"

static const uint8_t trace_id[16] = { 0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                                      0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36 };
static const uint8_t span_id[8] = { 0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7 };

/* flags -1: invalid. */
static const struct {
    const char *text;
    int flags;
} parents[] = {
    { PARENT, 1 },
    { "00-" TRACE "-" SPAN "-00", 0 },
    { "00-" TRACE "-" SPAN "-02", 2 },
    { "00-" TRACE "-" SPAN "-03", 3 },
    { "00-" TRACE "-" SPAN "-ff", 3 }, /* unknown bits are not carried */
    { "00-" TRACE "-" SPAN "-fc", 0 },
    { " \t" PARENT "\t ", 1 },
    { PARENT "-", -1 },
    { PARENT "-what", -1 },
    { PARENT "0", -1 },
    { PARENT "," PARENT, -1 },
    { "ff-" TRACE "-" SPAN "-01", -1 },
    { "cc-" TRACE "-" SPAN "-01", 1 },
    { "cc-" TRACE "-" SPAN "-01-", 1 },
    { "cc-" TRACE "-" SPAN "-01-what-the-future-will-be-like", 1 },
    { "cc-" TRACE "-" SPAN "-01.what-the-future-will-be-like", -1 },
    { "cc-" TRACE "-" SPAN "-010", -1 },
    { "01-" TRACE "-" SPAN "-01", 1 },
    { "01-" TRACE "-" SPAN "-09-tail", 1 },
    { "FF-" TRACE "-" SPAN "-01", -1 },
    { "0A-" TRACE "-" SPAN "-01", -1 },
    { ".0-" TRACE "-" SPAN "-01", -1 },
    { "0.-" TRACE "-" SPAN "-01", -1 },
    { "0-" TRACE "-" SPAN "-01", -1 },
    { "000-" TRACE "-" SPAN "-01", -1 },
    { "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", -1 },
    { "00-" TRACE "-00F067AA0BA902B7-01", -1 },
    { "00-" TRACE "-" SPAN "-0A", -1 },
    { "00-.bf92f3577b34da6a3ce929d0e0e4736-" SPAN "-01", -1 },
    { "00-" TRACE "-.0f067aa0ba902b7-01", -1 },
    { "00-" TRACE "-" SPAN "-.1", -1 },
    { "00-" TRACE "-" SPAN "-1.", -1 },
    { "00-" TRACE "-" SPAN "-1", -1 },
    { "00-" TRACE "-" SPAN "-001", -1 },
    { "00-00000000000000000000000000000000-" SPAN "-01", -1 },
    { "00-" TRACE "-0000000000000000-01", -1 },
    { "00_" TRACE "-" SPAN "-01", -1 },
    { "00-" TRACE "_" SPAN "-01", -1 },
    { "00-" TRACE "-" SPAN "_01", -1 },
    { "00-" TRACE " " SPAN "-01", -1 },
    { "00-bf92f3577b34da6a3ce929d0e0e4736-" SPAN "-01", -1 },
    { "00-" TRACE "-0f067aa0ba902b7-01", -1 },
    { "", -1 },
    { " ", -1 },
    { "00", -1 },
    { "-------------------------------------------------------", -1 },
};

Test(tracecontext, parse__rows)
{
    for (size_t i = 0; i < OA_COUNT(parents); i++) {
        struct oa_span_context ctx = { .debug = 77 };
        bool ok = oa_traceparent_parse(oa_slice_of(parents[i].text), &ctx);

        cr_assert_eq(ok, parents[i].flags >= 0, "row %zu: %s", i, parents[i].text);
        if (!ok) {
            cr_assert_eq(ctx.debug, 77, "row %zu touched its result", i);
            continue;
        }
        cr_assert_eq(ctx.flags, parents[i].flags, "row %zu: %s", i, parents[i].text);
        cr_assert(ctx.valid && ctx.remote);
        cr_assert_arr_eq(ctx.trace_id, trace_id, sizeof(trace_id));
        cr_assert_arr_eq(ctx.span_id, span_id, sizeof(span_id));
    }
}

Test(tracecontext, parse__every_prefix_on_a_guard_page)
{
    static const char text[] = "cc-" TRACE "-" SPAN "-01-tail";

    for (size_t n = 0; n < sizeof(text); n++) {
        struct oa_span_context ctx;
        struct oa_slice part = { oa_guard_page_copy(text, n), n };

        cr_assert_eq(oa_traceparent_parse(part, &ctx), n >= OA_TRACEPARENT_LEN && n < sizeof(text), "%zu bytes", n);
    }
    oa_guard_page_free();
}

Test(tracecontext, parse__every_byte_wrong)
{
    char text[] = PARENT;

    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        for (int c = 0; c < 256; c++) {
            struct oa_span_context ctx;
            bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            bool dash = i == 2 || i == 35 || i == 52;

            text[i] = (char)c;
            if (dash ? c != '-' : !hex)
                cr_assert_not(oa_traceparent_parse(oa_slice_of(text), &ctx), "byte %zu = %d", i, c);
        }
        text[i] = PARENT[i];
    }
}

Test(tracecontext, format__writes_what_was_read)
{
    struct oa_span_context ctx;
    char out[OA_TRACEPARENT_LEN + 1] = { 0 };

    cr_assert(oa_traceparent_parse(OA_SLICE(PARENT), &ctx));
    oa_traceparent_format(out, &ctx);
    cr_assert_str_eq(out, PARENT);
    ctx.flags = 0xff;
    oa_traceparent_format(out, &ctx);
    cr_assert_str_eq(out, "00-" TRACE "-" SPAN "-03");
}

static char memory[2048];

static struct oa_scratch scratch(void)
{
    return (struct oa_scratch){ memory, sizeof(memory), 0 };
}

static struct oa_carrier carrier(const char *parent, int parent_lines, const char *state)
{
    struct oa_carrier c = { .lines = { 0 } };

    c.value[OA_FIELD_TRACEPARENT] = oa_slice_of(parent);
    c.lines[OA_FIELD_TRACEPARENT] = (uint8_t)parent_lines;
    c.value[OA_FIELD_TRACESTATE] = oa_slice_of(state);
    c.lines[OA_FIELD_TRACESTATE] = state ? 1 : 0;
    return c;
}

Test(tracecontext, extract__both_fields)
{
    struct oa_carrier c = carrier(PARENT, 1, "a=1 , b=2");
    struct oa_context ctx = { .span = { .valid = 0 } };
    struct oa_scratch s = scratch();

    oa_propagator_tracecontext.extract(&c, &ctx, &s);
    cr_assert(ctx.span.valid);
    cr_assert(oa_slice_eq(ctx.tracestate, OA_SLICE("a=1,b=2")));
    cr_assert_eq(ctx.tracestate.ptr, memory);
    cr_assert_eq(s.len, 7);
}

Test(tracecontext, extract__bad_state_keeps_the_parent)
{
    struct oa_carrier c = carrier(PARENT, 1, "a=1,B=2");
    struct oa_context ctx = { .tracestate = OA_SLICE("old=1") };
    struct oa_scratch s = scratch();

    oa_propagator_tracecontext.extract(&c, &ctx, &s);
    cr_assert(ctx.span.valid);
    cr_assert_eq(ctx.tracestate.len, 0, "a tracestate of another parent must not stay");
}

Test(tracecontext, extract__nothing_valid_leaves_the_context)
{
    /* Two lines are no valid parent, even if the joined text looked right. */
    struct oa_carrier rows[] = {
        carrier("00-" TRACE "-" SPAN, 1, "a=1"),
        carrier(PARENT, 2, "a=1"),
        carrier(PARENT "," PARENT, 2, "a=1"),
        carrier(NULL, 0, "a=1"),
        carrier(PARENT, 0, NULL),
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_context ctx = { .span = { .flags = 1, .valid = 1 }, .tracestate = OA_SLICE("old=1") };
        struct oa_context before = ctx;
        struct oa_scratch s = scratch();

        oa_propagator_tracecontext.extract(&rows[i], &ctx, &s);
        cr_assert_eq(memcmp(&ctx, &before, sizeof(ctx)), 0, "row %zu", i);
        cr_assert_eq(s.len, 0);
    }
}

struct recorder {
    struct oa_setter setter;
    char text[256];
};

static void record(struct oa_setter *self, enum oa_field field, struct oa_slice value)
{
    struct recorder *r = (struct recorder *)self;
    size_t n = strlen(r->text);

    snprintf(r->text + n, sizeof(r->text) - n, "%d:%.*s;", (int)field, (int)value.len, value.ptr);
}

Test(tracecontext, inject__both_fields_in_order)
{
    struct recorder r = { .setter = { record } };
    struct oa_context ctx = { .tracestate = OA_SLICE("a=1") };

    cr_assert(oa_traceparent_parse(OA_SLICE(PARENT), &ctx.span));
    oa_propagator_tracecontext.inject(&ctx, &r.setter);
    cr_assert_str_eq(r.text, "0:" PARENT ";1:a=1;");
}

Test(tracecontext, inject__no_empty_state)
{
    struct recorder r = { .setter = { record } };
    struct oa_context ctx = { .tracestate = { NULL, 0 } };

    cr_assert(oa_traceparent_parse(OA_SLICE(PARENT), &ctx.span));
    oa_propagator_tracecontext.inject(&ctx, &r.setter);
    cr_assert_str_eq(r.text, "0:" PARENT ";");
}

Test(tracecontext, inject__nothing_for_an_invalid_span)
{
    struct recorder r = { .setter = { record } };
    struct oa_context ctx = { .tracestate = OA_SLICE("a=1") };

    oa_propagator_tracecontext.inject(&ctx, &r.setter);
    cr_assert_str_eq(r.text, "");
}

#define OURS "b7ad6b7169203331"

/* want NULL: left as it is. */
static const struct {
    const char *value, *want;
} targets[] = {
    { PARENT, "00-" TRACE "-" OURS "-01" },
    { "00-" TRACE "-" SPAN "-00", "00-" TRACE "-" OURS "-01" },
    { "01-" TRACE "-" SPAN "-ff", "01-" TRACE "-" OURS "-01" },
    { "ff-" TRACE "-" SPAN "-01", NULL },
    { "00-5bf92f3577b34da6a3ce929d0e0e4736-" SPAN "-01", NULL },
    { "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", NULL },
    { "00-" TRACE "-0000000000000000-01", NULL },
    { "00-" TRACE "-00f067aa0ba902B7-01", NULL },
    { "00-" TRACE "-" SPAN "-0x", NULL },
    { "00-" TRACE "-" SPAN "_01", NULL },
    { "00-" TRACE "_" SPAN "-01", NULL },
    { "00_" TRACE "-" SPAN "-01", NULL },
    { PARENT " ", NULL },
    { "01-" TRACE "-" SPAN "-01-x", NULL },
    { "00-" TRACE "-" SPAN "-0", NULL },
    { "", NULL },
};

Test(tracecontext, retarget__rows)
{
    struct oa_span_context span = { .valid = 1, .flags = 1 };

    memcpy(span.trace_id, trace_id, sizeof(trace_id));
    cr_assert(oa_hex_decode(span.span_id, OURS, sizeof(span.span_id)));
    for (size_t i = 0; i < OA_COUNT(targets); i++) {
        const char *value = targets[i].value, *want = targets[i].want ? targets[i].want : value;
        size_t len = strlen(value);
        char *text = oa_guard_page_copy(value, len);
        int at = oa_propagator_tracecontext.retarget(OA_FIELD_TRACEPARENT, text, len, &span);

        cr_assert_eq(at, targets[i].want ? 36 : -1, "%s", value);
        cr_assert(len == 0 || memcmp(text, want, len) == 0, "%s", value);
        cr_assert_eq(oa_propagator_tracecontext.retarget(OA_FIELD_TRACESTATE, text, len, &span), -1);
        oa_guard_page_free();
    }
}
