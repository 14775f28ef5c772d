/*
 * The header fields of every OTLP/HTTP request of one exporter: our own, then the user's
 * (OTEL_EXPORTER_OTLP_HEADERS), built once. A User-Agent of the user's replaces ours; user
 * information in the URL becomes Authorization: Basic unless the user has set that field. Values are
 * secrets: nobody logs them.
 */
#ifndef OA_SDK_EXPORTERS_OTLP_HEADERS_H
#define OA_SDK_EXPORTERS_OTLP_HEADERS_H

#include "env/headers.h"
#include "env/url.h"
#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "sdk/transport/http.h"

#define OA_OTLP_USER_AGENT "libotel-auto/0.1.0 OTel-OTLP-Exporter-C/0.1.0"
#define OA_OTLP_HEADERS_MAX (OA_ENV_HEADERS_MAX + 6u)

struct oa_otlp_headers {
    struct oa_http_header list[OA_OTLP_HEADERS_MAX];
    uint32_t count;
};

/* configured: text of the variable. The slices live in the arena. 0 or OA_ENOMEM. */
int oa_otlp_headers_init(struct oa_otlp_headers *headers, const char *configured, const struct oa_url *url,
                         struct oa_arena *arena) OA_MUST_CHECK;

/* Adds one more, borrowed; silently not if the list is full. */
void oa_otlp_headers_add(struct oa_otlp_headers *headers, struct oa_slice name, struct oa_slice value);

#endif
