/*
 * Load for machines without wrk: a closed loop of HTTP/1.1 keep-alive requests to a port of this host.
 *   load PORT CONNECTIONS SECONDS PATH    ->  "N requests in S s", as wrk says it
 * Every answer must be a 200 with a Content-Length.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 256
#define ANSWER_MAX 65536

struct conn {
    size_t len;  /* bytes of the answer so far */
    size_t want; /* of it in all, 0 = not known yet */
    char bytes[ANSWER_MAX];
};

static struct conn conns[CONNS_MAX];
static struct pollfd fds[CONNS_MAX];
static char question[1024];

static void fail(const char *why)
{
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

static double now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int open_one(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((unsigned short)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
        fail("cannot connect");
    return fd;
}

static void ask(int i)
{
    conns[i].len = conns[i].want = 0;
    if (send(fds[i].fd, question, strlen(question), MSG_NOSIGNAL) != (ssize_t)strlen(question))
        fail("cannot send");
}

static void find_length(struct conn *c)
{
    const char *blank, *header;

    c->bytes[c->len] = '\0';
    blank = strstr(c->bytes, "\r\n\r\n");
    if (!blank)
        return;
    header = strcasestr(c->bytes, "\r\nContent-Length:");
    if (strncmp(c->bytes, "HTTP/1.1 200", 12) != 0 || !header || header > blank)
        fail("an answer is no 200 with a length");
    c->want = (size_t)(blank - c->bytes) + 4 + strtoul(header + 17, NULL, 10);
    if (c->want >= ANSWER_MAX)
        fail("an answer is too long");
}

/* How many answers were completed: 0 or 1. */
static int receive(int i)
{
    struct conn *c = &conns[i];
    ssize_t n = recv(fds[i].fd, c->bytes + c->len, ANSWER_MAX - 1 - c->len, 0);

    if (n <= 0)
        fail("a connection was closed");
    c->len += (size_t)n;
    if (!c->want)
        find_length(c);
    return c->want && c->len >= c->want;
}

int main(int argc, char **argv)
{
    int port = argc > 4 ? atoi(argv[1]) : 0, count = argc > 4 ? atoi(argv[2]) : 0;
    double seconds = argc > 4 ? atof(argv[3]) : 0, start = now_s();
    long done = 0;

    if (count < 1 || count > CONNS_MAX)
        fail("load PORT CONNECTIONS SECONDS PATH");
    (void)snprintf(question, sizeof(question), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", argv[4], port);
    for (int i = 0; i < count; i++) {
        fds[i] = (struct pollfd){ .fd = open_one(port), .events = POLLIN };
        ask(i);
    }
    while (now_s() - start < seconds) {
        if (poll(fds, (nfds_t)count, 1000) <= 0)
            fail("no answer within a second");
        for (int i = 0; i < count; i++) {
            if (!fds[i].revents || !receive(i))
                continue;
            done++;
            ask(i);
        }
    }
    printf("%ld requests in %.3f s\n", done, now_s() - start);
    return 0;
}
