/*
 * What every kind of operation needs when it starts for good: trace id, flags, sampling and span id,
 * in the order of the specification (SDK, span creation). Built once from the environment.
 */
#ifndef OA_BEGIN_H
#define OA_BEGIN_H

#include "hooks/instrumentation/op.h"

void oa_begin_init(void);

/* Fills op->self from op->parent, and decides op->recording. enabled: the instrumentation's switch.
 * With OTEL_SDK_DISABLED self becomes the parent's context: it flows on unchanged. */
void oa_begin_span(struct oa_op *op, bool enabled);

/* The tracestate that goes with the parent, and then with the span: only ever made shorter. */
struct oa_begin_state {
    char *text;
    size_t *len;
};

/* The same for a span without an operation. True if it is recorded. */
bool oa_begin_context(struct oa_span_context *self, const struct oa_span_context *parent, uint32_t slot,
                      struct oa_begin_state state);

/* May requests be tagged on their way in? */
bool oa_begin_can_tag(void);

#endif
