/*
 * The descriptors that libcurl works with, made ours: its connections through the open and close
 * callbacks, and the pair of sockets that a multi handle keeps to be woken by (before 8.x without
 * close-on-exec). libcurl trusts its numbers, so they are checked here before each use of a handle.
 */
#ifndef OA_SDK_TRANSPORT_CURL_FDS_H
#define OA_SDK_TRANSPORT_CURL_FDS_H

#include <stdbool.h>

#include "sdk/transport/curl_api.h"
#include "sdk/transport/own_fd.h"

#define OA_CURL_FDS_MAX 8u

struct oa_curl_fds {
    const struct oa_host *host;
    struct oa_own_fd sockets[OA_CURL_FDS_MAX];
    bool hurry;              /* as oa_own_fd_adopt() wants it; set before each post */
    bool kept_only, refused; /* no connection may be made; one would have been */
    int wakeup[2];           /* registered, but not ours to close: -1 = none was found */
};

void oa_curl_fds_init(struct oa_curl_fds *fds, const struct oa_host *host);

/* All that libcurl has open is still what it opened. */
bool oa_curl_fds_valid(const struct oa_curl_fds *fds);

/* Closes the sockets that are still ours, without a word to the peer or to libcurl, and unregisters
 * the pair. The handles must not be used any more. */
void oa_curl_fds_release(struct oa_curl_fds *fds);

/* curl_multi_init(), with its hidden pair found and cared for. NULL: no memory. */
CURLM *oa_curl_fds_multi(struct oa_curl_fds *fds, const struct oa_curl_api *api);

/* CURLOPT_OPENSOCKETFUNCTION, CURLOPT_CLOSESOCKETFUNCTION; user = struct oa_curl_fds. */
curl_socket_t oa_curl_fds_open(void *user, curlsocktype purpose, struct curl_sockaddr *address);
int oa_curl_fds_close(void *user, curl_socket_t fd);

#endif
