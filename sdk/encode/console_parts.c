#include "sdk/encode/console_parts.h"

#include "preload/base/hex.h"
#include "sdk/model/iso_time.h"
#include "sdk/model/utf8.h"

void oa_console_id(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes)
{
    char text[2 + 32] = "0x";

    oa_hex_encode(text + 2, id, bytes);
    oa_json_member_str(json, key, (struct oa_slice){ text, 2 + 2 * bytes });
}

void oa_console_time(struct oa_json *json, struct oa_slice key, uint64_t unix_ns)
{
    char text[OA_ISO_TIME_BYTES];

    oa_json_member_str(json, key, oa_iso_time(text, unix_ns, 6));
}

size_t oa_console_safe(struct oa_buf *buf, struct oa_slice text, size_t chars_max)
{
    size_t chars = 0;

    while (text.len && chars < chars_max) {
        uint32_t code;
        size_t bytes = oa_utf8_next(text, &code);
        bool steers = code < 0x20 || (code >= 0x7f && code <= 0x9f);

        oa_buf_put(buf, steers ? OA_SLICE("?") : (struct oa_slice){ text.ptr, bytes });
        text = (struct oa_slice){ text.ptr + bytes, text.len - bytes };
        chars++;
    }
    return chars;
}

void oa_console_attributes(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count)
{
    oa_json_member_object_open(json, OA_SLICE("attributes"));
    oa_json_members(json, attrs, count);
    oa_json_object_close(json);
}

void oa_console_resource(struct oa_json *json, const struct oa_resource *resource)
{
    oa_json_member_object_open(json, OA_SLICE("resource"));
    oa_console_attributes(json, resource->attrs, resource->attr_count);
    oa_json_member_str(json, OA_SLICE("schema_url"), oa_slice_of(resource->schema_url));
    oa_json_object_close(json);
}
