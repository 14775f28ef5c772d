/* What spans, metrics and log records on the console have in common. Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_CONSOLE_PARTS_H
#define OA_SDK_ENCODE_CONSOLE_PARTS_H

#include "sdk/encode/json.h"
#include "sdk/model/resource.h"

/* Each a key with its value. */
void oa_console_id(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes); /* at most 16 */
void oa_console_time(struct oa_json *json, struct oa_slice key, uint64_t unix_ns);
void oa_console_attributes(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count);
void oa_console_resource(struct oa_json *json, const struct oa_resource *resource);

/* Text for a terminal: C0, DEL and C1 could steer it, and the text may come from the network. Returns the characters
 * put. */
size_t oa_console_safe(struct oa_buf *buf, struct oa_slice text, size_t chars_max);

#endif
