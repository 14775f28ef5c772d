/*
 * struct oa_http_server: a small HTTP server in a thread of its own, for whoever comes to fetch something: GET and
 * HEAD, short answers, few connections at a time. libmicrohttpd does the work.
 *
 * The thread is not observed, has all signals blocked, and its descriptors are ours (sdk/transport/own_fd.h). It is
 * joined by oa_http_server_stop(). A forked child has neither the thread nor the sockets and forgets the struct.
 */
#ifndef OA_SDK_TRANSPORT_HTTP_SERVER_H
#define OA_SDK_TRANSPORT_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

struct oa_host;
struct oa_http_server;

struct oa_http_query {
    const char *path;
    const char *accept; /* header, "" if there is none */
};

struct oa_http_page {
    int status;
    char content_type[128];
    struct oa_slice body; /* copied before the next call */
};

struct oa_http_server_setup {
    const struct oa_host *host;
    const char *address; /* a name or a number; "localhost": both loopback addresses */
    uint16_t port;       /* 0: any free one */
    /* Called in the server's thread, one at a time. */
    void (*answer)(void *context, const struct oa_http_query *query, struct oa_http_page *page);
    void *context;
};

/* NULL and *ret_error (static text): no library, no address, the port is taken, no thread. */
struct oa_http_server *oa_http_server_new(const struct oa_http_server_setup *setup, const char **ret_error);

/* The port that it listens on. */
uint16_t oa_http_server_port(const struct oa_http_server *server);

/* Ends the thread, closes, frees. */
void oa_http_server_stop(struct oa_http_server *server);

#endif
