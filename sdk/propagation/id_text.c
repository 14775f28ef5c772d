#include "sdk/propagation/id_text.h"

#include "preload/base/hex.h"

bool oa_id_read(uint8_t *out, size_t bytes, struct oa_slice digits)
{
    char text[OA_TRACE_DIGITS];
    uint8_t any = 0;

    if (bytes > sizeof(text) / 2 || digits.len == 0 || digits.len > 2 * bytes)
        return false;
    memset(text, '0', sizeof(text));
    memcpy(text + 2 * bytes - digits.len, digits.ptr, digits.len);
    if (!oa_hex_decode(out, text, bytes))
        return false;
    for (size_t i = 0; i < bytes; i++)
        any |= out[i];
    return any != 0;
}

bool oa_id_read_span(struct oa_span_context *ret, struct oa_slice trace, struct oa_slice span)
{
    *ret = (struct oa_span_context){ .valid = 1, .remote = 1 };
    return oa_id_read(ret->trace_id, sizeof(ret->trace_id), trace) &&
           oa_id_read(ret->span_id, sizeof(ret->span_id), span);
}

void oa_context_take(struct oa_context *ctx, const struct oa_span_context *span)
{
    bool same = ctx->span.valid && memcmp(ctx->span.trace_id, span->trace_id, sizeof(span->trace_id)) == 0 &&
                memcmp(ctx->span.span_id, span->span_id, sizeof(span->span_id)) == 0;
    uint8_t random = same ? ctx->span.flags & OA_FLAG_RANDOM : 0;

    if (!same)
        ctx->tracestate = (struct oa_slice){ NULL, 0 };
    ctx->span = *span;
    ctx->span.flags |= random;
}
