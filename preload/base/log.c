#include "preload/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/file_limit.h"
#include "preload/base/limits.h"
#include "preload/base/sigpipe.h"

static enum oa_log_level log_level = OA_LOG_INFO;
static const char *log_path; /* NULL: descriptor 2 */
static _Atomic bool log_file_given_up;
static const char prefix[] = "otel-auto: ";
static void (*log_sink)(int level, const char *line);
static struct {
    dev_t dev;
    ino_t ino;
    int known;
} log_stderr;

/* Raw system calls throughout: the libc names are cancellation points, and some are our own hooks. */
void oa_log_init(enum oa_log_level level, const char *path)
{
    struct stat st;

    log_level = level;
    log_path = path && *path && strcmp(path, "stderr") != 0 ? path : NULL;
    if (level == OA_LOG_NONE)
        return;
    int saved = errno;

    /* By number: glibc asks with an empty path, which lies on a page of its own that few programs touch otherwise. */
    log_stderr.known = syscall(SYS_fstat, 2, &st) == 0;
    if (log_stderr.known) {
        log_stderr.dev = st.st_dev;
        log_stderr.ino = st.st_ino;
    }
    errno = saved;
}

void oa_log_redirect(void (*sink)(int level, const char *line))
{
    log_sink = sink;
}

int oa_log_enabled(enum oa_log_level level)
{
    return level <= log_level && level != OA_LOG_NONE;
}

static int is_stderr(int fd, size_t len)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_dev == log_stderr.dev && st.st_ino == log_stderr.ino &&
           oa_file_limit_allows_append(&st, len);
}

/* The helper thread has a descriptor table of its own: it takes 2 from the host's for one line. */
static long borrow_stderr(void)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)
    long process = syscall(SYS_pidfd_open, syscall(SYS_getpid), 0), fd;

    if (process < 0)
        return -1;
    fd = syscall(SYS_pidfd_getfd, process, 2, 0);
    (void)syscall(SYS_close, process);
    return fd;
#else
    return -1;
#endif
}

/* Neither waits for whoever reads there, nor dies of nobody doing so: a line that is not taken at once is lost. A
 * pipe that polls writable takes more than a line has. */
static void put(long fd, const char *line, size_t len)
{
    struct pollfd wanted = { .fd = (int)fd, .events = POLLOUT };
    struct timespec now = { 0, 0 };
    struct oa_sigpipe hold;

    if (syscall(SYS_ppoll, &wanted, 1, &now, NULL, 0) != 1 || wanted.revents != POLLOUT)
        return;
    oa_sigpipe_hold(&hold);
    (void)syscall(SYS_write, fd, line, len);
    oa_sigpipe_release(&hold);
}

static void write_to_stderr(const char *line, size_t len)
{
    long fd;

    if (!log_stderr.known)
        return;
    if (is_stderr(2, len)) {
        put(2, line, len);
        return;
    }
    fd = borrow_stderr();
    if (fd >= 0 && is_stderr((int)fd, len))
        put(fd, line, len);
    if (fd >= 0)
        (void)syscall(SYS_close, fd);
}

/* Is it the path that is wrong? A process without free descriptors, or a pipe without a reader, has a good one; so
 * has one that gave its rights up, or runs as somebody else than its parent: its stderr was not to have them. */
static bool is_of_path(int err)
{
    return err == ENOENT || err == ENOTDIR || err == EISDIR || err == EROFS || err == ELOOP || err == ENAMETOOLONG;
}

/* From now on descriptor 2 has them. */
static void give_up_file(int err)
{
    char line[OA_LOG_LINE];
    int n = snprintf(line, sizeof(line) - 1,
                     "%sOTEL_AUTO_LOG: %.200s cannot be written to (%s): our messages go to stderr\n", prefix,
                     log_path, strerrordesc_np(err));

    if (n > 0 && !atomic_exchange(&log_file_given_up, true))
        write_to_stderr(line, (size_t)n);
}

static bool write_to_file(const char *line, size_t len)
{
    struct stat st;
    long fd = syscall(SYS_openat, AT_FDCWD, log_path,
                      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

    if (fd < 0) {
        if (is_of_path(errno))
            give_up_file(errno);
        return !atomic_load(&log_file_given_up);
    }
    if (fstat((int)fd, &st) == 0 && oa_file_limit_allows_append(&st, len))
        put(fd, line, len);
    (void)syscall(SYS_close, fd);
    return true;
}

static void log_write(const char *line, size_t len)
{
    if (!log_path || atomic_load(&log_file_given_up) || !write_to_file(line, len))
        write_to_stderr(line, len);
}

void oa_log(enum oa_log_level level, const char *fmt, ...)
{
    char line[OA_LOG_LINE];
    size_t len = sizeof(prefix) - 1;
    int saved = errno, n;
    va_list ap;

    if (!oa_log_enabled(level))
        return;
    memcpy(line, prefix, len);
    va_start(ap, fmt);
    n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
    va_end(ap);
    if (n > 0 && log_sink) {
        log_sink(level, line + len);
    } else if (n > 0) {
        len += (size_t)n < sizeof(line) - len - 1 ? (size_t)n : sizeof(line) - len - 2;
        line[len++] = '\n';
        log_write(line, len);
    }
    errno = saved;
}
