#include "tests/support/tiny_server.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Atomic unsigned turns;

void tiny_server_turn(void)
{
    (void)atomic_fetch_add(&turns, 1);
}

static void *tiny_server_run(void *user)
{
    struct tiny_server *server = user;
    const struct timeval patience = { .tv_sec = 2 };

    for (;;) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            return NULL;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        server->talk(fd, server->accepted++);
        (void)close(fd);
    }
}

int tiny_server_start(struct tiny_server *server, void (*talk)(int fd, int number))
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);

    *server = (struct tiny_server){ .talk = talk };
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0 || bind(server->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(server->listener, 8) != 0 || getsockname(server->listener, (struct sockaddr *)&at, &len) != 0)
        return -1;
    server->port = ntohs(at.sin_port);
    return pthread_create(&server->thread, NULL, tiny_server_run, server) ? -1 : 0;
}

void tiny_server_stop(struct tiny_server *server)
{
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
}

size_t tiny_server_read_request(int fd, char *buf, size_t capacity)
{
    size_t have = 0, need = 0;

    while (have + 1 < capacity) {
        ssize_t n = recv(fd, buf + have, capacity - 1 - have, 0);
        char *end, *length;

        tiny_server_turn();
        if (n <= 0)
            return 0;
        have += (size_t)n;
        buf[have] = '\0';
        end = strstr(buf, "\r\n\r\n");
        length = strstr(buf, "Content-Length: ");
        if (end)
            need = (size_t)(end + 4 - buf) + (length ? strtoul(length + 16, NULL, 10) : 0);
        if (need && have >= need)
            return have;
    }
    return have;
}

void tiny_server_write(int fd, const char *text)
{
    tiny_server_turn();
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}
