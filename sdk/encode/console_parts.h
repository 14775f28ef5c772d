/* What the JSON of spans and that of metrics have in common. Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_CONSOLE_PARTS_H
#define OA_SDK_ENCODE_CONSOLE_PARTS_H

#include "sdk/encode/json.h"
#include "sdk/model/resource.h"

/* Each a key with its value. */
void oa_console_str(struct oa_json *json, struct oa_slice key, struct oa_slice value);
void oa_console_attributes(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count);
void oa_console_resource(struct oa_json *json, const struct oa_resource *resource);

#endif
