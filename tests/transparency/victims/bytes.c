/*
 * Requests with random bodies and their answers, by every call that sends and several that receive, over sockets with
 * next to no buffer, both ends without blocking and told of edges only: an edge that is lost stalls, a byte that is
 * lost or added changes a sum. Heads may have grown by trace context; bodies, and the counts that calls return, may
 * not.
 *
 * SOURCES: tests/support/victim.c
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define ROUNDS 25u
#define BODY_MAX 60000u /* fits into a pipe */
#define STALL_MS 5000

struct end {
    int fd, epoll, pipe[2], file;
    char buf[BODY_MAX + 4096];
};

static struct end client, server;
static uint64_t arrived[ROUNDS];

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 8;
}

static uint64_t sum(const char *bytes, size_t len)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    return hash;
}

static void give_up(const char *why)
{
    victim_note("%s, errno %d", why, errno);
    exit(1);
}

/* Behind EAGAIN only: whoever waits has seen that there is nothing to be had. */
static void await_edge(struct end *end)
{
    struct epoll_event event;

    if (epoll_wait(end->epoll, &event, 1, STALL_MS) != 1)
        give_up("no edge came");
}

static ssize_t send_some(struct end *end, const char *bytes, size_t len, off_t at, unsigned how)
{
    struct iovec v[2] = { { (void *)bytes, len / 3 }, { (void *)(bytes + len / 3), len - len / 3 } };

    switch (how) {
    case 0:
        return write(end->fd, bytes, len);
    case 1: /* all but the last byte is held back */
        return len > 1 ? send(end->fd, bytes, len - 1, MSG_MORE) : send(end->fd, bytes, len, 0);
    case 2:
        return writev(end->fd, v, 2);
    case 3:
        return sendfile(end->fd, end->file, &at, len);
    default:
        return splice(end->pipe[0], NULL, end->fd, NULL, len, SPLICE_F_NONBLOCK);
    }
}

static void send_all(struct end *end, const char *bytes, size_t len, unsigned how)
{
    if (how == 3 && pwrite(end->file, bytes, len, 0) != (ssize_t)len)
        give_up("pwrite");
    if (how == 4 && write(end->pipe[1], bytes, len) != (ssize_t)len)
        give_up("write to a pipe");
    for (size_t done = 0; done < len;) {
        ssize_t r = send_some(end, bytes + done, len - done, (off_t)done, how);

        if (r > (ssize_t)(len - done))
            give_up("more was sent than given");
        if (r > 0)
            done += (size_t)r;
        else if (r < 0 && errno == EAGAIN)
            await_edge(end);
        else
            give_up("sending");
    }
}

static void send_message(struct end *end, const char *line, const char *body, size_t len, unsigned how)
{
    char head[256];
    int n = snprintf(head, sizeof(head), "%s\r\nContent-Length: %zu\r\n%s\r\n", line, len,
                     line[0] == 'H' ? "" : "Host: here\r\n");

    send_all(end, head, (size_t)n, how == 1 || how == 2 ? how : 0);
    send_all(end, body, len, how);
}

/* What is looked at and left there is what comes next. */
static ssize_t receive_some(struct end *end, char *to, size_t room, unsigned how)
{
    char seen[64];
    ssize_t peeked, r;

    if (how == 1) {
        if (room > sizeof(seen))
            room = sizeof(seen);
        peeked = recv(end->fd, seen, room, MSG_PEEK);
        r = recv(end->fd, to, room, 0);
        if (peeked > 0 && (r < peeked || memcmp(seen, to, (size_t)peeked) != 0))
            give_up("other bytes came than were seen");
        return r;
    }
    if (how == 2) { /* thrown away by the kernel */
        r = recv(end->fd, NULL, room, MSG_TRUNC);
        if (r > 0)
            memset(to, '-', (size_t)r);
        return r;
    }
    return how == 3 ? recv(end->fd, to, room, 0) : read(end->fd, to, room);
}

static size_t receive_to(struct end *end, size_t have, size_t want, unsigned how)
{
    while (have < want) {
        ssize_t r = receive_some(end, end->buf + have, want - have, how);

        if (r > 0)
            have += (size_t)r;
        else if (r < 0 && errno == EAGAIN)
            await_edge(end);
        else
            give_up("receiving");
    }
    return have;
}

/* The sum of a message's body. The head comes byte by byte; a hundred bytes of the middle are thrown away. */
static uint64_t receive_message(struct end *end, unsigned how)
{
    size_t have = 0, len;
    const char *field;

    while (have < 4 || memcmp(end->buf + have - 4, "\r\n\r\n", 4) != 0) {
        if (have >= 4000)
            give_up("a head without end");
        have = receive_to(end, have, have + 1, 0);
    }
    end->buf[have] = '\0';
    field = strstr(end->buf, "Content-Length: ");
    len = field ? (size_t)atoi(field + 16) : 0;
    if (len > BODY_MAX || len < 500)
        give_up("a length that nobody sent");
    have = receive_to(end, 0, 200, how);
    have = receive_to(end, have, 300, 2);
    (void)receive_to(end, have, len, how);
    return sum(end->buf, len);
}

static size_t make_body(char *body, unsigned *state)
{
    size_t len = 500 + next_random(state) % (BODY_MAX - 500);

    for (size_t i = 0; i < len; i++)
        body[i] = (char)next_random(state);
    return len;
}

static void *serve(void *arg)
{
    static char body[BODY_MAX];
    unsigned state = 7;

    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t len = make_body(body, &state);

        arrived[i] = receive_message(&server, i % 3 == 2 ? 3 : i % 3);
        send_message(&server, "HTTP/1.1 200 OK", body, len, (i + i / 5) % 5);
    }
    return arg;
}

static void prepare(struct end *end, const char *name)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

    end->file = open(name, O_RDWR | O_CREAT, 0600);
    end->epoll = epoll_create1(0);
    if (fcntl(end->fd, F_SETFL, O_NONBLOCK) < 0 || pipe(end->pipe) < 0 || end->file < 0 ||
        epoll_ctl(end->epoll, EPOLL_CTL_ADD, end->fd, &event) < 0)
        give_up("preparing");
}

static void join(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int listener = socket(AF_INET, SOCK_STREAM, 0), little = 2048;
    socklen_t len = sizeof(at);

    client.fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
    setsockopt(client.fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) < 0 ||
        connect(client.fd, (struct sockaddr *)&at, sizeof(at)) < 0 || (server.fd = accept(listener, NULL, NULL)) < 0)
        give_up("joining");
    prepare(&client, "client.bin");
    prepare(&server, "server.bin");
}

int main(void)
{
    static char body[BODY_MAX];
    unsigned state = 3;
    pthread_t thread;

    join();
    if (pthread_create(&thread, NULL, serve, NULL) != 0)
        return 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t len = make_body(body, &state);
        uint64_t answer;

        send_message(&client, "POST /bytes HTTP/1.1", body, len, i % 5);
        answer = receive_message(&client, i % 2 ? 3 : 0);
        memset(body + 200, '-', 100);
        victim_note("round %u: %zu bytes, %s, answer %016lx", i, len,
                    arrived[i] == sum(body, len) ? "whole" : "CHANGED", (unsigned long)answer);
    }
    pthread_join(thread, NULL);
    return 0;
}
