#include "tests/support/fake_exporter.h"

#include <string.h>

uint64_t fake_now_ns;

uint64_t fake_now(void)
{
    return fake_now_ns;
}

static int fake_export(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct fake_exporter *fake = (struct fake_exporter *)self;

    if (fake->exports < FAKE_EXPORTS_MAX) {
        fake->sizes[fake->exports] = batch->count;
        fake->deadlines[fake->exports] = deadline_mono_ns;
    }
    fake->exports++;
    for (uint32_t i = 0; i < batch->count && fake->spans < FAKE_SPANS_MAX; i++)
        memcpy(&fake->numbers[fake->spans++], batch->spans[i].span_id, sizeof(uint32_t));
    fake_now_ns += fake->takes_ns;
    return fake->result;
}

static int fake_flush(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    (void)deadline_mono_ns;
    ((struct fake_exporter *)self)->flushes++;
    return 0;
}

static int fake_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    (void)deadline_mono_ns;
    ((struct fake_exporter *)self)->shutdowns++;
    return 0;
}

void fake_exporter_init(struct fake_exporter *fake)
{
    memset(fake, 0, sizeof(*fake));
    fake->base.export_spans = fake_export;
    fake->base.force_flush = fake_flush;
    fake->base.shutdown = fake_shutdown;
}
