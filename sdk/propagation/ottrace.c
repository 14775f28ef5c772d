/*
 * The headers of the OpenTracing "ot" tracers. They know trace ids of 64 bits: the low half of ours is
 * written, so that a trace which passes such a hop has two ids that end alike.
 */
#include "preload/base/hex.h"
#include "sdk/propagation/baggage.h"
#include "sdk/propagation/formats.h"
#include "sdk/propagation/id_text.h"

#define MEMBERS_MAX 64

static struct oa_slice only_line(const struct oa_carrier *carrier, enum oa_field field)
{
    return carrier->lines[field] == 1 ? oa_slice_trim(carrier->value[field]) : (struct oa_slice){ NULL, 0 };
}

/* Baggage counts only beside a valid span context (unlike W3C's). */
static void extract(const struct oa_carrier *carrier, struct oa_context *ctx, struct oa_scratch *scratch)
{
    struct oa_slice sampled = only_line(carrier, OA_FIELD_OT_SAMPLED);
    struct oa_span_context span;

    if (!oa_id_read_span(&span, only_line(carrier, OA_FIELD_OT_TRACEID), only_line(carrier, OA_FIELD_OT_SPANID)))
        return;
    if (oa_slice_eq(sampled, OA_SLICE("1")) || oa_slice_ieq(sampled, OA_SLICE("true")))
        span.flags = OA_FLAG_SAMPLED;
    oa_context_take(ctx, &span);
    oa_baggage_extract(carrier, OA_FIELD_OT_BAGGAGE, ctx, scratch);
}

static void inject(const struct oa_context *ctx, struct oa_setter *setter)
{
    char text[OA_SPAN_DIGITS];
    bool sampled = ctx->span.flags & OA_FLAG_SAMPLED;

    if (!ctx->span.valid)
        return;
    oa_hex_encode(text, ctx->span.trace_id + 8, 8);
    setter->set(setter, OA_FIELD_OT_TRACEID, (struct oa_slice){ text, sizeof(text) });
    oa_hex_encode(text, ctx->span.span_id, 8);
    setter->set(setter, OA_FIELD_OT_SPANID, (struct oa_slice){ text, sizeof(text) });
    setter->set(setter, OA_FIELD_OT_SAMPLED, sampled ? OA_SLICE("true") : OA_SLICE("false"));
    oa_baggage_set_members(ctx->baggage, OA_FIELD_OT_BAGGAGE, MEMBERS_MAX, setter);
}

static int id_at(enum oa_field field, struct oa_slice value)
{
    uint8_t id[8];

    return field == OA_FIELD_OT_SPANID && value.len == OA_SPAN_DIGITS && oa_id_read(id, 8, value) ? 0 : -1;
}

/* "true" and "false" differ in length: the decision stays the one that came. */
static int retarget(enum oa_field field, char *value, size_t len, const struct oa_span_context *span)
{
    if (id_at(field, (struct oa_slice){ value, len }) < 0)
        return -1;
    oa_hex_encode(value, span->span_id, 8);
    return 0;
}

#define SPAN_FIELDS (1u << OA_FIELD_OT_TRACEID | 1u << OA_FIELD_OT_SPANID | 1u << OA_FIELD_OT_SAMPLED)

const struct oa_propagator oa_propagator_ottrace = {
    .name = "ottrace",
    .fields = SPAN_FIELDS | 1u << OA_FIELD_OT_BAGGAGE,
    .reads = SPAN_FIELDS | 1u << OA_FIELD_OT_BAGGAGE,
    .extract = extract,
    .inject = inject,
    .id_at = id_at,
    .retarget = retarget,
};
