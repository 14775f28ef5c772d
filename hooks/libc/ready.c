/*
 * Waiting for events. Only one thing matters here: a thread that waits for other requests is no
 * longer working on the one it read last. Nothing is added to the call itself.
 */
#include <stdint.h>

#include "hooks/instrumentation/conn.h"
#include "hooks/instrumentation/parent.h"
#include "hooks/libc/wrap.h"
#include "preload/base/pointer.h"

/* The headers call the array an output; the descriptors in it are read all the same. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#define SCAN_MAX 64 /* a larger set is an event loop's */

static inline bool looking(void)
{
    return oa_fd_limit != 0 && oa_thread.depth == 0;
}

static void waits_in_epoll(void)
{
    if (looking())
        oa_parent_waited(true);
}

static void waits_in_poll(const struct pollfd *fds, nfds_t n)
{
    bool serving = n > SCAN_MAX;

    if (!looking() || oa_thread.current.span_id == 0 || !oa_may_be_mapped(fds))
        return;
    for (nfds_t i = 0; i < n && !serving; i++)
        serving = oa_conn_is_serving(fds[i].fd);
    if (serving)
        oa_parent_waited(false);
}

static void waits_in_select(int n, const fd_set *set)
{
    if (!looking() || oa_thread.current.span_id == 0 || !oa_may_be_mapped(set))
        return;
    for (int fd = 0; fd < n && fd < FD_SETSIZE; fd++) {
        if (FD_ISSET(fd, set) && oa_conn_is_serving(fd)) {
            oa_parent_waited(false);
            return;
        }
    }
}

OA_EXPORT int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
    waits_in_epoll();
    return OA_REAL(epoll_wait)(fd, events, max, timeout);
}

OA_EXPORT int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
    waits_in_epoll();
    return OA_REAL(epoll_pwait)(fd, events, max, timeout, mask);
}

OA_EXPORT int epoll_pwait2(int fd, struct epoll_event *events, int max, const struct timespec *timeout,
                           const sigset_t *mask)
{
    waits_in_epoll();
    return OA_REAL(epoll_pwait2)(fd, events, max, timeout, mask);
}

OA_EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    waits_in_poll(fds, n);
    return OA_REAL(poll)(fds, n, timeout);
}

OA_EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t fdslen)
{
    waits_in_poll(fds, n);
    return OA_REAL(__poll_chk)(fds, n, timeout, fdslen);
}

OA_EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
    waits_in_poll(fds, n);
    return OA_REAL(ppoll)(fds, n, timeout, mask);
}

OA_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask,
                          size_t fdslen)
{
    waits_in_poll(fds, n);
    return OA_REAL(__ppoll_chk)(fds, n, timeout, mask, fdslen);
}

OA_EXPORT int select(int n, fd_set *reads, fd_set *writes, fd_set *errors, struct timeval *timeout)
{
    waits_in_select(n, reads);
    return OA_REAL(select)(n, reads, writes, errors, timeout);
}

OA_EXPORT int pselect(int n, fd_set *reads, fd_set *writes, fd_set *errors, const struct timespec *timeout,
                      const sigset_t *mask)
{
    waits_in_select(n, reads);
    return OA_REAL(pselect)(n, reads, writes, errors, timeout, mask);
}
