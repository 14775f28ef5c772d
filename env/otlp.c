#include "env/otlp.h"

#include "env/url.h"
#include "preload/base/err.h"

/* Room for what is added to an endpoint: a scheme, a slash, the longest path below. */
#define URL_ADDED 32u

/* The per-signal fields by their place in struct oa_env, and what is appended to a base URL. */
struct signal {
    const char *path;
    enum oa_env_row endpoint_row;
    size_t endpoint, headers, certificate, client_key, client_certificate;
    size_t timeout_ms, protocol, compression, insecure;
};

/* clang-format off */
#define SIGNAL(s, url_path)                                                                            \
    { url_path, OA_ENV_ROW_otlp_##s##_endpoint, AT(s, endpoint), AT(s, headers), AT(s, certificate),   \
      AT(s, client_key), AT(s, client_certificate), AT(s, timeout_ms), AT(s, protocol), AT(s, compression), \
      AT(s, insecure) }
/* clang-format on */
#define AT(s, field) offsetof(struct oa_env, otlp_##s##_##field)

static const struct signal signals[] = {
    [OA_OTLP_TRACES] = SIGNAL(traces, "v1/traces"),
    [OA_OTLP_METRICS] = SIGNAL(metrics, "v1/metrics"),
    [OA_OTLP_LOGS] = SIGNAL(logs, "v1/logs"),
};
_Static_assert(OA_COUNT(signals) == OA_OTLP_SIGNAL_COUNT, "one row per signal");

static const char *text_at(const struct oa_env *env, size_t offset)
{
    return *(const char *const *)((const char *)env + offset);
}

static uint8_t byte_at(const struct oa_env *env, size_t offset)
{
    return *((const uint8_t *)env + offset);
}

static const char *text_of(const struct oa_env *env, size_t own, const char *general)
{
    const char *text = text_at(env, own);

    return *text ? text : general;
}

uint8_t oa_otlp_protocol(const struct oa_env *env, enum oa_otlp_signal signal)
{
    uint8_t own = byte_at(env, signals[signal].protocol);

    if (own != OA_ENV_PROTOCOL_UNSET)
        return own;
    return env->otlp_protocol != OA_ENV_PROTOCOL_UNSET ? env->otlp_protocol : (uint8_t)OA_ENV_PROTOCOL_HTTP_PROTOBUF;
}

static uint8_t compression_of(const struct oa_env *env, const struct signal *signal)
{
    uint8_t own = byte_at(env, signal->compression);

    if (own != OA_ENV_COMPRESSION_UNSET)
        return own;
    return env->otlp_compression != OA_ENV_COMPRESSION_UNSET ? env->otlp_compression
                                                             : (uint8_t)OA_ENV_COMPRESSION_NONE;
}

OA_START uint8_t oa_otlp_endpoint_protocol(const struct oa_env *env, enum oa_env_row row)
{
    uint8_t protocol = OA_ENV_PROTOCOL_UNSET;

    for (int s = 0; s < OA_OTLP_SIGNAL_COUNT; s++) {
        uint8_t own = oa_otlp_protocol(env, (enum oa_otlp_signal)s);

        if (signals[s].endpoint_row == row)
            return own;
        if (protocol != OA_ENV_PROTOCOL_GRPC)
            protocol = own;
    }
    return protocol;
}

OA_START bool oa_otlp_endpoint_ok(struct oa_slice endpoint, uint8_t protocol)
{
    char path[OA_UNIX_PATH_MAX];
    struct oa_slice rest;
    struct oa_url url;

    if (endpoint.len > OA_OTLP_URL_MAX - URL_ADDED)
        return false;
    if (oa_unix_target_read(endpoint, protocol == OA_ENV_PROTOCOL_GRPC, path, &rest))
        return rest.len == 0 || rest.ptr[0] == '/';
    return oa_url_split(endpoint, &url) == OA_OK || (protocol == OA_ENV_PROTOCOL_GRPC && oa_url_is_target(endpoint));
}

static void append(struct oa_otlp_config *config, size_t *at, struct oa_slice text)
{
    size_t room = sizeof(config->url) - 1 - *at;
    size_t n = text.len < room ? text.len : room;

    if (n)
        memcpy(config->url + *at, text.ptr, n);
    *at += n;
    config->url[*at] = '\0';
}

static void put_origin(struct oa_otlp_config *config, size_t *at, const struct oa_url *url)
{
    append(config, at, url->https ? OA_SLICE("https://") : OA_SLICE("http://"));
    append(config, at, url->authority);
}

/* A base: one slash, then the signal's path; what stood behind the path stays behind it. */
static void put_base(struct oa_otlp_config *config, const struct oa_url *url, const char *path)
{
    size_t at = 0;

    put_origin(config, &at, url);
    append(config, &at, url->path);
    if (url->path.len == 0 || url->path.ptr[url->path.len - 1] != '/')
        append(config, &at, OA_SLICE("/"));
    append(config, &at, oa_slice_of(path));
    append(config, &at, url->query);
}

/* A signal's own URL: byte for byte, only a missing path becomes "/". */
static void put_verbatim(struct oa_otlp_config *config, const struct oa_url *url, struct oa_slice text)
{
    size_t at = 0, head = (size_t)(url->authority.ptr - text.ptr) + url->authority.len;

    append(config, &at, (struct oa_slice){ text.ptr, head });
    if (url->path.len == 0)
        append(config, &at, OA_SLICE("/"));
    append(config, &at, (struct oa_slice){ text.ptr + head, text.len - head });
}

static void put_grpc(struct oa_otlp_config *config, struct oa_slice text, bool insecure)
{
    struct oa_url url;
    size_t at = 0;

    if (oa_url_split(text, &url) == OA_OK) {
        put_origin(config, &at, &url);
        return;
    }
    append(config, &at, insecure ? OA_SLICE("http://") : OA_SLICE("https://"));
    append(config, &at, text);
}

/* A socket's path goes where it belongs; what is left is a URL of localhost, in room of the caller's. */
static struct oa_slice take_socket(struct oa_slice endpoint, bool grpc, struct oa_otlp_config *config,
                                   char room[OA_OTLP_URL_MAX])
{
    static const char origin[] = "http://localhost";
    struct oa_slice rest;
    size_t len = sizeof(origin) - 1;

    config->unix_path[0] = '\0';
    if (!oa_unix_target_read(endpoint, grpc, config->unix_path, &rest)) {
        config->unix_path[0] = '\0';
        return endpoint;
    }
    memcpy(room, origin, len);
    memcpy(room + len, rest.ptr, rest.len); /* the endpoint was longer */
    return (struct oa_slice){ room, len + rest.len };
}

static void build_url(const struct oa_env *env, const struct signal *signal, struct oa_otlp_config *config)
{
    bool grpc = config->protocol == OA_ENV_PROTOCOL_GRPC;
    struct oa_slice own = oa_slice_of(text_at(env, signal->endpoint));
    struct oa_slice base = oa_slice_of(env->otlp_endpoint);
    bool use_own = oa_otlp_endpoint_ok(own, config->protocol);
    char room[OA_OTLP_URL_MAX];
    struct oa_url url;

    if (!use_own && !oa_otlp_endpoint_ok(base, config->protocol))
        base = grpc ? OA_SLICE("http://localhost:4317") : OA_SLICE("http://localhost:4318");
    config->url[0] = '\0';
    own = take_socket(use_own ? own : base, grpc, config, room);
    base = own;
    if (grpc)
        put_grpc(config, own, byte_at(env, signal->insecure));
    else if (use_own && oa_url_split(own, &url) == OA_OK)
        put_verbatim(config, &url, own);
    else if (oa_url_split(base, &url) == OA_OK)
        put_base(config, &url, signal->path);
}

void oa_otlp_resolve(const struct oa_env *env, enum oa_otlp_signal signal, struct oa_otlp_config *ret_config)
{
    const struct signal *s = &signals[signal];
    uint32_t timeout_ms = *(const uint32_t *)((const char *)env + s->timeout_ms);

    ret_config->headers = text_of(env, s->headers, env->otlp_headers);
    ret_config->certificate = text_of(env, s->certificate, env->otlp_certificate);
    ret_config->client_key = text_of(env, s->client_key, env->otlp_client_key);
    ret_config->client_certificate = text_of(env, s->client_certificate, env->otlp_client_certificate);
    ret_config->timeout_ms = timeout_ms != OA_ENV_UNSET ? timeout_ms : env->otlp_timeout_ms;
    ret_config->protocol = oa_otlp_protocol(env, signal);
    ret_config->compression = compression_of(env, s);
    build_url(env, s, ret_config);
}
