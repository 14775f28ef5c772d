/* The functions of stdio where lines are recorded. libc's own does what it is asked, then what it took is told. */
#include "hooks/libc/stdio.h"

#include <limits.h>
#include <string.h>

#include "hooks/instrumentation/log_inline.h"
#include "hooks/libc/output.h"
#include "hooks/libc/wrap.h"

#define NOT_OURS (-1)

static void tell_inline(int stream)
{
    struct oa_guard guard;

    if (!oa_guard_enter(&guard))
        return;
    oa_log_inline_tell((enum oa_log_stream)stream);
    oa_hook_leave(&guard);
}

/* Before the real call: the stream whose lines are recorded, or NOT_OURS. */
static int begin(const FILE *file)
{
    int stream = file == stdout ? OA_LOG_STDOUT : file == stderr ? OA_LOG_STDERR : NOT_OURS;

    if (stream == NOT_OURS || !file || !oa_fd_in_range(0) || oa_fd_is_conn(oa_fd_word(stream + STDOUT_FILENO)))
        return NOT_OURS;
    if (oa_log_inline_on)
        tell_inline(stream);
    return stream;
}

/* The same of a descriptor, past its stream. */
static int begin_fd(int fd)
{
    if ((fd != STDOUT_FILENO && fd != STDERR_FILENO) || !oa_fd_in_range(fd) || oa_fd_is_conn(oa_fd_word(fd)))
        return NOT_OURS;
    return fd == STDOUT_FILENO ? OA_LOG_STDOUT : OA_LOG_STDERR;
}

static bool enter(int stream, struct oa_guard *guard)
{
    return stream != NOT_OURS && oa_guard_enter(guard);
}

static void leave(int stream, struct oa_guard *guard)
{
    if (oa_log_inline_on)
        oa_log_inline_mark((enum oa_log_stream)stream);
    oa_hook_leave(guard);
}

/* n bytes of text were taken, and a newline behind them if `line`. */
static void took(int stream, const void *text, size_t n, bool line)
{
    struct iovec iov[] = { { .iov_base = (void *)text, .iov_len = n }, { .iov_base = "\n", .iov_len = line } };
    struct oa_guard guard;

    if (!enter(stream, &guard))
        return;
    oa_log_lines_put((enum oa_log_stream)stream, iov, 2, n + line);
    leave(stream, &guard);
}

/* r bytes were taken, formatted with the errno of before the call. */
static int took_format(int stream, int before, int r, const char *format, va_list ap)
{
    struct oa_guard guard;
    int after = errno;

    if (r <= 0 || !enter(stream, &guard))
        return r;
    guard.saved_errno = before;
    oa_log_lines_format(&guard, (enum oa_log_stream)stream, (size_t)r, format, ap);
    guard.saved_errno = after;
    leave(stream, &guard);
    return r;
}

static int took_char(int stream, int r)
{
    char c = (char)r;

    if (r != EOF)
        took(stream, &c, 1, false);
    return r;
}

int oa_stdio_puts(const char *text)
{
    int stream = begin(stdout), r = OA_REAL(puts)(text);

    if (r >= 0)
        took(stream, text, strlen(text), true);
    return r;
}

int oa_stdio_fputs(const char *text, FILE *file)
{
    int stream = begin(file), r = OA_REAL(fputs)(text, file);

    if (r >= 0)
        took(stream, text, strlen(text), false);
    return r;
}

int oa_stdio_fputs_unlocked(const char *text, FILE *file)
{
    int stream = begin(file), r = OA_REAL(fputs_unlocked)(text, file);

    if (r >= 0)
        took(stream, text, strlen(text), false);
    return r;
}

size_t oa_stdio_fwrite(const void *items, size_t size, size_t count, FILE *file)
{
    int stream = begin(file);
    size_t r = OA_REAL(fwrite)(items, size, count, file);

    took(stream, items, r * size, false);
    return r;
}

size_t oa_stdio_fwrite_unlocked(const void *items, size_t size, size_t count, FILE *file)
{
    int stream = begin(file);
    size_t r = OA_REAL(fwrite_unlocked)(items, size, count, file);

    took(stream, items, r * size, false);
    return r;
}

int oa_stdio_fputc(int c, FILE *file)
{
    int stream = begin(file);

    return took_char(stream, OA_REAL(fputc)(c, file));
}

int oa_stdio_fputc_unlocked(int c, FILE *file)
{
    int stream = begin(file);

    return took_char(stream, OA_REAL(fputc_unlocked)(c, file));
}

int oa_stdio_putc(int c, FILE *file)
{
    int stream = begin(file);

    return took_char(stream, OA_REAL(putc)(c, file));
}

int oa_stdio_putc_unlocked(int c, FILE *file)
{
    int stream = begin(file);

    return took_char(stream, OA_REAL(putc_unlocked)(c, file));
}

int oa_stdio__IO_putc(int c, FILE *file)
{
    int stream = begin(file);

    return took_char(stream, OA_REAL(_IO_putc)(c, file));
}

int oa_stdio_putchar(int c)
{
    int stream = begin(stdout);

    return took_char(stream, OA_REAL(putchar)(c));
}

int oa_stdio_putchar_unlocked(int c)
{
    int stream = begin(stdout);

    return took_char(stream, OA_REAL(putchar_unlocked)(c));
}

/* What putc_unlocked() calls where the buffer is full. */
int oa_stdio___overflow(FILE *file, int c)
{
    int stream = begin(file), r = OA_REAL(__overflow)(file, c);

    if (c != EOF)
        return took_char(stream, r);
    took(stream, "", 0, false);
    return r;
}

static int flush(FILE *file, int (*real)(FILE *file))
{
    int out = begin(file ? file : stdout), err = file ? NOT_OURS : begin(stderr), r = real(file);

    took(out, "", 0, false); /* the buffer is empty now */
    took(err, "", 0, false);
    return r;
}

int oa_stdio_fflush(FILE *file)
{
    return flush(file, &OA_REAL(fflush));
}

int oa_stdio_fflush_unlocked(FILE *file)
{
    return flush(file, &OA_REAL(fflush_unlocked));
}

void oa_output_closing(const FILE *file)
{
    int stream = oa_log_inline_on ? begin(file) : NOT_OURS;
    struct oa_guard guard;

    if (!enter(stream, &guard))
        return;
    oa_log_inline_forget((enum oa_log_stream)stream);
    oa_hook_leave(&guard);
}

int oa_stdio_vfprintf(FILE *file, const char *format, va_list ap)
{
    int before = errno, stream = begin(file), r;
    va_list again;

    va_copy(again, ap);
    r = took_format(stream, before, OA_REAL(vfprintf)(file, format, ap), format, again);
    va_end(again);
    return r;
}

int oa_stdio___vfprintf_chk(FILE *file, int flag, const char *format, va_list ap)
{
    int before = errno, stream = begin(file), r;
    va_list again;

    va_copy(again, ap);
    r = took_format(stream, before, OA_REAL(__vfprintf_chk)(file, flag, format, ap), format, again);
    va_end(again);
    return r;
}

int oa_stdio_vdprintf(int fd, const char *format, va_list ap)
{
    int before = errno, stream = begin_fd(fd), r;
    va_list again;

    va_copy(again, ap);
    r = took_format(stream, before, OA_REAL(vdprintf)(fd, format, ap), format, again);
    va_end(again);
    return r;
}

int oa_stdio___vdprintf_chk(int fd, int flag, const char *format, va_list ap)
{
    int before = errno, stream = begin_fd(fd), r;
    va_list again;

    va_copy(again, ap);
    r = took_format(stream, before, OA_REAL(__vdprintf_chk)(fd, flag, format, ap), format, again);
    va_end(again);
    return r;
}

int oa_stdio_vprintf(const char *format, va_list ap)
{
    return oa_stdio_vfprintf(stdout, format, ap);
}

int oa_stdio___vprintf_chk(int flag, const char *format, va_list ap)
{
    return oa_stdio___vfprintf_chk(stdout, flag, format, ap);
}

/* The variadic ones are what those with lists are. */
#define BY_LIST(call)         \
    ({                        \
        va_list ap;           \
        int r_;               \
        va_start(ap, format); \
        r_ = (call);          \
        va_end(ap);           \
        r_;                   \
    })

int oa_stdio_printf(const char *format, ...)
{
    return BY_LIST(oa_stdio_vfprintf(stdout, format, ap));
}

int oa_stdio___printf_chk(int flag, const char *format, ...)
{
    return BY_LIST(oa_stdio___vfprintf_chk(stdout, flag, format, ap));
}

int oa_stdio_fprintf(FILE *file, const char *format, ...)
{
    return BY_LIST(oa_stdio_vfprintf(file, format, ap));
}

int oa_stdio___fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    return BY_LIST(oa_stdio___vfprintf_chk(file, flag, format, ap));
}

int oa_stdio_dprintf(int fd, const char *format, ...)
{
    return BY_LIST(oa_stdio_vdprintf(fd, format, ap));
}

int oa_stdio___dprintf_chk(int fd, int flag, const char *format, ...)
{
    return BY_LIST(oa_stdio___vdprintf_chk(fd, flag, format, ap));
}

static void took_error(int stream, int before, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    (void)took_format(stream, before, INT_MAX, format, ap);
    va_end(ap);
}

/* It tells nobody whether it was taken, other than by the stream's mark. */
void oa_stdio_perror(const char *text)
{
    int before = errno, stream = begin(stderr);

    OA_REAL(perror)(text);
    if (stream != NOT_OURS && !ferror_unlocked(stderr))
        took_error(stream, before, text && *text ? "%s: %m\n" : "%s%m\n", text ? text : "");
}
