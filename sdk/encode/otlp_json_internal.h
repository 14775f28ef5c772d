/* What spans, metrics and log records in OTLP/JSON have in common. Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_OTLP_JSON_INTERNAL_H
#define OA_SDK_ENCODE_OTLP_JSON_INTERNAL_H

#include "sdk/encode/json.h"
#include "sdk/model/resource.h"

/* Each a key with its value. 64-bit integers are strings of digits. */
void oa_otlp_json_str(struct oa_json *json, struct oa_slice key, struct oa_slice value);
void oa_otlp_json_u64(struct oa_json *json, struct oa_slice key, uint64_t value);
void oa_otlp_json_hex(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes);
void oa_otlp_json_attrs(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count);
void oa_otlp_json_resource(struct oa_json *json, const struct oa_resource *resource);
void oa_otlp_json_scope(struct oa_json *json, uint8_t scope);

/* Nothing if count is 0. */
void oa_otlp_json_dropped(struct oa_json *json, struct oa_slice key, uint32_t count);
/* Events and links, with what was left out of them (otlp_json_extras.c). */
void oa_otlp_json_extras(struct oa_json *json, const struct oa_span_extras *extras);

/* A double, those that JSON has no word for as text. */
void oa_otlp_json_double(struct oa_json *json, double value);
/* A 64-bit integer as a value of its own. */
void oa_otlp_json_digits(struct oa_json *json, int64_t value);

#endif
