/*
 * The console exporter: spans and metrics as text on the host's standard output or error, or in a file. For
 * debugging. One write per object (json: a span, a collection; tree: a batch), so that lines of ours and of the host
 * do not mix inside one another. Standard output may be the protocol channel of the program (CGI,
 * filters): this exporter is never on by default, and writes only while the descriptor is still the
 * file that it was when the process started telling.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/err.h"
#include "sdk/encode/console.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/fd_writer.h"
#include "sdk/transport/own_fd.h"

#define CONSOLE_CHUNK_BYTES (8u * 1024)
#define CONSOLE_BYTES_MAX (64u * 1024 * 1024)

struct console {
    struct oa_exporter base;
    const struct oa_resource *resource;
    const struct oa_host *host;
    struct oa_arena arena;
    struct oa_fd_identity stream; /* unused if there is a path */
    char *path;                   /* absolute; NULL: the stream */
    uint8_t format;               /* enum oa_env_console_format */
};

/* Opened per export: the host may rotate or remove the file, and an idle process holds nothing. */
static int console_open(const struct console *console, struct oa_own_fd *ret_file)
{
    int fd = open(console->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

    return fd < 0 ? OA_EIO : oa_own_fd_adopt(ret_file, console->host, fd);
}

static int console_put(const struct console *console, int fd, struct oa_slice text, uint64_t deadline_mono_ns)
{
    if (!console->path && !oa_fd_identity_holds(&console->stream))
        return OA_EIO;
    return oa_fd_write(fd, text, deadline_mono_ns);
}

static int console_export_tree(struct console *console, const struct oa_span_batch *batch, int fd,
                               uint64_t deadline_mono_ns)
{
    struct oa_slice text;
    int err;

    oa_arena_reset(&console->arena);
    err = oa_console_tree(batch, &console->arena, &text);
    return err < 0 ? err : console_put(console, fd, text, deadline_mono_ns);
}

static int console_export_json(struct console *console, const struct oa_span_batch *batch, int fd,
                               uint64_t deadline_mono_ns)
{
    struct oa_slice text;
    int err = 0;

    for (uint32_t i = 0; i < batch->count && err == 0; i++) {
        oa_arena_reset(&console->arena);
        err = oa_console_json(&batch->spans[i], console->resource, &console->arena, &text);
        if (err == 0)
            err = console_put(console, fd, text, deadline_mono_ns);
    }
    return err;
}

static int console_export(struct oa_exporter *self, const struct oa_span_batch *batch, uint64_t deadline_mono_ns)
{
    struct console *console = (struct console *)self;
    struct oa_own_fd file = OA_OWN_FD_NONE;
    int err = console->path ? console_open(console, &file) : 0;
    int fd = console->path ? file.fd : console->stream.fd;

    if (err == 0 && console->format == OA_ENV_CONSOLE_FORMAT_TREE)
        err = console_export_tree(console, batch, fd, deadline_mono_ns);
    else if (err == 0)
        err = console_export_json(console, batch, fd, deadline_mono_ns);
    oa_own_fd_close(&file, console->host);
    return err;
}

static int console_export_metrics(struct oa_exporter *self, const struct oa_collection *metrics,
                                  uint64_t deadline_mono_ns)
{
    struct console *console = (struct console *)self;
    struct oa_own_fd file = OA_OWN_FD_NONE;
    int err = console->path ? console_open(console, &file) : 0;
    struct oa_slice text;

    oa_arena_reset(&console->arena);
    if (err == 0)
        err = console->format == OA_ENV_CONSOLE_FORMAT_TREE
                  ? oa_console_metrics_lines(metrics, &console->arena, &text)
                  : oa_console_metrics_json(metrics, console->resource, &console->arena, &text);
    if (err == 0)
        err = console_put(console, console->path ? file.fd : console->stream.fd, text, deadline_mono_ns);
    oa_own_fd_close(&file, console->host);
    return err;
}

static int console_force_flush(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    (void)self;
    (void)deadline_mono_ns;
    return 0; /* nothing is ever pending */
}

static void console_free(struct console *console)
{
    oa_arena_release(&console->arena);
    free(console->path);
    free(console);
}

static int console_shutdown(struct oa_exporter *self, uint64_t deadline_mono_ns)
{
    (void)deadline_mono_ns;
    console_free((struct console *)self);
    return 0;
}

/* The program may change its directory later: a relative path means the one it has now. */
static char *absolute_path(const char *path)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0), *full = NULL;
    size_t bytes = (cwd ? strlen(cwd) + 1 : 0) + strlen(path) + 1;

    full = malloc(bytes);
    if (full)
        snprintf(full, bytes, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", path);
    free(cwd);
    return full;
}

static int console_choose(struct console *console, const char *where)
{
    if (!*where || strcmp(where, "stdout") == 0) {
        console->stream = oa_fd_identity_of(STDOUT_FILENO);
        return 0;
    }
    if (strcmp(where, "stderr") == 0) {
        console->stream = oa_fd_identity_of(STDERR_FILENO);
        return 0;
    }
    console->path = absolute_path(where);
    return console->path ? 0 : OA_ENOMEM;
}

struct oa_exporter *oa_exporter_console_new(const struct oa_exporter_setup *setup)
{
    struct console *console = calloc(1, sizeof(*console));

    if (!console)
        return NULL;
    console->base = (struct oa_exporter){
        .export_spans = console_export,
        .export_metrics = console_export_metrics,
        .force_flush = console_force_flush,
        .shutdown = console_shutdown,
    };
    console->resource = setup->resource;
    console->host = setup->host;
    console->format = setup->env->auto_console_format;
    oa_arena_init(&console->arena, CONSOLE_CHUNK_BYTES, CONSOLE_BYTES_MAX);
    if (console_choose(console, setup->env->auto_console) == 0)
        return &console->base;
    console_free(console);
    return NULL;
}
