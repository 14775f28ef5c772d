/*
 * The simple processor (otel-environment C.4.2): every span is exported by itself as soon as it is
 * seen, one after the other.
 */
#include <stdlib.h>

#include "sdk/pipeline/outlet.h"

struct oa_simple {
    struct oa_processor base;
    struct oa_outlet outlet;
};

static bool simple_on_span(struct oa_processor *self, const struct oa_record_span *record, size_t bytes)
{
    return oa_outlet_add(&((struct oa_simple *)self)->outlet, record, bytes);
}

static uint64_t simple_tick(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    oa_outlet_export(&((struct oa_simple *)self)->outlet, deadline_mono_ns);
    return UINT64_MAX;
}

static void simple_flush(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    oa_outlet_flush(&((struct oa_simple *)self)->outlet, deadline_mono_ns);
}

static void simple_shutdown(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    struct oa_simple *simple = (struct oa_simple *)self;

    oa_outlet_shutdown(&simple->outlet, deadline_mono_ns);
    free(simple);
}

struct oa_processor *oa_processor_simple_new(const struct oa_processor_setup *setup)
{
    struct oa_simple *simple = calloc(1, sizeof(*simple));

    if (!simple)
        return NULL;
    simple->base = (struct oa_processor){
        .on_span = simple_on_span,
        .tick = simple_tick,
        .flush = simple_flush,
        .shutdown = simple_shutdown,
        .wake_at_items = 1,
    };
    oa_outlet_init(&simple->outlet, setup, 1);
    return &simple->base;
}
