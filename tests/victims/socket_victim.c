/*
 * Sockets from birth to death: socket, socketpair, bind, listen, accept, accept4, connect, getsockopt
 * and shutdown, over IPv4, IPv6 and local addresses, blocking and not, in success and in failure.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define PATH "socket_victim.sock"

static struct sockaddr_in here(void)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void births(void)
{
    int pair[2];

    SAY(close((int)SAY(socket(AF_INET, SOCK_STREAM, 0))));
    SAY(close((int)SAY(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP))));
    SAY(close((int)SAY(socket(AF_INET, SOCK_DGRAM, 0))));
    SAY(close((int)SAY(socket(AF_UNIX, SOCK_SEQPACKET, 0))));
    SAY(close((int)SAY(socket(AF_NETLINK, SOCK_RAW, 0))));
    SAY(socket(-1, SOCK_STREAM, 0));
    SAY(socket(AF_INET, -1, 0));
    SAY(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    SAY(close(pair[0]) + close(pair[1]));
    SAY(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
    SAY(close(pair[0]) + close(pair[1]));
    SAY(socketpair(AF_INET, SOCK_STREAM, 0, pair));
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 99, pair));
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, NULL));
}

static void failing(void)
{
    struct sockaddr_in addr = here();
    int file = open("/dev/null", O_RDWR), sock = socket(AF_INET, SOCK_STREAM, 0);
    int value = 7, type = 0;
    socklen_t len = sizeof(addr), small = 1, size = sizeof(type);

    SAY(bind(-1, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(bind(file, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(bind(sock, NULL, sizeof(addr)));
    SAY(bind(sock, (struct sockaddr *)&addr, 3));
    SAY(listen(-1, 1));
    SAY(listen(file, 1));
    SAY(accept(-1, NULL, NULL));
    SAY(accept(file, NULL, NULL));
    SAY(accept(sock, NULL, NULL));
    SAY(accept4(sock, (struct sockaddr *)&addr, &len, 0));
    SAY(accept4(sock, NULL, NULL, 0xffff));
    SAY(connect(-1, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(connect(file, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(connect(sock, NULL, 16));
    SAY(connect(sock, NULL, 0));
    SAY(connect(sock, (struct sockaddr *)&addr, 1));
    SAY(getsockopt(-1, SOL_SOCKET, SO_ERROR, &value, &size));
    SAY(getsockopt(file, SOL_SOCKET, SO_ERROR, &value, &size));
    SAY(getsockopt(sock, SOL_SOCKET, SO_ERROR, NULL, &size));
    SAY(getsockopt(sock, SOL_SOCKET, SO_ERROR, &value, NULL));
    SAY(getsockopt(sock, SOL_SOCKET, SO_ERROR, &value, &small));
    SAY(small);
    SAY(getsockopt(sock, SOL_SOCKET, SO_ERROR, &value, &size));
    SAY(value == 0 || (value & 0xff) == 0);
    SAY(getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &size));
    SAY(type);
    SAY(getsockopt(sock, 12345, 1, &type, &size));
    SAY(shutdown(-1, SHUT_RD));
    SAY(shutdown(file, SHUT_RDWR));
    SAY(shutdown(sock, SHUT_WR));
    SAY(shutdown(sock, 99));
    SAY(close(file) + close(sock));
}

static int bound(int listening, struct sockaddr_in *addr)
{
    socklen_t len = sizeof(*addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *addr = here();
    SAY(bind(fd, (struct sockaddr *)addr, sizeof(*addr)));
    SAY(bind(fd, (struct sockaddr *)addr, sizeof(*addr)));
    if (listening)
        SAY(listen(fd, 5));
    SAY(getsockname(fd, (struct sockaddr *)addr, &len));
    return fd;
}

static void accepting(void)
{
    struct sockaddr_in addr, peer = { 0 };
    struct sockaddr_storage big;
    socklen_t len = sizeof(peer), short_len = 4, no_len = 0;
    int listener = bound(1, &addr), client[4], server[4];

    for (int i = 0; i < 4; i++) {
        client[i] = (int)SAY(socket(AF_INET, SOCK_STREAM, 0));
        SAY(connect(client[i], (struct sockaddr *)&addr, sizeof(addr)));
    }
    server[0] = (int)SAY(accept(listener, NULL, NULL));
    server[1] = (int)SAY(accept(listener, (struct sockaddr *)&peer, &len));
    SAY(len);
    SAY(peer.sin_family == AF_INET && peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && peer.sin_port != 0);
    memset(&big, 0x55, sizeof(big));
    server[2] = (int)SAY(accept4(listener, (struct sockaddr *)&big, &short_len, SOCK_CLOEXEC));
    SAY(short_len);
    SAY(((unsigned char *)&big)[4]);
    SAY(fcntl(server[2], F_GETFD));
    server[3] = (int)SAY(accept4(listener, (struct sockaddr *)&big, &no_len, SOCK_NONBLOCK));
    SAY(no_len);
    SAY(fcntl(server[3], F_GETFL) & O_NONBLOCK);
    SAY(fcntl(listener, F_SETFL, O_NONBLOCK));
    SAY(accept(listener, NULL, NULL));
    SAY(accept(listener, (struct sockaddr *)&peer, NULL));
    SAY(accept4(listener, (struct sockaddr *)&peer, &len, 0));
    SAY(connect(client[0], (struct sockaddr *)&addr, sizeof(addr)));
    SAY(shutdown(client[0], SHUT_WR));
    SAY(read(server[0], &big, sizeof(big)));
    SAY(shutdown(server[0], SHUT_RDWR));
    SAY(read(client[0], &big, sizeof(big)));
    SAY(shutdown(client[0], SHUT_RDWR));
    for (int i = 0; i < 4; i++)
        SAY(close(client[i]) + close(server[i]));
    SAY(close(listener));
}

/* The end of an attempt is told by SO_ERROR, by a second connect, or by the first byte. */
static void refused(void)
{
    struct sockaddr_in addr;
    int reserved = bound(0, &addr); /* bound, not listening: nobody else gets the port, nobody answers */
    int fd = socket(AF_INET, SOCK_STREAM, 0), error = -1;
    socklen_t len = sizeof(error);

    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(close(fd));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 2000));
    SAY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
    SAY(error);
    SAY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
    SAY(error);
    SAY(close(fd));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 2000));
    SAY(send(fd, "x", 1, MSG_NOSIGNAL));
    SAY(close(fd));
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 2000));
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(close(fd));
    SAY(close(reserved));
}

static void not_blocking(void)
{
    struct sockaddr_in addr;
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    int listener = bound(1, &addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = -1;
    socklen_t len = sizeof(error);

    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 2000));
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
    SAY(error);
    SAY(read(fd, &error, sizeof(error)));
    SAY(connect(fd, &none, sizeof(none)));
    SAY(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 2000));
    SAY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
    SAY(close(fd));
    SAY(close(listener));
}

static void local_addresses(void)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = PATH }, peer,
                       absent = { .sun_family = AF_UNIX, .sun_path = "no.sock" };
    struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0victim-of-no-one" };
    socklen_t len = sizeof(peer);
    int listener = (int)SAY(socket(AF_UNIX, SOCK_STREAM, 0));
    int client = (int)SAY(socket(AF_UNIX, SOCK_STREAM, 0)), server;

    SAY(bind(listener, (struct sockaddr *)&un, sizeof(un)));
    SAY(connect(client, (struct sockaddr *)&un, sizeof(un)));
    SAY(listen(listener, 2));
    SAY(connect(client, (struct sockaddr *)&absent, sizeof(absent)));
    SAY(connect(client, (struct sockaddr *)&abstract, offsetof(struct sockaddr_un, sun_path) + 17));
    SAY(connect(client, (struct sockaddr *)&un, offsetof(struct sockaddr_un, sun_path) + sizeof(PATH)));
    server = (int)SAY(accept(listener, (struct sockaddr *)&peer, &len));
    SAY(len);
    SAY(bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&un, sizeof(un)));
    SAY(close(server));
    SAY(send(client, "x", 1, MSG_NOSIGNAL));
    SAY(close(client) + close(listener));
    SAY(unlink(PATH));
}

static void six(void)
{
    struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    socklen_t len = sizeof(addr);
    int listener = socket(AF_INET6, SOCK_STREAM, 0), client, server;

    if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
        victim_note("skipped: no ::1 here");
        close(listener);
        return;
    }
    SAY(listen(listener, 1));
    SAY(getsockname(listener, (struct sockaddr *)&addr, &len));
    client = (int)SAY(socket(AF_INET6, SOCK_STREAM, 0));
    SAY(connect(client, (struct sockaddr *)&addr, sizeof(addr)));
    server = (int)SAY(accept4(listener, (struct sockaddr *)&addr, &len, 0));
    SAY(len);
    victim_bytes("address", &addr.sin6_addr, sizeof(addr.sin6_addr));
    victim_exchange(client, server);
    SAY(close(client) + close(server) + close(listener));
}

int main(void)
{
    births();
    failing();
    accepting();
    refused();
    not_blocking();
    local_addresses();
    six();
    return 0;
}
