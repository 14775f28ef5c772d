/*
 * The console exporter: spans, metrics and log records as text on the host's standard output or error, or in a file.
 * For debugging. One write per object (json: a span, a record, a collection; tree: a batch), so that lines of ours
 * and of the host do not mix inside one another. Standard output may be the protocol channel of the program (CGI,
 * filters): this exporter is never on by default.
 */
#include <stdlib.h>

#include "env/env.h"
#include "preload/abi.h"
#include "sdk/encode/console.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/text_sink.h"

#define CONSOLE_CHUNK_BYTES (8u * 1024)
#define CONSOLE_BYTES_MAX (64u * 1024 * 1024)

struct console {
    struct oa_exporter base;
    const struct oa_resource *resource;
    struct oa_arena arena;
    struct oa_text_sink sink;
    uint8_t format; /* enum oa_env_console_format */
};

static int console_export_tree(struct console *console, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct oa_slice text;
    int err;

    oa_arena_reset(&console->arena);
    err = batch->type == OA_RECORD_LOG ? oa_console_log_lines(batch, &console->arena, &text)
                                       : oa_console_tree(batch, &console->arena, &text);
    return err < 0 ? err : oa_text_sink_put(&console->sink, text, deadline_mono_ns);
}

static int console_export_json(struct console *console, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct oa_slice text;
    int err = 0;

    for (uint32_t i = 0; i < batch->count && err == 0; i++) {
        oa_arena_reset(&console->arena);
        err = batch->type == OA_RECORD_LOG
                  ? oa_console_log_json(&batch->logs[i], console->resource, &console->arena, &text)
                  : oa_console_json(&batch->spans[i], console->resource, &console->arena, &text);
        if (err == 0)
            err = oa_text_sink_put(&console->sink, text, deadline_mono_ns);
    }
    return err;
}

/* Of either kind. */
static int console_export(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline_mono_ns)
{
    struct console *console = (struct console *)self;
    int err = oa_text_sink_begin(&console->sink);

    if (err == 0 && console->format == OA_ENV_CONSOLE_FORMAT_TREE)
        err = console_export_tree(console, batch, deadline_mono_ns);
    else if (err == 0)
        err = console_export_json(console, batch, deadline_mono_ns);
    return oa_text_sink_end(&console->sink, err, batch->count,
                            batch->type == OA_RECORD_LOG ? "log records dropped" : "spans dropped");
}

static int console_export_metrics(struct oa_exporter *self, const struct oa_collection *metrics,
                                  uint64_t deadline_mono_ns)
{
    struct console *console = (struct console *)self;
    int err = oa_text_sink_begin(&console->sink);
    struct oa_slice text;

    oa_arena_reset(&console->arena);
    if (err == 0)
        err = console->format == OA_ENV_CONSOLE_FORMAT_TREE
                  ? oa_console_metrics_lines(metrics, &console->arena, &text)
                  : oa_console_metrics_json(metrics, console->resource, &console->arena, &text);
    if (err == 0)
        err = oa_text_sink_put(&console->sink, text, deadline_mono_ns);
    return oa_text_sink_end(&console->sink, err, metrics->point_count, "data points not delivered");
}

static int console_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    struct console *console = (struct console *)self;

    (void)deadline_mono_ns;
    oa_arena_release(&console->arena);
    oa_text_sink_release(&console->sink);
    free(console);
    return 0;
}

struct oa_exporter *oa_exporter_console_new(const struct oa_exporter_setup *setup)
{
    struct console *console = calloc(1, sizeof(*console));

    if (!console)
        return NULL;
    console->base = (struct oa_exporter){
        .export_spans = console_export,
        .export_logs = console_export,
        .export_metrics = console_export_metrics,
        .shutdown = console_shutdown,
        .kind = "console",
    };
    console->resource = setup->resource;
    console->format = setup->env->auto_console_format;
    oa_arena_init(&console->arena, CONSOLE_CHUNK_BYTES, CONSOLE_BYTES_MAX);
    if (oa_text_sink_init(&console->sink, setup->host, setup->env->auto_console) == 0)
        return &console->base;
    (void)console_shutdown(&console->base, 0);
    return NULL;
}
