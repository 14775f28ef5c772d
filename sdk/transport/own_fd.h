/*
 * struct oa_own_fd: a descriptor of ours among the host's. It is moved to a high number and
 * close-on-exec at birth, registered with the host side (hooks ignore it, a forked child closes its
 * copy), and carries the identity it was born with: programs run closefrom() or dup2() over numbers
 * they never opened, so the number alone proves nothing.
 *
 * Whoever holds one calls oa_own_fd_valid() before each use; a mismatch means that the number now
 * belongs to the host: it is forgotten, never closed. One thread at a time (preload/abi.h).
 */
#ifndef OA_SDK_TRANSPORT_OWN_FD_H
#define OA_SDK_TRANSPORT_OWN_FD_H

#include <stdbool.h>
#include <sys/types.h>

struct oa_host;

/* Our numbers lie just below min(RLIMIT_NOFILE, this). Not higher: the kernel copies the whole
 * table on fork, and a descriptor at 19,900 made a fork 30 % slower where one at 4,000 cost 3 %. */
#define OA_OWN_FD_CEILING 4096u

/* In a hurry (the process is ending) from here on: growing the table of a process with threads beyond
 * its first 64 entries waits for the kernel's RCU, 8 to 19 ms measured. */
#define OA_OWN_FD_HURRY 48

struct oa_own_fd {
    int fd; /* -1: none */
    dev_t dev;
    ino_t ino;
};

#define OA_OWN_FD_NONE ((struct oa_own_fd){ .fd = -1 })

/* Takes over fd, a socket or eventfd that was just made: moves, registers, notes the identity. 0, or OA_EIO and
 * fd is the host's by now: it has put something else over the number. In a hurry: as the caller says, or once the
 * host is stopping. */
int oa_own_fd_adopt_soon(struct oa_own_fd *own, const struct oa_host *host, int fd, bool hurry);
int oa_own_fd_adopt(struct oa_own_fd *own, const struct oa_host *host, int fd);
/* The same for a file that was just opened by that name. */
int oa_own_fd_adopt_file(struct oa_own_fd *own, const struct oa_host *host, int fd, const char *path);

/* Registers fd, which a library has made and will close, where it is. Forget it before that. */
void oa_own_fd_note(struct oa_own_fd *own, const struct oa_host *host, int fd);
void oa_own_fd_forget(struct oa_own_fd *own, const struct oa_host *host);

/* Still the descriptor that was adopted? */
bool oa_own_fd_valid(const struct oa_own_fd *own);

/* Unregisters, closes if it is still ours; own is NONE afterwards. NONE is accepted. */
void oa_own_fd_close(struct oa_own_fd *own, const struct oa_host *host);

#endif
