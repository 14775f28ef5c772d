/*
 * struct oa_http_transport: one request at a time to one endpoint, behind a vtable with two
 * implementations: plain.c for http:// (own sockets, no library), curl.c for https:// and HTTP/2. Nobody else
 * in the SDK object talks to the network.
 *
 * A post is bounded by its struct oa_wait and never retries by itself, but for the one immediate
 * re-send when a kept connection turns out to have been closed by the peer (otel-environment B.5).
 * Redirects are not followed. One thread at a time. A forked child never touches its parent's
 * transports: it forgets them and makes new ones (the host side closes the descriptors).
 */
#ifndef OA_SDK_TRANSPORT_HTTP_H
#define OA_SDK_TRANSPORT_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "env/url.h"
#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"
#include "sdk/transport/wait.h"

#define OA_HTTP_REQUEST_MAX (64u * 1024 * 1024) /* body bytes before compression, otlp-wire 14.1 */
#define OA_HTTP_RESPONSE_MAX (4u * 1024 * 1024) /* body bytes, otlp-wire 14.1 */
#define OA_HTTP_REASON_MAX 160u
#define OA_HTTP_PARTS_MAX 31u

struct oa_host;

struct oa_http_header {
    struct oa_slice name;
    struct oa_slice value;
};

struct oa_http_request {
    const struct oa_http_header *headers; /* without Host, Content-Length, Connection */
    uint32_t header_count;
    const struct oa_slice *body; /* in parts that follow one another */
    uint32_t body_parts;         /* OA_HTTP_PARTS_MAX at most; 0: a GET, without a body */
    struct oa_wait *wait;
    struct oa_arena *arena; /* for the response's body */
    /* NULL, or told of each field in the headers and behind the body; an empty name: new headers, forget the old
     * ones. curl.c only. */
    void (*on_field)(void *user, struct oa_slice name, struct oa_slice value);
    void *user;
};

static inline size_t oa_http_body_bytes(const struct oa_http_request *request)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < request->body_parts; i++)
        bytes += request->body[i].len;
    return bytes;
}

struct oa_http_response {
    int status;                      /* 200..999 */
    uint64_t retry_after_ns;         /* OA_RETRY_AFTER_NONE if the server did not say */
    struct oa_slice body;            /* in the request's arena */
    char reason[OA_HTTP_REASON_MAX]; /* after a failure: words for the log, no secrets */
};

struct oa_http_transport {
    /*
     * 0: an answer came, whatever its status. Else no usable answer, reason says why:
     * OA_EIO (not connected, or cut off: worth another try), OA_ETIMEOUT, OA_EMALFORMED (not HTTP),
     * OA_EFULL (answer over OA_HTTP_RESPONSE_MAX), OA_ENOTSUP (cannot work at all), OA_ENOMEM.
     */
    int (*post)(struct oa_http_transport *self, const struct oa_http_request *request,
                struct oa_http_response *ret_response);
    /* Closes what is open, frees self. */
    void (*close)(struct oa_http_transport *self);
};

struct oa_http_setup {
    const struct oa_host *host;
    const char *url; /* with scheme, as the user wrote it; outlives the transport, as everything here */
    struct oa_url parts;
    /* PEM files, "" = none; only looked at for https. */
    const char *certificate;
    const char *client_key;
    const char *client_certificate;
    const char *unix_path; /* NULL or "": by host and port; '@' stands before an abstract name */
    bool http2;            /* nothing else will do; without TLS by prior knowledge. curl.c only */
};

/* NULL: no memory, or unusable in this forked child. Nothing is connected before the first post. */
struct oa_http_transport *oa_http_plain_new(const struct oa_http_setup *setup);
struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup);

#endif
