/*
 * Bytes by calls that know no flags: read, readv, preadv2, preadv64v2, write, writev, pwritev2,
 * pwritev64v2, sendfile, sendfile64 and splice; on files, pipes, plain sockets and HTTP connections.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread
 * ENV: OTEL_PROPAGATORS=none
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define HEAD "POST /a HTTP/1.1\r\nHost: victim.test\r\nContent-Length: "
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static char buf[256 * 1024];

static struct iovec piece(const char *text)
{
    return (struct iovec){ .iov_base = (void *)text, .iov_len = strlen(text) };
}

static void read_all(int fd, const char *what)
{
    ssize_t n = 0, r;

    while ((r = read(fd, buf + n, sizeof(buf) - (size_t)n)) > 0)
        n += r;
    victim_bytes(what, buf, n);
    victim_say("the last read", r);
}

/* Every way to write and to read, on one connected pair whose first bytes are `first`. */
static void all_ways(int a, int b, const char *first)
{
    struct iovec out[3] = { piece("one "), piece(""), piece("two") };
    struct iovec in[3] = { { buf, 3 }, { buf + 3, 0 }, { buf + 3, 200 } };

    SAY(write(a, first, strlen(first)));
    SAY(read(b, buf, 10));
    victim_bytes("read", buf, 10);
    SAY(writev(a, out, 3));
    SAY(writev(a, out, 0));
    SAY(readv(b, in, 3));
    SAY(readv(b, in, 0));
    SAY(pwritev2(a, out, 3, -1, 0));
    SAY(pwritev64v2(a, out, 1, -1, 0));
    SAY(preadv2(b, in, 3, -1, 0));
    SAY(preadv64v2(b, in, 3, -1, RWF_NOWAIT));
    SAY(pwritev2(a, out, 3, -1, RWF_NOWAIT));
    SAY(pwritev2(a, out, 3, 7, 0));
    SAY(pwritev64v2(a, out, 3, 7, 0));
    SAY(preadv2(b, in, 3, 7, 0));
    SAY(preadv64v2(b, in, 3, 7, 0));
    SAY(write(a, "", 0));
    SAY(write(a, NULL, 5));
    SAY(writev(a, NULL, 2));
    SAY(writev(a, out, -1));
    SAY(writev(a, out, 5000));
    SAY(read(b, NULL, 0));
    SAY(readv(b, in, -1));
    SAY(readv(b, NULL, 2));
    SAY(write(a, "rest", 4));
    SAY(read(b, NULL, 5));
    SAY(fcntl(b, F_SETFL, O_NONBLOCK));
    SAY(read(b, buf, sizeof(buf)) >= 0);
    SAY(read(b, buf, sizeof(buf)));
    SAY(readv(b, in, 3));
    SAY(preadv2(b, in, 3, -1, 0));
    SAY(fcntl(b, F_SETFL, 0));
}

static void pair_of(int kind, int pair[2])
{
    struct victim_tcp tcp;

    if (kind == 0) {
        (void)!pipe(pair);
        pair[0] ^= pair[1], pair[1] ^= pair[0], pair[0] ^= pair[1]; /* [0] writes */
    } else if (kind == 1) {
        (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    } else {
        victim_tcp_open(&tcp);
        close(tcp.listener);
        pair[0] = tcp.client;
        pair[1] = tcp.server;
    }
}

static void every_kind(const char *first)
{
    static const char *const kinds[] = { "pipe", "socketpair", "tcp" };

    for (int kind = 0; kind < 3; kind++) {
        int pair[2];

        victim_note("-- %s", kinds[kind]);
        pair_of(kind, pair);
        all_ways(pair[0], pair[1], first);
        SAY(close(pair[0]));
        read_all(pair[1], "the rest");
        SAY(close(pair[1]));
    }
}

static void not_for_reading(void)
{
    int wrong = open("/dev/null", O_WRONLY), file = open("/dev/zero", O_RDONLY);
    struct iovec v = { buf, 10 };
    off_t at = 0;

    SAY(read(-1, buf, 1));
    SAY(write(-1, buf, 1));
    SAY(readv(-1, &v, 1));
    SAY(writev(-1, &v, 1));
    SAY(preadv2(-1, &v, 1, -1, 0));
    SAY(preadv64v2(-1, &v, 1, 0, 0));
    SAY(pwritev2(-1, &v, 1, -1, 0));
    SAY(pwritev64v2(-1, &v, 1, 0, 0));
    SAY(read(wrong, buf, 1));
    SAY(write(file, buf, 1));
    SAY(preadv2(file, &v, 1, 0, 0xffff));
    SAY(pwritev2(wrong, &v, 1, 0, 0xffff));
    SAY(sendfile(-1, file, NULL, 1));
    SAY(sendfile(wrong, -1, &at, 1));
    SAY(sendfile64(-1, -1, NULL, 1));
    SAY(splice(-1, NULL, -1, NULL, 1, 0));
    SAY(splice(file, NULL, wrong, NULL, 1, 0));
    SAY(close(wrong) + close(file));
}

static void files(void)
{
    int file = (int)SAY(open("stream_victim.txt", O_RDWR | O_CREAT | O_TRUNC, 0600));
    struct iovec v[2] = { piece("alpha "), piece("beta") }, in = { buf, 100 };

    SAY(writev(file, v, 2));
    SAY(pwritev2(file, v, 1, 4, 0));
    SAY(pwritev64v2(file, v + 1, 1, -1, RWF_APPEND));
    SAY(pwritev2(file, v, 2, -1, RWF_DSYNC));
    SAY(lseek(file, 0, SEEK_SET));
    SAY(preadv2(file, &in, 1, 2, 0));
    SAY(preadv64v2(file, &in, 1, -1, 0));
    victim_bytes("file", buf, 24);
    SAY(close(file));
}

/* Bodies that go from descriptor to descriptor. */
static void bodies(int kind)
{
    int pair[2], pipes[2], file = open("stream_victim.txt", O_RDONLY);
    off64_t at64 = 1;
    off_t at = 2;

    pair_of(kind, pair);
    SAY(pipe(pipes));
    SAY(write(pair[0], HEAD "11\r\n\r\n", strlen(HEAD) + 6));
    SAY(sendfile(pair[0], file, &at, 4));
    SAY(at);
    SAY(sendfile64(pair[0], file, &at64, 3));
    SAY(at64);
    SAY(write(pipes[1], "wxyz", 4));
    SAY(splice(pipes[0], NULL, pair[0], NULL, 4, 0));
    SAY(read(pair[1], buf, strlen(HEAD) + 6));
    SAY(splice(pair[1], NULL, pipes[1], NULL, 7, 0));
    SAY(read(pipes[0], buf, 100));
    victim_bytes("spliced", buf, 7);
    SAY(read(pair[1], buf, sizeof(buf)));
    SAY(fcntl(pair[1], F_SETFL, O_NONBLOCK));
    SAY(splice(pair[1], NULL, pipes[1], NULL, 7, SPLICE_F_NONBLOCK));
    SAY(write(pair[1], ANSWER, strlen(ANSWER)));
    SAY(read(pair[0], buf, strlen(ANSWER) - 5));
    SAY(splice(pair[0], NULL, pipes[1], NULL, 1000, 0));
    SAY(read(pipes[0], buf, 1000));
    victim_bytes("answer", buf, 5);
    SAY(sendfile(pair[0], file, NULL, 0));
    SAY(sendfile(pair[0], file, (off_t *)1, 10));
    SAY(splice(pair[0], &at64, pipes[1], NULL, 10, 0));
    SAY(shutdown(pair[0], SHUT_WR));
    SAY(splice(pair[1], NULL, pipes[1], NULL, 7, 0));
    SAY(close(pair[1]));
    SAY(splice(pair[0], NULL, pipes[1], NULL, 7, 0));
    SAY(close(pair[0]) + close(pipes[0]) + close(pipes[1]) + close(file));
}

/* A peer that is gone: EPIPE, with and without the signal. */
static void broken(void)
{
    int pair[2];

    pair_of(1, pair);
    SAY(close(pair[1]));
    SAY(write(pair[0], ANSWER, 5));
    SAY(read(pair[0], buf, 5));
    SAY(close(pair[0]));
    signal(SIGPIPE, SIG_DFL);
    pair_of(1, pair);
    victim_exchange(pair[0], pair[1]);
    SAY(close(pair[1]));
    SAY(write(pair[0], HEAD "0\r\n\r\n", strlen(HEAD) + 5));
    victim_note("not reached: SIGPIPE ends this process");
}

/* Large writes into a small socket: counts of what really went. */
static void short_counts(void)
{
    int pair[2], size = 4096;
    ssize_t w, sent = 0;

    pair_of(1, pair);
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    SAY(fcntl(pair[0], F_SETFL, O_NONBLOCK));
    SAY(write(pair[0], HEAD "262144\r\n\r\n", strlen(HEAD) + 10));
    memset(buf, 'b', sizeof(buf));
    while ((w = write(pair[0], buf, sizeof(buf))) > 0)
        sent += w;
    victim_say("a write into a full socket", w);
    SAY(sent > 0 && sent < (ssize_t)sizeof(buf));
    SAY(writev(pair[0], &(struct iovec){ buf, 10 }, 1));
    SAY(sendfile(pair[0], open("/dev/zero", O_RDONLY), NULL, 10));
    SAY(shutdown(pair[0], SHUT_RDWR));
    SAY(close(pair[0]));
    read_all(pair[1], "what came");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    every_kind("not of any protocol");
    every_kind(HEAD "14\r\n\r\n");
    every_kind("GET / HTTP/1.1\r\n");
    not_for_reading();
    files();
    bodies(1);
    bodies(2);
    victim_child("broken", broken);
    short_counts();
    SAY(unlink("stream_victim.txt"));
    return 0;
}
