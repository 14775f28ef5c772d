/*
 * Zipkin's B3, in one header or in several. Whichever is configured, both are read, the single one first;
 * the configured one is written. The parent's parent (X-B3-ParentSpanId, the fourth part) is never used: a
 * span of ours has an id of its own.
 */
#include "preload/base/hex.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/id_text.h"

#define READS                                                                                               \
    (1u << OA_FIELD_B3 | 1u << OA_FIELD_B3_TRACEID | 1u << OA_FIELD_B3_SPANID | 1u << OA_FIELD_B3_SAMPLED | \
     1u << OA_FIELD_B3_FLAGS)

/* B3 knows trace ids of 64 bits and of 128 bits, and nothing between. */
static bool read_ids(struct oa_span_context *ret, struct oa_slice trace, struct oa_slice span)
{
    if ((trace.len != OA_TRACE_DIGITS && trace.len != OA_TRACE_DIGITS / 2) || span.len != OA_SPAN_DIGITS)
        return false;
    return oa_id_read_span(ret, trace, span);
}

static void set_debug(struct oa_span_context *span)
{
    span->debug = 1;
    span->flags |= OA_FLAG_SAMPLED;
}

/* "trace-span[-state[-parent]]"; a state alone names no parent. No state leaves the decision to us, which
 * here means: not sampled, as an unknown state does. */
static bool read_single(struct oa_slice text, struct oa_span_context *ret)
{
    struct oa_slice rest = text, trace = oa_slice_next(&rest, '-'), span = oa_slice_next(&rest, '-');
    struct oa_slice state = oa_slice_next(&rest, '-');
    struct oa_span_context ctx;

    (void)oa_slice_next(&rest, '-');
    if (rest.ptr || !read_ids(&ctx, trace, span))
        return false;
    if (oa_slice_eq(state, OA_SLICE("1")))
        ctx.flags = OA_FLAG_SAMPLED;
    if (oa_slice_eq(state, OA_SLICE("d")))
        set_debug(&ctx);
    *ret = ctx;
    return true;
}

static struct oa_slice only_line(const struct oa_carrier *carrier, enum oa_field field)
{
    return carrier->lines[field] == 1 ? oa_slice_trim(carrier->value[field]) : (struct oa_slice){ NULL, 0 };
}

static bool read_multi(const struct oa_carrier *carrier, struct oa_span_context *ret)
{
    struct oa_slice sampled = only_line(carrier, OA_FIELD_B3_SAMPLED);

    if (!read_ids(ret, only_line(carrier, OA_FIELD_B3_TRACEID), only_line(carrier, OA_FIELD_B3_SPANID)))
        return false;
    if (oa_slice_eq(sampled, OA_SLICE("1")) || oa_slice_ieq(sampled, OA_SLICE("true")))
        ret->flags = OA_FLAG_SAMPLED;
    if (oa_slice_eq(only_line(carrier, OA_FIELD_B3_FLAGS), OA_SLICE("1")))
        set_debug(ret);
    return true;
}

static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    struct oa_span_context span;

    (void)scratch;
    if (read_single(only_line(carrier, OA_FIELD_B3), &span) || read_multi(carrier, &span))
        oa_context_take(ctx, &span);
}

static void inject_single(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[OA_TRACE_DIGITS + 1 + OA_SPAN_DIGITS + 2];

    if (!ctx->span.valid)
        return;
    oa_hex_encode(text, ctx->span.trace_id, sizeof(ctx->span.trace_id));
    oa_hex_encode(text + OA_TRACE_DIGITS + 1, ctx->span.span_id, sizeof(ctx->span.span_id));
    text[OA_TRACE_DIGITS] = text[sizeof(text) - 2] = '-';
    text[sizeof(text) - 1] = ctx->span.debug ? 'd' : oa_sampled_digit(&ctx->span);
    setter->set(setter, OA_FIELD_B3, (struct oa_slice){ text, sizeof(text) });
}

/* Debug implies the decision: it is not written beside it. */
static void inject_multi(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[OA_TRACE_DIGITS];
    char sampled = oa_sampled_digit(&ctx->span);

    if (!ctx->span.valid)
        return;
    oa_hex_encode(text, ctx->span.trace_id, sizeof(ctx->span.trace_id));
    setter->set(setter, OA_FIELD_B3_TRACEID, (struct oa_slice){ text, OA_TRACE_DIGITS });
    oa_hex_encode(text, ctx->span.span_id, sizeof(ctx->span.span_id));
    setter->set(setter, OA_FIELD_B3_SPANID, (struct oa_slice){ text, OA_SPAN_DIGITS });
    if (ctx->span.debug)
        setter->set(setter, OA_FIELD_B3_FLAGS, OA_SLICE("1"));
    else
        setter->set(setter, OA_FIELD_B3_SAMPLED, (struct oa_slice){ &sampled, 1 });
}

static int id_at(enum oa_field field, struct oa_slice value)
{
    struct oa_span_context span;

    if (field == OA_FIELD_B3 && read_single(value, &span))
        return value.ptr[OA_TRACE_DIGITS / 2] == '-' ? OA_TRACE_DIGITS / 2 + 1 : OA_TRACE_DIGITS + 1;
    if (field == OA_FIELD_B3_SPANID && value.len == OA_SPAN_DIGITS && oa_id_read(span.span_id, 8, value))
        return 0;
    return -1;
}

static int retarget_single(char *value, size_t len, const struct oa_span_context *span)
{
    int at = id_at(OA_FIELD_B3, (struct oa_slice){ value, len });
    struct oa_span_context old;

    if (at < 0 || !read_single((struct oa_slice){ value, len }, &old) ||
        memcmp(old.trace_id, span->trace_id, sizeof(old.trace_id)) != 0)
        return -1;
    oa_hex_encode(value + at, span->span_id, sizeof(span->span_id));
    at += (int)OA_SPAN_DIGITS;
    if (len > (size_t)at + 1 && (value[at + 1] == '0' || value[at + 1] == '1'))
        value[at + 1] = oa_sampled_digit(span);
    return at - (int)OA_SPAN_DIGITS;
}

static int retarget(enum oa_field field, char *value, size_t len, const struct oa_span_context *span)
{
    if (field == OA_FIELD_B3)
        return retarget_single(value, len, span);
    if (id_at(field, (struct oa_slice){ value, len }) == 0) {
        oa_hex_encode(value, span->span_id, sizeof(span->span_id));
        return 0;
    }
    if (field != OA_FIELD_B3_SAMPLED || len != 1)
        return -1;
    *value = oa_sampled_digit(span);
    return 0;
}

const struct oa_propagator oa_propagator_b3 = {
    .name = "b3",
    .fields = 1u << OA_FIELD_B3,
    .reads = READS,
    .extract = extract,
    .inject = inject_single,
    .id_at = id_at,
    .retarget = retarget,
};

const struct oa_propagator oa_propagator_b3multi = {
    .name = "b3multi",
    .fields =
        1u << OA_FIELD_B3_TRACEID | 1u << OA_FIELD_B3_SPANID | 1u << OA_FIELD_B3_SAMPLED | 1u << OA_FIELD_B3_FLAGS,
    .reads = READS,
    .extract = extract,
    .inject = inject_multi,
    .id_at = id_at,
    .retarget = retarget,
};
