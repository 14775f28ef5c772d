/* Sockets: where connections come from, and how attempts to connect end. */
#include "hooks/instrumentation/conn.h"
#include "hooks/libc/wrap.h"
#include "preload/base/pointer.h"

OA_EXPORT int socket(int domain, int type, int protocol)
{
    int fd = OA_REAL(socket)(domain, type, protocol);
    struct oa_guard guard;

    if (fd >= 0 && oa_guard_enter(&guard)) {
        oa_conn_on_socket(fd, domain, type);
        oa_hook_leave(&guard);
    }
    return fd;
}

OA_EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
    int r = OA_REAL(socketpair)(domain, type, protocol, fds);
    struct oa_guard guard;

    if (r == 0 && oa_guard_enter(&guard)) {
        oa_conn_on_socketpair(fds, domain, type);
        oa_hook_leave(&guard);
    }
    return r;
}

OA_EXPORT int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    int r = OA_REAL(bind)(fd, addr, len);
    struct oa_guard guard;

    if (r == 0 && oa_guard_enter(&guard)) {
        oa_conn_on_bind(fd, addr, len);
        oa_hook_leave(&guard);
    }
    return r;
}

OA_EXPORT int listen(int fd, int backlog)
{
    int r = OA_REAL(listen)(fd, backlog);
    struct oa_guard guard;

    if (r == 0 && oa_guard_enter(&guard)) {
        oa_conn_on_listen(fd);
        oa_hook_leave(&guard);
    }
    return r;
}

static void accepted(int listener, int fd, const struct sockaddr *addr, socklen_t len)
{
    struct oa_guard guard;

    if (fd >= 0 && oa_guard_enter(&guard)) {
        oa_conn_on_accept(listener, fd, addr, len);
        oa_hook_leave(&guard);
    }
}

/* An application that does not ask for the peer's address gets it asked all the same: one call, and
 * no getpeername later. */
OA_EXPORT int accept4(int listener, struct sockaddr *addr, socklen_t *len, int flags)
{
    struct sockaddr_storage peer;
    socklen_t peer_len = sizeof(peer);
    int fd;

    if (addr && oa_may_be_mapped(len)) {
        socklen_t room = *len;

        fd = OA_REAL(accept4)(listener, addr, len, flags);
        accepted(listener, fd, addr, fd >= 0 && *len < room ? *len : room);
        return fd;
    }
    if (addr || len || oa_thread.depth)
        return OA_REAL(accept4)(listener, addr, len, flags);
    fd = OA_REAL(accept4)(listener, (struct sockaddr *)&peer, &peer_len, flags);
    accepted(listener, fd, (struct sockaddr *)&peer, peer_len);
    return fd;
}

OA_EXPORT int accept(int listener, struct sockaddr *addr, socklen_t *len)
{
    struct sockaddr_storage peer;
    socklen_t peer_len = sizeof(peer);
    int fd;

    if (addr && oa_may_be_mapped(len)) {
        socklen_t room = *len;

        fd = OA_REAL(accept)(listener, addr, len);
        accepted(listener, fd, addr, fd >= 0 && *len < room ? *len : room);
        return fd;
    }
    if (addr || len || oa_thread.depth)
        return OA_REAL(accept)(listener, addr, len);
    fd = OA_REAL(accept)(listener, (struct sockaddr *)&peer, &peer_len);
    accepted(listener, fd, (struct sockaddr *)&peer, peer_len);
    return fd;
}

OA_EXPORT int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct oa_guard guard;
    int r;

    if (!oa_fd_followed(fd))
        return OA_REAL(connect)(fd, addr, len);
    if (oa_guard_enter(&guard)) {
        oa_conn_before_connect(fd, addr, len);
        oa_hook_leave(&guard);
    }
    r = OA_REAL(connect)(fd, addr, len);
    if (oa_guard_enter(&guard)) {
        oa_conn_after_connect(fd, r == 0 ? 0 : guard.saved_errno);
        oa_hook_leave(&guard);
    }
    return r;
}

OA_EXPORT int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    int r = OA_REAL(getsockopt)(fd, level, name, value, len);
    struct oa_guard guard;

    if (oa_likely(name != SO_ERROR || level != SOL_SOCKET || r != 0 || !oa_fd_followed(fd)))
        return r;
    if (value && len && *len >= (socklen_t)sizeof(int) && oa_guard_enter(&guard)) {
        oa_conn_after_connect(fd, *(const int *)value);
        oa_hook_leave(&guard);
    }
    return r;
}

OA_EXPORT int shutdown(int fd, int how)
{
    struct oa_guard guard;

    if (!oa_fd_followed(fd))
        return OA_REAL(shutdown)(fd, how);
    if (how != SHUT_RD)
        (void)oa_conn_flush_pending(fd);
    if (oa_guard_enter(&guard)) {
        oa_conn_on_shutdown(fd, how);
        oa_hook_leave(&guard);
    }
    return OA_REAL(shutdown)(fd, how);
}
