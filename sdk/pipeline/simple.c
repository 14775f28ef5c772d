/*
 * The simple processor (otel-environment C.4.2): every span or log record is exported by itself as soon as it is
 * seen, one after the other.
 */
#include <stdlib.h>

#include "env/env.h"
#include "sdk/pipeline/outlet.h"

bool oa_processor_wants_simple(uint8_t choice, uint8_t exporter)
{
    return choice == OA_ENV_PROCESSOR_SIMPLE ||
           (choice == OA_ENV_PROCESSOR_DEFAULT && exporter == OA_ENV_EXPORTER_console);
}

static uint64_t simple_tick(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    oa_outlet_export_all(oa_outlet_of(self), deadline_mono_ns);
    return UINT64_MAX;
}

static void simple_flush(struct oa_processor *self, uint64_t deadline_mono_ns)
{
    oa_outlet_export_all(oa_outlet_of(self), deadline_mono_ns);
    oa_exporter_flush(oa_outlet_of(self)->setup.exporter, deadline_mono_ns);
}

struct oa_processor *oa_processor_simple_new(const struct oa_processor_setup *setup)
{
    struct oa_outlet *simple = calloc(1, sizeof(*simple));

    if (!simple)
        return NULL;
    oa_outlet_init(simple, setup, 1);
    simple->base = (struct oa_processor){
        .on_record = oa_outlet_on_record,
        .tick = simple_tick,
        .flush = simple_flush,
        .shutdown = oa_outlet_shutdown,
        .wake_after = 1,
        .simple = true,
        .exporter_kind = setup->exporter->kind,
    };
    return &simple->base;
}
