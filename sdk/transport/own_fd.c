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

static bool own_fd_is(int fd, const struct stat *was)
{
    struct stat now;

    return fstat(fd, &now) == 0 && now.st_dev == was->st_dev && now.st_ino == was->st_ino;
}

/* Until it is moved, its number is one that the host may put something else over: that is left alone. */
static int own_fd_move_up(int fd, const struct stat *was, bool hurry)
{
    int least = own_fd_floor(hurry), moved;

    if (fd >= least)
        return fd;
    moved = fcntl(fd, F_DUPFD_CLOEXEC, least);
    if (moved < 0)
        return fd;
    if (own_fd_is(fd, was))
        (void)close(fd);
    if (own_fd_is(moved, was))
        return moved;
    (void)close(moved);
    return -1;
}

static int own_fd_register(struct oa_own_fd *own, const struct oa_host *host, int fd, const struct stat *st)
{
    *own = OA_OWN_FD_NONE;
    if (!own_fd_is(fd, st))
        return OA_EIO;
    *own = (struct oa_own_fd){ .fd = fd, .dev = st->st_dev, .ino = st->st_ino };
    host->own_fd_add(fd);
    return 0;
}

int oa_own_fd_adopt_soon(struct oa_own_fd *own, const struct oa_host *host, int fd, bool hurry)
{
    struct stat st;

    *own = OA_OWN_FD_NONE;
    if (fstat(fd, &st) != 0 || (!S_ISSOCK(st.st_mode) && (st.st_mode & S_IFMT) != 0)) /* eventfds have no type */
        return OA_EIO;
    return own_fd_register(own, host, own_fd_move_up(fd, &st, hurry), &st);
}

void oa_own_fd_note(struct oa_own_fd *own, const struct oa_host *host, int fd)
{
    struct stat st;

    *own = OA_OWN_FD_NONE;
    if (fstat(fd, &st) == 0)
        (void)own_fd_register(own, host, fd, &st);
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

int oa_own_fd_adopt_file(struct oa_own_fd *own, const struct oa_host *host, int fd, const char *path)
{
    struct stat st;

    *own = OA_OWN_FD_NONE;
    if (stat(path, &st) != 0 || !own_fd_is(fd, &st))
        return OA_EIO;
    return own_fd_register(own, host, own_fd_move_up(fd, &st, host->stopping() != 0), &st);
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
