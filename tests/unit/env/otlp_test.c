/* SOURCES: env/otlp.c env/unix_target.c env/text.c env/url.c env/table.c */
#include <criterion/criterion.h>

#include "env/otlp.h"
#include "env/table.h"

static struct oa_otlp_config config;

static void resolve(const struct oa_env *env)
{
    memset(&config, 0xff, sizeof(config));
    oa_otlp_resolve(env, OA_OTLP_TRACES, &config);
}

enum { HTTP = OA_ENV_PROTOCOL_UNSET, GRPC = OA_ENV_PROTOCOL_GRPC, JSON = OA_ENV_PROTOCOL_HTTP_JSON };

static const struct {
    const char *general, *traces;
    uint8_t protocol;
    const char *url;
} urls[] = {
    { "", "", HTTP, "http://localhost:4318/v1/traces" },
    { "", "", JSON, "http://localhost:4318/v1/traces" },
    { "http://c:4318", "", HTTP, "http://c:4318/v1/traces" },
    { "http://c/", "", HTTP, "http://c/v1/traces" },
    { "http://c:4318/m", "", HTTP, "http://c:4318/m/v1/traces" },
    { "http://c:4318/m/", "", HTTP, "http://c:4318/m/v1/traces" },
    { "http://c:4318/m//", "", HTTP, "http://c:4318/m//v1/traces" },
    { "http://c?k=v#f", "", HTTP, "http://c/v1/traces?k=v" },
    { "HTTPS://u:p@[::1]:1/m", "", HTTP, "https://u:p@[::1]:1/m/v1/traces" },
    { "", "http://c:4318", HTTP, "http://c:4318/" },
    { "", "http://c:4318?k=v", HTTP, "http://c:4318/?k=v" },
    { "", "https://c/v1/traces/", HTTP, "https://c/v1/traces/" },
    { "", "Https://c/x?y#z", HTTP, "Https://c/x?y#z" },
    { "http://general", "http://own/x", HTTP, "http://own/x" },
    { "http://general", "own:4317", HTTP, "http://general/v1/traces" },
    { "general:4317", "", HTTP, "http://localhost:4318/v1/traces" },
    { "", "", GRPC, "http://localhost:4317" },
    { "http://c:4317", "", GRPC, "http://c:4317" },
    { "https://c:4317/ignored?q", "", GRPC, "https://c:4317" },
    { "http://c:4317", "http://own:1/", GRPC, "http://own:1" },
    { "c:4317", "", GRPC, "https://c:4317" },
    { "", "[::1]:4317", GRPC, "https://[::1]:4317" },
    { "unix:/run/otel.sock", "", GRPC, "http://localhost" },
    { "http+unix://%2Frun%2Fotel.sock", "", HTTP, "http://localhost/v1/traces" },
    { "http+unix://%2Frun%2Fotel.sock/m/", "", HTTP, "http://localhost/m/v1/traces" },
    { "", "HTTP+unix://otel.sock/own", HTTP, "http://localhost/own" },
    { "", "http+unix://otel.sock", HTTP, "http://localhost/" },
    { "unix:/run/otel.sock", "", HTTP, "http://localhost:4318/v1/traces" },
};

static const struct {
    const char *endpoint;
    int protocol;
    const char *path; /* NULL: refused */
} sockets[] = {
    { "unix:/run/otel.sock", GRPC, "/run/otel.sock" },
    { "unix:///run/otel.sock", GRPC, "/run/otel.sock" },
    { "Unix:otel.sock", GRPC, "otel.sock" },
    { "unix-abstract:otel", GRPC, "@otel" },
    { "unix:", GRPC, "" }, /* a host of that name */
    { "unix://", GRPC, NULL },
    { "http+unix://%2Frun%2Fa%20b.sock", HTTP, "/run/a b.sock" },
    { "http+unix://%2Frun%2", HTTP, NULL },
    { "http+unix://a%00b", HTTP, NULL },
    { "http+unix:///v1", HTTP, NULL },
    { "http+unix://a?b", HTTP, NULL },
    { "http://c", HTTP, "" },
};

Test(otlp, sockets)
{
    for (size_t i = 0; i < OA_COUNT(sockets); i++) {
        struct oa_env env = oa_env_defaults;
        bool ok = oa_otlp_endpoint_ok(oa_slice_of(sockets[i].endpoint), (uint8_t)sockets[i].protocol);

        cr_assert_eq(ok, sockets[i].path != NULL, "row %zu", i);
        env.otlp_endpoint = sockets[i].endpoint;
        env.otlp_protocol = (uint8_t)sockets[i].protocol;
        resolve(&env);
        cr_assert_str_eq(config.unix_path, sockets[i].path ? sockets[i].path : "", "row %zu", i);
    }
}

Test(otlp, url)
{
    for (size_t i = 0; i < OA_COUNT(urls); i++) {
        struct oa_env env = oa_env_defaults;

        env.otlp_endpoint = urls[i].general;
        env.otlp_traces_endpoint = urls[i].traces;
        env.otlp_protocol = urls[i].protocol;
        resolve(&env);
        cr_assert_str_eq(config.url, urls[i].url, "row %zu: %s", i, config.url);
    }
}

static const char *insecure_url(const char *endpoint, bool insecure)
{
    struct oa_env env = oa_env_defaults;

    env.otlp_endpoint = endpoint;
    env.otlp_protocol = GRPC;
    env.otlp_traces_insecure = insecure;
    resolve(&env);
    return config.url;
}

/* Only where no scheme says it. */
Test(otlp, insecure)
{
    cr_assert_str_eq(insecure_url("c:4317", true), "http://c:4317");
    cr_assert_str_eq(insecure_url("c:4317", false), "https://c:4317");
    cr_assert_str_eq(insecure_url("https://c:4317", true), "https://c:4317");
    cr_assert_str_eq(insecure_url("http://c:4317", false), "http://c:4317");
}

Test(otlp, defaults)
{
    resolve(&oa_env_defaults);
    cr_assert_eq(config.protocol, OA_ENV_PROTOCOL_HTTP_PROTOBUF);
    cr_assert_eq(config.compression, OA_ENV_COMPRESSION_NONE);
    cr_assert_eq(config.timeout_ms, 10000);
    cr_assert_str_eq(config.headers, "");
    cr_assert_str_eq(config.certificate, "");
    cr_assert_str_eq(config.client_key, "");
    cr_assert_str_eq(config.client_certificate, "");
}

Test(otlp, general_then_own)
{
    struct oa_env env = oa_env_defaults;

    env.otlp_protocol = OA_ENV_PROTOCOL_HTTP_JSON;
    env.otlp_compression = OA_ENV_COMPRESSION_GZIP;
    env.otlp_timeout_ms = 0;
    env.otlp_headers = "a=b";
    env.otlp_certificate = "/ca";
    env.otlp_client_key = "/key";
    env.otlp_client_certificate = "/cert";
    resolve(&env);
    cr_assert_eq(config.protocol, OA_ENV_PROTOCOL_HTTP_JSON);
    cr_assert_eq(config.compression, OA_ENV_COMPRESSION_GZIP);
    cr_assert_eq(config.timeout_ms, 0);
    cr_assert_str_eq(config.headers, "a=b");
    cr_assert_str_eq(config.certificate, "/ca");
    cr_assert_str_eq(config.client_key, "/key");
    cr_assert_str_eq(config.client_certificate, "/cert");

    env.otlp_traces_protocol = OA_ENV_PROTOCOL_HTTP_PROTOBUF;
    env.otlp_traces_compression = OA_ENV_COMPRESSION_NONE;
    env.otlp_traces_timeout_ms = 5;
    env.otlp_traces_headers = "c=d";
    env.otlp_traces_certificate = "/ca2";
    env.otlp_traces_client_key = "/key2";
    env.otlp_traces_client_certificate = "/cert2";
    resolve(&env);
    cr_assert_eq(config.protocol, OA_ENV_PROTOCOL_HTTP_PROTOBUF);
    cr_assert_eq(config.compression, OA_ENV_COMPRESSION_NONE);
    cr_assert_eq(config.timeout_ms, 5);
    cr_assert_str_eq(config.headers, "c=d");
    cr_assert_str_eq(config.certificate, "/ca2");
    cr_assert_str_eq(config.client_key, "/key2");
    cr_assert_str_eq(config.client_certificate, "/cert2");

    env.otlp_traces_timeout_ms = 0;
    resolve(&env);
    cr_assert_eq(config.timeout_ms, 0, "0 is a value: no limit");
}

Test(otlp, long_endpoint)
{
    char url[OA_OTLP_URL_MAX + 1] = "http://c/";
    struct oa_env env = oa_env_defaults;

    memset(url + strlen(url), 'x', sizeof(url) - strlen(url) - 1);
    cr_assert(!oa_otlp_endpoint_ok(oa_slice_of(url), OA_ENV_PROTOCOL_HTTP_PROTOBUF));
    url[OA_OTLP_URL_MAX - 32] = '\0';
    cr_assert(oa_otlp_endpoint_ok(oa_slice_of(url), OA_ENV_PROTOCOL_HTTP_PROTOBUF));
    env.otlp_endpoint = url;
    resolve(&env);
    cr_assert_eq(strlen(config.url), strlen(url) + strlen("/v1/traces"));
}
