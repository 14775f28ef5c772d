#include "sdk/transport/http_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/limits.h"
#include "sdk/transport/mhd_api.h"
#include "sdk/transport/own_fd.h"

#define LISTENERS_MAX 4u
#define CONNECTIONS_MAX 16u
#define IDLE_SECONDS 15u
#define POLL_MS 1000 /* at most this long without looking after idle connections */
#define BACKLOG 16

struct oa_http_server {
    struct oa_http_server_setup setup;
    const struct oa_mhd_api *api;
    struct oa_own_fd listener[LISTENERS_MAX];
    struct oa_own_fd epoll[LISTENERS_MAX];
    struct MHD_Daemon *daemon[LISTENERS_MAX];
    uint32_t count;
    struct oa_own_fd stop;
    uint16_t port;
    pthread_t thread;
};

static enum MHD_Result give(struct oa_http_server *server, struct MHD_Connection *connection,
                            const struct oa_http_page *page)
{
    struct MHD_Response *response =
        server->api->create_response_from_buffer(page->body.len, (void *)(uintptr_t)page->body.ptr,
                                                 MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;

    if (!response)
        return MHD_NO;
    if (page->content_type[0])
        (void)server->api->add_response_header(response, "Content-Type", page->content_type);
    if (page->status == 405)
        (void)server->api->add_response_header(response, "Allow", "GET, HEAD");
    result = server->api->queue_response(connection, (unsigned)page->status, response);
    server->api->destroy_response(response);
    return result;
}

/* Called with the head, then for the body (which nobody wants), then for the answer: that is known from the
 * first call on. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_bytes, void **state)
{
    struct oa_http_server *server = context;
    const char *accept = server->api->lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    struct oa_http_query query = { .path = url, .accept = accept ? accept : "" };
    struct oa_http_page page = { .status = 405, .content_type = "text/plain", .body = OA_SLICE("GET or HEAD\n") };

    (void)version;
    (void)upload;
    if (!*state) {
        *state = server;
        return MHD_YES;
    }
    if (*upload_bytes) {
        *upload_bytes = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        server->setup.answer(server->setup.context, &query, &page);
    return give(server, connection, &page);
}

static void *serve(void *context)
{
    struct oa_http_server *server = context;
    struct pollfd fds[LISTENERS_MAX + 1];

    server->setup.host->thread_begin();
    (void)prctl(PR_SET_NAME, "otel-auto-http", 0, 0, 0);
    for (uint32_t i = 0; i < server->count; i++)
        fds[i] = (struct pollfd){ .fd = server->epoll[i].fd, .events = POLLIN };
    fds[server->count] = (struct pollfd){ .fd = server->stop.fd, .events = POLLIN };
    for (;;) {
        /* Anything but a time-out or our own events: the host has closed what is ours. */
        if (poll(fds, server->count + 1, POLL_MS) < 0 && errno != EINTR)
            break;
        if (fds[server->count].revents || !oa_own_fd_valid(&server->stop))
            break;
        for (uint32_t i = 0; i < server->count; i++) {
            if (!oa_own_fd_valid(&server->epoll[i]) || !oa_own_fd_valid(&server->listener[i]))
                return NULL;
            (void)server->api->run(server->daemon[i]);
        }
    }
    return NULL;
}

static void set_port(struct sockaddr *at, uint16_t port)
{
    if (at->sa_family == AF_INET)
        ((struct sockaddr_in *)at)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)at)->sin6_port = htons(port);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof(at);

    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
                                         : ((struct sockaddr_in6 *)&at)->sin6_port);
}

/* A later address takes the port that an earlier one was given. */
static int listen_at(struct oa_http_server *server, const struct sockaddr *at, socklen_t len)
{
    struct sockaddr_storage own;
    int fd, one = 1, error;

    if (server->count == LISTENERS_MAX || len > sizeof(own))
        return 0;
    memcpy(&own, at, len);
    set_port((struct sockaddr *)&own, server->port ? server->port : server->setup.port);
    fd = socket(own.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (own.ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&own, len) != 0 || listen(fd, BACKLOG) != 0) {
        error = errno;
        (void)close(fd);
        return error;
    }
    if (oa_own_fd_adopt(&server->listener[server->count], server->setup.host, fd) != 0)
        return EMFILE;
    server->port = port_of(server->listener[server->count].fd);
    server->count++;
    return 0;
}

/* One address is enough: a machine without IPv6 has no ::1. */
static int listen_all(struct oa_http_server *server)
{
    static const struct sockaddr_in loop4 = { .sin_family = AF_INET, .sin_addr = { 0x0100007f } };
    static const struct sockaddr_in6 loop6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *list = NULL;
    int error = EADDRNOTAVAIL;

    if (strcmp(server->setup.address, "localhost") == 0) {
        error = listen_at(server, (const struct sockaddr *)&loop4, sizeof(loop4));
        if (error == 0 || error == EADDRNOTAVAIL)
            (void)listen_at(server, (const struct sockaddr *)&loop6, sizeof(loop6));
        return server->count ? 0 : error;
    }
    if (getaddrinfo(server->setup.address, NULL, &hints, &list) != 0)
        return error;
    for (struct addrinfo *at = list; at; at = at->ai_next)
        error = listen_at(server, at->ai_addr, at->ai_addrlen);
    freeaddrinfo(list);
    return server->count ? 0 : error;
}

static bool start_daemons(struct oa_http_server *server)
{
    for (uint32_t i = 0; i < server->count; i++) {
        const union MHD_DaemonInfo *info;

        server->daemon[i] =
            server->api->start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET,
                                      server->listener[i].fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                                      MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
        info = server->daemon[i] ? server->api->get_daemon_info(server->daemon[i], MHD_DAEMON_INFO_EPOLL_FD) : NULL;
        if (!info)
            return false;
        oa_own_fd_note(&server->epoll[i], server->setup.host, info->epoll_fd);
    }
    return true;
}

static bool start_thread(struct oa_http_server *server)
{
    sigset_t all, before;
    pthread_attr_t attr;
    int err;

    if (pthread_attr_init(&attr) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attr, OA_STACK_HELPER);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(&server->thread, &attr, serve, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return err == 0;
}

/* The library closes its own descriptors. Those that the host has taken meanwhile are left to it: then nothing
 * is closed. */
static void release(struct oa_http_server *server)
{
    for (uint32_t i = 0; i < server->count; i++) {
        bool ours = !server->daemon[i] || oa_own_fd_valid(&server->epoll[i]);

        oa_own_fd_forget(&server->epoll[i], server->setup.host);
        if (server->daemon[i] && ours && oa_own_fd_valid(&server->listener[i])) {
            oa_own_fd_forget(&server->listener[i], server->setup.host);
            server->api->stop_daemon(server->daemon[i]);
        } else {
            oa_own_fd_close(&server->listener[i], server->setup.host);
        }
    }
    oa_own_fd_close(&server->stop, server->setup.host);
    free(server);
}

struct oa_http_server *oa_http_server_new(const struct oa_http_server_setup *setup, const char **ret_error)
{
    const struct oa_mhd_api *api = oa_mhd_api_get(ret_error);
    struct oa_http_server *server = api ? calloc(1, sizeof(*server)) : NULL;
    int error, fd;

    if (!api)
        return NULL;
    *ret_error = "no memory";
    if (!server)
        return NULL;
    server->setup = *setup;
    server->api = api;
    for (uint32_t i = 0; i < LISTENERS_MAX; i++)
        server->listener[i] = server->epoll[i] = OA_OWN_FD_NONE;
    server->stop = OA_OWN_FD_NONE;
    error = listen_all(server);
    *ret_error = error == EADDRINUSE      ? "the port is taken"
                 : error == EACCES        ? "not allowed to use the port"
                 : error == EADDRNOTAVAIL ? "there is no such address here"
                                          : "no socket";
    fd = error ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0 || oa_own_fd_adopt(&server->stop, setup->host, fd) != 0)
        goto fail;
    *ret_error = "the server does not start";
    if (!start_daemons(server) || !start_thread(server))
        goto fail;
    *ret_error = NULL;
    return server;

fail:
    release(server);
    return NULL;
}

uint16_t oa_http_server_port(const struct oa_http_server *server)
{
    return server->port;
}

void oa_http_server_stop(struct oa_http_server *server)
{
    const uint64_t one = 1;

    if (oa_own_fd_valid(&server->stop))
        (void)!write(server->stop.fd, &one, sizeof(one));
    (void)pthread_join(server->thread, NULL);
    server->setup.host->thread_ended();
    release(server);
}
