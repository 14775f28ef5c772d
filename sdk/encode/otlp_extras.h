/*
 * Events and links of a span in OTLP's protobuf: the part of otlp_span.c that few spans need. Inside sdk/encode/
 * only. A max is more than a put will write; puts return where the next member goes.
 */
#ifndef OA_SDK_ENCODE_OTLP_EXTRAS_H
#define OA_SDK_ENCODE_OTLP_EXTRAS_H

#include "preload/base/compiler.h"
#include "sdk/model/span_view.h"

/* Members 11 to 14 of a span. */
OA_COLD size_t oa_otlp_extras_max(const struct oa_span_extras *extras);
OA_COLD uint8_t *oa_otlp_put_extras(uint8_t *at, const struct oa_span_extras *extras);

/* Attributes as member number of a message (otlp_span.c). */
size_t oa_otlp_attributes_max(const struct oa_attr_view *attrs, uint32_t count);
uint8_t *oa_otlp_put_attributes(uint8_t *at, unsigned number, const struct oa_attr_view *attrs, uint32_t count);

#endif
