#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/http.h"
#include "sdk/transport/own_fd.h"
#include "sdk/transport/reply.h"
#include "sdk/transport/request_head.h"
#include "sdk/transport/resolve.h"
#include "sdk/transport/retry.h"

/* HTTP/1.1 over a socket of our own, kept open between posts. Proxy variables are not consulted:
 * a collector over http:// is beside the process, not behind a proxy. */

#define PLAIN_CONNECT_MAX_NS (10 * OA_NS_PER_S) /* for one of several addresses */
#define PLAIN_READ_BYTES 4096u                  /* on the stack, which may be a small one on the exit path */

struct oa_plain {
    struct oa_http_transport base;
    struct oa_http_setup setup;
    struct oa_resolved resolved;
    uint32_t preferred; /* index of the address that worked */
    struct oa_own_fd sock;
};

/* Words for the log; strerror() would follow the host's locale. */
static const char *errno_words(int err)
{
    static const struct {
        int err;
        const char *words;
    } rows[] = {
        { ECONNREFUSED, "connection refused" },
        { ECONNRESET, "connection reset" },
        { EPIPE, "connection closed" },
        { EHOSTUNREACH, "no route to host" },
        { ENETUNREACH, "network is unreachable" },
        { ETIMEDOUT, "connection timed out" },
        { EACCES, "not permitted" },
        { EPERM, "not permitted" },
        { EMFILE, "no descriptor left" },
        { ENFILE, "no descriptor left" },
        { EADDRNOTAVAIL, "no local address left" },
        { EAFNOSUPPORT, "address family not supported" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].err == err)
            return rows[i].words;
    return "network error";
}

static int plain_fail(struct oa_http_response *response, int err, const char *words)
{
    (void)snprintf(response->reason, sizeof(response->reason), "%s", words);
    return err;
}

/* Connects within until. 0, or the errno of the failure. */
static int plain_connect_one(struct oa_plain *p, const struct oa_address *to, struct oa_wait *wait, uint64_t until)
{
    int fd = socket(to->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1, err = 0;
    socklen_t len = sizeof(err);

    if (fd < 0)
        return errno;
    if (oa_own_fd_adopt_soon(&p->sock, p->setup.host, fd, oa_wait_hurry(wait)) != 0)
        return EIO;
    (void)setsockopt(p->sock.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(p->sock.fd, (const struct sockaddr *)&to->sa, to->len) == 0)
        return 0;
    err = errno;
    if (err == EINPROGRESS || err == EINTR) {
        err = 0;
        if (oa_wait_fd(wait, p->sock.fd, POLLOUT, until) < 0)
            err = ETIMEDOUT;
        else if (!oa_own_fd_valid(&p->sock))
            err = EBADF;
        else if (getsockopt(p->sock.fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0)
            err = errno;
    }
    if (err)
        oa_own_fd_close(&p->sock, p->setup.host);
    return err;
}

/* Each address gets its share of the time that is left, so that one dead address leaves some for the next. */
static int plain_connect(struct oa_plain *p, struct oa_wait *wait, struct oa_http_response *response)
{
    const struct oa_url *url = &p->setup.parts;
    int err = ETIMEDOUT;

    if (p->setup.unix_path && *p->setup.unix_path)
        oa_resolve_unix(&p->resolved, p->setup.unix_path);
    else if (oa_resolve(&p->resolved, url->host, url->port) != 0)
        return plain_fail(response, OA_EIO, p->resolved.error);
    for (uint32_t i = 0; i < p->resolved.count; i++) {
        uint32_t at = (p->preferred + i) % p->resolved.count;
        uint64_t share = oa_wait_left_ns(wait) / (p->resolved.count - i);

        if (share == 0)
            break;
        if (share > PLAIN_CONNECT_MAX_NS)
            share = PLAIN_CONNECT_MAX_NS;
        err = plain_connect_one(p, &p->resolved.list[at], wait, oa_clock_mono_ns() + share);
        if (err == 0) {
            p->preferred = at;
            return 0;
        }
    }
    oa_resolve_forget(&p->resolved);
    return plain_fail(response, oa_wait_left_ns(wait) ? OA_EIO : OA_ETIMEOUT, errno_words(err));
}

/* A kept connection is good if it is still ours, open, and silent. */
static bool plain_kept(struct oa_plain *p)
{
    char byte;

    if (p->sock.fd < 0)
        return false;
    if (oa_own_fd_valid(&p->sock) && recv(p->sock.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
        (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;
    oa_own_fd_close(&p->sock, p->setup.host);
    return false;
}

/* What is left to send: the head, then the parts of the body. */
struct plain_output {
    struct iovec iov[1 + OA_HTTP_PARTS_MAX];
    size_t first, count;
};

static void plain_output_init(struct plain_output *out, struct oa_slice head, const struct oa_http_request *request)
{
    out->first = 0;
    out->count = 1 + request->body_parts;
    out->iov[0] = (struct iovec){ (char *)(uintptr_t)head.ptr, head.len };
    for (uint32_t i = 0; i < request->body_parts; i++)
        out->iov[1 + i] = (struct iovec){ (char *)(uintptr_t)request->body[i].ptr, request->body[i].len };
}

static void plain_output_advance(struct plain_output *out, size_t sent)
{
    for (; out->first < out->count; out->first++) {
        struct iovec *iov = &out->iov[out->first];

        if (sent < iov->iov_len) {
            iov->iov_base = (char *)iov->iov_base + sent;
            iov->iov_len -= sent;
            return;
        }
        sent -= iov->iov_len;
    }
}

/* Sends what the socket takes. 0 or an errno. */
static int plain_send(struct oa_plain *p, struct plain_output *out)
{
    struct msghdr msg = { .msg_iov = &out->iov[out->first], .msg_iovlen = out->count - out->first };
    ssize_t n = sendmsg(p->sock.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : errno;
    plain_output_advance(out, (size_t)n);
    return 0;
}

/* Reads once. 0 (look at reply->done) or negative with the reason set. */
static int plain_receive(struct oa_plain *p, struct oa_http_reply *reply, struct oa_http_response *response)
{
    char buf[PLAIN_READ_BYTES];
    ssize_t n = recv(p->sock.fd, buf, sizeof(buf), MSG_DONTWAIT);
    int err;

    if (n < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            return 0;
        return plain_fail(response, OA_EIO, errno_words(errno));
    }
    if (n == 0)
        return oa_http_reply_eof(reply) == 0 ? 0 : plain_fail(response, OA_EIO, "connection closed");
    err = oa_http_reply_feed(reply, buf, (size_t)n);
    if (err == OA_EMALFORMED)
        return plain_fail(response, err, "the answer is not HTTP");
    if (err == OA_EFULL)
        return plain_fail(response, err, "the answer is too large");
    return err ? plain_fail(response, err, "no memory") : 0;
}

/* One request and its response on the open connection, which was looked at just now. A server may answer,
 * and even close, before it has read the whole request: reading goes on beside and after the writing. */
static int plain_exchange(struct oa_plain *p, struct plain_output *out, const struct oa_http_request *request,
                          struct oa_http_reply *reply, struct oa_http_response *response)
{
    bool sending = plain_send(p, out) == 0 && out->first < out->count;

    while (!reply->done) {
        int events = oa_wait_fd(request->wait, p->sock.fd, (short)(POLLIN | (sending ? POLLOUT : 0)), UINT64_MAX);
        int err;

        if (events < 0)
            return plain_fail(response, events, "timed out");
        if (!oa_own_fd_valid(&p->sock))
            return plain_fail(response, OA_EIO, "the program closed the connection");
        if (events & (POLLIN | POLLHUP | POLLERR)) {
            err = plain_receive(p, reply, response);
            if (err)
                return err;
        } else if (sending) {
            sending = plain_send(p, out) == 0 && out->first < out->count;
        }
    }
    reply->reusable = reply->reusable && out->first == out->count;
    return 0;
}

static int plain_try(struct oa_plain *p, struct oa_slice head, const struct oa_http_request *request,
                     struct oa_http_reply *reply, struct oa_http_response *response)
{
    struct plain_output out;
    int err;

    plain_output_init(&out, head, request);
    oa_http_reply_init(reply, request->arena);
    err = plain_exchange(p, &out, request, reply, response);
    if (err || !reply->reusable)
        oa_own_fd_close(&p->sock, p->setup.host);
    return err;
}

static int plain_post(struct oa_http_transport *self, const struct oa_http_request *request,
                      struct oa_http_response *ret_response)
{
    struct oa_plain *p = (struct oa_plain *)self;
    struct oa_http_reply reply;
    struct oa_slice head;
    bool kept = plain_kept(p);
    int err;

    *ret_response = (struct oa_http_response){ .retry_after_ns = OA_RETRY_AFTER_NONE };
    err = oa_http_request_head(&p->setup.parts, request, &head);
    if (err)
        return plain_fail(ret_response, err, "no memory");
    if (kept) {
        err = plain_try(p, head, request, &reply, ret_response);
        kept = !(err == OA_EIO && !reply.any); /* the peer closed it in this very moment: again, at once */
    }
    if (!kept) {
        err = plain_connect(p, request->wait, ret_response);
        if (!err)
            err = plain_try(p, head, request, &reply, ret_response);
    }
    if (err)
        return err;
    ret_response->reason[0] = '\0'; /* of a first attempt that failed */
    ret_response->status = reply.status;
    ret_response->retry_after_ns = reply.retry_after_ns;
    ret_response->body = (struct oa_slice){ reply.body, reply.body_len };
    return 0;
}

static void plain_close(struct oa_http_transport *self)
{
    struct oa_plain *p = (struct oa_plain *)self;

    oa_own_fd_close(&p->sock, p->setup.host);
    free(p);
}

struct oa_http_transport *oa_http_plain_new(const struct oa_http_setup *setup)
{
    struct oa_plain *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->base = (struct oa_http_transport){ .post = plain_post, .close = plain_close };
    p->setup = *setup;
    p->sock = OA_OWN_FD_NONE;
    return &p->base;
}
