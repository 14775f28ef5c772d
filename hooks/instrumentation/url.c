#include "hooks/instrumentation/url.h"

#include "preload/base/compiler.h"
#include "preload/base/copy.h"
#include "preload/base/err.h"

#define PORT_MAX 65535u

#define SENSITIVE \
    "AWSAccessKeyId,Signature,X-Amz-Credential,X-Amz-Security-Token,X-Amz-Signature,X-Goog-Signature,sig"

static struct oa_slice sensitive = { SENSITIVE, sizeof(SENSITIVE) - 1 };

OA_START void oa_http_url_sensitive(const char *list)
{
    bool given = oa_slice_trim(oa_slice_of(list)).len != 0;

    sensitive = given ? oa_slice_of(list) : OA_SLICE(SENSITIVE);
}

/* Text under construction; full once something did not fit. */
struct out {
    char *ptr;
    size_t cap, len;
    bool full;
};

/* How much of s may stay when it must be cut at n: no half UTF-8 sequence, no half "%XX". */
static size_t whole_chars(struct oa_slice s, size_t n)
{
    size_t back = 0;

    while (back < 3 && back < n && ((unsigned char)s.ptr[n - back] & 0xc0) == 0x80)
        back++;
    n -= back;
    if (n >= 1 && s.ptr[n - 1] == '%')
        return n - 1;
    return n >= 2 && s.ptr[n - 2] == '%' ? n - 2 : n;
}

static void put(struct out *o, struct oa_slice s)
{
    size_t n = s.len;

    if (o->full)
        return;
    if (n > o->cap - o->len) {
        n = whole_chars(s, o->cap - o->len);
        o->full = true;
    }
    oa_copy(o->ptr + o->len, s.ptr, n);
    o->len += n;
}

static void put_port(struct out *o, uint16_t port)
{
    char text[6];
    size_t at = sizeof(text);

    for (; port; port = (uint16_t)(port / 10))
        text[--at] = (char)('0' + port % 10);
    text[--at] = ':';
    put(o, (struct oa_slice){ text + at, sizeof(text) - at });
}

static bool decodes_to(struct oa_slice key, struct oa_slice plain)
{
    size_t n = 0;

    for (; key.len && n < plain.len; n++)
        if (oa_slice_decoded(&key) != plain.ptr[n])
            return false;
    return key.len == 0 && n == plain.len;
}

static bool is_sensitive(struct oa_slice key)
{
    struct oa_slice rest = sensitive, name;

    while ((name = oa_slice_item(&rest, ',')).len)
        if (decodes_to(key, name))
            return true;
    return false;
}

static void put_query(struct out *o, struct oa_slice query)
{
    while (query.ptr) {
        struct oa_slice pair = oa_slice_next(&query, '&'), rest = pair, key = oa_slice_next(&rest, '=');

        if (rest.ptr && is_sensitive(key)) {
            put(o, key);
            put(o, OA_SLICE("=REDACTED"));
        } else {
            put(o, pair);
        }
        if (query.ptr)
            put(o, OA_SLICE("&"));
    }
}

size_t oa_http_url_write_query(char *out, size_t cap, struct oa_slice query)
{
    struct out o = { out, cap, 0, false };

    put_query(&o, query);
    return o.len;
}

size_t oa_http_url_write_full(char *out, size_t cap, const struct oa_http_url *url)
{
    struct out o = { out, cap, 0, false };
    bool v6 = url->host.len && memchr(url->host.ptr, ':', url->host.len) != NULL;

    if (url->scheme.len) {
        put(&o, url->scheme);
        put(&o, OA_SLICE("://"));
    }
    if (url->userinfo)
        put(&o, OA_SLICE("REDACTED:REDACTED@"));
    put(&o, v6 ? OA_SLICE("[") : OA_SLICE(""));
    put(&o, url->host);
    put(&o, v6 ? OA_SLICE("]") : OA_SLICE(""));
    if (url->port && url->port != oa_http_url_default_port(url->scheme))
        put_port(&o, url->port);
    if (url->form != OA_HTTP_URL_ASTERISK)
        put(&o, url->path);
    if (url->query.len) {
        put(&o, OA_SLICE("?"));
        put_query(&o, url->query);
    }
    return o.len;
}

uint16_t oa_http_url_default_port(struct oa_slice scheme)
{
    if (oa_slice_eq(scheme, OA_SLICE("http")))
        return 80;
    return oa_slice_eq(scheme, OA_SLICE("https")) ? 443 : 0;
}

static bool is_alnum(char c)
{
    return oa_ascii_is_letter(c) || oa_ascii_is_digit(c);
}

struct oa_slice oa_http_url_scheme(struct oa_slice text)
{
    if (oa_slice_ieq(text, OA_SLICE("http")))
        return OA_SLICE("http");
    if (oa_slice_ieq(text, OA_SLICE("https")))
        return OA_SLICE("https");
    if (text.len == 0 || !oa_ascii_is_letter(text.ptr[0]))
        return (struct oa_slice){ NULL, 0 };
    for (size_t i = 1; i < text.len; i++)
        if (!is_alnum(text.ptr[i]) && text.ptr[i] != '+' && text.ptr[i] != '-' && text.ptr[i] != '.')
            return (struct oa_slice){ NULL, 0 };
    return text;
}

/* What is not printable ASCII, and what delimits a URL: a bit per character. */
#define HOST_BIT(c) (1ull << ((c)&63))
static const uint64_t host_stops[4] = {
    [0] = ~0ull >> 31 | HOST_BIT('"') | HOST_BIT('#') | HOST_BIT('/') | HOST_BIT('<') | HOST_BIT('>') | HOST_BIT('?'),
    [1] = HOST_BIT('@') | HOST_BIT('[') | HOST_BIT('\\') | HOST_BIT(']') | HOST_BIT('^') | HOST_BIT('`') |
          HOST_BIT('{') | HOST_BIT('|') | HOST_BIT('}') | HOST_BIT(0x7f),
    [2] = ~0ull,
    [3] = ~0ull,
};

static bool host_ok(struct oa_slice host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];

        if (host_stops[c >> 6] >> (c & 63) & 1)
            return false;
    }
    return host.len != 0;
}

/* The shape of an IPv6 address, perhaps with a zone; the groups themselves are not checked. */
static bool address6_ok(struct oa_slice host)
{
    struct oa_slice address = oa_slice_next(&host, '%');
    size_t colons = 0, dots = 0;
    bool gap = false;

    for (size_t i = 0; i < address.len; i++) {
        char c = address.ptr[i];

        if (oa_ascii_hex(c) < 0 && c != ':' && c != '.')
            return false;
        gap |= c == ':' && i && address.ptr[i - 1] == ':';
        colons += c == ':';
        dots += c == '.';
    }
    return (gap || colons == (dots ? 6u : 7u)) && (host.ptr == NULL || host_ok(host));
}

/* Digits after the colon, perhaps none. */
static int read_port(struct oa_slice text, uint16_t *ret_port)
{
    uint32_t port = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return OA_EMALFORMED;
        port = port * 10 + (uint32_t)(text.ptr[i] - '0');
        if (port > PORT_MAX)
            return OA_EMALFORMED;
    }
    *ret_port = (uint16_t)port;
    return OA_OK;
}

/* "[v6]" with or without ":port": text begins after the bracket. */
static int split_bracket(struct oa_slice text, struct oa_slice *ret_host, struct oa_slice *ret_port)
{
    struct oa_slice host = oa_slice_next(&text, ']');

    if (text.ptr == NULL || !address6_ok(host) || (text.len && text.ptr[0] != ':'))
        return OA_EMALFORMED;
    *ret_host = host;
    *ret_port = text.len ? (struct oa_slice){ text.ptr + 1, text.len - 1 } : text;
    return OA_OK;
}

/* A name or IPv4 address with or without ":port", or an IPv6 address whose brackets were forgotten. */
static int split_plain(struct oa_slice text, struct oa_slice *ret_host, struct oa_slice *ret_port)
{
    struct oa_slice port = text, host = oa_slice_next(&port, ':');

    if (port.len && memchr(port.ptr, ':', port.len)) {
        host = text;
        port = (struct oa_slice){ NULL, 0 };
        if (!address6_ok(host))
            return OA_EMALFORMED;
    }
    if (!host_ok(host))
        return OA_EMALFORMED;
    *ret_host = host;
    *ret_port = port;
    return OA_OK;
}

int oa_http_url_authority(struct oa_slice text, struct oa_http_url *ret_url)
{
    const char *at = text.len ? memrchr(text.ptr, '@', text.len) : NULL;
    struct oa_slice host, port;
    uint16_t number;
    int err;

    if (at)
        text = (struct oa_slice){ at + 1, text.len - (size_t)(at + 1 - text.ptr) };
    if (text.len && text.ptr[0] == '[')
        err = split_bracket((struct oa_slice){ text.ptr + 1, text.len - 1 }, &host, &port);
    else
        err = split_plain(text, &host, &port);
    if (err == OA_OK)
        err = read_port(port, &number);
    if (err != OA_OK)
        return err;
    ret_url->host = host;
    ret_url->port = number;
    ret_url->userinfo = at != NULL;
    return OA_OK;
}

/* The rest of a target from its path on. */
static void split_path(struct oa_slice text, struct oa_http_url *url)
{
    url->path = oa_slice_next(&text, '?');
    url->query = text;
    if (url->path.len == 0)
        url->path = OA_SLICE("/");
}

static int split_absolute(struct oa_slice target, struct oa_http_url *url)
{
    struct oa_slice rest = target, authority;
    size_t n = 0;

    url->scheme = oa_http_url_scheme(oa_slice_next(&rest, ':'));
    if (url->scheme.len == 0 || !rest.len || !oa_slice_starts(rest, OA_SLICE("//")))
        return OA_EMALFORMED;
    rest = (struct oa_slice){ rest.ptr + 2, rest.len - 2 };
    while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != '?')
        n++;
    authority = (struct oa_slice){ rest.ptr, n };
    split_path((struct oa_slice){ rest.ptr + n, rest.len - n }, url);
    return oa_http_url_authority(authority, url);
}

int oa_http_url_split(struct oa_slice target, bool to_connect, struct oa_http_url *ret_url)
{
    struct oa_http_url url = { .form = OA_HTTP_URL_ORIGIN };
    int err = OA_OK;

    target = oa_slice_next(&target, '#');
    if (to_connect) {
        url.form = OA_HTTP_URL_AUTHORITY;
        err = oa_http_url_authority(target, &url);
    } else if (oa_slice_eq(target, OA_SLICE("*"))) {
        url.form = OA_HTTP_URL_ASTERISK;
        url.path = target;
    } else if (target.len && target.ptr[0] == '/') {
        split_path(target, &url);
    } else {
        url.form = OA_HTTP_URL_ABSOLUTE;
        err = split_absolute(target, &url);
    }
    if (err == OA_OK)
        *ret_url = url;
    return err;
}
