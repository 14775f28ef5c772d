#include "hooks/instrumentation/log_lines.h"

#include <string.h>
#include <unistd.h>

#include "env/env.h"
#include "hooks/instrumentation/log_format.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/compiler.h"
#include "preload/base/clock.h"
#include "preload/base/copy.h"
#include "preload/base/limits.h"
#include "preload/base/utf8.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "sdk/api/logger.h"

struct stream {
    _Atomic uint32_t busy; /* 1: a thread has all of this */
    uint32_t len;          /* of a line that has not ended, always less than OA_LOG_BODY_MAX */
    char text[OA_LOG_BODY_MAX];
    char formatted[OA_LOG_BODY_MAX + 1];
};

OA_BIG static struct stream streams[OA_LOG_STREAM_COUNT];

uint8_t oa_log_lines_on;

OA_START void oa_log_lines_init(void)
{
    if (!oa_env()->stdio_enabled || !oa_logger_enabled())
        return;
    oa_log_lines_on = 1;
    oa_fd_outputs = STDERR_FILENO;
}

/* One try: who has it may be a thread that this one interrupts, or waits for. */
static bool claim(struct stream *s)
{
    uint32_t expected = 0;

    return atomic_compare_exchange_strong_explicit(&s->busy, &expected, 1, memory_order_acquire,
                                                   memory_order_relaxed);
}

static void unclaim(struct stream *s)
{
    atomic_store_explicit(&s->busy, 0, memory_order_release);
}

static bool begin(struct oa_log_writer *w, size_t body_max)
{
    struct oa_span_context context;

    oa_parent_context(&context);
    return oa_logger_begin(
        w, &(struct oa_log_head){ .scope = OA_SCOPE_STDIO, .unix_ns = oa_clock_unix_ns(), .context = &context },
        (uint32_t)body_max, 1, 8);
}

static void finish(struct oa_log_writer *w, enum oa_log_stream stream, struct oa_log_text text)
{
    oa_logger_body(w, (uint32_t)text.len, (uint32_t)text.written);
    oa_logger_str(w, OA_KEY_LOG_IOSTREAM, stream == OA_LOG_STDOUT ? OA_SLICE("stdout") : OA_SLICE("stderr"));
    oa_logger_commit(w);
}

static void emit(enum oa_log_stream stream, struct oa_slice body)
{
    struct oa_log_writer w;

    if (!body.len || !begin(&w, body.len))
        return;
    oa_copy(w.body, body.ptr, body.len);
    finish(&w, stream, (struct oa_log_text){ .len = body.len, .written = body.len });
}

/* How much of a line that is longer becomes a record: what may be half of its end stays with the rest. */
static size_t piece(const char *text)
{
    size_t n = oa_utf8_cut(text, OA_LOG_BODY_MAX);

    return text[n - 1] == '\r' ? n - 1 : n;
}

static void emit_line(enum oa_log_stream stream, struct oa_slice line)
{
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    while (line.len > OA_LOG_BODY_MAX) {
        size_t n = piece(line.ptr);

        emit(stream, (struct oa_slice){ line.ptr, n });
        line.ptr += n;
        line.len -= n;
    }
    emit(stream, line);
}

static void end_line(struct stream *s, enum oa_log_stream stream)
{
    emit_line(stream, (struct oa_slice){ s->text, s->len });
    s->len = 0;
}

static void keep(struct stream *s, enum oa_log_stream stream, struct oa_slice part)
{
    while (part.len) {
        size_t room = OA_LOG_BODY_MAX - s->len, n = part.len < room ? part.len : room;

        oa_copy(s->text + s->len, part.ptr, n);
        s->len += (uint32_t)n;
        part.ptr += n;
        part.len -= n;
        if (s->len < OA_LOG_BODY_MAX)
            return;
        n = piece(s->text);
        emit(stream, (struct oa_slice){ s->text, n });
        s->len -= (uint32_t)n;
        memmove(s->text, s->text + n, s->len);
    }
}

/* s: NULL if somebody else has it: a part of a line is a record then. */
static void feed(struct stream *s, enum oa_log_stream stream, struct oa_slice text)
{
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct oa_slice part = { text.ptr, end ? (size_t)(end - text.ptr) : text.len };

        text.ptr += part.len + (end != NULL);
        text.len -= part.len + (end != NULL);
        if (!s || (end && !s->len)) {
            emit_line(stream, part);
            continue;
        }
        keep(s, stream, part);
        if (end)
            end_line(s, stream);
    }
}

void oa_log_lines_put(enum oa_log_stream stream, const struct iovec *iov, int count, size_t n)
{
    struct stream *s;

    oa_life_notice_fork();
    s = claim(&streams[stream]) ? &streams[stream] : NULL;
    for (int i = 0; i < count && n; i++) {
        size_t len = iov[i].iov_len < n ? iov[i].iov_len : n;

        feed(s, stream, (struct oa_slice){ iov[i].iov_base, len });
        n -= len;
    }
    if (s)
        unclaim(s);
}

/* Nobody's buffer is free: the text is formatted into a record of its own, whole lines or not. */
static void format_alone(struct oa_guard *guard, enum oa_log_stream stream, const char *format, va_list ap)
{
    struct oa_log_writer w;
    struct oa_log_text text;

    if (!begin(&w, OA_LOG_BODY_MAX + 1))
        return;
    text = oa_log_format(guard, w.body, OA_LOG_BODY_MAX + 1, format, ap);
    if (text.len && w.body[text.len - 1] == '\n')
        text.len--;
    if (text.len && w.body[text.len - 1] == '\r')
        text.len--;
    finish(&w, stream, text);
}

void oa_log_lines_format(struct oa_guard *guard, enum oa_log_stream stream, size_t n, const char *format, va_list ap)
{
    struct stream *s = &streams[stream];
    bool repeats = oa_log_format_repeats(format);

    oa_life_notice_fork();
    if (!claim(s)) {
        if (repeats)
            format_alone(guard, stream, format, ap);
        return;
    }
    if (repeats) {
        struct oa_log_text text = oa_log_format(guard, s->formatted, sizeof(s->formatted), format, ap);

        feed(s, stream, (struct oa_slice){ s->formatted, text.len < n ? text.len : n });
        repeats = text.len >= n;
    }
    if (!repeats) /* what is missing stands between what came before and what comes next */
        end_line(s, stream);
    unclaim(s);
}

OA_START void oa_log_lines_end(void)
{
    oa_life_notice_fork();
    for (int i = 0; oa_log_lines_on && i < OA_LOG_STREAM_COUNT; i++)
        if (claim(&streams[i])) {
            end_line(&streams[i], (enum oa_log_stream)i);
            unclaim(&streams[i]);
        }
}

void oa_log_lines_forked(void)
{
    for (int i = 0; oa_log_lines_on && i < OA_LOG_STREAM_COUNT; i++) {
        streams[i].len = 0;
        unclaim(&streams[i]); /* whoever had it is not in this process */
    }
}
