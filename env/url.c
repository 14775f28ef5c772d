#include "env/url.h"

#include "preload/base/err.h"

/* strchr() for a handful of marks; a call for each byte would cost more than all the rest. */
static inline bool is_mark(const char *marks, char c)
{
    while (*marks && *marks != c)
        marks++;
    return *marks != '\0';
}

/* Everything up to the first of the marks (or the end) is taken off the text. */
static struct oa_slice take_until(struct oa_slice *text, const char *marks)
{
    size_t n = 0;

    while (n < text->len && !is_mark(marks, text->ptr[n]))
        n++;
    struct oa_slice head = { text->ptr, n };

    *text = (struct oa_slice){ text->ptr + n, text->len - n };
    return head;
}

static bool is_clean(struct oa_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool take_scheme(struct oa_slice *text, bool *https)
{
    static const struct oa_slice plain = { "http://", 7 }, secure = { "https://", 8 };

    *https = text->len >= secure.len && oa_slice_ieq((struct oa_slice){ text->ptr, secure.len }, secure);
    if (!*https && !(text->len >= plain.len && oa_slice_ieq((struct oa_slice){ text->ptr, plain.len }, plain)))
        return false;
    text->ptr += *https ? secure.len : plain.len;
    text->len -= *https ? secure.len : plain.len;
    return true;
}

/* ":1" to ":65535"; "" and ":" leave the port as it is (RFC 3986 6.2.3 calls them equal). */
static bool read_port(struct oa_slice text, uint16_t *port)
{
    uint32_t value = 0;

    if (text.len == 0 || (text.len == 1 && text.ptr[0] == ':'))
        return true;
    if (text.ptr[0] != ':' || text.len > 6)
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *port = (uint16_t)value;
    return value >= 1 && value <= UINT16_MAX;
}

static bool is_usual(char c)
{
    return oa_ascii_is_letter(c) || oa_ascii_is_digit(c) || c == '.' || c == '-';
}

static bool is_host(struct oa_slice host, bool bracketed)
{
    for (size_t i = 0; i < host.len; i++)
        if (!is_usual(host.ptr[i]) && is_mark(bracketed ? "[]@\\\"<>/?#" : "[]@\\\"<>/?#:%", host.ptr[i]))
            return false;
    return host.len != 0;
}

static bool read_host(struct oa_slice text, struct oa_url *url)
{
    bool bracketed = text.len && text.ptr[0] == '[';

    if (bracketed) {
        text.ptr++, text.len--;
        url->host = take_until(&text, "]");
        if (text.len == 0)
            return false;
        text.ptr++, text.len--;
    } else {
        url->host = take_until(&text, ":");
    }
    return is_host(url->host, bracketed) && read_port(text, &url->port);
}

/* The last '@' ends the user information: a password may hold one that nobody encoded. */
static struct oa_slice take_userinfo(struct oa_slice *text)
{
    struct oa_slice user = { NULL, 0 };

    for (size_t i = text->len; i > 0; i--) {
        if (text->ptr[i - 1] != '@')
            continue;
        user = (struct oa_slice){ text->ptr, i - 1 };
        *text = (struct oa_slice){ text->ptr + i, text->len - i };
        break;
    }
    return user;
}

int oa_url_split(struct oa_slice text, struct oa_url *ret_url)
{
    struct oa_url url = { 0 };
    struct oa_slice host;

    if (!is_clean(text) || !take_scheme(&text, &url.https))
        return OA_EMALFORMED;
    url.port = url.https ? 443 : 80;
    url.authority = host = take_until(&text, "/?#");
    url.userinfo = take_userinfo(&host);
    if (!read_host(host, &url))
        return OA_EMALFORMED;
    url.path = take_until(&text, "?#");
    url.query = take_until(&text, "#");
    url.fragment = text;
    *ret_url = url;
    return OA_OK;
}

bool oa_url_is_target(struct oa_slice text)
{
    struct oa_url url = { 0 };

    if (!is_clean(text) || (text.len && memchr(text.ptr, '/', text.len)))
        return false;
    return read_host(text, &url);
}
