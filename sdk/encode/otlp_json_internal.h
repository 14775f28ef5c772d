/* What spans, metrics and log records in OTLP/JSON have in common. Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_OTLP_JSON_INTERNAL_H
#define OA_SDK_ENCODE_OTLP_JSON_INTERNAL_H

#include "sdk/encode/json.h"
#include "sdk/model/resource.h"

/* A request, up to and behind its scopes: {RESOURCES: [{"resource": ..., SCOPES: [...]}]}. Close: as
 * oa_json_finish(). */
void oa_otlp_json_open(struct oa_json *json, struct oa_arena *arena, const struct oa_resource *resource,
                       struct oa_slice resources, struct oa_slice scopes);
int oa_otlp_json_close(struct oa_json *json, struct oa_slice *ret_text) OA_MUST_CHECK;

/* Up to and behind the items of a scope: {"scope": ..., ITEMS: [...]}. */
void oa_otlp_json_scope_open(struct oa_json *json, uint8_t scope, struct oa_slice items);
void oa_otlp_json_scope_close(struct oa_json *json);

/* Each a key with its value. 64-bit integers are strings of digits. */
void oa_otlp_json_u64(struct oa_json *json, struct oa_slice key, uint64_t value);
void oa_otlp_json_attrs(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count);

/* Nothing if count is 0. */
void oa_otlp_json_dropped(struct oa_json *json, struct oa_slice key, uint32_t count);
/* Events and links, with what was left out of them (otlp_json_extras.c). */
void oa_otlp_json_extras(struct oa_json *json, const struct oa_span_extras *extras);

/* A double, those that JSON has no word for as text. */
void oa_otlp_json_double(struct oa_json *json, double value);
/* A 64-bit integer as a value of its own. */
void oa_otlp_json_digits(struct oa_json *json, int64_t value);

#endif
