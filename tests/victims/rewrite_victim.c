/*
 * Requests that get a header on their way: whatever call writes them, and however they are cut, the
 * program is told its own counts and its own errno, and the other end gets its bytes with nothing but
 * whole "traceparent" lines between them. The other end reads by calls that nobody watches. Where
 * VICTIM_INJECTED is set, a request without a line is told.
 *
 * SOURCES: tests/support/victim.c
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define LINE "traceparent: "
#define LINE_LEN 70u
#define ROOM (4u * 1024 * 1024)

static char sent[ROOM], got[ROOM];

/* ---- the other end ------------------------------------------------------------------------------- */

static size_t read_all(int fd)
{
    size_t n = 0;
    long r;

    while ((r = syscall(SYS_read, fd, got + n, sizeof(got) - n)) > 0) {
        n += (size_t)r;
        if (n % 3 == 0)
            victim_sleep_ms(1); /* the writer meets a full socket now and then */
    }
    return n;
}

/* Takes inserted lines out; returns what is left of n bytes. */
static size_t without_lines(size_t n, int *lines)
{
    char *at = got, *end = got + n;

    while ((at = memmem(at, (size_t)(end - at), LINE, strlen(LINE)))) {
        if (at < got + 2 || at[-1] != '\n' || end - at < (long)LINE_LEN || at[LINE_LEN - 1] != '\n' ||
            at[LINE_LEN - 2] != '\r') {
            victim_note("   a line of ours is broken: %.80s", at);
            break;
        }
        memmove(at, at + LINE_LEN, (size_t)(end - at) - LINE_LEN);
        end -= LINE_LEN;
        (*lines)++;
    }
    return (size_t)(end - got);
}

static void judge(int listener, int requests, int go)
{
    long fd = syscall(SYS_accept4, listener, NULL, NULL, 0);
    int lines = 0;
    char byte;
    size_t n;

    syscall(SYS_close, listener);
    if (go >= 0)
        syscall(SYS_read, go, &byte, 1);
    n = without_lines(read_all((int)fd), &lines);
    victim_bytes("   the other end got", got, (ssize_t)n);
    if (lines != requests && (lines != 0 || getenv("VICTIM_INJECTED")))
        victim_note("   %d lines were inserted into %d requests", lines, requests);
    syscall(SYS_exit_group, 0);
}

struct wire {
    int fd;
    int go; /* the other end of a small wire reads nothing before this says so: who writes had to wait then */
    pid_t peer;
};

static void let_go(struct wire *wire)
{
    if (wire->go >= 0)
        syscall(SYS_close, wire->go);
    wire->go = -1;
}

static struct wire open_wire(int requests, int sndbuf)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct wire wire = { .fd = socket(AF_INET, SOCK_STREAM, 0), .go = -1 };
    int go[2] = { -1, -1 };

    if (sndbuf) {
        if (pipe(go) != 0)
            exit(99);
        wire.go = go[1];
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &sndbuf, sizeof(sndbuf));
        setsockopt(wire.fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
    }
    if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&addr, &len) != 0)
        exit(99);
    wire.peer = fork();
    if (wire.peer == 0) {
        close(wire.fd);
        if (sndbuf)
            close(go[1]);
        judge(listener, requests, go[0]);
    }
    close(listener);
    if (sndbuf)
        close(go[0]);
    if (connect(wire.fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
        exit(99);
    return wire;
}

static void close_wire(struct wire *wire)
{
    int r, error;

    errno = VICTIM_KEPT;
    r = close(wire->fd);
    error = errno;
    victim_wait("   the other end", wire->peer); /* before anything is said: lines keep their order */
    errno = error;
    victim_say("   close", r);
}

/* ---- ways to write ------------------------------------------------------------------------------- */

static ssize_t by_write(int fd, const char *at, size_t n)
{
    return write(fd, at, n);
}
static ssize_t by_send(int fd, const char *at, size_t n)
{
    return send(fd, at, n, MSG_NOSIGNAL);
}
static ssize_t by_sendto(int fd, const char *at, size_t n)
{
    return sendto(fd, at, n, 0, NULL, 0);
}

/* Pieces of 1, 2, 3, ... bytes, so that a head lies in several of them. */
static int pieces(struct iovec *iov, int max, const char *at, size_t n)
{
    int count = 0;

    while (n > 0 && count < max) {
        size_t len = count + 1 == max || (size_t)count + 1 > n ? n : (size_t)count + 1;

        iov[count++] = (struct iovec){ (void *)at, len };
        at += len;
        n -= len;
    }
    return count;
}

static ssize_t by_writev(int fd, const char *at, size_t n)
{
    struct iovec iov[60];

    return writev(fd, iov, pieces(iov, 60, at, n));
}

static ssize_t by_few_pieces(int fd, const char *at, size_t n)
{
    struct iovec iov[3];

    return pwritev2(fd, iov, pieces(iov, 3, at, n), -1, 0);
}

static ssize_t by_sendmsg(int fd, const char *at, size_t n)
{
    struct iovec iov[13];
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)pieces(iov, 13, at, n) };

    return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

static ssize_t by_sendmmsg(int fd, const char *at, size_t n)
{
    struct iovec iov[2] = { { (void *)at, n / 2 }, { (void *)(at + n / 2), n - n / 2 } };
    struct mmsghdr two[2] = { { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } },
                              { .msg_hdr = { .msg_iov = iov + 1, .msg_iovlen = 1 } } };
    int r = sendmmsg(fd, two, 2, MSG_NOSIGNAL);

    return r < 0 ? r : (ssize_t)two[0].msg_len + (r > 1 ? (ssize_t)two[1].msg_len : 0);
}

static const struct way {
    const char *name;
    ssize_t (*out)(int fd, const char *at, size_t n);
} ways[] = {
    { "write", by_write },         { "send", by_send },       { "sendto", by_sendto },     { "writev", by_writev },
    { "pwritev2", by_few_pieces }, { "sendmsg", by_sendmsg }, { "sendmmsg", by_sendmmsg },
};

/* ---- requests ------------------------------------------------------------------------------------ */

static size_t put_request(char *at, unsigned body)
{
    size_t n =
        (size_t)sprintf(at, "POST /body/%u HTTP/1.1\r\nHost: victim.test\r\nContent-Length: %u\r\n\r\n", body, body);

    for (unsigned i = 0; i < body; i++)
        at[n++] = (char)('a' + (i * 7 + body) % 26);
    return n;
}

static size_t fill(int requests, unsigned body)
{
    size_t n = 0;

    for (int i = 0; i < requests; i++)
        n += put_request(sent + n, body + (unsigned)i);
    return n;
}

/* Everything in one call. */
static void at_once(const struct way *way, int requests, unsigned body)
{
    struct wire wire = open_wire(requests, 0);
    size_t n = fill(requests, body);

    victim_note("%s: %d requests with %u bytes at once", way->name, requests, body);
    errno = VICTIM_KEPT;
    victim_say("   all of it", way->out(wire.fd, sent, n));
    close_wire(&wire);
}

/* In calls of `step` bytes. */
static void in_steps(const struct way *way, int requests, size_t step)
{
    struct wire wire = open_wire(requests, 0);
    size_t n = fill(requests, 20);
    ssize_t total = 0;

    victim_note("%s: %d requests in steps of %zu", way->name, requests, step);
    errno = VICTIM_KEPT;
    for (size_t at = 0; at < n; at += step)
        total += way->out(wire.fd, sent + at, n - at < step ? n - at : step);
    victim_say("   in all", total);
    close_wire(&wire);
}

/* A small socket that does not wait: counts are short, and EAGAIN comes in between. */
static void through_a_straw(const struct way *way, int requests, unsigned body)
{
    struct wire wire = open_wire(requests, 2304);
    size_t n = fill(requests, body), at = 0;
    bool again = false;

    victim_note("%s: %d requests with %u bytes through a straw", way->name, requests, body);
    fcntl(wire.fd, F_SETFL, O_NONBLOCK);
    while (at < n) {
        ssize_t w;

        errno = VICTIM_KEPT;
        w = way->out(wire.fd, sent + at, n - at);
        if (w < 0 && errno != EAGAIN) {
            victim_say("   failed", w);
            break;
        }
        if (w > (ssize_t)(n - at) || w == 0 || (w > 0 && errno != VICTIM_KEPT)) {
            victim_say("   a count that cannot be", w);
            break;
        }
        if (w > 0) {
            at += (size_t)w;
            continue;
        }
        again = true;
        let_go(&wire);
        poll(&(struct pollfd){ .fd = wire.fd, .events = POLLOUT }, 1, 5000);
    }
    victim_say("   in all", (long)at);
    if (body > 10000)
        victim_say("   had to wait", again);
    let_go(&wire);
    close_wire(&wire);
}

/* A head by one call, its body by another kind of call. */
static void bodies_by_other_ways(void)
{
    struct wire wire = open_wire(3, 0);
    int file = open("rewrite_victim.txt", O_RDWR | O_CREAT | O_TRUNC, 0600), pipes[2];
    off_t offset = 0;
    char head[200];
    size_t n = put_request(sent, 9000);

    snprintf(head, sizeof(head), "%.*s", (int)(n - 9000), sent);
    (void)!write(file, sent, 9000);
    (void)!pipe(pipes);
    SAY(write(wire.fd, head, strlen(head)));
    SAY(sendfile(wire.fd, file, &offset, 9000));
    SAY(send(wire.fd, head, strlen(head), MSG_MORE));
    SAY(write(pipes[1], sent, 9000));
    SAY(splice(pipes[0], NULL, wire.fd, NULL, 9000, 0));
    SAY(write(wire.fd, head, strlen(head) - 2));
    SAY(write(wire.fd, "\r\n", 2));
    SAY(sendfile64(wire.fd, file, &(off64_t){ 0 }, 9000));
    SAY(close(file) + close(pipes[0]) + close(pipes[1]));
    SAY(unlink("rewrite_victim.txt"));
    close_wire(&wire);
}

static void after_the_end(void)
{
    struct victim_tcp tcp;
    size_t n = fill(1, 10);

    victim_tcp_open(&tcp);
    SAY(close(tcp.server));
    victim_sleep_ms(5);
    SAY(send(tcp.client, sent, n, MSG_NOSIGNAL));
    victim_sleep_ms(5);
    SAY(send(tcp.client, sent, n, MSG_NOSIGNAL));
    SAY(shutdown(tcp.client, SHUT_WR));
    SAY(send(tcp.client, sent, n, MSG_NOSIGNAL));
    SAY(close(tcp.client) + close(tcp.listener));
}

int main(void)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        at_once(&ways[i], 1, 0);
        at_once(&ways[i], 1, 1000000);
        at_once(&ways[i], 5, 700);
        in_steps(&ways[i], 3, 1);
        in_steps(&ways[i], 3, 37);
        through_a_straw(&ways[i], 4, 20000);
        through_a_straw(&ways[i], 40, 30);
    }
    bodies_by_other_ways();
    after_the_end();
    return 0;
}
