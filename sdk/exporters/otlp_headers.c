#include "sdk/exporters/otlp_headers.h"

#include "env/text.h"
#include "preload/base/err.h"

void oa_otlp_headers_add(struct oa_otlp_headers *headers, struct oa_slice name, struct oa_slice value)
{
    if (headers->count < OA_OTLP_HEADERS_MAX)
        headers->list[headers->count++] = (struct oa_http_header){ name, value };
}

static void headers_on_item(void *user, struct oa_slice name, struct oa_slice value)
{
    oa_otlp_headers_add(user, name, value);
}

static bool headers_have(const struct oa_otlp_headers *headers, struct oa_slice name)
{
    for (uint32_t i = 0; i < headers->count; i++)
        if (oa_slice_ieq(headers->list[i].name, name))
            return true;
    return false;
}

/* RFC 4648 4; out has room for 4 characters per 3 bytes begun. */
static size_t base64(char *out, const uint8_t *in, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t b1 = i + 1 < len ? in[i + 1] : 0, b2 = i + 2 < len ? in[i + 2] : 0;
        uint32_t word = (uint32_t)in[i] << 16 | b1 << 8 | b2;

        out[at++] = digits[word >> 18];
        out[at++] = digits[word >> 12 & 63];
        out[at++] = i + 1 < len ? digits[word >> 6 & 63] : '=';
        out[at++] = i + 2 < len ? digits[word & 63] : '=';
    }
    return at;
}

/* "user:password", percent-decoded (a broken escape stays as it is), as RFC 7617 wants it. */
static int headers_add_basic(struct oa_otlp_headers *headers, struct oa_slice user_info, struct oa_arena *arena)
{
    static const struct oa_slice scheme = { "Basic ", 6 };
    uint8_t *plain = oa_arena_alloc(arena, user_info.len);
    char *value = oa_arena_alloc(arena, scheme.len + (user_info.len + 2) / 3 * 4);
    size_t len = 0;

    if (!plain || !value)
        return OA_ENOMEM;
    while (user_info.len) {
        int byte = oa_text_percent_next(&user_info);

        if (byte < 0) {
            byte = (unsigned char)*user_info.ptr;
            user_info.ptr++, user_info.len--;
        }
        plain[len++] = (uint8_t)byte;
    }
    memcpy(value, scheme.ptr, scheme.len);
    len = base64(value + scheme.len, plain, len);
    oa_otlp_headers_add(headers, OA_SLICE("Authorization"), (struct oa_slice){ value, scheme.len + len });
    return 0;
}

int oa_otlp_headers_init(struct oa_otlp_headers *headers, const char *configured, const struct oa_url *url,
                         struct oa_arena *arena)
{
    struct oa_slice text = oa_slice_of(configured);
    char *scratch = oa_arena_alloc(arena, text.len);

    headers->count = 0;
    if (!scratch)
        return OA_ENOMEM;
    oa_env_headers_parse(text, scratch, headers_on_item, headers);
    if (!headers_have(headers, OA_SLICE("user-agent")))
        oa_otlp_headers_add(headers, OA_SLICE("User-Agent"), OA_SLICE(OA_OTLP_USER_AGENT));
    if (url->userinfo.len && !headers_have(headers, OA_SLICE("authorization")))
        return headers_add_basic(headers, url->userinfo, arena);
    return 0;
}
