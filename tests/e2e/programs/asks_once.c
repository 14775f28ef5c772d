/* A request to 127.0.0.1:PORT; prints what came and ends with 3, or then waits for the end of its input first:
 * asks_once PORT [wait]. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const char request[] = "GET /one HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char buf[4096];
    ssize_t n;

    at.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || write(fd, request, sizeof(request) - 1) < 0)
        return 1;
    while ((n = read(fd, buf, sizeof(buf))) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    close(fd);
    while (argc > 2 && read(STDIN_FILENO, buf, sizeof(buf)) > 0)
        ;
    return 3;
}
