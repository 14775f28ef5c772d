#include "sdk/transport/own_fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/err.h"

#define OWN_FD_ROOM 64u /* numbers kept below the ceiling for several descriptors of ours */

/* The lowest number that we would like to have. */
static int own_fd_floor(bool hurry)
{
    struct rlimit limit;
    rlim_t top = OA_OWN_FD_CEILING;

    if (hurry)
        return OA_OWN_FD_HURRY;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < top)
        top = limit.rlim_cur;
    return top < 2 * OWN_FD_ROOM ? 0 : (int)(top - OWN_FD_ROOM);
}

static int own_fd_move_up(int fd, bool hurry)
{
    int least = own_fd_floor(hurry), moved;

    if (fd >= least)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, least);
    if (moved < 0)
        return fd;
    (void)close(fd);
    return moved;
}

static int own_fd_register(struct oa_own_fd *own, const struct oa_host *host, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        *own = OA_OWN_FD_NONE;
        return OA_EIO;
    }
    *own = (struct oa_own_fd){ .fd = fd, .dev = st.st_dev, .ino = st.st_ino };
    host->own_fd_add(fd);
    return 0;
}

int oa_own_fd_adopt_soon(struct oa_own_fd *own, const struct oa_host *host, int fd, bool hurry)
{
    return own_fd_register(own, host, own_fd_move_up(fd, hurry));
}

void oa_own_fd_note(struct oa_own_fd *own, const struct oa_host *host, int fd)
{
    (void)own_fd_register(own, host, fd);
}

void oa_own_fd_forget(struct oa_own_fd *own, const struct oa_host *host)
{
    if (own->fd >= 0)
        host->own_fd_remove(own->fd);
    *own = OA_OWN_FD_NONE;
}

int oa_own_fd_adopt(struct oa_own_fd *own, const struct oa_host *host, int fd)
{
    return oa_own_fd_adopt_soon(own, host, fd, host->stopping() != 0);
}

bool oa_own_fd_valid(const struct oa_own_fd *own)
{
    struct stat st;

    return own->fd >= 0 && fstat(own->fd, &st) == 0 && st.st_dev == own->dev && st.st_ino == own->ino;
}

void oa_own_fd_close(struct oa_own_fd *own, const struct oa_host *host)
{
    if (own->fd < 0)
        return;
    bool ours = oa_own_fd_valid(own);

    host->own_fd_remove(own->fd);
    if (ours)
        (void)close(own->fd);
    *own = OA_OWN_FD_NONE;
}
