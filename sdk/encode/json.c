#include "sdk/encode/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "preload/base/err.h"
#include "preload/base/hex.h"
#include "sdk/model/span_view.h"
#include "sdk/model/utf8.h"

#define ID_BYTES_MAX 16u

void oa_json_init(struct oa_json *json, struct oa_arena *arena, unsigned indent)
{
    *json = (struct oa_json){ .indent = indent };
    oa_buf_init(&json->buf, arena);
}

static void json_newline(struct oa_json *json)
{
    if (!json->indent)
        return;
    oa_buf_put(&json->buf, OA_SLICE("\n"));
    oa_buf_fill(&json->buf, ' ', (size_t)json->depth * json->indent);
}

/* What stands before a key, or before a value that has none. */
static void json_before_item(struct oa_json *json)
{
    uint32_t bit = 1u << (json->depth % OA_JSON_DEPTH_MAX);

    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->has_item & bit)
        oa_buf_put(&json->buf, json->indent ? OA_SLICE(",") : OA_SLICE(", "));
    json->has_item |= bit;
    if (json->depth)
        json_newline(json);
}

static void json_open(struct oa_json *json, struct oa_slice bracket)
{
    json_before_item(json);
    oa_buf_put(&json->buf, bracket);
    if (json->depth + 1 >= OA_JSON_DEPTH_MAX) {
        json->buf.err = OA_EFULL;
        return;
    }
    json->depth++;
    json->has_item &= ~(1u << json->depth);
}

static void json_close(struct oa_json *json, struct oa_slice bracket)
{
    bool had_item = json->has_item & (1u << json->depth);

    if (json->depth)
        json->depth--;
    if (had_item)
        json_newline(json);
    oa_buf_put(&json->buf, bracket);
}

void oa_json_object_open(struct oa_json *json)
{
    json_open(json, OA_SLICE("{"));
}

void oa_json_object_close(struct oa_json *json)
{
    json_close(json, OA_SLICE("}"));
}

void oa_json_array_open(struct oa_json *json)
{
    json_open(json, OA_SLICE("["));
}

void oa_json_array_close(struct oa_json *json)
{
    json_close(json, OA_SLICE("]"));
}

static void json_escape(struct oa_buf *buf, uint32_t code)
{
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, letter of its escape */

    for (size_t i = 0; i + 1 < sizeof(shorts); i += 2) {
        if (code == (uint8_t)shorts[i]) {
            oa_buf_fmt(buf, "\\%c", shorts[i + 1]);
            return;
        }
    }
    if (code < 0x10000)
        oa_buf_fmt(buf, "\\u%04x", code);
    else
        oa_buf_fmt(buf, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
}

static bool json_is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void json_quote(struct oa_buf *buf, struct oa_slice value)
{
    oa_buf_put(buf, OA_SLICE("\""));
    while (value.len) {
        size_t plain = 0, bytes = 0;
        uint32_t code;

        while (plain < value.len && json_is_plain(value.ptr[plain]))
            plain++;
        oa_buf_put(buf, (struct oa_slice){ value.ptr, plain });
        value = (struct oa_slice){ value.ptr + plain, value.len - plain };
        if (!value.len)
            break;
        bytes = oa_utf8_next(value, &code);
        json_escape(buf, code);
        value = (struct oa_slice){ value.ptr + bytes, value.len - bytes };
    }
    oa_buf_put(buf, OA_SLICE("\""));
}

void oa_json_key(struct oa_json *json, struct oa_slice key)
{
    json_before_item(json);
    json_quote(&json->buf, key);
    oa_buf_put(&json->buf, OA_SLICE(": "));
    json->after_key = true;
}

void oa_json_str(struct oa_json *json, struct oa_slice value)
{
    json_before_item(json);
    json_quote(&json->buf, value);
}

void oa_json_digits(struct oa_json *json, struct oa_slice digits)
{
    json_before_item(json);
    oa_buf_put(&json->buf, digits);
}

void oa_json_int(struct oa_json *json, int64_t value)
{
    json_before_item(json);
    oa_buf_fmt(&json->buf, "%lld", (long long)value);
}

void oa_json_bool(struct oa_json *json, bool value)
{
    json_before_item(json);
    oa_buf_put(&json->buf, value ? OA_SLICE("true") : OA_SLICE("false"));
}

void oa_json_null(struct oa_json *json)
{
    json_before_item(json);
    oa_buf_put(&json->buf, OA_SLICE("null"));
}

void oa_json_member_object_open(struct oa_json *json, struct oa_slice key)
{
    oa_json_key(json, key);
    oa_json_object_open(json);
}

void oa_json_member_array_open(struct oa_json *json, struct oa_slice key)
{
    oa_json_key(json, key);
    oa_json_array_open(json);
}

void oa_json_member_str(struct oa_json *json, struct oa_slice key, struct oa_slice value)
{
    oa_json_key(json, key);
    oa_json_str(json, value);
}

void oa_json_member_int(struct oa_json *json, struct oa_slice key, int64_t value)
{
    oa_json_key(json, key);
    oa_json_int(json, value);
}

void oa_json_member_bool(struct oa_json *json, struct oa_slice key, bool value)
{
    oa_json_key(json, key);
    oa_json_bool(json, value);
}

void oa_json_member_hex(struct oa_json *json, struct oa_slice key, const uint8_t *id, size_t bytes)
{
    char text[2 * ID_BYTES_MAX];

    oa_hex_encode(text, id, bytes);
    oa_json_member_str(json, key, (struct oa_slice){ text, 2 * bytes });
}

void oa_json_member_null(struct oa_json *json, struct oa_slice key)
{
    oa_json_key(json, key);
    oa_json_null(json);
}

struct json_digits {
    char digits[20]; /* significant ones, no trailing zeros */
    int count;
    int point; /* where the decimal point stands: 0.digits * 10^point */
};

/* The fewest digits that read back as the same number. printf and strtod agree about the decimal
 * point of the host's locale; here it is only skipped. */
static struct json_digits json_shortest(double value)
{
    struct json_digits d = { .count = 0 };
    char text[48];
    const char *at;

    for (int precision = 0; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (at = text; *at && *at != 'e'; at++)
        if (*at >= '0' && *at <= '9' && d.count < (int)sizeof(d.digits))
            d.digits[d.count++] = *at;
    d.point = (*at ? (int)strtol(at + 1, NULL, 10) : 0) + 1;
    while (d.count > 1 && d.digits[d.count - 1] == '0')
        d.count--;
    return d;
}

static void json_put_digits(struct oa_buf *buf, const struct json_digits *d, int from, int to)
{
    int have = to < d->count ? to : d->count;

    if (have > from)
        oa_buf_put(buf, (struct oa_slice){ d->digits + from, (size_t)(have - from) });
    if (to > (have > from ? have : from))
        oa_buf_fill(buf, '0', (size_t)(to - (have > from ? have : from)));
}

static void json_put_double(struct oa_buf *buf, const struct json_digits *d)
{
    int rest = d->count > d->point ? d->count : d->point + 1;

    if (d->point > 16 || d->point < -3) { /* 1.5e-07, 1e+16: no ".0" here */
        json_put_digits(buf, d, 0, 1);
        if (d->count > 1)
            oa_buf_put(buf, OA_SLICE("."));
        json_put_digits(buf, d, 1, d->count);
        oa_buf_fmt(buf, "e%+03d", d->point - 1);
        return;
    }
    if (d->point <= 0) { /* 0.001 */
        oa_buf_put(buf, OA_SLICE("0."));
        oa_buf_fill(buf, '0', (size_t)-d->point);
        json_put_digits(buf, d, 0, d->count);
        return;
    }
    json_put_digits(buf, d, 0, d->point);
    oa_buf_put(buf, OA_SLICE("."));
    json_put_digits(buf, d, d->point, rest);
}

void oa_json_put_double(struct oa_buf *buf, double value)
{
    struct json_digits digits = json_shortest(fabs(value));

    if (signbit(value))
        oa_buf_put(buf, OA_SLICE("-"));
    json_put_double(buf, &digits);
}

void oa_json_double(struct oa_json *json, double value)
{
    json_before_item(json);
    if (isnan(value))
        oa_buf_put(&json->buf, OA_SLICE("NaN"));
    else if (isinf(value))
        oa_buf_put(&json->buf, signbit(value) ? OA_SLICE("-Infinity") : OA_SLICE("Infinity"));
    else
        oa_json_put_double(&json->buf, value);
}

void oa_json_value(struct oa_json *json, const struct oa_attr_view *attr)
{
    switch (attr->type) {
    case OA_ATTR_STR:
        oa_json_str(json, attr->str);
        return;
    case OA_ATTR_INT:
        oa_json_int(json, attr->num);
        return;
    case OA_ATTR_BOOL:
        oa_json_bool(json, attr->num != 0);
        return;
    case OA_ATTR_DOUBLE:
        oa_json_double(json, attr->real);
        return;
    case OA_ATTR_ARR:
        oa_json_array_open(json);
        for (uint32_t i = 0; i < attr->item_count; i++)
            oa_json_str(json, attr->items[i]);
        oa_json_array_close(json);
        return;
    default:
        oa_json_null(json);
    }
}

void oa_json_members(struct oa_json *json, const struct oa_attr_view *attrs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        oa_json_key(json, attrs[i].key);
        oa_json_value(json, &attrs[i]);
    }
}

int oa_json_finish(struct oa_json *json, struct oa_slice *ret_text)
{
    if (json->buf.err)
        return json->buf.err;
    *ret_text = (struct oa_slice){ json->buf.ptr, json->buf.len };
    return 0;
}
