#include "env/sampler_arg.h"

#include <string.h>

#include "env/parse.h"
#include "env/url.h"
#include "preload/base/err.h"

#define PORT_PAGE 5778u       /* Jaeger's agent, and its remote_sampling extension */
#define PORT_COLLECTOR 14268u /* its collector */

struct target {
    struct oa_url url;
    bool grpc;
    bool bare; /* host:port */
};

static bool read_target(struct oa_slice endpoint, struct target *target)
{
    *target = (struct target){ .bare = oa_url_is_target(endpoint), .grpc = true };
    if (target->bare)
        return true;
    if (oa_url_split(endpoint, &target->url) != OA_OK || target->url.fragment.len)
        return false;
    target->grpc = target->url.path.len <= 1 && !target->url.query.len && target->url.port != PORT_PAGE &&
                   target->url.port != PORT_COLLECTOR;
    return true;
}

static int read_item(struct oa_slice item, struct oa_jaeger_arg *arg)
{
    struct oa_slice value = item, key = oa_slice_trim(oa_slice_next(&value, '='));
    struct target target;

    value = oa_slice_trim(value);
    if (value.len == 0)
        return OA_EINVAL;
    if (oa_slice_eq(key, OA_SLICE("endpoint"))) {
        arg->endpoint = value;
        return read_target(value, &target) ? OA_OK : OA_EINVAL;
    }
    if (oa_slice_eq(key, OA_SLICE("pollingIntervalMs")))
        return oa_parse_u32(value, &arg->interval_ms) == OA_OK && arg->interval_ms ? OA_OK : OA_EINVAL;
    if (oa_slice_eq(key, OA_SLICE("initialSamplingRate")))
        return oa_parse_ratio(value, &arg->share) == OA_OK ? OA_OK : OA_EINVAL;
    return OA_EINVAL;
}

int oa_jaeger_arg_read(struct oa_slice text, struct oa_jaeger_arg *ret_arg)
{
    struct oa_jaeger_arg arg = { .endpoint = OA_SLICE(OA_JAEGER_ENDPOINT),
                                 .interval_ms = OA_JAEGER_INTERVAL_MS,
                                 .share = OA_JAEGER_INITIAL_SHARE };
    struct oa_slice item;

    while ((item = oa_slice_item(&text, ',')).len)
        if (read_item(item, &arg) != OA_OK)
            return OA_EINVAL;
    *ret_arg = arg;
    return OA_OK;
}

bool oa_jaeger_by_grpc(struct oa_slice endpoint)
{
    struct target target;

    return read_target(endpoint, &target) && target.grpc;
}

bool oa_jaeger_by_libcurl(struct oa_slice endpoint)
{
    struct target target;

    return read_target(endpoint, &target) && (target.grpc || target.url.https);
}

struct out {
    char *text;
    size_t len;
};

static void put(struct out *out, struct oa_slice text)
{
    if (out->len + text.len < OA_JAEGER_URL_MAX)
        memcpy(out->text + out->len, text.ptr, text.len);
    out->len += text.len;
}

/* RFC 3986 2.3: everything but the unreserved characters is escaped. */
static void put_escaped(struct out *out, struct oa_slice text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char escape[3] = { '%', digits[c >> 4], digits[c & 15] };
        bool plain = oa_ascii_is_digit((char)c) || oa_ascii_is_letter((char)c) || (c && strchr("-._~", c));

        put(out, plain ? (struct oa_slice){ text.ptr + i, 1 } : (struct oa_slice){ escape, 3 });
    }
}

static void put_page(struct out *out, const struct oa_url *url, struct oa_slice service)
{
    if (url->path.len > 1)
        put(out, url->path);
    else
        put(out, url->port == PORT_COLLECTOR ? OA_SLICE("/api/sampling") : OA_SLICE("/sampling"));
    put(out, url->query);
    put(out, url->query.len ? OA_SLICE("&service=") : OA_SLICE("?service="));
    put_escaped(out, service);
}

int oa_jaeger_url(struct oa_slice endpoint, struct oa_slice service, char ret_url[OA_JAEGER_URL_MAX])
{
    struct out out = { ret_url, 0 };
    struct target target;

    if (!read_target(endpoint, &target))
        return OA_EINVAL;
    put(&out, target.bare || !target.url.https ? OA_SLICE("http://") : OA_SLICE("https://"));
    put(&out, target.bare ? endpoint : target.url.authority);
    if (target.grpc)
        put(&out, OA_SLICE("/jaeger.api_v2.SamplingManager/GetSamplingStrategy"));
    else
        put_page(&out, &target.url, service);
    if (out.len >= OA_JAEGER_URL_MAX)
        return OA_EINVAL;
    ret_url[out.len] = '\0';
    return OA_OK;
}
