/*
 * hot_calls ROUNDS: so many small exchanges on a TCP connection that speaks no protocol that anybody follows, on a
 * pair of sockets, and through a pipe, with every plain pair of calls.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void exchange(int from, int to, int round)
{
    char buf[64];
    struct iovec v = { buf, 5 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

    switch (round % 3) {
    case 0:
        (void)!write(from, "\1\2\3\4\5", 5);
        (void)!read(to, buf, sizeof(buf));
        return;
    case 1:
        (void)send(from, "\1\2\3\4\5", 5, MSG_NOSIGNAL);
        (void)recv(to, buf, sizeof(buf), 0);
        return;
    default:
        (void)sendmsg(from, &m, MSG_NOSIGNAL);
        (void)!readv(to, &v, 1);
    }
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0, pair[2], ends[2], client, server;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
        pipe(ends) < 0)
        return 1;
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&at, sizeof(at)) < 0 || (server = accept(listener, NULL, NULL)) < 0)
        return 1;
    for (int i = 0; i < rounds; i++) {
        char byte;

        exchange(client, server, i);
        exchange(pair[0], pair[1], i);
        (void)!write(ends[1], "x", 1);
        (void)!read(ends[0], &byte, 1);
    }
    puts("done");
    return 0;
}
