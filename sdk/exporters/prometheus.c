/*
 * The Prometheus exporter: metrics for whoever asks for /metrics (otel-environment F). What is told is always
 * cumulative.
 *
 * A program that forks is told as one: all its processes count in the same cells (preload/cells.h, family), and one
 * of them answers: the first that comes to it. When that one ends, another takes over within a second. What is
 * observed (process.*, otel.sdk.*) is of the process that answers.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/encode/prometheus_text.h"
#include "sdk/exporters/exporter.h"
#include "sdk/metrics/collector.h"
#include "sdk/transport/http_server.h"

#define LOOK_NS OA_NS_PER_S         /* how often a process looks after the one that answers */
#define SETTLE_NS (5 * OA_NS_PER_S) /* how often one that is not asked puts what it holds back into the cells */
#define ARENA_FIRST (64u * 1024)
#define ARENA_MAX (256u * 1024 * 1024)

struct prometheus {
    struct oa_exporter base;
    const struct oa_host *host;
    const struct oa_resource *resource;
    struct oa_http_server *server;
    bool failed; /* said once, not tried again */
    uint64_t settle_mono_ns;
    /* Of the server's thread. */
    struct oa_collector collector;
    struct oa_metric_reader reader;
    struct oa_arena arena;
};

/* What the environment decides of a format, and no client. */
static void configure(struct oa_prometheus_format *format, const struct oa_env *env)
{
    uint8_t translation = env->auto_prometheus_translation;

    format->without_scope = !env->auto_prometheus_scope;
    format->without_target = !env->auto_prometheus_target;
    format->without_suffixes =
        translation == OA_ENV_TRANSLATION_UNDERSCORES || translation == OA_ENV_TRANSLATION_NONE;
    format->keeps_names = translation == OA_ENV_TRANSLATION_UTF8_SUFFIXES || translation == OA_ENV_TRANSLATION_NONE;
}

static void answer_metrics(struct prometheus *prometheus, const struct oa_http_query *query,
                           struct oa_http_page *page)
{
    struct oa_prometheus_format format = oa_prometheus_negotiate(oa_slice_of(query->accept));
    struct oa_cells *cells = prometheus->host->family_cells();
    struct oa_collection collection;
    int err;

    configure(&format, prometheus->host->env);
    prometheus->host->collecting();
    err = oa_metric_reader_collect(&prometheus->reader, cells, oa_clock_unix_ns(), &collection);
    oa_arena_reset(&prometheus->arena);
    if (err == 0)
        err = oa_prometheus_text(&collection, prometheus->resource, format, &prometheus->arena, &page->body);
    if (err) {
        *page = (struct oa_http_page){ .status = 503, .content_type = "text/plain", .body = OA_SLICE("no memory\n") };
        return;
    }
    page->status = 200;
    oa_prometheus_content_type(format, page->content_type, sizeof(page->content_type));
}

static void answer(void *context, const struct oa_http_query *query, struct oa_http_page *page)
{
    struct oa_slice path = oa_slice_of(query->path);

    if (oa_slice_eq(path, OA_SLICE("/metrics")))
        answer_metrics(context, query, page);
    else if (oa_slice_eq(path, OA_SLICE("/")))
        *page = (struct oa_http_page){ .status = 200,
                                       .content_type = "text/html; charset=utf-8",
                                       .body = OA_SLICE(
                                           "<title>libotel-auto</title><a href=\"/metrics\">metrics</a>\n") };
    else
        *page =
            (struct oa_http_page){ .status = 404, .content_type = "text/plain", .body = OA_SLICE("try /metrics\n") };
}

/* Is it this process that answers, or is there nobody who does? */
static bool is_ours(struct prometheus *prometheus)
{
    struct oa_cells *cells = prometheus->host->family_cells();
    uint32_t me = (uint32_t)getpid(), who;

    if (!cells)
        return false;
    who = atomic_load(&cells->server_pid);
    if (who == me)
        return true;
    if (who && (kill((pid_t)who, 0) == 0 || errno != ESRCH))
        return false;
    return atomic_compare_exchange_strong(&cells->server_pid, &who, me);
}

static void start(struct prometheus *prometheus)
{
    const struct oa_env *env = prometheus->host->env;
    struct oa_http_server_setup setup = { .host = prometheus->host,
                                          .address = env->prometheus_host,
                                          .port = (uint16_t)env->prometheus_port,
                                          .answer = answer,
                                          .context = prometheus };
    const char *error;

    prometheus->server = oa_http_server_new(&setup, &error);
    prometheus->failed = !prometheus->server;
    if (prometheus->failed)
        oa_log(OA_LOG_ERROR, "cannot offer metrics at %s:%u: %s; continuing without", env->prometheus_host,
               env->prometheus_port, error);
    else if (env->prometheus_port == 0)
        oa_log(OA_LOG_INFO, "metrics are offered at http://%s:%u/metrics", env->prometheus_host,
               oa_http_server_port(prometheus->server));
}

static void prometheus_observe(struct oa_exporter *self, struct oa_observed_more more)
{
    ((struct prometheus *)self)->collector.more = more;
}

static uint64_t prometheus_serve(struct oa_exporter *self)
{
    struct prometheus *prometheus = (struct prometheus *)self;
    uint64_t now = oa_clock_mono_ns();

    if (prometheus->server)
        return UINT64_MAX; /* each answer begins with settling */
    if (!prometheus->failed && is_ours(prometheus))
        start(prometheus);
    if (now >= prometheus->settle_mono_ns) {
        prometheus->host->collecting();
        prometheus->settle_mono_ns = now + SETTLE_NS;
    }
    return LOOK_NS;
}

static void prometheus_pause(struct oa_exporter *self)
{
    struct prometheus *prometheus = (struct prometheus *)self;

    if (prometheus->server)
        oa_http_server_stop(prometheus->server);
    prometheus->server = NULL;
}

static int prometheus_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct prometheus *prometheus = (struct prometheus *)self;
    struct oa_cells *cells = prometheus->host->family_cells();
    uint32_t me = (uint32_t)getpid();

    (void)deadline_mono_ns;
    prometheus_pause(self);
    if (cells)
        (void)atomic_compare_exchange_strong(&cells->server_pid, &me, 0);
    oa_collector_release(&prometheus->collector);
    oa_arena_release(&prometheus->arena);
    free(prometheus);
    return 0;
}

struct oa_exporter *oa_exporter_prometheus_new(const struct oa_exporter_setup *setup)
{
    struct prometheus *prometheus = calloc(1, sizeof(*prometheus));
    uint64_t since = setup->host->fork_generation ? oa_clock_unix_ns() : setup->host->process_start_unix_ns;

    if (!prometheus)
        return NULL;
    prometheus->base = (struct oa_exporter){
        .serve = prometheus_serve,
        .observe = prometheus_observe,
        .pause = prometheus_pause,
        .shutdown = prometheus_shutdown,
        .kind = "prometheus_http_text",
    };
    prometheus->host = setup->host;
    prometheus->resource = setup->resource;
    oa_collector_init(&prometheus->collector, false, (uint32_t)getpid(), since);
    oa_arena_init(&prometheus->arena, ARENA_FIRST, ARENA_MAX);
    if (oa_collector_add(&prometheus->collector, &prometheus->reader, OA_ENV_TEMPORALITY_CUMULATIVE) == 0)
        return &prometheus->base;
    free(prometheus);
    return NULL;
}
