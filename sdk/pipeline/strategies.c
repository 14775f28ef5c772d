#include "sdk/pipeline/strategies.h"

#include <stdio.h>
#include <string.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/encode/strategy.h"
#include "sdk/model/resource.h"

#define ARENA_FIRST (4u * 1024)
#define ARENA_MAX (4 * (size_t)OA_HTTP_RESPONSE_MAX) /* the answer, packed and unpacked, and what is made of it */
#define ARENA_KEEP (32u * 1024)
#define REST_FACTOR 10 /* a server that keeps us waiting has a tenth of the thread's time at most */

/* A forked child goes on with what its parent had, and so does this. */
static bool answered;

static bool is_remote(const struct oa_env *env)
{
    return env->traces_exporter.count > 0 && (env->traces_sampler == OA_ENV_SAMPLER_JAEGER_REMOTE ||
                                              env->traces_sampler == OA_ENV_SAMPLER_PARENTBASED_JAEGER_REMOTE);
}

static void show_url(struct oa_strategies *s)
{
    size_t user = s->url.userinfo.ptr ? s->url.userinfo.len + 1 : 0;

    (void)snprintf(s->shown, sizeof(s->shown), "%s://%.*s%.*s", s->url.https ? "https" : "http",
                   (int)(s->url.authority.len - user), s->url.authority.ptr + user, (int)s->url.path.len,
                   s->url.path.ptr);
}

static int prepare_headers(struct oa_strategies *s)
{
    int err = oa_otlp_headers_init(&s->headers, "", &s->url, &s->lasting);

    if (err || !s->grpc)
        return err;
    oa_otlp_headers_add(&s->headers, OA_SLICE("Content-Type"), OA_SLICE("application/grpc"));
    oa_otlp_headers_add(&s->headers, OA_SLICE("te"), OA_SLICE("trailers"));
    return 0;
}

static int prepare(struct oa_strategies *s, struct oa_slice endpoint)
{
    struct oa_http_setup setup = {
        .host = s->host, .url = s->url_text, .certificate = "", .client_key = "", .client_certificate = ""
    };
    int err = oa_jaeger_url(endpoint, s->service, s->url_text);

    if (!err)
        err = oa_url_split(oa_slice_of(s->url_text), &s->url);
    if (err)
        return err;
    s->grpc = setup.http2 = oa_jaeger_by_grpc(endpoint);
    show_url(s);
    err = prepare_headers(s);
    if (err)
        return err;
    setup.parts = s->url;
    s->transport = oa_jaeger_by_libcurl(endpoint) ? oa_http_curl_new(&setup) : oa_http_plain_new(&setup);
    return s->transport ? 0 : OA_ENOMEM;
}

void oa_strategies_init(struct oa_strategies *s, const struct oa_host *host, const struct oa_resource *resource,
                        uint64_t (*now_mono_ns)(void))
{
    const struct oa_attr_view *service = oa_resource_find(resource, OA_SLICE("service.name"));
    struct oa_jaeger_arg arg;

    s->transport = NULL; /* the rest is some pages, which nearly no process needs */
    answered &= host->fork_generation > 0;
    /* An argument that is no good was said, and is unset. */
    if (!is_remote(host->env) || oa_jaeger_arg_read(oa_slice_of(host->env->traces_sampler_arg), &arg) != 0)
        return;
    *s = (struct oa_strategies){ .host = host, .now_mono_ns = now_mono_ns };
    s->service = service ? service->str : OA_SLICE("");
    s->interval_ns = arg.interval_ms * OA_NS_PER_MS;
    s->due_mono_ns = now_mono_ns();
    oa_arena_init(&s->lasting, 256, ARENA_KEEP);
    oa_arena_init(&s->arena, ARENA_FIRST, ARENA_MAX);
    if (prepare(s, arg.endpoint) != 0)
        oa_log(OA_LOG_ERROR, "the sampler's endpoint cannot be asked; continuing with its initial share");
}

static void on_field(void *user, struct oa_slice name, struct oa_slice value)
{
    struct oa_grpc_fields *fields = user;

    if (name.len == 0)
        oa_grpc_fields_init(fields);
    else
        oa_grpc_fields_add(fields, name, value);
}

/* Sends the question. 0 and the body of an answer that is one, or reason says why not. */
static int ask_by_grpc(struct oa_strategies *s, struct oa_http_request *request, struct oa_slice *ret_message)
{
    uint8_t prefix[OA_GRPC_PREFIX];
    struct oa_slice parts[2] = { { (const char *)prefix, sizeof(prefix) } };
    struct oa_http_response response;
    int err = oa_strategy_proto_question(s->service, &s->arena, &parts[1]);
    int32_t status;

    if (err)
        return err;
    oa_grpc_prefix(prefix, false, (uint32_t)parts[1].len);
    request->body = parts;
    request->body_parts = 2;
    request->on_field = on_field;
    request->user = &s->fields;
    oa_grpc_fields_init(&s->fields);
    err = s->transport->post(s->transport, request, &response);
    memcpy(s->reason, response.reason, sizeof(s->reason));
    if (err)
        return err;
    status = oa_grpc_status(&s->fields, response.status);
    if (status != OA_GRPC_OK) {
        (void)snprintf(s->reason, sizeof(s->reason), "HTTP status %d, gRPC status %d (%s)", response.status,
                       (int)status, oa_grpc_status_name(status));
        return OA_EIO;
    }
    return oa_grpc_message(response.body, &s->arena, ret_message);
}

static int ask_by_http(struct oa_strategies *s, struct oa_http_request *request, struct oa_slice *ret_message)
{
    struct oa_http_response response;
    int err = s->transport->post(s->transport, request, &response);

    memcpy(s->reason, response.reason, sizeof(s->reason));
    if (!err && response.status / 100 != 2) {
        (void)snprintf(s->reason, sizeof(s->reason), "HTTP status %d", response.status);
        return OA_EIO;
    }
    *ret_message = response.body;
    return err;
}

static int ask(struct oa_strategies *s, struct oa_strategy *ret_strategy)
{
    struct oa_wait wait;
    struct oa_slice message = { NULL, 0 };
    struct oa_http_request request = {
        .headers = s->headers.list, .header_count = s->headers.count, .wait = &wait, .arena = &s->arena
    };
    int err;

    oa_wait_init(&wait, s->host, s->now_mono_ns() + OA_STRATEGIES_ASK_MAX_MS * OA_NS_PER_MS);
    wait.grace_ns = 0; /* a process that ends has no use for the answer */
    s->reason[0] = '\0';
    err = s->grpc ? ask_by_grpc(s, &request, &message) : ask_by_http(s, &request, &message);
    if (!err)
        err = s->grpc ? oa_strategy_proto_read(message, &s->arena, ret_strategy)
                      : oa_strategy_json_read(message, &s->arena, ret_strategy);
    if (err && !s->reason[0])
        (void)snprintf(s->reason, sizeof(s->reason), "%s",
                       err == OA_ENOMEM  ? "no memory"
                       : err == OA_EFULL ? "the answer is too large"
                                         : "the answer is no sampling strategy");
    return err;
}

static void say_failure(struct oa_strategies *s)
{
    uint64_t times;

    if (s->host->stopping() || !oa_log_limit_due(&s->failed, 1, s->now_mono_ns(), &times))
        return;
    oa_log(OA_LOG_WARN, "asking %s for a sampling strategy failed: %s (%llu times); continuing with %s", s->shown,
           s->reason, (unsigned long long)times, answered ? "the last one" : "the initial share");
}

static void ask_and_tell(struct oa_strategies *s)
{
    struct oa_strategy strategy;

    if (ask(s, &strategy) != 0) {
        say_failure(s);
    } else {
        answered = true;
        s->host->sampling(&strategy);
    }
    if (s->arena.total_bytes > ARENA_KEEP)
        oa_arena_release(&s->arena);
    else
        oa_arena_reset(&s->arena);
}

uint64_t oa_strategies_work(struct oa_strategies *s, uint32_t flags)
{
    uint64_t now, rest;

    if (!s->transport || flags != 0 || s->host->stopping())
        return UINT64_MAX;
    now = s->now_mono_ns();
    if (now < s->due_mono_ns)
        return s->due_mono_ns - now;
    ask_and_tell(s);
    rest = (s->now_mono_ns() - now) * REST_FACTOR;
    rest = rest > s->interval_ns ? rest : s->interval_ns;
    s->due_mono_ns = s->now_mono_ns() + rest;
    return rest;
}
