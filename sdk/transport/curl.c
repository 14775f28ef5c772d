#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/curl_api.h"
#include "sdk/transport/curl_pace.h"
#include "sdk/transport/curl_request.h"
#include "sdk/transport/http.h"
#include "sdk/transport/resolve.h"
#include "sdk/transport/retry.h"
#include "preload/base/sigpipe.h"

/* HTTPS and HTTP/2 through libcurl's multi interface: it alone lets go of the thread between steps, so that the
 * deadline and the end of the process are seen. Certificates are always verified. */

#define CURL_BODY_FIRST 1024u
#define CURL_7_88 0x0758u

struct oa_curl {
    struct oa_http_transport base;
    struct oa_http_setup setup;
    const struct oa_curl_api *api;
    CURLM *multi;
    CURL *easy;
    struct oa_curl_fds fds;
    struct oa_resolved resolved;
    struct curl_slist *addresses; /* for CURLOPT_RESOLVE */
    bool coaxed;                  /* see curl_coax */
    bool kept;                    /* there is a connection that served */
    char error[CURL_ERROR_SIZE];

    /* Of the running post. */
    const struct oa_http_request *request;
    struct oa_http_response *response;
    char *body;
    size_t body_capacity;
    bool too_large;
};

/* A thread that forked in the middle of libcurl left its locks behind: the child must not touch it.
 * Set while a post runs; a post that finds it set is in such a child (there is one caller at a time). */
static bool curl_inside;

static int curl_fail(struct oa_http_response *response, int err, const char *words)
{
    (void)snprintf(response->reason, sizeof(response->reason), "%.*s", (int)OA_HTTP_REASON_MAX - 1, words);
    return err;
}

static size_t curl_on_body(char *data, size_t size, size_t n, void *user)
{
    struct oa_curl *c = user;
    size_t bytes = size * n, have = c->response->body.len, capacity = c->body_capacity;

    if (have + bytes > OA_HTTP_RESPONSE_MAX) {
        c->too_large = true;
        return 0;
    }
    if (have + bytes > capacity) {
        char *grown;

        capacity = capacity ? capacity : CURL_BODY_FIRST;
        while (capacity < have + bytes)
            capacity *= 2;
        grown = c->body ? oa_arena_grow(c->request->arena, c->body, c->body_capacity, capacity)
                        : oa_arena_alloc(c->request->arena, capacity);
        if (!grown)
            return 0;
        c->body = grown;
        c->body_capacity = capacity;
    }
    memcpy(c->body + have, data, bytes);
    c->response->body = (struct oa_slice){ c->body, have + bytes };
    return bytes;
}

static void curl_tell(const struct oa_curl *c, struct oa_slice name, struct oa_slice value)
{
    if (c->request->on_field)
        c->request->on_field(c->request->user, name, value);
}

/* Trailers come here too, behind the body. */
static size_t curl_on_header(char *data, size_t size, size_t n, void *user)
{
    struct oa_curl *c = user;
    struct oa_slice line = { data, size * n }, name;

    if (oa_slice_starts(line, OA_SLICE("HTTP/"))) {
        c->response->retry_after_ns = OA_RETRY_AFTER_NONE;
        curl_tell(c, OA_SLICE(""), line);
    }
    while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    name = oa_slice_next(&line, ':');
    if (line.ptr && oa_slice_ieq(name, OA_SLICE("retry-after")))
        c->response->retry_after_ns = oa_retry_after_ns(line, oa_clock_unix_ns());
    if (line.ptr && name.len)
        curl_tell(c, name, line);
    return size * n;
}

/* libcurl's own resolver starts a thread and cannot be hurried: it gets our answer (curl_set_addresses). No answer is
 * no failure: behind a proxy only the proxy may know the name. Nobody is asked where there is no libcurl. */
static void curl_resolve(struct oa_curl *c)
{
    const struct oa_url *url = &c->setup.parts;

    if (!c->api || memchr(url->host.ptr, ':', url->host.len) || oa_resolve(&c->resolved, url->host, url->port) != 0)
        c->resolved.count = 0;
}

static void curl_set_addresses(struct oa_curl *c)
{
    if (c->resolved.count == 0)
        return;
    c->api->slist_free_all(c->addresses);
    c->addresses = oa_curl_request_addresses(c->api, &c->setup.parts, &c->resolved);
    (void)c->api->easy_setopt(c->easy, CURLOPT_RESOLVE, c->addresses);
}

/* libcurl keeps a copy, for which there may be no memory: a handle without it would go elsewhere, for good. */
static bool curl_set_text(struct oa_curl *c, CURLoption option, const char *text)
{
    return c->api->easy_setopt(c->easy, option, text) != CURLE_OUT_OF_MEMORY;
}

static bool curl_set_certificates(struct oa_curl *c)
{
    if (*c->setup.certificate) {
        if (!curl_set_text(c, CURLOPT_CAINFO, c->setup.certificate))
            return false;
        (void)c->api->easy_setopt(c->easy, CURLOPT_CAPATH, NULL); /* this file alone is trusted */
    }
    return (!*c->setup.client_certificate || curl_set_text(c, CURLOPT_SSLCERT, c->setup.client_certificate)) &&
           (!*c->setup.client_key || curl_set_text(c, CURLOPT_SSLKEY, c->setup.client_key));
}

static bool curl_set_texts(struct oa_curl *c)
{
    const char *path = c->setup.unix_path;

    if (path && *path &&
        !curl_set_text(c, *path == '@' ? CURLOPT_ABSTRACT_UNIX_SOCKET : CURLOPT_UNIX_SOCKET_PATH,
                       path + (*path == '@')))
        return false;
    return curl_set_text(c, CURLOPT_URL, c->setup.url) && curl_set_certificates(c);
}

static void curl_set_version(struct oa_curl *c)
{
    __typeof__(c->api->easy_setopt) set = c->api->easy_setopt;
    long version = CURL_HTTP_VERSION_1_1;

    if (c->setup.http2)
        version = c->setup.parts.https ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    (void)set(c->easy, CURLOPT_HTTP_VERSION, version);
    if (c->setup.http2 && !c->setup.parts.https) {
        (void)set(c->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
        c->coaxed = c->api->version_info(CURLVERSION_FIRST)->version_num >> 8 == CURL_7_88;
    }
}

static void curl_set_options(struct oa_curl *c)
{
    __typeof__(c->api->easy_setopt) set = c->api->easy_setopt;

    (void)set(c->easy, CURLOPT_NOSIGNAL, 1L);
    (void)set(c->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)set(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)set(c->easy, CURLOPT_TCP_NODELAY, 1L);
    (void)set(c->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)set(c->easy, CURLOPT_ERRORBUFFER, c->error);
    (void)set(c->easy, CURLOPT_WRITEFUNCTION, curl_on_body);
    (void)set(c->easy, CURLOPT_WRITEDATA, c);
    (void)set(c->easy, CURLOPT_HEADERFUNCTION, curl_on_header);
    (void)set(c->easy, CURLOPT_HEADERDATA, c);
    (void)set(c->easy, CURLOPT_OPENSOCKETFUNCTION, oa_curl_fds_open);
    (void)set(c->easy, CURLOPT_OPENSOCKETDATA, &c->fds);
    (void)set(c->easy, CURLOPT_CLOSESOCKETFUNCTION, oa_curl_fds_close);
    (void)set(c->easy, CURLOPT_CLOSESOCKETDATA, &c->fds);
#if LIBCURL_VERSION_NUM >= 0x075700
    (void)set(c->easy, CURLOPT_QUICK_EXIT, 1L); /* never wait for a resolver's thread */
#endif
    curl_set_version(c);
}

/* Handles for a post. Old ones whose sockets the program took away are abandoned: libcurl cannot let
 * go of a connection without writing to it. */
static const char *curl_prepare(struct oa_curl *c)
{
    const char *error;

    if (c->multi && !oa_curl_fds_valid(&c->fds)) {
        oa_curl_fds_release(&c->fds);
        c->multi = NULL, c->easy = NULL, c->addresses = NULL;
        c->kept = false;
    }
    c->api = oa_curl_api_get(&error);
    if (!c->api || c->multi)
        return error;
    if (c->setup.http2 && !(c->api->version_info(CURLVERSION_FIRST)->features & CURL_VERSION_HTTP2))
        return "this libcurl has no HTTP/2";
    if (!c->easy)
        c->easy = c->api->easy_init();
    if (c->easy && curl_set_texts(c)) {
        curl_set_options(c);
        c->multi = oa_curl_fds_multi(&c->fds, c->api);
    }
    return c->multi ? NULL : "libcurl has no memory";
}

/* Runs the transfer. 0 and *ret_code, or OA_ETIMEOUT. */
static int curl_run(struct oa_curl *c, struct oa_wait *wait, CURLcode *ret_code)
{
    struct oa_curl_pace pace = { c->api, &c->fds, c->multi, c->easy, c->setup.http2, 0 };
    int running = 1, left_messages, err;

    for (;;) {
        CURLMsg *message;

        if (c->api->multi_perform(c->multi, &running) != CURLM_OK)
            return OA_EIO;
        message = c->api->multi_info_read(c->multi, &left_messages);
        if (message && message->msg == CURLMSG_DONE) {
            *ret_code = message->data.result;
            return 0;
        }
        err = oa_curl_pace_wait(&pace, wait);
        if (err)
            return err;
    }
}

static int curl_classify(CURLcode code)
{
    static const struct {
        CURLcode code;
        int err;
    } rows[] = {
        { CURLE_OK, 0 },
        { CURLE_OPERATION_TIMEDOUT, OA_ETIMEOUT },
        { CURLE_WEIRD_SERVER_REPLY, OA_EMALFORMED },
        { CURLE_UNSUPPORTED_PROTOCOL, OA_EMALFORMED },
        { CURLE_OUT_OF_MEMORY, OA_ENOMEM },
        { CURLE_PEER_FAILED_VERIFICATION, OA_ENOTSUP },
        { CURLE_SSL_CACERT_BADFILE, OA_ENOTSUP },
        { CURLE_SSL_CERTPROBLEM, OA_ENOTSUP },
        { CURLE_SSL_ISSUER_ERROR, OA_ENOTSUP },
        { CURLE_SSL_ENGINE_NOTFOUND, OA_ENOTSUP },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].code == code)
            return rows[i].err;
    return OA_EIO;
}

/* libcurl 7.88 spoils a kept connection of HTTP/2 without TLS when it is asked for prior knowledge again. Asked
 * for HTTP/2 as such it takes the connection as it is; but one that it has to make then begins with HTTP/1.1, which
 * a server may answer, and which would be kept in its turn: no socket is opened for it. */
static void curl_coax(struct oa_curl *c)
{
    long version = c->kept ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;

    c->fds.kept_only = c->coaxed && c->kept;
    c->fds.refused = false;
    if (!c->coaxed)
        return;
    (void)c->api->easy_setopt(c->easy, CURLOPT_HTTP_VERSION, version);
    (void)c->api->easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, c->kept ? 0L : 1L);
}

static int curl_attempt(struct oa_curl *c, const struct oa_http_request *request, struct oa_http_response *response)
{
    struct oa_slice body = oa_curl_request_body(request);
    struct curl_slist *headers = body.ptr ? oa_curl_request_headers(c->api, request) : NULL;
    CURLcode code = CURLE_OK;
    long status = 0;
    int err;

    if (!headers)
        return curl_fail(response, OA_ENOMEM, "no memory");
    c->error[0] = '\0';
    (void)c->api->easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers);
    oa_curl_request_set(c->api, c->easy, request, body);
    curl_set_addresses(c);
    if (c->api->multi_add_handle(c->multi, c->easy) != CURLM_OK) {
        err = OA_EIO;
    } else {
        err = curl_run(c, request->wait, &code);
        if (err == OA_ETIMEOUT && request->wait->stopping_seen) {
            c->multi = NULL, c->easy = NULL; /* not a word more: the exit handlers of TLS libraries may run next */
            return curl_fail(response, err, "timed out");
        }
        (void)c->api->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
        /* libcurl keeps a connection of HTTP/2 whose exchange was broken off: a mute one would be asked for ever. */
        (void)c->api->easy_setopt(c->easy, CURLOPT_FORBID_REUSE, err ? 1L : 0L);
        (void)c->api->multi_remove_handle(c->multi, c->easy);
        (void)c->api->easy_setopt(c->easy, CURLOPT_FORBID_REUSE, 0L);
    }
    (void)c->api->easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
    c->api->slist_free_all(headers);
    response->status = (int)status;
    if (err)
        return curl_fail(response, err, err == OA_ETIMEOUT ? "timed out" : "libcurl failed");
    if (c->too_large)
        return curl_fail(response, OA_EFULL, "the answer is too large");
    err = curl_classify(code);
    return err ? curl_fail(response, err, c->error[0] ? c->error : c->api->easy_strerror(code)) : 0;
}

static void curl_begin(struct oa_curl *c, struct oa_http_response *response)
{
    *response = (struct oa_http_response){ .retry_after_ns = OA_RETRY_AFTER_NONE };
    c->body = NULL;
    c->body_capacity = 0;
    c->too_large = false;
}

static int curl_transfer(struct oa_curl *c, const struct oa_http_request *request, struct oa_http_response *response)
{
    int err;

    curl_coax(c);
    err = curl_attempt(c, request, response);
    if (c->fds.refused && c->multi) { /* the kept connection is gone */
        c->kept = false;
        curl_coax(c);
        curl_begin(c, response);
        err = curl_attempt(c, request, response);
    }
    c->kept = c->coaxed && c->multi && err == 0;
    return err;
}

static int curl_post(struct oa_http_transport *self, const struct oa_http_request *request,
                     struct oa_http_response *ret_response)
{
    struct oa_curl *c = (struct oa_curl *)self;
    struct oa_sigpipe sigpipe;
    const char *error;
    int err;

    curl_begin(c, ret_response);
    if (curl_inside)
        return curl_fail(ret_response, OA_ENOTSUP, "the process forked in the middle of an export");
    curl_resolve(c); /* may take seconds: before the end of the process would wait for us */
    if (c->setup.host->in_library(1) != 0)
        return curl_fail(ret_response, OA_ETIMEOUT, "the process ended");
    c->request = request;
    c->response = ret_response;
    c->fds.hurry = oa_wait_hurry(request->wait);
    oa_sigpipe_hold(&sigpipe);
    curl_inside = true;
    error = curl_prepare(c);
    err = error ? curl_fail(ret_response, OA_ENOTSUP, error) : curl_transfer(c, request, ret_response);
    curl_inside = false;
    oa_sigpipe_release(&sigpipe);
    (void)c->setup.host->in_library(0);
    if (err && err != OA_ETIMEOUT)
        oa_resolve_forget(&c->resolved);
    return err;
}

/* The handles are left alone: multi_cleanup closes its hidden pair by number, whoever owns that now. */
static void curl_close(struct oa_http_transport *self)
{
    struct oa_curl *c = (struct oa_curl *)self;

    oa_curl_fds_release(&c->fds);
    free(c);
}

struct oa_http_transport *oa_http_curl_new(const struct oa_http_setup *setup)
{
    struct oa_curl *c = calloc(1, sizeof(*c));
    const char *error;

    if (!c || curl_inside) { /* see curl_inside: this child must not load it either */
        free(c);
        return NULL;
    }
    c->base = (struct oa_http_transport){ .post = curl_post, .close = curl_close };
    c->setup = *setup;
    oa_curl_fds_init(&c->fds, setup->host);
    /* Now, on the helper thread, rather than while an exit waits; an error is told by each post. */
    if (setup->host->in_library(1) != 0)
        return &c->base;
    curl_inside = true;
    c->api = oa_curl_api_get(&error);
    curl_inside = false;
    (void)setup->host->in_library(0);
    return &c->base;
}
