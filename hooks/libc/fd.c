/* Descriptors: their numbers come, are copied and go. Book-keeping only; the calls are made as asked. */
#include <linux/close_range.h>
#include <stdarg.h>

#include "hooks/libc/output.h"
#include "hooks/libc/wrap.h"

/* The state goes before the call: the moment the kernel frees a number, another thread may get it. */
static OA_NOINLINE void closing(int fd)
{
    struct oa_guard guard;

    if (oa_fd_is_conn(oa_fd_word(fd)))
        (void)oa_conn_flush_pending(fd);
    if (oa_guard_enter(&guard)) {
        oa_conn_on_close(fd);
        oa_hook_leave(&guard);
    }
}

static void closing_range(unsigned first, unsigned last)
{
    struct oa_guard guard;

    if (oa_fd_limit && oa_guard_enter(&guard)) {
        oa_conn_forget_range(first, last);
        oa_hook_leave(&guard);
    }
}

static int copied(int from, int to)
{
    struct oa_guard guard;

    if (to >= 0 && oa_fd_limit && oa_guard_enter(&guard)) {
        oa_conn_on_dup(from, to);
        oa_hook_leave(&guard);
    }
    return to;
}

/* Is there anything to forget? */
static inline bool is_known(int fd)
{
    return oa_fd_in_range(fd) && oa_fd_word(fd) != OA_FD_UNKNOWN;
}

static OA_NOINLINE int close_known(int fd)
{
    if (is_known(fd))
        closing(fd);
    return OA_REAL(close)(fd);
}

OA_EXPORT int close(int fd)
{
    __typeof__(oa_real.close) next = OA_REAL_FOUND(close);

    if (oa_likely(next && !is_known(fd)))
        return next(fd);
    return close_known(fd);
}

OA_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    if (!(flags & CLOSE_RANGE_CLOEXEC))
        closing_range(first, last);
    return OA_REAL(close_range)(first, last, flags);
}

OA_EXPORT void closefrom(int first)
{
    closing_range(first < 0 ? 0 : (unsigned)first, ~0u);
    OA_REAL(closefrom)(first);
}

OA_EXPORT int dup(int fd)
{
    return copied(fd, OA_REAL(dup)(fd));
}

OA_EXPORT int dup2(int fd, int to)
{
    return copied(fd, OA_REAL(dup2)(fd, to));
}

OA_EXPORT int dup3(int fd, int to, int flags)
{
    return copied(fd, OA_REAL(dup3)(fd, to, flags));
}

/* Every command takes at most one word: forwarding it unread is right for all of them. */
OA_EXPORT int fcntl(int fd, int cmd, ...)
{
    va_list ap;
    void *arg;

    va_start(ap, cmd);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
        return copied(fd, OA_REAL(fcntl)(fd, cmd, arg));
    return OA_REAL(fcntl)(fd, cmd, arg);
}

OA_EXPORT int fcntl64(int fd, int cmd, ...)
{
    va_list ap;
    void *arg;

    va_start(ap, cmd);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
        return copied(fd, OA_REAL(fcntl64)(fd, cmd, arg));
    return OA_REAL(fcntl64)(fd, cmd, arg);
}

/* The descriptor of a stream, without touching errno; -1 if it has none. */
static int stream_fd(FILE *stream)
{
    int saved = errno, fd;

    if (!stream || !oa_fd_limit || oa_thread.depth)
        return -1;
    fd = fileno(stream);
    errno = saved;
    return fd;
}

static void closing_stream(FILE *stream)
{
    int fd = stream_fd(stream);

    oa_output_closing(stream);
    if (is_known(fd))
        closing(fd);
}

OA_EXPORT int fclose(FILE *stream)
{
    closing_stream(stream);
    return OA_REAL(fclose)(stream);
}

OA_EXPORT int fcloseall(void)
{
    closing_range(0, 2); /* the streams we know to exist; others are caught by their socket's identity */
    return OA_REAL(fcloseall)();
}

OA_EXPORT int pclose(FILE *stream)
{
    closing_stream(stream);
    return OA_REAL(pclose)(stream);
}

OA_EXPORT FILE *freopen(const char *path, const char *mode, FILE *stream)
{
    closing_stream(stream);
    return OA_REAL(freopen)(path, mode, stream);
}

OA_EXPORT FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
    closing_stream(stream);
    return OA_REAL(freopen64)(path, mode, stream);
}

/* stdio's own reads and writes are hidden from us. */
OA_EXPORT FILE *fdopen(int fd, const char *mode)
{
    FILE *stream = OA_REAL(fdopen)(fd, mode);
    struct oa_guard guard;

    if (stream && oa_fd_followed(fd) && oa_guard_enter(&guard)) {
        oa_conn_unseen(fd);
        oa_hook_leave(&guard);
    }
    return stream;
}
