/*
 * An exporter that writes CSV (RFC 4180): a row per span, appended to the file that OTEL_AUTO_PLUGIN_CONFIG names
 * (telemetry.csv without it); a row per data point, to that name with .metrics behind it; and a row per log record,
 * to that name with .logs behind it.
 *
 *     cc -shared -fPIC -o csv_exporter.so csv_exporter.c
 *     OTEL_TRACES_EXPORTER=plugin:$PWD/csv_exporter.so OTEL_AUTO_PLUGIN_CONFIG=/tmp/spans.csv ./app
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "otel_auto_exporter.h"

static void put(FILE *out, struct otel_auto_text text)
{
    int quoted = text.len && (memchr(text.ptr, ',', text.len) || memchr(text.ptr, '"', text.len) ||
                              memchr(text.ptr, '\n', text.len) || memchr(text.ptr, '\r', text.len));

    if (quoted)
        putc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            putc('"', out);
        putc(text.ptr[i], out);
    }
    if (quoted)
        putc('"', out);
}

static void put_hex(FILE *out, const uint8_t *id, size_t len)
{
    static const uint8_t none[16];

    for (size_t i = 0; i < len && memcmp(id, none, len) != 0; i++)
        fprintf(out, "%02x", id[i]);
}

static struct otel_auto_text text_of(const struct otel_auto_attributes *attributes, const char *key)
{
    for (size_t i = 0; i < attributes->count; i++) {
        const struct otel_auto_attribute *a = &attributes->list[i];

        if (a->type == OTEL_AUTO_TEXT && a->key.len == strlen(key) && memcmp(a->key.ptr, key, a->key.len) == 0)
            return a->value.text;
    }
    return (struct otel_auto_text){ "", 0 };
}

/* All attributes in one cell: key=value, divided by semicolons. */
static void put_attributes(FILE *out, const struct otel_auto_attributes *attributes)
{
    char *text = NULL;
    size_t len = 0;
    FILE *cell = open_memstream(&text, &len);

    if (!cell)
        return;
    for (size_t i = 0; i < attributes->count; i++) {
        const struct otel_auto_attribute *a = &attributes->list[i];

        fprintf(cell, "%s%.*s=", i ? ";" : "", (int)a->key.len, a->key.ptr);
        if (a->type == OTEL_AUTO_TEXT)
            fprintf(cell, "%.*s", (int)a->value.text.len, a->value.text.ptr);
        else if (a->type == OTEL_AUTO_DOUBLE)
            fprintf(cell, "%g", a->value.real);
        else if (a->type == OTEL_AUTO_TEXTS)
            for (uint32_t k = 0; k < a->count; k++)
                fprintf(cell, "%s%.*s", k ? "|" : "", (int)a->value.texts[k].len, a->value.texts[k].ptr);
        else
            fprintf(cell, "%" PRId64, a->value.number);
    }
    if (fclose(cell) == 0)
        put(out, (struct otel_auto_text){ text, len });
    free(text);
}

static int init(const struct otel_auto_setup *setup, void **state)
{
    static const char *const behind[] = { "", "", ".metrics", ".logs" }; /* by signal */
    const char *path = *setup->config ? setup->config : "telemetry.csv";
    char *text;

    if (asprintf(&text, "%s%s", path, setup->signal < 4 ? behind[setup->signal] : "") < 0)
        return 1;
    *state = text;
    return 0;
}

/* Rows are made in memory, and written at once: several processes may append to one file. It is open during that
 * only: the program may close what it likes. The first one to make the file writes what stands above the
 * columns. */
static int append(const char *path, const char *head, const char *rows, size_t len)
{
    int made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    int fd = made >= 0 ? made : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    int ok = fd >= 0 && (made < 0 || write(fd, head, strlen(head)) == (ssize_t)strlen(head)) &&
             write(fd, rows, len) == (ssize_t)len;

    if (fd >= 0)
        close(fd);
    return ok ? 0 : 2;
}

static int export_spans(void *state, const struct otel_auto_spans *spans, uint64_t timeout_ns)
{
    static const char *const kinds[] = { "", "internal", "server", "client", "producer", "consumer" };
    static const char *const statuses[] = { "unset", "ok", "error" };
    static const char head[] = "service,trace_id,span_id,parent_span_id,name,kind,status,start_unix_ns,duration_ns,"
                               "sampled,attributes\r\n";
    char *rows = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&rows, &len);
    int result;

    (void)timeout_ns;
    if (!out)
        return 1;
    for (size_t i = 0; i < spans->count; i++) {
        const struct otel_auto_span *span = spans->list[i];

        put(out, text_of(&spans->resource->attributes, "service.name"));
        putc(',', out);
        put_hex(out, span->trace_id, sizeof(span->trace_id));
        putc(',', out);
        put_hex(out, span->span_id, sizeof(span->span_id));
        putc(',', out);
        put_hex(out, span->parent_span_id, sizeof(span->parent_span_id));
        putc(',', out);
        put(out, span->name);
        fprintf(out, ",%s,%s,%" PRIu64 ",%" PRIu64 ",%u,", span->kind < 6 ? kinds[span->kind] : "",
                span->status < 3 ? statuses[span->status] : "", span->start_unix_ns,
                span->end_unix_ns - span->start_unix_ns, span->flags & 1);
        put_attributes(out, &span->attributes);
        fputs("\r\n", out);
    }
    result = fclose(out) == 0 ? append(state, head, rows, len) : 1;
    free(rows);
    return result;
}

static int export_metrics(void *state, const struct otel_auto_metrics *metrics, uint64_t timeout_ns)
{
    static const char head[] = "service,metric,unit,time_unix_ns,value,count,attributes\r\n";
    char *rows = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&rows, &len);
    int result;

    (void)timeout_ns;
    if (!out)
        return 1;
    for (size_t i = 0; i < metrics->count; i++) {
        const struct otel_auto_metric *metric = metrics->list[i];

        for (size_t k = 0; k < metric->count; k++) {
            const struct otel_auto_point *point = metric->points[k];

            put(out, text_of(&metrics->resource->attributes, "service.name"));
            putc(',', out);
            put(out, metric->name);
            putc(',', out);
            put(out, metric->unit);
            fprintf(out, ",%" PRIu64 ",%.*g,%" PRIu64 ",", point->time_unix_ns, 17, point->value, point->count);
            put_attributes(out, &point->attributes);
            fputs("\r\n", out);
        }
    }
    result = fclose(out) == 0 ? append(state, head, rows, len) : 1;
    free(rows);
    return result;
}

static int export_logs(void *state, const struct otel_auto_logs *logs, uint64_t timeout_ns)
{
    static const char head[] = "service,time_unix_ns,severity,trace_id,span_id,body,attributes\r\n";
    char *rows = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&rows, &len);
    int result;

    (void)timeout_ns;
    if (!out)
        return 1;
    for (size_t i = 0; i < logs->count; i++) {
        const struct otel_auto_log *log = logs->list[i];

        put(out, text_of(&logs->resource->attributes, "service.name"));
        fprintf(out, ",%" PRIu64 ",%" PRIu32 ",", log->time_unix_ns ? log->time_unix_ns : log->observed_unix_ns,
                log->severity);
        put_hex(out, log->trace_id, sizeof(log->trace_id));
        putc(',', out);
        put_hex(out, log->span_id, sizeof(log->span_id));
        putc(',', out);
        put(out, log->body);
        putc(',', out);
        put_attributes(out, &log->attributes);
        fputs("\r\n", out);
    }
    result = fclose(out) == 0 ? append(state, head, rows, len) : 1;
    free(rows);
    return result;
}

static void shutdown(void *state, uint64_t timeout_ns)
{
    (void)timeout_ns;
    free(state);
}

const struct otel_auto_exporter otel_auto_exporter = {
    .struct_size = sizeof(otel_auto_exporter),
    .name = "csv",
    .init = init,
    .export_spans = export_spans,
    .export_metrics = export_metrics,
    .export_logs = export_logs,
    .shutdown = shutdown,
};
