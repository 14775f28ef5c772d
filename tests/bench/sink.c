/*
 * A collector that costs as little as it can to run beside what is measured: takes OTLP over HTTP/1.1,
 * answers 200, and counts spans by walking the lengths of the protobuf. Loopback only; prints "port N";
 * GET answers with the number of spans so far. Ends after the given seconds: sink SECONDS
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 64
#define BUFFER_MAX (4u << 20)

struct conn {
    int fd; /* -1 = free */
    char *bytes;
    size_t len;
};

static struct conn conns[CONNS_MAX];
static unsigned long spans;

/* A varint at *at, which moves behind it; false at the end. */
static bool varint(const unsigned char **at, const unsigned char *end, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        unsigned char byte = *(*at)++;

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* Members at depth 3 of request { 1: resource spans { 2: scope spans { 2: span } } }. */
static unsigned long count_spans(const unsigned char *at, const unsigned char *end, int depth)
{
    static const uint64_t wanted[] = { 1, 2, 2 };
    unsigned long n = 0;
    uint64_t key, len;

    while (at < end && varint(&at, end, &key)) {
        if ((key & 7) == 0) {
            if (!varint(&at, end, &len))
                return n;
            continue;
        }
        if ((key & 7) == 1 || (key & 7) == 5) {
            at += (key & 7) == 1 ? 8 : 4;
            continue;
        }
        if ((key & 7) != 2 || !varint(&at, end, &len) || len > (uint64_t)(end - at))
            return n;
        if (key >> 3 == wanted[depth])
            n += depth == 2 ? 1 : count_spans(at, at + len, depth + 1);
        at += len;
    }
    return n;
}

static void conn_close(struct conn *c)
{
    close(c->fd);
    c->fd = -1;
    c->len = 0;
}

/* Takes whole requests off the front of the buffer. False: this is no HTTP. */
static bool conn_serve(struct conn *c)
{
    for (;;) {
        char answer[160], text[32] = "";
        char *blank = memmem(c->bytes, c->len, "\r\n\r\n", 4), *header;
        size_t head, body = 0;
        int n;

        if (!blank)
            return c->len < 16384;
        *blank = '\0';
        header = strcasestr(c->bytes, "\r\nContent-Length:");
        body = header ? strtoul(header + 17, NULL, 10) : 0;
        *blank = '\r';
        head = (size_t)(blank - c->bytes) + 4;
        if (head + body > BUFFER_MAX)
            return false;
        if (c->len < head + body)
            return true;
        if (c->bytes[0] == 'G')
            (void)snprintf(text, sizeof(text), "%lu\n", spans);
        else
            spans += count_spans((unsigned char *)c->bytes + head, (unsigned char *)c->bytes + head + body, 0);
        n = snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                     text[0] ? "text/plain" : "application/x-protobuf", strlen(text), text);
        if (send(c->fd, answer, (size_t)n, MSG_NOSIGNAL) != n)
            return false;
        c->len -= head + body;
        memmove(c->bytes, c->bytes + head + body, c->len);
    }
}

static void conn_read(struct conn *c)
{
    ssize_t n = recv(c->fd, c->bytes + c->len, BUFFER_MAX - c->len, MSG_DONTWAIT);

    if (n > 0)
        c->len += (size_t)n;
    if (n == 0 || (n > 0 && !conn_serve(c)))
        conn_close(c);
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    for (int i = 0; fd >= 0 && i < CONNS_MAX; i++) {
        if (conns[i].fd >= 0)
            continue;
        if (!conns[i].bytes)
            conns[i].bytes = malloc(BUFFER_MAX);
        if (!conns[i].bytes)
            break;
        conns[i].fd = fd;
        return;
    }
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 60);
    struct pollfd fds[CONNS_MAX + 1];
    socklen_t len = sizeof(at);

    if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0) {
        perror("sink");
        return 1;
    }
    printf("port %u\n", ntohs(at.sin_port));
    fflush(stdout);
    for (int i = 0; i < CONNS_MAX; i++)
        conns[i].fd = -1;
    while (time(NULL) < end) {
        for (int i = 0; i < CONNS_MAX; i++)
            fds[i] = (struct pollfd){ .fd = conns[i].fd, .events = POLLIN };
        fds[CONNS_MAX] = (struct pollfd){ .fd = listener, .events = POLLIN };
        (void)poll(fds, CONNS_MAX + 1, 1000);
        for (int i = 0; i < CONNS_MAX; i++)
            if (fds[i].fd >= 0 && fds[i].revents)
                conn_read(&conns[i]);
        if (fds[CONNS_MAX].revents)
            accept_one(listener);
    }
    return 0;
}
