#include <stdio.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/encode/otlp_json.h"
#include "sdk/exporters/otlp_channel_internal.h"
#include "sdk/transport/gzip.h"
#include "sdk/transport/retry.h"

#define OTLP_ARENA_FIRST (4u * 1024)
#define OTLP_ARENA_MAX (4 * (size_t)OA_HTTP_REQUEST_MAX) /* what goes around the spans, compressed, answers */
#define OTLP_ARENA_KEEP (32u * 1024)                     /* resident between exports */

_Static_assert(OA_OTLP_PARTS_MAX + 1 <= OA_HTTP_PARTS_MAX, "a request in pieces can be posted");

static const char *const signal_words[OA_OTLP_SIGNAL_COUNT] = {
    [OA_OTLP_TRACES] = "spans",
    [OA_OTLP_METRICS] = "data points",
    [OA_OTLP_LOGS] = "log records",
};
static const char *const lost_words[OA_OTLP_SIGNAL_COUNT] = {
    [OA_OTLP_TRACES] = "dropped",
    [OA_OTLP_METRICS] = "not delivered", /* what is counted is told again */
    [OA_OTLP_LOGS] = "dropped",
};

static void otlp_log_failure(struct oa_otlp_channel *otlp, uint32_t items)
{
    uint64_t total;

    if (oa_log_limit_due(&otlp->failed, items, oa_clock_mono_ns(), &total))
        oa_log(OA_LOG_WARN, "exporting to %s failed: %s; %llu %s %s", otlp->shown_url, otlp->reason,
               (unsigned long long)total, otlp->items_word, otlp->lost_word);
}

void otlp_add_message(struct oa_otlp_channel *otlp, struct oa_slice message)
{
    size_t at = strlen(otlp->reason), room = sizeof(otlp->reason) - at;
    int n = snprintf(otlp->reason + at, room, ": %.*s", (int)message.len, message.ptr);

    for (char *c = otlp->reason + at; n > 0 && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

/* 0, or it is not what such a receiver answers. */
static int otlp_decode(struct oa_otlp_channel *otlp, struct oa_slice message, struct oa_otlp_response *ret_answer)
{
    if (otlp->format == OA_CHANNEL_PROTOBUF || otlp->format == OA_CHANNEL_GRPC)
        return oa_otlp_proto_decode_response(message, &otlp->arena, ret_answer);
    if (otlp->format == OA_CHANNEL_JSON)
        return oa_otlp_json_decode_response(message, &otlp->arena, ret_answer);
    return 0; /* Zipkin says nothing */
}

enum otlp_verdict otlp_accepted(struct oa_otlp_channel *otlp, struct oa_slice message, uint32_t items)
{
    struct oa_otlp_response answer = { 0 };
    uint64_t total, lost;

    if (otlp_decode(otlp, message, &answer) != 0) {
        oa_log(OA_LOG_DEBUG, "%s accepted the %s with an answer that cannot be read", otlp->shown_url,
               otlp->items_word);
        return OTLP_DONE;
    }
    lost = answer.rejected_items <= 0 ? 0 : (uint64_t)answer.rejected_items;
    lost = lost < items ? lost : items;
    otlp->rejected_items = lost;
    otlp->reason[0] = '\0';
    otlp_add_message(otlp, answer.message);
    if (lost && oa_log_limit_due(&otlp->rejected, lost, oa_clock_mono_ns(), &total))
        oa_log(OA_LOG_WARN, "%s rejected %llu %s%s", otlp->shown_url, (unsigned long long)total, otlp->items_word,
               answer.message.len ? otlp->reason : "");
    else if (!lost && answer.message.len && oa_log_limit_due(&otlp->warned, 1, oa_clock_mono_ns(), &total))
        oa_log(OA_LOG_WARN, "%s warns%s", otlp->shown_url, otlp->reason);
    return OTLP_DONE;
}

/* What a refusal says of its reason, if it says anything. */
static void otlp_add_status(struct oa_otlp_channel *otlp, struct oa_slice body)
{
    struct oa_otlp_status status = { 0 };
    int err = OA_ENOTSUP;

    if (otlp->format == OA_CHANNEL_PROTOBUF)
        err = oa_otlp_proto_decode_status(body, &otlp->arena, &status);
    else if (otlp->format == OA_CHANNEL_JSON)
        err = oa_otlp_json_decode_status(body, &otlp->arena, &status);
    if (err == 0 && status.message.len)
        otlp_add_message(otlp, status.message);
}

/* otlp-wire 12: 429, 502, 503 and 504 may be repeated, nothing else. */
static enum otlp_verdict otlp_refused(struct oa_otlp_channel *otlp, const struct oa_http_response *response)
{
    (void)snprintf(otlp->reason, sizeof(otlp->reason), "HTTP status %d", response->status);
    otlp_add_status(otlp, response->body);
    switch (response->status) {
    case 429:
    case 502:
    case 503:
    case 504:
        return OTLP_AGAIN;
    default:
        return OTLP_GIVE_UP;
    }
}

static enum otlp_verdict otlp_judge(struct oa_otlp_channel *otlp, int err, struct oa_http_response *response,
                                    uint32_t items)
{
    if (err == 0 && otlp->format == OA_CHANNEL_GRPC)
        return otlp_grpc_judge(otlp, response, items);
    if (err == 0 && response->status / 100 == 2)
        return otlp_accepted(otlp, response->body, items);
    if (err == 0)
        return otlp_refused(otlp, response);
    memcpy(otlp->reason, response->reason, sizeof(otlp->reason));
    return err == OA_EIO ? OTLP_AGAIN : OTLP_GIVE_UP;
}

/* Posts until there is a verdict. When the process begins to end during a pause, the pause ends and
 * the next attempt is the last. */
static int otlp_send(struct oa_otlp_channel *otlp, struct oa_http_request *request, uint32_t items)
{
    struct oa_retry retry;

    oa_retry_init(&retry);
    for (;;) {
        struct oa_http_response response;
        bool last = otlp->host->stopping();
        enum otlp_verdict verdict;
        uint64_t wait_ns;
        int err;

        if (otlp->format == OA_CHANNEL_GRPC)
            otlp_grpc_begin(otlp, request);
        err = otlp->transport->post(otlp->transport, request, &response);
        verdict = otlp_judge(otlp, err, &response, items);
        if (verdict == OTLP_DONE)
            return 0;
        if (verdict == OTLP_GIVE_UP || last ||
            oa_retry_next(&retry, oa_wait_left_ns(request->wait), response.retry_after_ns, oa_rng_next(&otlp->rng),
                          &wait_ns) != 0)
            return OA_EIO;
        oa_log(OA_LOG_DEBUG, "exporting to %s: %s; trying again in %llu ms", otlp->shown_url, otlp->reason,
               (unsigned long long)(wait_ns / OA_NS_PER_MS));
        if (oa_wait_sleep(request->wait, wait_ns) == OA_ETIMEOUT)
            return OA_EIO;
    }
}

/* Compresses in place of the parts. */
static int otlp_compress(struct oa_otlp_channel *otlp, struct oa_otlp_request *request)
{
    int err = oa_gzip_pack(request->parts, request->part_count, &otlp->arena, &request->parts[0]);

    request->part_count = 1;
    return err;
}

static int otlp_finish(struct oa_otlp_channel *otlp, struct oa_otlp_request *request)
{
    int err = 0;

    if (request->bytes > OA_HTTP_REQUEST_MAX) {
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "a request of more than 64 MiB");
        return OA_EFULL;
    }
    if (otlp->config.compression == OA_ENV_COMPRESSION_GZIP)
        err = otlp_compress(otlp, request);
    if (err)
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "no memory");
    return err;
}

static uint64_t otlp_deadline(const struct oa_otlp_channel *otlp, uint64_t deadline_mono_ns)
{
    uint64_t own = oa_clock_mono_ns() + otlp->config.timeout_ms * OA_NS_PER_MS;

    if (otlp->config.timeout_ms == 0 || otlp->config.timeout_ms == OA_ENV_UNSET)
        return deadline_mono_ns;
    return deadline_mono_ns && deadline_mono_ns < own ? deadline_mono_ns : own;
}

int oa_otlp_channel_send(struct oa_otlp_channel *otlp, struct oa_otlp_request *body, int err, uint32_t items,
                         uint64_t deadline_mono_ns)
{
    struct oa_wait wait;
    struct oa_slice wrapped[OA_OTLP_PARTS_MAX + 1];
    bool grpc = otlp->format == OA_CHANNEL_GRPC;
    struct oa_http_request request = {
        .headers = otlp->headers.list,
        .header_count = otlp->headers.count,
        .body = grpc ? wrapped : body->parts,
        .wait = &wait,
        .arena = &otlp->arena,
    };

    oa_wait_init(&wait, otlp->host, otlp_deadline(otlp, deadline_mono_ns));
    otlp->rejected_items = 0;
    if (err)
        (void)snprintf(otlp->reason, sizeof(otlp->reason), "no memory");
    else
        err = otlp_finish(otlp, body);
    request.body_parts = err ? 0 : body->part_count + (grpc ? 1 : 0);
    if (!err && grpc)
        otlp_grpc_wrap(otlp, body, wrapped);
    if (!err)
        err = otlp_send(otlp, &request, items);
    if (err)
        otlp_log_failure(otlp, items);
    if (otlp->arena.total_bytes > OTLP_ARENA_KEEP)
        oa_arena_release(&otlp->arena);
    else
        oa_arena_reset(&otlp->arena);
    return err;
}

void oa_otlp_channel_last_words(struct oa_otlp_channel *otlp)
{
    if (otlp->failed.items == 0)
        return;
    otlp->failed.next_mono_ns = 0;
    otlp_log_failure(otlp, 0);
}

void oa_otlp_channel_release(struct oa_otlp_channel *otlp)
{
    if (otlp->transport)
        otlp->transport->close(otlp->transport);
    oa_arena_release(&otlp->arena);
    oa_arena_release(&otlp->lasting);
}

static struct oa_slice content_type(enum oa_channel_format format)
{
    switch (format) {
    case OA_CHANNEL_JSON:
    case OA_CHANNEL_ZIPKIN_JSON:
        return OA_SLICE("application/json");
    case OA_CHANNEL_GRPC:
        return OA_SLICE("application/grpc");
    case OA_CHANNEL_PROTOBUF:
    case OA_CHANNEL_ZIPKIN_PROTOBUF:
    default:
        return OA_SLICE("application/x-protobuf");
    }
}

static int otlp_prepare(struct oa_otlp_channel *otlp)
{
    const struct oa_url *url = &otlp->url;
    size_t user;
    int err = oa_url_split(oa_slice_of(otlp->config.url), &otlp->url);
    bool grpc = otlp->format == OA_CHANNEL_GRPC;
    struct oa_http_setup setup = {
        .host = otlp->host,
        .http2 = grpc,
        .unix_path = otlp->config.unix_path,
        .url = otlp->config.url,
        .certificate = otlp->config.certificate,
        .client_key = otlp->config.client_key,
        .client_certificate = otlp->config.client_certificate,
    };

    if (err)
        return err;
    user = url->userinfo.ptr ? url->userinfo.len + 1 : 0;
    (void)snprintf(otlp->shown_url, sizeof(otlp->shown_url), "%s://%.*s%.*s", url->https ? "https" : "http",
                   (int)(url->authority.len - user), url->authority.ptr + user, (int)url->path.len, url->path.ptr);
    if (*otlp->config.unix_path)
        (void)snprintf(otlp->shown_url, sizeof(otlp->shown_url), "unix:%s", otlp->config.unix_path);
    if (otlp->config.compression == OA_ENV_COMPRESSION_GZIP && !oa_gzip_available()) {
        oa_log(OA_LOG_WARN, "gzip needs zlib, which is not installed; sending without compression");
        otlp->config.compression = OA_ENV_COMPRESSION_NONE;
    }
    err = oa_otlp_headers_init(&otlp->headers, otlp->config.headers, url, &otlp->lasting);
    oa_otlp_headers_add(&otlp->headers, OA_SLICE("Content-Type"), content_type(otlp->format));
    if (err)
        return err;
    if (grpc)
        otlp_grpc_add_headers(otlp);
    else if (otlp->config.compression == OA_ENV_COMPRESSION_GZIP)
        oa_otlp_headers_add(&otlp->headers, OA_SLICE("Content-Encoding"), OA_SLICE("gzip"));
    setup.parts = *url;
    otlp->transport = url->https || grpc ? oa_http_curl_new(&setup) : oa_http_plain_new(&setup);
    return otlp->transport ? 0 : OA_ENOMEM;
}

static int otlp_start(struct oa_otlp_channel *otlp, const struct oa_host *host, enum oa_otlp_signal signal)
{
    otlp->host = host;
    otlp->items_word = signal_words[signal];
    otlp->lost_word = lost_words[signal];
    oa_arena_init(&otlp->lasting, 1024, OTLP_ARENA_MAX);
    oa_arena_init(&otlp->arena, OTLP_ARENA_FIRST, OTLP_ARENA_MAX);
    oa_rng_seed(&otlp->rng);
    return otlp_prepare(otlp);
}

int oa_otlp_channel_init(struct oa_otlp_channel *otlp, const struct oa_exporter_setup *setup,
                         enum oa_otlp_signal signal)
{
    static const enum oa_channel_format formats[] = {
        [OA_ENV_PROTOCOL_GRPC] = OA_CHANNEL_GRPC,
        [OA_ENV_PROTOCOL_HTTP_PROTOBUF] = OA_CHANNEL_PROTOBUF,
        [OA_ENV_PROTOCOL_HTTP_JSON] = OA_CHANNEL_JSON,
    };

    *otlp = (struct oa_otlp_channel){ .format = formats[oa_otlp_protocol(setup->env, signal)] };
    oa_otlp_resolve(setup->env, signal, &otlp->config);
    if (otlp->format == OA_CHANNEL_GRPC && otlp_grpc_set_method(&otlp->config, signal) != 0)
        return OA_EINVAL;
    return otlp_start(otlp, setup->host, signal);
}

int oa_otlp_channel_init_as(struct oa_otlp_channel *otlp, const struct oa_host *host,
                            const struct oa_otlp_config *config, enum oa_channel_format format)
{
    *otlp = (struct oa_otlp_channel){ .format = format, .config = *config };
    return otlp_start(otlp, host, OA_OTLP_TRACES);
}
