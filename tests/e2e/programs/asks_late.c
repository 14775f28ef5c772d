/* A request to 127.0.0.1:PORT, and one more when the program and what was preloaded have ended: asks_late PORT. Built
 * twice: as a library, whose destructor comes that late, and, with PROGRAM, as the program that is linked to it. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void ask(const char *path, unsigned short port);

#ifdef PROGRAM

int main(int argc, char **argv)
{
    ask("/one", (unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
    return 0;
}

#else

static unsigned short last_port;

void ask(const char *path, unsigned short port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) },
                              .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char buf[4096];

    last_port = port;
    snprintf(buf, sizeof(buf), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", path, port);
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || write(fd, buf, strlen(buf)) < 0)
        _exit(1);
    while (read(fd, buf, sizeof(buf)) > 0)
        ;
    close(fd);
}

static __attribute__((destructor)) void at_the_end(void)
{
    ask("/late", last_port);
}

#endif
