#include "tests/support/batch_fixture.h"

#include <stdlib.h>

struct oa_resource oa_test_resource(void)
{
    static struct oa_attr_view attrs[] = {
        { .key = OA_SLICE("service.name"), .type = OA_ATTR_STR, .str = OA_SLICE("shop") },
        { .key = OA_SLICE("process.pid"), .type = OA_ATTR_INT, .num = 12 },
    };

    return (struct oa_resource){ .attrs = attrs, .attr_count = OA_COUNT(attrs), .schema_url = OA_SCHEMA_URL };
}

void oa_test_batch_init_encoded(struct oa_batch *batch, struct oa_span_encoder *encoder)
{
    static const struct oa_span_limits limits = { 128, UINT32_MAX, 128, 128, 128, 128 };

    oa_batch_init(batch, 1024, &limits, encoder);
}

void oa_test_batch_init(struct oa_batch *batch)
{
    oa_test_batch_init_encoded(batch, NULL);
}

void oa_test_batch_add(struct oa_batch *batch, const struct oa_test_record *record)
{
    if (oa_batch_append(batch, &record->head.head, record->head.head.used) != 0)
        abort();
}
