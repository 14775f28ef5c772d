#include "sdk/propagation/tracecontext.h"

#include "preload/base/hex.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/tracestate.h"

/* "VV-<32>-<16>-FF": where the parts stand. */
enum { AT_TRACE = 3, AT_SPAN = 36, AT_FLAGS = 53 };

static bool all_zero(const uint8_t *bytes, size_t n)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++)
        any |= bytes[i];
    return any == 0;
}

/* Version 00 is exactly 55 characters; a later version may go on after a dash (3.2.4, versioning). */
static bool shape_ok(struct oa_slice text)
{
    uint8_t version;

    if (text.len < OA_TRACEPARENT_LEN || !oa_hex_decode(&version, text.ptr, 1) || version == 0xff)
        return false;
    if (text.ptr[2] != '-' || text.ptr[AT_SPAN - 1] != '-' || text.ptr[AT_FLAGS - 1] != '-')
        return false;
    return text.len == OA_TRACEPARENT_LEN || (version != 0 && text.ptr[OA_TRACEPARENT_LEN] == '-');
}

bool oa_traceparent_parse(struct oa_slice text, struct oa_span_context *ret_ctx)
{
    struct oa_span_context ctx = { .valid = 1, .remote = 1 };

    text = oa_slice_trim(text);
    if (!shape_ok(text) || !oa_hex_decode(ctx.trace_id, text.ptr + AT_TRACE, sizeof(ctx.trace_id)) ||
        !oa_hex_decode(ctx.span_id, text.ptr + AT_SPAN, sizeof(ctx.span_id)) ||
        !oa_hex_decode(&ctx.flags, text.ptr + AT_FLAGS, 1))
        return false;
    if (all_zero(ctx.trace_id, sizeof(ctx.trace_id)) || all_zero(ctx.span_id, sizeof(ctx.span_id)))
        return false;
    ctx.flags &= OA_FLAG_SAMPLED | OA_FLAG_RANDOM;
    *ret_ctx = ctx;
    return true;
}

void oa_traceparent_format(char out[OA_TRACEPARENT_LEN], const struct oa_span_context *ctx)
{
    uint8_t flags = ctx->flags & (OA_FLAG_SAMPLED | OA_FLAG_RANDOM);

    out[0] = out[1] = '0';
    out[2] = out[AT_SPAN - 1] = out[AT_FLAGS - 1] = '-';
    oa_hex_encode(out + AT_TRACE, ctx->trace_id, sizeof(ctx->trace_id));
    oa_hex_encode(out + AT_SPAN, ctx->span_id, sizeof(ctx->span_id));
    oa_hex_encode(out + AT_FLAGS, &flags, 1);
}

/* Two traceparent lines contradict each other: neither is believed. The tracestate belongs to the
 * traceparent, so it is replaced with it, and is not even read without it. */
static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    struct oa_slice state = { NULL, 0 };

    if (carrier->lines[OA_FIELD_TRACEPARENT] != 1 ||
        !oa_traceparent_parse(carrier->value[OA_FIELD_TRACEPARENT], &ctx->span))
        return;
    if (carrier->lines[OA_FIELD_TRACESTATE])
        state = oa_tracestate_normalise(carrier->value[OA_FIELD_TRACESTATE], scratch);
    ctx->tracestate = state;
}

static void inject(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[OA_TRACEPARENT_LEN];

    if (!ctx->span.valid)
        return;
    oa_traceparent_format(text, &ctx->span);
    setter->set(setter, OA_FIELD_TRACEPARENT, (struct oa_slice){ text, sizeof(text) });
    if (ctx->tracestate.len)
        setter->set(setter, OA_FIELD_TRACESTATE, ctx->tracestate);
}

static int id_at(enum oa_field field, struct oa_slice value)
{
    struct oa_span_context span;

    if (field != OA_FIELD_TRACEPARENT || value.len != OA_TRACEPARENT_LEN || !oa_traceparent_parse(value, &span))
        return -1;
    return AT_SPAN;
}

/* Every request with a context comes by: of the trace id, no more is looked at than whether it is ours. */
static int retarget(enum oa_field field, char *value, size_t len, const struct oa_span_context *span)
{
    char out[OA_TRACEPARENT_LEN];
    uint8_t id[sizeof(span->span_id)], flags;

    if (field != OA_FIELD_TRACEPARENT || len != OA_TRACEPARENT_LEN || !shape_ok((struct oa_slice){ value, len }))
        return -1;
    oa_traceparent_format(out, span);
    if (memcmp(value + AT_TRACE, out + AT_TRACE, AT_SPAN - AT_TRACE) != 0 ||
        !oa_hex_decode(id, value + AT_SPAN, sizeof(id)) || all_zero(id, sizeof(id)) ||
        !oa_hex_decode(&flags, value + AT_FLAGS, 1))
        return -1;
    memcpy(value + AT_SPAN, out + AT_SPAN, sizeof(out) - AT_SPAN);
    return AT_SPAN;
}

const struct oa_propagator oa_propagator_tracecontext = {
    .name = "tracecontext",
    .fields = 1u << OA_FIELD_TRACEPARENT | 1u << OA_FIELD_TRACESTATE,
    .reads = 1u << OA_FIELD_TRACEPARENT | 1u << OA_FIELD_TRACESTATE,
    .extract = extract,
    .inject = inject,
    .id_at = id_at,
    .retarget = retarget,
};
