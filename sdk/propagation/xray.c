/*
 * AWS X-Ray: "Root=1-<8 digits of time>-<24 digits>;Parent=<16 digits>;Sampled=<0|1>", parts in any order,
 * others ignored (Lineage and Self are the balancers' own). The trace id is both runs of digits of Root.
 */
#include "preload/base/hex.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/id_text.h"

#define ROOT_LEN 35 /* "1-", 8, "-", 24 */
#define TIME_DIGITS 8

struct parts {
    struct oa_slice root, parent, sampled;
};

/* A part without "=" spoils the whole. */
static bool split(struct oa_slice text, struct parts *ret)
{
    *ret = (struct parts){ 0 };
    while (text.len) {
        struct oa_slice value = oa_slice_next(&text, ';'), key = oa_slice_trim(oa_slice_next(&value, '='));

        if (!value.ptr)
            return false;
        value = oa_slice_trim(value);
        if (oa_slice_eq(key, OA_SLICE("Root")))
            ret->root = value;
        if (oa_slice_eq(key, OA_SLICE("Parent")))
            ret->parent = value;
        if (oa_slice_eq(key, OA_SLICE("Sampled")))
            ret->sampled = value;
    }
    return true;
}

static bool read_parts(const struct parts *parts, struct oa_span_context *ret)
{
    struct oa_slice root = parts->root, sampled = parts->sampled;
    struct oa_span_context span;
    char digits[OA_TRACE_DIGITS];

    if (root.len != ROOT_LEN || root.ptr[0] != '1' || root.ptr[1] != '-' || root.ptr[2 + TIME_DIGITS] != '-' ||
        parts->parent.len != OA_SPAN_DIGITS)
        return false;
    if (sampled.len > 1 || (sampled.len && *sampled.ptr != '0' && *sampled.ptr != '1'))
        return false; /* "?" asks us to decide: no parent's decision to follow */
    memcpy(digits, root.ptr + 2, TIME_DIGITS);
    memcpy(digits + TIME_DIGITS, root.ptr + 3 + TIME_DIGITS, sizeof(digits) - TIME_DIGITS);
    if (!oa_id_read_span(&span, (struct oa_slice){ digits, sizeof(digits) }, parts->parent))
        return false;
    span.flags = sampled.len && *sampled.ptr == '1' ? OA_FLAG_SAMPLED : 0;
    *ret = span;
    return true;
}

static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    struct oa_span_context span;
    struct parts parts;

    (void)scratch;
    if (carrier->lines[OA_FIELD_XRAY] == 1 && split(carrier->value[OA_FIELD_XRAY], &parts) &&
        read_parts(&parts, &span))
        oa_context_take(ctx, &span);
}

static void inject(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[] = "Root=1-tttttttt-rrrrrrrrrrrrrrrrrrrrrrrr;Parent=pppppppppppppppp;Sampled=s";
    enum { AT_TIME = 7, AT_REST = 16, AT_PARENT = 48 };

    _Static_assert(sizeof(text) == AT_PARENT + OA_SPAN_DIGITS + sizeof(";Sampled=s"), "the offsets above");
    if (!ctx->span.valid)
        return;
    oa_hex_encode(text + AT_TIME, ctx->span.trace_id, TIME_DIGITS / 2);
    oa_hex_encode(text + AT_REST, ctx->span.trace_id + TIME_DIGITS / 2, sizeof(ctx->span.trace_id) - TIME_DIGITS / 2);
    oa_hex_encode(text + AT_PARENT, ctx->span.span_id, sizeof(ctx->span.span_id));
    text[sizeof(text) - 2] = oa_sampled_digit(&ctx->span);
    setter->set(setter, OA_FIELD_XRAY, (struct oa_slice){ text, sizeof(text) - 1 });
}

static int id_at(enum oa_field field, struct oa_slice value)
{
    struct oa_span_context span;
    struct parts parts;

    if (field != OA_FIELD_XRAY || !split(value, &parts) || !read_parts(&parts, &span))
        return -1;
    return (int)(parts.parent.ptr - value.ptr);
}

static int retarget(enum oa_field field, char *value, size_t len, const struct oa_span_context *span)
{
    struct oa_slice text = { value, len };
    struct oa_span_context old;
    struct parts parts;
    size_t first, at;

    if (id_at(field, text) < 0 || !split(text, &parts) || !read_parts(&parts, &old) ||
        memcmp(old.trace_id, span->trace_id, sizeof(old.trace_id)) != 0)
        return -1;
    first = at = (size_t)(parts.parent.ptr - value);
    oa_hex_encode(value + at, span->span_id, sizeof(span->span_id));
    if (parts.sampled.len) {
        at = (size_t)(parts.sampled.ptr - value);
        value[at] = oa_sampled_digit(span);
    }
    return (int)(at < first ? at : first);
}

const struct oa_propagator oa_propagator_xray = {
    .name = "xray",
    .fields = 1u << OA_FIELD_XRAY,
    .reads = 1u << OA_FIELD_XRAY,
    .extract = extract,
    .inject = inject,
    .id_at = id_at,
    .retarget = retarget,
};
