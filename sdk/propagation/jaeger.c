/*
 * Jaeger's own header, "trace:span:parent:flags", and its baggage, one header per member. Values of baggage
 * travel as they came: Jaeger's clients percent-encode them as W3C's do, but for the space, which some write
 * as "+" and we do not touch.
 */
#include "preload/base/hex.h"
#include "sdk/propagation/baggage.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/id_text.h"

#define TEXT_MAX (OA_TRACE_DIGITS + OA_SPAN_DIGITS + OA_SPAN_DIGITS + 2 + 3)
#define MEMBERS_MAX 64 /* as Jaeger's own clients bound them */

struct parts {
    struct oa_slice trace, span, parent, flags;
};

/* Four parts exactly; which of them are good is asked later. */
static bool split(struct oa_slice text, struct parts *ret)
{
    ret->trace = oa_slice_next(&text, ':');
    ret->span = oa_slice_next(&text, ':');
    ret->parent = oa_slice_next(&text, ':');
    ret->flags = oa_slice_next(&text, ':');
    return text.ptr == NULL && ret->parent.len && ret->flags.len;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One or two hexadecimal digits; < 0: something else. */
static int read_flags(struct oa_slice text)
{
    int flags = 0;

    if (text.len > 2)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit(text.ptr[i]) < 0)
            return -1;
        flags = flags * 16 + hex_digit(text.ptr[i]);
    }
    return flags;
}

static bool read_span(struct oa_slice text, struct oa_span_context *ret)
{
    struct oa_span_context span;
    struct parts parts;
    int flags;

    if (!split(text, &parts) || (flags = read_flags(parts.flags)) < 0 ||
        !oa_id_read_span(&span, parts.trace, parts.span))
        return false;
    span.flags = flags & 1 ? OA_FLAG_SAMPLED : 0;
    *ret = span;
    return true;
}

/* Some clients write the colons percent-encoded. */
static struct oa_slice decode_colons(struct oa_slice text, char out[TEXT_MAX])
{
    size_t n = 0;

    if (memchr(text.ptr, ':', text.len))
        return text;
    for (size_t i = 0; i < text.len && n < TEXT_MAX; i++) {
        if (text.len - i >= 3 && text.ptr[i] == '%' && text.ptr[i + 1] == '3' &&
            (text.ptr[i + 2] == 'A' || text.ptr[i + 2] == 'a')) {
            out[n++] = ':';
            i += 2;
        } else {
            out[n++] = text.ptr[i];
        }
    }
    return (struct oa_slice){ out, n };
}

static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    enum oa_field from = carrier->lines[OA_FIELD_UBERCTX] ? OA_FIELD_UBERCTX : OA_FIELD_JAEGER_BAGGAGE;
    struct oa_slice text = oa_slice_trim(carrier->value[OA_FIELD_UBER_TRACE_ID]);
    struct oa_span_context span;
    char decoded[TEXT_MAX];

    if (carrier->lines[OA_FIELD_UBER_TRACE_ID] == 1 && text.len && read_span(decode_colons(text, decoded), &span))
        oa_context_take(ctx, &span);
    oa_baggage_extract(carrier, from, ctx, scratch);
}

static void inject(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[OA_TRACE_DIGITS + 1 + OA_SPAN_DIGITS + 4];

    if (ctx->span.valid) {
        oa_hex_encode(text, ctx->span.trace_id, sizeof(ctx->span.trace_id));
        text[OA_TRACE_DIGITS] = ':';
        oa_hex_encode(text + OA_TRACE_DIGITS + 1, ctx->span.span_id, sizeof(ctx->span.span_id));
        memcpy(text + sizeof(text) - 4, ":0:", 3);
        text[sizeof(text) - 1] = oa_sampled_digit(&ctx->span);
        setter->set(setter, OA_FIELD_UBER_TRACE_ID, (struct oa_slice){ text, sizeof(text) });
    }
    oa_baggage_set_members(ctx->baggage, OA_FIELD_UBERCTX, MEMBERS_MAX, setter);
}

static int id_at(enum oa_field field, struct oa_slice value)
{
    struct oa_span_context span;
    struct parts parts;

    if (field != OA_FIELD_UBER_TRACE_ID || !split(value, &parts) || parts.span.len != OA_SPAN_DIGITS ||
        !read_span(value, &span))
        return -1;
    return (int)(parts.span.ptr - value.ptr);
}

static int retarget(enum oa_field field, char *value, size_t len, const struct oa_span_context *span)
{
    int at = id_at(field, (struct oa_slice){ value, len });
    struct oa_span_context old;
    int digit;

    if (at < 0 || !read_span((struct oa_slice){ value, len }, &old) ||
        memcmp(old.trace_id, span->trace_id, sizeof(old.trace_id)) != 0)
        return -1;
    oa_hex_encode(value + at, span->span_id, sizeof(span->span_id));
    digit = (hex_digit(value[len - 1]) & ~1) | (span->flags & OA_FLAG_SAMPLED ? 1 : 0);
    value[len - 1] = "0123456789abcdef"[digit];
    return at;
}

const struct oa_propagator oa_propagator_jaeger = {
    .name = "jaeger",
    .fields = 1u << OA_FIELD_UBER_TRACE_ID | 1u << OA_FIELD_UBERCTX,
    .reads = 1u << OA_FIELD_UBER_TRACE_ID | 1u << OA_FIELD_UBERCTX | 1u << OA_FIELD_JAEGER_BAGGAGE,
    .extract = extract,
    .inject = inject,
    .id_at = id_at,
    .retarget = retarget,
};
