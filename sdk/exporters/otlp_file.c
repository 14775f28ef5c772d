/*
 * The OTLP file exporter (otel-environment E.2): JSON lines, each a whole TracesData, MetricsData or LogsData,
 * appended to a file (otlp/file) or written to standard output (otlp/stdout). One write per line. Rotation is left to
 * others.
 */
#include <stdlib.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/encode/otlp_json.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/text_sink.h"

#define FILE_CHUNK_BYTES (16u * 1024)
#define FILE_BYTES_MAX (256u * 1024 * 1024)

struct otlp_file {
    struct oa_exporter base;
    const struct oa_resource *resource;
    struct oa_arena arena;
    struct oa_text_sink sink;
};

/* The text with its line break, in one write. The sink is left to its end. */
static int file_put(struct otlp_file *file, struct oa_slice text, uint64_t deadline_mono_ns)
{
    char *line = oa_arena_alloc(&file->arena, text.len + 1);
    int err = line ? oa_text_sink_begin(&file->sink) : OA_ENOMEM;

    if (err == 0) {
        memcpy(line, text.ptr, text.len);
        line[text.len] = '\n';
        err = oa_text_sink_put(&file->sink, (struct oa_slice){ line, text.len + 1 }, deadline_mono_ns);
    }
    return err;
}

static int file_export_spans(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct otlp_file *file = (struct otlp_file *)self;
    struct oa_slice text;
    int err;

    oa_arena_reset(&file->arena);
    err = oa_otlp_json_spans(batch, file->resource, &file->arena, &text);
    err = err ? err : file_put(file, text, deadline_mono_ns);
    return oa_text_sink_end(&file->sink, err, batch->count, "spans dropped");
}

static int file_export_logs(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct otlp_file *file = (struct otlp_file *)self;
    struct oa_slice text;
    int err;

    oa_arena_reset(&file->arena);
    err = oa_otlp_json_logs(batch, file->resource, &file->arena, &text);
    err = err ? err : file_put(file, text, deadline_mono_ns);
    return oa_text_sink_end(&file->sink, err, batch->count, "log records dropped");
}

static int file_export_metrics(struct oa_exporter *self, const struct oa_collection *metrics,
                               uint64_t deadline_mono_ns)
{
    struct otlp_file *file = (struct otlp_file *)self;
    struct oa_slice text;
    int err;

    oa_arena_reset(&file->arena);
    err = oa_otlp_json_metrics(metrics, file->resource, &file->arena, &text);
    err = err ? err : file_put(file, text, deadline_mono_ns);
    return oa_text_sink_end(&file->sink, err, metrics->point_count, "data points not delivered");
}

static int file_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct otlp_file *file = (struct otlp_file *)self;

    (void)deadline_mono_ns;
    oa_arena_release(&file->arena);
    oa_text_sink_release(&file->sink);
    free(file);
    return 0;
}

static struct oa_exporter *file_new(const struct oa_exporter_setup *setup, const char *where)
{
    struct otlp_file *file = calloc(1, sizeof(*file));

    if (!file)
        return NULL;
    file->base = (struct oa_exporter){
        .export_spans = file_export_spans,
        .export_logs = file_export_logs,
        .export_metrics = file_export_metrics,
        .shutdown = file_shutdown,
        .kind = "otlp_file",
    };
    file->resource = setup->resource;
    oa_arena_init(&file->arena, FILE_CHUNK_BYTES, FILE_BYTES_MAX);
    if (oa_text_sink_init(&file->sink, setup->host, where) == 0)
        return &file->base;
    (void)file_shutdown(&file->base, 0);
    return NULL;
}

struct oa_exporter *oa_exporter_otlp_stdout_new(const struct oa_exporter_setup *setup)
{
    return file_new(setup, "stdout");
}

/* A file holds one kind of data: each signal has a path of its own. */
struct oa_exporter *oa_exporter_otlp_file_new(const struct oa_exporter_setup *setup)
{
    const struct {
        const char *path, *word;
    } signals[] = {
        [OA_SIGNAL_TRACES] = { setup->env->auto_otlp_file_traces, "TRACES" },
        [OA_SIGNAL_METRICS] = { setup->env->auto_otlp_file_metrics, "METRICS" },
        [OA_SIGNAL_LOGS] = { setup->env->auto_otlp_file_logs, "LOGS" },
    };

    if (*signals[setup->signal].path)
        return file_new(setup, signals[setup->signal].path);
    oa_log(OA_LOG_ERROR, "otlp/file needs OTEL_AUTO_OTLP_FILE_%s_PATH; continuing without it",
           signals[setup->signal].word);
    return NULL;
}
