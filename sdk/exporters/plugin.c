/*
 * An exporter that somebody else wrote: plugin:PATH names a shared object that defines what otel_auto_exporter.h
 * says. It is opened with the first signal that names it and stays.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/plugin_views.h"
#include "sdk/transport/log_limit.h"

#define PLUGIN_CHUNK_BYTES (16u * 1024)
#define PLUGIN_BYTES_MAX (256u * 1024 * 1024)

struct plugin {
    struct oa_exporter base;
    struct otel_auto_exporter api; /* a copy: what the plug-in is too old to know is NULL */
    void *state;
    struct oa_arena lasting, arena; /* the resource; one export */
    struct otel_auto_resource resource;
    struct oa_log_limit failed;
};

static uint64_t time_left(uint64_t deadline_mono_ns)
{
    uint64_t now = oa_clock_mono_ns();

    if (deadline_mono_ns == 0)
        return UINT64_MAX;
    return deadline_mono_ns > now ? deadline_mono_ns - now : 0;
}

static int judge(struct plugin *plugin, int result, uint64_t items, const char *lost)
{
    uint64_t total;

    if (result == 0)
        return 0;
    if (oa_log_limit_due(&plugin->failed, items, oa_clock_mono_ns(), &total))
        oa_log(OA_LOG_WARN, "exporting through the plug-in %.32s failed (%d); %llu %s", plugin->api.name, result,
               (unsigned long long)total, lost);
    return OA_EIO;
}

static int plugin_export_spans(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct plugin *plugin = (struct plugin *)self;
    struct otel_auto_spans spans;

    if (batch->count == 0)
        return 0;
    oa_arena_reset(&plugin->arena);
    if (oa_plugin_spans(batch, &plugin->resource, &plugin->arena, &spans) != 0)
        return OA_ENOMEM;
    return judge(plugin, plugin->api.export_spans(plugin->state, &spans, time_left(deadline_mono_ns)), batch->count,
                 "spans dropped");
}

static int plugin_export_logs(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct plugin *plugin = (struct plugin *)self;
    struct otel_auto_logs logs;

    if (batch->count == 0)
        return 0;
    oa_arena_reset(&plugin->arena);
    if (oa_plugin_logs(batch, &plugin->resource, &plugin->arena, &logs) != 0)
        return OA_ENOMEM;
    return judge(plugin, plugin->api.export_logs(plugin->state, &logs, time_left(deadline_mono_ns)), batch->count,
                 "log records dropped");
}

static int plugin_export_metrics(struct oa_exporter *self, const struct oa_collection *metrics,
                                 uint64_t deadline_mono_ns)
{
    struct plugin *plugin = (struct plugin *)self;
    struct otel_auto_metrics view;

    oa_arena_reset(&plugin->arena);
    if (oa_plugin_metrics(metrics, &plugin->resource, &plugin->arena, &view) != 0)
        return OA_ENOMEM;
    return judge(plugin, plugin->api.export_metrics(plugin->state, &view, time_left(deadline_mono_ns)),
                 metrics->point_count, "data points not delivered");
}

static int plugin_force_flush(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct plugin *plugin = (struct plugin *)self;

    return plugin->api.flush && plugin->api.flush(plugin->state, time_left(deadline_mono_ns)) != 0 ? OA_EIO : 0;
}

static void plugin_free(struct plugin *plugin)
{
    oa_arena_release(&plugin->arena);
    oa_arena_release(&plugin->lasting);
    free(plugin);
}

static int plugin_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct plugin *plugin = (struct plugin *)self;

    if (plugin->api.shutdown)
        plugin->api.shutdown(plugin->state, time_left(deadline_mono_ns));
    plugin_free(plugin);
    return 0;
}

static void plugin_log(int level, const char *line)
{
    static const enum oa_log_level levels[] = { OA_LOG_ERROR, OA_LOG_ERROR, OA_LOG_WARN, OA_LOG_INFO };

    oa_log(level >= 0 && (size_t)level < OA_COUNT(levels) ? levels[level] : OA_LOG_DEBUG, "%s", line);
}

/* dlopen() of a pipe waits for somebody to write there, with the loader's lock in its hands: the program could not
 * even end. A name without '/' is looked up by the loader. */
static bool is_no_file(const char *path)
{
    struct stat st;

    return strchr(path, '/') && stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* NULL, or why it cannot be used. Not DEEPBIND: it may meet the program's own malloc on both sides of a strdup(). */
static const char *plugin_open(struct plugin *plugin, const char *path)
{
    const struct otel_auto_exporter *api;
    const char *error;
    void *handle;
    size_t known;

    if (is_no_file(path))
        return "it is no file";
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    error = handle ? NULL : dlerror();
    api = handle ? dlsym(handle, "otel_auto_exporter") : NULL;
    if (!handle)
        return error ? error : "it cannot be opened";
    if (!api)
        return "it does not define otel_auto_exporter";
    known = api->struct_size < sizeof(plugin->api) ? api->struct_size : sizeof(plugin->api);
    if (known < offsetof(struct otel_auto_exporter, export_metrics))
        return "its struct_size is too small";
    memcpy(&plugin->api, api, known);
    plugin->api.name = plugin->api.name ? plugin->api.name : "";
    return NULL;
}

static const char *plugin_start(struct plugin *plugin, const struct oa_exporter_setup *setup)
{
    const struct {
        uint32_t signal;
        bool can;
        const char *if_not;
    } signals[] = {
        [OA_SIGNAL_TRACES] = { OTEL_AUTO_TRACES, plugin->api.export_spans, "it does not export spans" },
        [OA_SIGNAL_METRICS] = { OTEL_AUTO_METRICS, plugin->api.export_metrics, "it does not export metrics" },
        [OA_SIGNAL_LOGS] = { OTEL_AUTO_LOGS, plugin->api.export_logs, "it does not export log records" },
    };
    struct otel_auto_setup given = {
        .struct_size = sizeof(given),
        .signal = signals[setup->signal].signal,
        .resource = &plugin->resource,
        .config = setup->env->auto_plugin_config,
        .log = plugin_log,
    };

    if (!signals[setup->signal].can)
        return signals[setup->signal].if_not;
    if (oa_plugin_resource(setup->resource, &plugin->lasting, &plugin->resource) != 0)
        return "no memory";
    if (plugin->api.init && plugin->api.init(&given, &plugin->state) != 0)
        return "its init failed";
    return NULL;
}

struct oa_exporter *oa_exporter_plugin_new(const struct oa_exporter_setup *setup)
{
    struct plugin *plugin = calloc(1, sizeof(*plugin));
    const char *error;
    char path[1024];

    if (!plugin)
        return NULL;
    plugin->base = (struct oa_exporter){
        .export_spans = plugin_export_spans,
        .export_logs = plugin_export_logs,
        .export_metrics = plugin_export_metrics,
        .force_flush = plugin_force_flush,
        .shutdown = plugin_shutdown,
        .takes_unsampled = true,
        .kind = "plugin",
    };
    oa_arena_init(&plugin->lasting, 1024, PLUGIN_BYTES_MAX);
    oa_arena_init(&plugin->arena, PLUGIN_CHUNK_BYTES, PLUGIN_BYTES_MAX);
    error = setup->argument.len < sizeof(path) ? NULL : "its path is too long";
    if (!error) {
        memcpy(path, setup->argument.ptr, setup->argument.len);
        path[setup->argument.len] = '\0';
        error = plugin_open(plugin, path);
    }
    if (!error)
        error = plugin_start(plugin, setup);
    if (!error)
        return &plugin->base;
    oa_log(OA_LOG_ERROR, "plug-in %.*s: %s", (int)(setup->argument.len < 200 ? setup->argument.len : 200),
           setup->argument.ptr, error);
    plugin_free(plugin);
    return NULL;
}
