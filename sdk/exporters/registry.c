#include "sdk/exporters/exporter.h"

#include <stddef.h>

static const struct oa_exporter_type exporter_types[] = {
#define EXPORTER(id, word, signals) { word, oa_exporter_##id##_new },
#include "sdk/exporters/exporters.def"
#undef EXPORTER
};
_Static_assert(OA_COUNT(exporter_types) <= UINT8_MAX, "ids travel as uint8_t");

const struct oa_exporter_type *oa_exporter_type(uint8_t id)
{
    return id < OA_COUNT(exporter_types) ? &exporter_types[id] : NULL;
}
