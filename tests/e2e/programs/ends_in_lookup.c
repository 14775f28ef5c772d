/* Asks a server for something, then a name server that never answers for an address, and ends in the middle of that,
 * from the handler of a timer: ends_in_lookup PORT exit|raise. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int raises;

static void leave(int sig)
{
    if (!raises)
        _exit(3);
    (void)signal(sig, SIG_DFL);
    (void)raise(sig);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((unsigned short)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void ask(int port)
{
    static const char request[] = "GET /one HTTP/1.0\r\n\r\n";
    struct sockaddr_in to = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char room[4096];

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 || write(fd, request, sizeof(request) - 1) < 0)
        exit(9);
    while (read(fd, room, sizeof(room)) > 0)
        ;
    (void)close(fd);
}

int main(int argc, char **argv)
{
    struct itimerval soon = { .it_value = { .tv_usec = 300000 } };
    struct sockaddr_in mute = loopback(0);
    socklen_t len = sizeof(mute);
    struct addrinfo *found;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (argc != 3 || bind(fd, (struct sockaddr *)&mute, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&mute, &len) != 0)
        return 9;
    raises = strcmp(argv[2], "raise") == 0;
    ask(atoi(argv[1]));
    (void)res_init();
    _res.nscount = 1;
    _res.nsaddr_list[0] = mute;
    (void)signal(SIGALRM, leave);
    (void)setitimer(ITIMER_REAL, &soon, NULL);
    (void)getaddrinfo("nobody.example", "80", NULL, &found);
    return 8;
}
