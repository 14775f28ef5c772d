#include "tests/exact/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static void check(int r, const char *what)
{
    if (r >= 0)
        return;
    fprintf(stderr, "exact: %s: %s\n", what, strerror(errno));
    exit(2);
}

void net_pair(int fds[2])
{
    check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), "socketpair");
}

void note_send(int control, const struct note *note, int passed_fd)
{
    char space[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec iov = { .iov_base = (void *)note, .iov_len = sizeof(*note) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t r;

    if (passed_fd >= 0) {
        struct cmsghdr *c;

        msg.msg_control = space;
        msg.msg_controllen = sizeof(space);
        c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &passed_fd, sizeof(int));
    }
    do
        r = sendmsg(control, &msg, MSG_NOSIGNAL);
    while (r < 0 && errno == EINTR);
    check((int)r, "note");
}

bool note_receive(int control, struct note *note, int *ret_fd)
{
    char space[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec iov = { .iov_base = note, .iov_len = sizeof(*note) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space) };
    struct cmsghdr *c;
    ssize_t r;

    do
        r = recvmsg(control, &msg, 0);
    while (r < 0 && errno == EINTR);
    if (r != (ssize_t)sizeof(*note))
        return false;
    *ret_fd = -1;
    c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
    return true;
}

static socklen_t unix_address(struct sockaddr_un *addr, const char *name)
{
    *addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(addr->sun_path + 1, name, strlen(name));
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

void net_listen(struct listeners *l)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(in);
    struct sockaddr_un un;

    *l = (struct listeners){ .address = { .kind = NOTE_LISTENING } };
    l->fd[SCRIPT_TCP] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(l->fd[SCRIPT_TCP], "socket");
    check(bind(l->fd[SCRIPT_TCP], (struct sockaddr *)&in, sizeof(in)), "bind");
    check(listen(l->fd[SCRIPT_TCP], 64), "listen");
    check(getsockname(l->fd[SCRIPT_TCP], (struct sockaddr *)&in, &len), "getsockname");
    l->address.port = ntohs(in.sin_port);
    snprintf(l->address.name, sizeof(l->address.name), "otel-auto-exact-%d", (int)getpid());
    l->fd[SCRIPT_UNIX] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    len = unix_address(&un, l->address.name);
    check(bind(l->fd[SCRIPT_UNIX], (struct sockaddr *)&un, len), "bind");
    check(listen(l->fd[SCRIPT_UNIX], 64), "listen");
}

int net_accept(const struct listeners *l, uint32_t kind, bool with_flags)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    int fd = with_flags ? accept4(l->fd[kind], NULL, NULL, SOCK_CLOEXEC)
                        : accept(l->fd[kind], (struct sockaddr *)&from, &len);

    check(fd, "accept");
    return fd;
}

static void set_flag(int fd, bool non_blocking)
{
    int flags = fcntl(fd, F_GETFL);

    check(fcntl(fd, F_SETFL, non_blocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK), "fcntl");
}

static void connect_to(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    int error = 0;

    if (connect(fd, addr, len) == 0)
        return;
    if (errno != EINPROGRESS)
        check(-1, "connect");
    check(poll(&ready, 1, 5000), "poll");
    len = sizeof(error);
    check(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), "getsockopt");
    errno = error;
    check(error ? -1 : 0, "connect");
}

int net_open(int control, const struct note *address, uint32_t conn, uint32_t kind, bool non_blocking)
{
    struct note note = { .kind = NOTE_OPEN, .conn = conn, .socket_kind = kind };
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(address->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_un un;
    int fds[2];

    if (kind == SCRIPT_PAIR) {
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), "socketpair");
        note_send(control, &note, fds[1]);
        close(fds[1]);
        return fds[0];
    }
    note_send(control, &note, -1);
    fds[0] = socket(kind == SCRIPT_TCP ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(fds[0], "socket");
    if (non_blocking && kind == SCRIPT_TCP)
        set_flag(fds[0], true);
    if (kind == SCRIPT_TCP)
        connect_to(fds[0], (struct sockaddr *)&in, sizeof(in));
    else
        connect_to(fds[0], (struct sockaddr *)&un, unix_address(&un, address->name));
    return fds[0];
}

void net_prepare(int fd, bool non_blocking, bool small)
{
    int one = 1, bytes = 1, domain = 0;
    socklen_t len = sizeof(domain);

    set_flag(fd, non_blocking);
    check(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len), "getsockopt");
    if (domain == AF_INET)
        check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), "setsockopt");
    if (small)
        check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), "setsockopt");
}
