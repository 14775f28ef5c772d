/*
 * A small server as people write them in C: epoll, one thread, one answer for every request. Loopback
 * only; ends after the given seconds: hello PORT SECONDS
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n";

static int listen_on(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((unsigned short)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 128) != 0) {
        perror("hello");
        exit(1);
    }
    return fd;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

    if (fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        close(fd);
}

/* The load never sends a second request before it has the answer, nor one in pieces. */
static void serve(int fd)
{
    char buf[4096];
    ssize_t n = read(fd, buf, sizeof(buf));

    if (n <= 0 || write(fd, answer, sizeof(answer) - 1) != (ssize_t)sizeof(answer) - 1)
        close(fd);
}

int main(int argc, char **argv)
{
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0), epoll = epoll_create1(EPOLL_CLOEXEC);
    time_t end = time(NULL) + (argc > 2 ? atoi(argv[2]) : 60);
    struct epoll_event events[64];

    watch(epoll, listener);
    while (time(NULL) < end) {
        int n = epoll_wait(epoll, events, 64, 1000);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                watch(epoll, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
            else
                serve(events[i].data.fd);
        }
    }
    return 0;
}
