#include "sdk/transport/grpc.h"

#include <stdio.h>
#include <string.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/gzip.h"
#include "sdk/transport/http.h"

#define GRPC_STATUS_MAX 1000000 /* numbers beyond are as unknown as this one */

static const struct {
    const char *name;
    enum oa_grpc_repeatable repeatable;
} grpc_codes[] = {
#define CODE(name, number, repeatable) [number] = { #name, OA_GRPC_##repeatable },
#include "sdk/transport/grpc_codes.def"
#undef CODE
};

void oa_grpc_prefix(uint8_t ret_prefix[OA_GRPC_PREFIX], bool compressed, uint32_t message_len)
{
    ret_prefix[0] = compressed;
    for (int i = 0; i < 4; i++)
        ret_prefix[1 + i] = (uint8_t)(message_len >> (24 - 8 * i));
}

/* Rounded up: the server must not give up before we do. */
void oa_grpc_timeout(uint64_t left_ns, char ret_text[OA_GRPC_TIMEOUT_MAX])
{
    uint64_t ms = left_ns / OA_NS_PER_MS + (left_ns % OA_NS_PER_MS != 0);

    if (ms <= 99999999u)
        (void)snprintf(ret_text, OA_GRPC_TIMEOUT_MAX, "%um", (unsigned)ms);
    else
        (void)snprintf(ret_text, OA_GRPC_TIMEOUT_MAX, "%uS",
                       ms / 1000 < 99999999u ? (unsigned)(ms / 1000) : 99999999u);
}

void oa_grpc_fields_init(struct oa_grpc_fields *fields)
{
    fields->status = OA_GRPC_MISSING;
    fields->is_grpc = false;
    fields->message_len = fields->details_len = 0;
}

/* Decimal, no sign; anything else is a code that nobody knows. */
static int32_t grpc_number(struct oa_slice text)
{
    int32_t number = 0;

    if (text.len == 0)
        return OA_GRPC_UNKNOWN;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return OA_GRPC_UNKNOWN;
        number = number < GRPC_STATUS_MAX ? number * 10 + (text.ptr[i] - '0') : GRPC_STATUS_MAX;
    }
    return number;
}

/* Percent-encoded UTF-8; an escape that is none stays as it is (Status-Message). */
static uint32_t grpc_text(struct oa_slice in, char *out, uint32_t room)
{
    uint32_t len = 0;

    while (in.len && len < room)
        out[len++] = oa_slice_decoded(&in);
    return len;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 4, with or without padding. 0 bytes if it is none, or too long. */
static uint32_t grpc_binary(struct oa_slice in, uint8_t *out, uint32_t room)
{
    uint32_t len = 0, word = 0, bits = 0;

    while (in.len && in.ptr[in.len - 1] == '=')
        in.len--;
    for (size_t i = 0; i < in.len; i++) {
        int digit = base64_digit(in.ptr[i]);

        if (digit < 0)
            return 0;
        word = word << 6 | (uint32_t)digit;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        if (len == room)
            return 0;
        out[len++] = (uint8_t)(word >> bits);
    }
    return len;
}

void oa_grpc_fields_add(struct oa_grpc_fields *fields, struct oa_slice name, struct oa_slice value)
{
    value = oa_slice_trim(value);
    if (oa_slice_ieq(name, OA_SLICE("grpc-status")))
        fields->status = grpc_number(value);
    else if (oa_slice_ieq(name, OA_SLICE("grpc-message")))
        fields->message_len = grpc_text(value, fields->message, OA_GRPC_MESSAGE_MAX);
    else if (oa_slice_ieq(name, OA_SLICE("grpc-status-details-bin")))
        fields->details_len = grpc_binary(value, fields->details, OA_GRPC_DETAILS_MAX);
    else if (oa_slice_ieq(name, OA_SLICE("content-type")))
        fields->is_grpc = oa_slice_starts(value, OA_SLICE("application/grpc"));
}

int32_t oa_grpc_status(const struct oa_grpc_fields *fields, int http_status)
{
    static const struct {
        int http;
        enum oa_grpc_code code;
    } rows[] = {
        { 400, OA_GRPC_INTERNAL },      { 401, OA_GRPC_UNAUTHENTICATED }, { 403, OA_GRPC_PERMISSION_DENIED },
        { 404, OA_GRPC_UNIMPLEMENTED }, { 429, OA_GRPC_UNAVAILABLE },     { 431, OA_GRPC_INTERNAL },
        { 502, OA_GRPC_UNAVAILABLE },   { 503, OA_GRPC_UNAVAILABLE },     { 504, OA_GRPC_UNAVAILABLE },
    };

    if (fields->status != OA_GRPC_MISSING &&
        (fields->status != OA_GRPC_OK || (http_status == 200 && fields->is_grpc)))
        return fields->status;
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].http == http_status)
            return rows[i].code;
    return OA_GRPC_UNKNOWN;
}

static bool grpc_known(int32_t status)
{
    return status >= 0 && (size_t)status < OA_COUNT(grpc_codes);
}

const char *oa_grpc_status_name(int32_t status)
{
    return grpc_known(status) ? grpc_codes[status].name : "UNKNOWN";
}

enum oa_grpc_repeatable oa_grpc_repeatable(int32_t status)
{
    return grpc_known(status) ? grpc_codes[status].repeatable : OA_GRPC_NEVER;
}

int oa_grpc_message(struct oa_slice body, struct oa_arena *arena, struct oa_slice *ret_message)
{
    const uint8_t *at = (const uint8_t *)body.ptr;
    struct oa_slice message;

    if (body.len < OA_GRPC_PREFIX || at[0] > 1)
        return OA_EMALFORMED;
    message = (struct oa_slice){ body.ptr + OA_GRPC_PREFIX, body.len - OA_GRPC_PREFIX };
    if (message.len != ((uint64_t)at[1] << 24 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 8 | at[4]))
        return OA_EMALFORMED;
    if (at[0])
        return oa_gzip_unpack(message, OA_HTTP_RESPONSE_MAX, arena, ret_message);
    *ret_message = message;
    return 0;
}
