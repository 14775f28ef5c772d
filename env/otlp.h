/*
 * What the OTLP exporter of one signal is to do: the OTEL_EXPORTER_OTLP_* variables, per-signal over
 * general, option by option (headers as a whole list), defaults filled in, the URL built. Pure, no
 * allocation, fixed buffers. Signals are a table: another one is a row there and its rows in vars.def.
 *
 * Endpoints of the snapshot are usable: oa_env_load() has refused the others with a message.
 */
#ifndef OA_ENV_OTLP_H
#define OA_ENV_OTLP_H

#include "env/env.h"
#include "env/unix_target.h"

#define OA_OTLP_URL_MAX 1024u /* bytes of a URL with its terminator */

enum oa_otlp_signal { OA_OTLP_TRACES, OA_OTLP_METRICS, OA_OTLP_LOGS, OA_OTLP_SIGNAL_COUNT };

/* Texts point into the snapshot, "" where nothing is set. */
struct oa_otlp_config {
    char url[OA_OTLP_URL_MAX];        /* HTTP: where to post. gRPC: scheme://authority, the method's path is yours */
    char unix_path[OA_UNIX_PATH_MAX]; /* "": not a socket of this machine; the URL's host is localhost then */
    const char *headers;              /* env/headers.h reads it */
    const char *certificate;
    const char *client_key;
    const char *client_certificate;
    uint32_t timeout_ms; /* 0: no limit */
    uint8_t protocol;    /* enum oa_env_protocol, never UNSET */
    uint8_t compression; /* enum oa_env_compression, GZIP or NONE */
};

void oa_otlp_resolve(const struct oa_env *env, enum oa_otlp_signal signal, struct oa_otlp_config *ret_config);

/* The protocol in force for a signal. */
uint8_t oa_otlp_protocol(const struct oa_env *env, enum oa_otlp_signal signal);

/* True if an endpoint can be used with that protocol: an http:// or https:// URL that fits, for gRPC
 * host[:port] too (which means TLS, unless ..._INSECURE says otherwise), or a socket of this machine. */
bool oa_otlp_endpoint_ok(struct oa_slice endpoint, uint8_t protocol);

/* The protocol that the endpoint in this row is for. The general endpoint serves all signals: gRPC, the
 * more lenient about endpoints, if one of them speaks it. */
uint8_t oa_otlp_endpoint_protocol(const struct oa_env *env, enum oa_env_row row);

#endif
