#include "hooks/instrumentation/forwarded.h"

#include "hooks/instrumentation/url.h"
#include "preload/base/err.h"

static struct oa_slice first_item(struct oa_slice list)
{
    return oa_slice_item(&list, ',');
}

/* Addresses only: words like "unknown" or "_hidden" name nobody. */
static bool is_address(struct oa_slice host)
{
    bool separator = false;

    for (size_t i = 0; i < host.len && host.ptr[i] != '%'; i++) {
        char c = oa_ascii_lower(host.ptr[i]);

        if (c == '.' || c == ':')
            separator = true;
        else if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return separator;
}

static void set_client(struct oa_slice node, struct oa_forwarded *f)
{
    static const struct oa_slice mapped = { "::ffff:", 7 };
    struct oa_http_url url = { .port = 0 };

    if (f->client.len || oa_http_url_authority(node, &url) != OA_OK || url.userinfo || !is_address(url.host))
        return;
    f->client = url.host;
    f->client_port = url.port;
    if (url.host.len > mapped.len && oa_slice_ieq((struct oa_slice){ url.host.ptr, mapped.len }, mapped) &&
        memchr(url.host.ptr, '.', url.host.len))
        f->client = (struct oa_slice){ url.host.ptr + mapped.len, url.host.len - mapped.len };
}

static void set_scheme(struct oa_slice proto, struct oa_forwarded *f)
{
    if (f->scheme.len == 0)
        f->scheme = oa_http_url_scheme(proto);
}

static void set_host(struct oa_slice host, struct oa_forwarded *f)
{
    struct oa_http_url url = { .port = 0 };

    if (f->host.len || oa_http_url_authority(host, &url) != OA_OK || url.userinfo)
        return;
    f->host = url.host;
    f->host_port = url.port;
}

/* A quoted string without its quotes. One with escapes would need a copy; nobody sends those: empty. */
static struct oa_slice unquote(struct oa_slice v)
{
    if (v.len == 0 || v.ptr[0] != '"')
        return v;
    if (v.len < 2 || v.ptr[v.len - 1] != '"' || memchr(v.ptr, '\\', v.len))
        return (struct oa_slice){ NULL, 0 };
    return (struct oa_slice){ v.ptr + 1, v.len - 2 };
}

/* Cuts the next "name=value" off *rest; *ret_end tells that the element ends here. Separators inside
 * quotes do not count. */
static struct oa_slice next_pair(struct oa_slice *rest, bool *ret_end)
{
    bool quoted = false;
    size_t n = 0;
    struct oa_slice pair;

    for (; n < rest->len; n++) {
        char c = rest->ptr[n];

        if (c == '"')
            quoted = !quoted;
        else if (c == '\\' && quoted && n + 1 < rest->len)
            n++;
        else if (!quoted && (c == ';' || c == ','))
            break;
    }
    pair = oa_slice_trim((struct oa_slice){ rest->ptr, n });
    *ret_end = n == rest->len || rest->ptr[n] == ',';
    *rest = n < rest->len ? (struct oa_slice){ rest->ptr + n + 1, rest->len - n - 1 } : (struct oa_slice){ NULL, 0 };
    return pair;
}

static void read_pair(struct oa_slice pair, struct oa_forwarded *f)
{
    struct oa_slice name = oa_slice_trim(oa_slice_next(&pair, '=')), value = unquote(oa_slice_trim(pair));

    if (oa_slice_ieq(name, OA_SLICE("for")))
        set_client(value, f);
    else if (oa_slice_ieq(name, OA_SLICE("proto")))
        set_scheme(value, f);
    else if (oa_slice_ieq(name, OA_SLICE("host")))
        set_host(value, f);
}

/* The first element that is not empty. */
static void read_forwarded(struct oa_slice list, struct oa_forwarded *f)
{
    bool end = false, any = false;

    while (list.len && !(end && any)) {
        struct oa_slice pair = next_pair(&list, &end);

        if (pair.len) {
            any = true;
            read_pair(pair, f);
        }
    }
}

void oa_forwarded_read(const struct oa_forwarded_fields *fields, struct oa_forwarded *ret_forwarded)
{
    struct oa_forwarded f = { .client_port = 0 };

    read_forwarded(fields->forwarded, &f);
    set_client(first_item(fields->x_for), &f);
    set_scheme(first_item(fields->x_proto), &f);
    set_host(first_item(fields->x_host), &f);
    *ret_forwarded = f;
}
