/*
 * What a program compiled with _FORTIFY_SOURCE calls: __read_chk, __recv_chk, __recvfrom_chk,
 * __poll_chk, __ppoll_chk. A buffer that is too small still ends the program, with libc's own words.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull
 * ENV: OTEL_PROPAGATORS=none
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

ssize_t __read_chk(int fd, void *to, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *to, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *to, size_t n, size_t room, int flags, struct sockaddr *addr, socklen_t *len);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask, size_t room);

static char buf[256];
static int pair[2];

static void read_too_much(void)
{
    SAY(__read_chk(pair[1], buf, 100, 99));
}

static void recv_too_much(void)
{
    SAY(__recv_chk(pair[1], buf, 100, 99, 0));
}

static void recvfrom_too_much(void)
{
    SAY(__recvfrom_chk(pair[1], buf, 100, 99, 0, NULL, NULL));
}

static void poll_too_much(void)
{
    struct pollfd fds[2] = { { .fd = pair[1], .events = POLLIN }, { .fd = -1 } };

    SAY(__poll_chk(fds, 2, 0, sizeof(fds[0])));
}

static void ppoll_too_much(void)
{
    struct pollfd fds[2] = { { .fd = pair[1], .events = POLLIN }, { .fd = -1 } };

    SAY(__ppoll_chk(fds, 2, NULL, NULL, sizeof(fds[0])));
}

static void reading(const char *text)
{
    struct timespec none = { 0 };
    struct pollfd fds[2] = { { .fd = pair[1], .events = POLLIN }, { .fd = 99, .events = POLLIN } };

    SAY(__poll_chk(fds, 1, 0, sizeof(fds)));
    SAY(write(pair[0], text, strlen(text)));
    SAY(__poll_chk(fds, 2, 0, sizeof(fds)));
    SAY(fds[1].revents);
    SAY(__ppoll_chk(fds, 2, &none, NULL, sizeof(fds)));
    SAY(__read_chk(pair[1], buf, 5, 5));
    SAY(__recv_chk(pair[1], buf + 5, 5, sizeof(buf) - 5, MSG_PEEK));
    SAY(__recv_chk(pair[1], buf + 5, 5, sizeof(buf) - 5, 0));
    SAY(__recvfrom_chk(pair[1], buf + 10, 100, sizeof(buf) - 10, 0, NULL, NULL));
    victim_bytes("read", buf, (ssize_t)strlen(text));
    SAY(__recv_chk(pair[1], buf, 5, 5, MSG_DONTWAIT));
    SAY(__recvfrom_chk(pair[1], buf, 5, 5, MSG_DONTWAIT, NULL, NULL));
    SAY(__read_chk(-1, buf, 5, 5));
    SAY(__recv_chk(-1, buf, 5, 5, 0));
    SAY(__recvfrom_chk(-1, buf, 5, 5, 0, NULL, NULL));
    SAY(__read_chk(pair[1], buf, 0, 0));
    SAY(__poll_chk(NULL, 1, 0, (size_t)-1));
    SAY(__ppoll_chk(fds, 1, &(struct timespec){ .tv_nsec = -1 }, NULL, sizeof(fds)));
}

int main(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    reading("not of any protocol");
    SAY(write(pair[0], "more", 4));
    victim_child("read_too_much", read_too_much);
    victim_child("recv_too_much", recv_too_much);
    victim_child("recvfrom_too_much", recvfrom_too_much);
    victim_child("poll_too_much", poll_too_much);
    victim_child("ppoll_too_much", ppoll_too_much);
    SAY(close(pair[0]) + close(pair[1]));
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    reading("GET /fortified HTTP/1.1\r\nHost: victim.test\r\n\r\n");
    SAY(close(pair[0]) + close(pair[1]));
    return 0;
}
