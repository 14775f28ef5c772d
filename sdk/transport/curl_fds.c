#include "sdk/transport/curl_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/abi.h"

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

/* The pair got the two lowest free numbers, unless another thread was faster: proven by a wake-up
 * byte that arrives there. We never wait on that pair (curl_multi_wait does not), so the byte may stay. */
static void curl_fds_find_pair(struct oa_curl_fds *fds, const struct oa_curl_api *api, CURLM *multi, const int *guess)
{
    char byte;

    if (!api->multi_wakeup || !is_pair_half(guess[0]) || !is_pair_half(guess[1]) ||
        recv(guess[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
        return;
    if (api->multi_wakeup(multi) != CURLM_OK || recv(guess[0], &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
        return;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(guess[i], F_SETFD, FD_CLOEXEC);
        fds->wakeup[i] = guess[i];
        fds->host->own_fd_add(guess[i]);
    }
}

CURLM *oa_curl_fds_multi(struct oa_curl_fds *fds, const struct oa_curl_api *api)
{
    int guess[2];
    CURLM *multi;

    for (int i = 0; i < 2; i++)
        guess[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < 2; i++)
        if (guess[i] >= 0)
            (void)close(guess[i]);
    multi = api->multi_init();
    if (multi && guess[0] >= 0 && guess[1] >= 0)
        curl_fds_find_pair(fds, api, multi, guess);
    return multi;
}

curl_socket_t oa_curl_fds_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct oa_curl_fds *fds = user;
    int fd;

    (void)purpose;
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
