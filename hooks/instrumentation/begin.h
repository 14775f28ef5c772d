/*
 * What every kind of operation needs when it starts for good: trace id, flags, sampling and span id,
 * in the order of the specification (SDK, span creation). Built once from the environment.
 */
#ifndef OA_BEGIN_H
#define OA_BEGIN_H

#include "hooks/instrumentation/op.h"

/* What is looked at for every request: without a call. Constant after init. */
extern struct oa_begin_settings {
    bool public_endpoint; /* OTEL_AUTO_PUBLIC_ENDPOINT: the contexts that clients send are not continued */
    bool hides_contexts;  /* and are not shown to the program either: requests may be tagged */
    bool http_events;     /* OTEL_AUTO_HTTP_EVENTS */
} oa_begin_settings;

void oa_begin_init(void);

/* Fills op->self from op->parent, and decides op->recording. enabled: the instrumentation's switch. name: of the
 * span that will be recorded, looked at if oa_begin_by_name().
 * With OTEL_SDK_DISABLED self becomes the parent's context: it flows on unchanged. */
void oa_begin_span(struct oa_op *op, bool enabled, struct oa_slice name);

/* Does the name of a span below this parent decide whether it is recorded? */
bool oa_begin_by_name(const struct oa_span_context *parent);

/* What else begins with a span. */
struct oa_begin_state {
    char *text; /* the tracestate that goes with the parent, and then with the span */
    size_t *len;
    size_t cap; /* how long it may become; below *len: never longer than it is */
    struct oa_slice name;
    struct oa_sampled_by *by; /* NULL: nobody wants to know */
    bool moot;                /* it is for its ids only */
};

/* The same for a span without an operation. True if it is recorded, sampled or not. */
bool oa_begin_context(struct oa_span_context *self, const struct oa_span_context *parent, uint32_t slot,
                      struct oa_begin_state state);

/* The same for a span that was begun by another program of this process: ids and decision stand in self, what is left
 * is its tracestate. */
void oa_begin_again(const struct oa_span_context *self, const struct oa_span_context *parent,
                    struct oa_begin_state state);

/* Does the sampler write into tracestates? Then they need room. */
bool oa_begin_writes_state(void);

/* May requests be tagged on their way in? */
bool oa_begin_can_tag(void);

#endif
