#include "sdk/exporters/fd_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/file_limit.h"
#include "preload/base/sigpipe.h"

#define WRITE_WAIT_NS OA_NS_PER_S /* without a deadline */
#define PIPE_SLACK_PAGES 2        /* the first page may be half read, the last half written */

struct oa_fd_identity oa_fd_identity_of(int fd)
{
    struct oa_fd_identity identity = { .fd = -1 };
    struct stat st;

    if (fstat(fd, &st) == 0)
        identity = (struct oa_fd_identity){ .fd = fd, .dev = st.st_dev, .ino = st.st_ino };
    return identity;
}

bool oa_fd_identity_holds(const struct oa_fd_identity *identity)
{
    struct oa_fd_identity now = oa_fd_identity_of(identity->fd);

    return now.fd >= 0 && now.dev == identity->dev && now.ino == identity->ino;
}

/* 0 once fd takes bytes. poll's milliseconds are rounded up: rounding down would spin at the end. */
static int wait_writable(int fd, uint64_t deadline_mono_ns)
{
    struct pollfd wanted = { .fd = fd, .events = POLLOUT };
    uint64_t now = oa_clock_mono_ns();
    int ready;

    if (now >= deadline_mono_ns)
        return OA_ETIMEOUT;
    ready = poll(&wanted, 1, (int)((deadline_mono_ns - now + OA_NS_PER_MS - 1) / OA_NS_PER_MS % INT_MAX));
    if (ready < 0)
        return errno == EINTR ? OA_EAGAIN : OA_EIO;
    if (ready == 0)
        return OA_EAGAIN;
    return wanted.revents & POLLOUT ? 0 : OA_EIO;
}

/* How many bytes may be written at once without blocking. A pipe that polls writable has room for
 * PIPE_BUF; for more than that, its fill must be known. Files and terminals take what there is. */
static size_t write_size(int fd, mode_t mode, size_t len)
{
    long page = sysconf(_SC_PAGESIZE);
    int capacity, filled = 0;

    if (!S_ISFIFO(mode) || len <= PIPE_BUF)
        return len;
    capacity = fcntl(fd, F_GETPIPE_SZ);
    if (capacity > 0 && ioctl(fd, FIONREAD, &filled) == 0 &&
        (uint64_t)filled + len + (uint64_t)(PIPE_SLACK_PAGES * page) <= (uint64_t)capacity)
        return len;
    return PIPE_BUF;
}

static int write_some(int fd, mode_t mode, struct oa_slice *bytes)
{
    size_t size = write_size(fd, mode, bytes->len);
    ssize_t put =
        S_ISSOCK(mode) ? send(fd, bytes->ptr, size, MSG_DONTWAIT | MSG_NOSIGNAL) : write(fd, bytes->ptr, size);

    if (put < 0)
        return errno == EAGAIN || errno == EINTR ? OA_EAGAIN : OA_EIO;
    *bytes = (struct oa_slice){ bytes->ptr + put, bytes->len - (size_t)put };
    return 0;
}

int oa_fd_write(int fd, struct oa_slice bytes, uint64_t deadline_mono_ns)
{
    uint64_t deadline = deadline_mono_ns ? deadline_mono_ns : oa_clock_mono_ns() + WRITE_WAIT_NS;
    struct oa_sigpipe hold;
    struct stat st;
    int err = 0;

    if (fstat(fd, &st) != 0 || !oa_file_limit_allows_append(&st, bytes.len))
        return OA_EIO;
    oa_sigpipe_hold(&hold);
    while (bytes.len && (err == 0 || err == OA_EAGAIN)) {
        err = wait_writable(fd, deadline);
        if (err == 0)
            err = write_some(fd, st.st_mode, &bytes);
    }
    oa_sigpipe_release(&hold);
    return err;
}
