/*
 * Bytes by calls with flags, addresses and control data: send, sendto, sendmsg, sendmmsg, recv,
 * recvfrom, recvmsg, recvmmsg; on streams, datagrams and HTTP connections, with descriptors passed.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread
 * ENV: OTEL_PROPAGATORS=none
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define HEAD "PUT /m HTTP/1.1\r\nHost: victim.test\r\nContent-Length: 6\r\n\r\nabcdef"
#define ANSWER "HTTP/1.1 204 No Content\r\n\r\n"

static char buf[4096];

static struct iovec piece(const char *text)
{
    return (struct iovec){ .iov_base = (void *)text, .iov_len = strlen(text) };
}

static void sending(int a, const char *text)
{
    struct iovec out[3] = { piece("m1 "), piece(""), piece("m2") };
    struct msghdr msg = { .msg_iov = out, .msg_iovlen = 3 };
    struct mmsghdr many[3] = { { .msg_hdr = msg },
                               { .msg_hdr = msg },
                               { .msg_hdr = { .msg_iov = out, .msg_iovlen = 0 } } };

    SAY(send(a, text, strlen(text), 0));
    SAY(send(a, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT));
    SAY(sendto(a, text, strlen(text), MSG_MORE, NULL, 0));
    SAY(sendmsg(a, &msg, 0));
    SAY(sendmsg(a, &msg, MSG_NOSIGNAL));
    SAY(sendmmsg(a, many, 3, 0));
    SAY(many[0].msg_len);
    SAY(many[1].msg_len);
    SAY(many[2].msg_len);
    SAY(sendmmsg(a, many, 0, 0));
    SAY(send(a, "", 0, 0));
    SAY(send(a, NULL, 7, 0));
    SAY(sendto(a, NULL, 7, 0, NULL, 0));
    SAY(sendmsg(a, NULL, 0));
    msg.msg_iov = NULL;
    SAY(sendmsg(a, &msg, 0));
    msg.msg_iov = out;
    msg.msg_iovlen = 5000;
    SAY(sendmsg(a, &msg, 0));
    SAY(sendmmsg(a, NULL, 2, 0));
    SAY(send(a, "end", 3, MSG_EOR));
}

static void receiving(int b)
{
    struct iovec in[3] = { { buf, 5 }, { buf + 5, 0 }, { buf + 5, 300 } };
    struct msghdr msg = { .msg_iov = in, .msg_iovlen = 3 };
    struct mmsghdr many[3] = { { .msg_hdr = msg }, { .msg_hdr = msg }, { .msg_hdr = msg } };
    struct timespec soon = { .tv_nsec = 1000000 };
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);

    SAY(recv(b, buf, 8, MSG_PEEK));
    victim_bytes("peeked", buf, 8);
    SAY(recv(b, buf, 8, 0));
    victim_bytes("received", buf, 8);
    SAY(recvfrom(b, buf, 8, 0, NULL, NULL));
    SAY(recvfrom(b, buf, 8, 0, (struct sockaddr *)&from, &len));
    SAY(recvmsg(b, &msg, MSG_PEEK));
    SAY(recvmsg(b, &msg, 0));
    SAY(msg.msg_flags);
    SAY(msg.msg_namelen);
    SAY(recvmmsg(b, many, 3, MSG_DONTWAIT, NULL));
    SAY(recv(b, buf, sizeof(buf), MSG_DONTWAIT));
    SAY(recv(b, buf, 0, MSG_DONTWAIT));
    SAY(recv(b, NULL, 0, MSG_DONTWAIT));
    SAY(recvfrom(b, buf, 8, MSG_DONTWAIT, NULL, NULL));
    SAY(recvmsg(b, &msg, MSG_DONTWAIT));
    SAY(recvmmsg(b, many, 3, MSG_DONTWAIT, &soon));
    SAY(recvmsg(b, NULL, MSG_DONTWAIT));
    SAY(recvmmsg(b, NULL, 1, MSG_DONTWAIT, NULL));
    SAY(recvmmsg(b, many, 0, 0, NULL));
    SAY(recv(b, buf, 8, MSG_ERRQUEUE | MSG_DONTWAIT));
}

static void streams(const char *text)
{
    struct victim_tcp tcp;
    int pair[2];

    victim_note("-- socketpair");
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    sending(pair[0], text);
    receiving(pair[1]);
    sending(pair[1], ANSWER);
    receiving(pair[0]);
    SAY(close(pair[1]));
    SAY(recv(pair[0], buf, sizeof(buf), 0));
    SAY(send(pair[0], text, 1, MSG_NOSIGNAL));
    SAY(close(pair[0]));
    victim_note("-- tcp");
    victim_tcp_open(&tcp);
    sending(tcp.client, text);
    victim_sleep_ms(20); /* what was sent in pieces has come as a whole */
    receiving(tcp.server);
    SAY(send(tcp.client, "o", 1, MSG_OOB));
    SAY(recv(tcp.server, buf, 1, MSG_OOB));
    SAY(send(tcp.client, "truncated", 9, 0));
    SAY(recv(tcp.server, NULL, 9, MSG_TRUNC | MSG_WAITALL));
    SAY(send(tcp.client, "all of it", 9, 0));
    SAY(recv(tcp.server, buf, 9, MSG_WAITALL));
    victim_bytes("all", buf, 9);
    SAY(shutdown(tcp.client, SHUT_WR));
    SAY(recv(tcp.server, buf, 9, 0));
    SAY(recvmsg(tcp.server, &(struct msghdr){ .msg_iov = &(struct iovec){ buf, 9 }, .msg_iovlen = 1 }, 0));
    victim_tcp_close(&tcp);
}

static void resets(void)
{
    struct linger now = { .l_onoff = 1 };
    struct victim_tcp tcp;

    victim_tcp_open(&tcp);
    SAY(send(tcp.client, HEAD, strlen(HEAD), 0));
    SAY(recv(tcp.server, buf, 4, 0));
    SAY(setsockopt(tcp.server, SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
    SAY(close(tcp.server));
    SAY(recv(tcp.client, buf, 100, 0));
    SAY(recv(tcp.client, buf, 100, 0));
    SAY(send(tcp.client, HEAD, strlen(HEAD), MSG_NOSIGNAL));
    SAY(close(tcp.client) + close(tcp.listener));
}

static void datagrams(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
    socklen_t len = sizeof(addr);
    struct iovec v = piece(HEAD);
    struct msghdr msg = { .msg_name = &addr, .msg_namelen = sizeof(addr), .msg_iov = &v, .msg_iovlen = 1 };
    struct mmsghdr two[2] = { { .msg_hdr = msg }, { .msg_hdr = msg } };
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);

    SAY(bind(b, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(getsockname(b, (struct sockaddr *)&addr, &len));
    SAY(sendto(a, HEAD, strlen(HEAD), 0, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(sendmsg(a, &msg, 0));
    SAY(sendmmsg(a, two, 2, 0));
    SAY(connect(a, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(send(a, HEAD, strlen(HEAD), 0));
    SAY(write(a, "x", 1));
    len = sizeof(from);
    SAY(recvfrom(b, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len));
    SAY(len);
    SAY(recv(b, buf, 3, MSG_TRUNC));
    SAY(recvmsg(b, &(struct msghdr){ .msg_iov = &(struct iovec){ buf, 9 }, .msg_iovlen = 1 }, 0));
    SAY(recvmmsg(b,
                 (struct mmsghdr[2]){ { .msg_hdr = { .msg_iov = &(struct iovec){ buf, 90 }, .msg_iovlen = 1 } },
                                      { .msg_hdr = { .msg_iov = &(struct iovec){ buf, 90 }, .msg_iovlen = 1 } } },
                 2, 0, NULL));
    SAY(recv(b, buf, sizeof(buf), 0));
    SAY(recv(b, buf, sizeof(buf), MSG_DONTWAIT));
    SAY(sendto(a, NULL, 9, 0, (struct sockaddr *)&addr, sizeof(addr)));
    SAY(close(b));
    SAY(send(a, "x", 1, 0));
    SAY(send(a, "x", 1, 0)); /* the refusal of the one before */
    SAY(close(a));
}

/* A descriptor goes over a socket, and is used under its new number. */
static void passing(void)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } control = { 0 };
    struct iovec v = { buf, 1 };
    struct msghdr msg = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
    };
    int road[2], goods[2], got[2] = { -1, -1 };

    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, road);
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, goods);
    control.head =
        (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(2 * sizeof(int)) };
    memcpy(CMSG_DATA(&control.head), goods, sizeof(goods));
    SAY(sendmsg(road[0], &msg, 0));
    SAY(close(goods[0]) + close(goods[1]));
    memset(&control, 0, sizeof(control));
    SAY(recvmsg(road[1], &msg, MSG_CMSG_CLOEXEC));
    SAY(msg.msg_controllen == sizeof(control));
    memcpy(got, CMSG_DATA(&control.head), sizeof(got));
    victim_note("descriptors %d and %d came", got[0], got[1]);
    victim_exchange(got[0], got[1]);
    SAY(close(got[0]) + close(got[1]));
    SAY(sendmsg(road[0],
                &(struct msghdr){ .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = 3 }, 0));
    SAY(close(road[0]) + close(road[1]));
}

static void wrong_descriptors(void)
{
    struct iovec v = { buf, 4 };
    struct msghdr msg = { .msg_iov = &v, .msg_iovlen = 1 };
    struct mmsghdr one = { .msg_hdr = msg };
    int wrong[] = { -1, open("/dev/null", O_RDWR), socket(AF_INET, SOCK_STREAM, 0) };

    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 3; i++) {
        SAY(send(wrong[i], "x", 1, 0));
        SAY(sendto(wrong[i], "x", 1, 0, NULL, 0));
        SAY(sendmsg(wrong[i], &msg, 0));
        SAY(sendmmsg(wrong[i], &one, 1, 0));
        SAY(recv(wrong[i], buf, 1, 0));
        SAY(recvfrom(wrong[i], buf, 1, 0, NULL, NULL));
        SAY(recvmsg(wrong[i], &msg, 0));
        SAY(recvmmsg(wrong[i], &one, 1, 0, NULL));
    }
    SAY(close(wrong[1]) + close(wrong[2]));
}

int main(void)
{
    streams("not of any protocol");
    streams(HEAD);
    resets();
    datagrams();
    passing();
    wrong_descriptors();
    return 0;
}
