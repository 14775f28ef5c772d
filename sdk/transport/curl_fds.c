#include "sdk/transport/curl_fds.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/abi.h"

#define PAIR_WINDOW 32 /* numbers that are looked at */

void oa_curl_fds_init(struct oa_curl_fds *fds, const struct oa_host *host)
{
    *fds = (struct oa_curl_fds){ .host = host, .wakeup = { -1, -1 } };
    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++)
        fds->sockets[i] = OA_OWN_FD_NONE;
}

bool oa_curl_fds_valid(const struct oa_curl_fds *fds)
{
    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++)
        if (fds->sockets[i].fd >= 0 && !oa_own_fd_valid(&fds->sockets[i]))
            return false;
    return true;
}

void oa_curl_fds_release(struct oa_curl_fds *fds)
{
    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++)
        oa_own_fd_close(&fds->sockets[i], fds->host);
    for (int i = 0; i < 2; i++) {
        if (fds->wakeup[i] >= 0)
            fds->host->own_fd_remove(fds->wakeup[i]);
        fds->wakeup[i] = -1;
    }
}

/* One half of a socket pair that nobody has marked close-on-exec. */
static bool is_pair_half(int fd)
{
    int domain = 0, flags = fcntl(fd, F_GETFD);
    socklen_t len = sizeof(domain);

    return flags >= 0 && !(flags & FD_CLOEXEC) && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
           domain == AF_UNIX;
}

/* Bytes that wait to be read here, and that the peer has not read yet. */
static int waiting_in(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static int waiting_out(int fd)
{
    int bytes = 0;

    return ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

/* The pair got low numbers, mostly the two lowest free ones, but other threads open things too. It is proven by
 * a wake-up byte: it leaves one half and arrives at the other, and neither had any before. We never wait on that
 * pair (curl_multi_wait does not), so the byte may stay. */
static void curl_fds_find_pair(struct oa_curl_fds *fds, const struct oa_curl_api *api, CURLM *multi, int lowest)
{
    bool may_be[PAIR_WINDOW];
    int found[2] = { -1, -1 }, in = 0, out = 0;

    for (int i = 0; i < PAIR_WINDOW; i++)
        may_be[i] = is_pair_half(lowest + i) && !waiting_in(lowest + i) && waiting_out(lowest + i) == 0;
    if (!api->multi_wakeup || api->multi_wakeup(multi) != CURLM_OK)
        return;
    for (int i = 0; i < PAIR_WINDOW; i++) {
        if (!may_be[i])
            continue;
        if (waiting_in(lowest + i))
            found[0] = lowest + i, in++;
        if (waiting_out(lowest + i) > 0)
            found[1] = lowest + i, out++;
    }
    for (int i = 0; i < 2 && in == 1 && out == 1; i++) {
        (void)fcntl(found[i], F_SETFD, FD_CLOEXEC);
        fds->wakeup[i] = found[i];
        fds->host->own_fd_add(found[i]);
    }
}

CURLM *oa_curl_fds_multi(struct oa_curl_fds *fds, const struct oa_curl_api *api)
{
    int lowest = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CURLM *multi;

    if (lowest >= 0)
        (void)close(lowest);
    multi = api->multi_init();
    if (multi && lowest >= 0)
        curl_fds_find_pair(fds, api, multi, lowest);
    return multi;
}

curl_socket_t oa_curl_fds_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct oa_curl_fds *fds = user;
    int fd;

    (void)purpose;
    fds->refused = fds->refused || fds->kept_only;
    if (fds->kept_only)
        return CURL_SOCKET_BAD;
    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++) {
        if (fds->sockets[i].fd >= 0)
            continue;
        fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd < 0 || oa_own_fd_adopt_soon(&fds->sockets[i], fds->host, fd, fds->hurry) != 0)
            return CURL_SOCKET_BAD;
        return fds->sockets[i].fd;
    }
    return CURL_SOCKET_BAD;
}

int oa_curl_fds_close(void *user, curl_socket_t fd)
{
    struct oa_curl_fds *fds = user;

    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++)
        if (fds->sockets[i].fd == fd)
            oa_own_fd_close(&fds->sockets[i], fds->host);
    return 0;
}
