#include "tests/support/probe_stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/victim.h"

const char probe_request[] = "GET /probe HTTP/1.1\r\nHost: probe.test\r\n\r\n";
const char probe_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#define ALARM_NS 10000000

static timer_t alarm_timer; /* the first one is number 0 */
static bool alarmed;

long probe_raw(long number, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long r;

    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return r;
}

struct sockaddr *probe_here(int port)
{
    static struct sockaddr_in addr[4];
    static unsigned turn;
    struct sockaddr_in *one = &addr[turn++ % 4];

    *one = (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    return (struct sockaddr *)one;
}

static void need(bool good, const char *what)
{
    if (good)
        return;
    victim_note("the stage has no %s: %s", what, strerror(errno));
    _exit(98);
}

static int listening(struct sockaddr_in *addr)
{
    socklen_t len = sizeof(*addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    need(fd >= 0 && bind(fd, probe_here(0), sizeof(*addr)) == 0 && listen(fd, 8) == 0 &&
             getsockname(fd, (struct sockaddr *)addr, &len) == 0,
         "listener");
    return fd;
}

static int connected(const struct sockaddr_in *addr)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    need(fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0, "connection");
    return fd;
}

/* One answer waits at the client, one request at the server. */
static void open_connection(struct probe_stage *stage)
{
    char buf[512];

    stage->client = connected(&stage->addr);
    stage->server = accept(stage->waiting, NULL, NULL);
    need(write(stage->client, probe_request, strlen(probe_request)) > 0, "request");
    need(read(stage->server, buf, sizeof(buf)) > 0, "request to read");
    need(write(stage->server, probe_answer, strlen(probe_answer)) > 0, "answer");
    need(write(stage->client, probe_request, strlen(probe_request)) > 0, "second request");
}

static void followed_pair(int *one, int *other)
{
    int ends[2];

    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "pair");
    victim_exchange(ends[0], ends[1]);
    *one = ends[0];
    *other = ends[1];
}

static void open_sockets(struct probe_stage *stage)
{
    static char filling[4096];
    struct sockaddr_in unused;
    socklen_t len = sizeof(stage->udp_addr);
    int ends[2], small = 1;

    stage->listener = listening(&unused);
    need(fcntl(stage->listener, F_SETFL, O_NONBLOCK) == 0, "listener that does not wait");
    stage->waiting = listening(&stage->addr);
    open_connection(stage);
    stage->caller = connected(&stage->addr);
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, stage->pair) == 0, "pair");
    (void)probe_raw(SYS_write, stage->pair[0], (long)"xyz", 3, 0, 0);
    followed_pair(&stage->idle, &stage->idle_peer);
    followed_pair(&stage->half, &stage->half_peer);
    need(shutdown(stage->half, SHUT_WR) == 0, "half a connection");
    followed_pair(&stage->full, &stage->full_peer);
    (void)setsockopt(stage->full, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    while (probe_raw(SYS_sendto, stage->full, (long)filling, sizeof(filling), MSG_DONTWAIT, 0) > 0)
        ;
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && close(ends[1]) == 0, "lonely end");
    stage->lonely = ends[0];
    stage->fresh = socket(AF_INET, SOCK_STREAM, 0);
    stage->udp = socket(AF_INET, SOCK_DGRAM, 0);
    need(bind(stage->udp, probe_here(0), 16) == 0 && getsockname(stage->udp, (void *)&stage->udp_addr, &len) == 0,
         "datagram socket");
    for (int i = 0; i < 2; i++)
        need(sendto(stage->udp, "ab", 2, 0, (void *)&stage->udp_addr, len) == 2, "datagram");
    stage->closed_addr = stage->udp_addr; /* nobody listens there by TCP: most likely, and for both runs alike */
}

static void open_files(struct probe_stage *stage)
{
    struct epoll_event event = { .events = EPOLLIN };

    stage->file = open("probe_stage.file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    need(stage->file >= 0 && ftruncate(stage->file, 100) == 0, "file");
    stage->spare = open("/dev/null", O_RDWR);
    stage->directory = open("/", O_RDONLY | O_DIRECTORY);
    need(pipe(stage->pipe) == 0 && write(stage->pipe[1], "12345", 5) == 5, "pipe");
    stage->epoll = epoll_create1(0);
    stage->empty_epoll = epoll_create1(0);
    need(epoll_ctl(stage->epoll, EPOLL_CTL_ADD, stage->client, &event) == 0, "epoll");
}

static void fill_arguments(struct probe_stage *stage)
{
    size_t half = strlen(probe_request) / 2;

    stage->from_len = sizeof(stage->from);
    stage->value_len = sizeof(stage->value);
    stage->iov[0] = (struct iovec){ stage->buf, 10 };
    stage->iov[1] = (struct iovec){ stage->buf + 10, 1000 };
    stage->request_iov[0] = (struct iovec){ (char *)probe_request, half };
    stage->request_iov[1] = (struct iovec){ (char *)probe_request + half, strlen(probe_request) - half };
    stage->bad_iov = (struct iovec){ (void *)8, 100 };
    stage->huge_iov = (struct iovec){ (void *)8, (size_t)-1 };
    stage->msg = (struct msghdr){ .msg_iov = stage->iov, .msg_iovlen = 2 };
    for (int i = 0; i < 2; i++) {
        stage->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &stage->iov[i], .msg_iovlen = 1 };
        stage->out[i].msg_hdr = (struct msghdr){ .msg_iov = stage->request_iov, .msg_iovlen = 2 };
    }
    stage->polls[0] = (struct pollfd){ .fd = stage->client, .events = POLLIN | POLLOUT };
    stage->polls[1] = (struct pollfd){ .fd = stage->idle, .events = POLLIN };
    FD_ZERO(&stage->set);
    FD_SET(stage->client, &stage->set);
    stage->below_zero = -5;
    stage->argv[0] = (char *)"errno";
    stage->argv[1] = (char *)"3";
    pthread_attr_init(&stage->huge_stack);
    pthread_attr_setstacksize(&stage->huge_stack, 1ul << 46);
}

void probe_stage_open(struct probe_stage *stage)
{
    memset(stage, 0, sizeof(*stage));
    open_sockets(stage);
    open_files(stage);
    fill_arguments(stage);
}

void probe_stage_close(struct probe_stage *stage)
{
    pthread_attr_destroy(&stage->huge_stack);
    (void)close_range(3, ~0u, 0);
}

void probe_forbid_children(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
    };
    struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = code };

    (void)probe_raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    need(probe_raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program, 0, 0) == 0, "filter");
}

static void rung(int number)
{
    (void)number;
}

void probe_alarm_start(void)
{
    struct sigaction action = { .sa_handler = rung };
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM };
    struct itimerspec every = { .it_value.tv_nsec = ALARM_NS, .it_interval.tv_nsec = ALARM_NS };

    event._sigev_un._tid = gettid();
    sigaction(SIGALRM, &action, NULL);
    need(timer_create(CLOCK_MONOTONIC, &event, &alarm_timer) == 0 && timer_settime(alarm_timer, 0, &every, NULL) == 0,
         "timer");
    alarmed = true;
}

void probe_alarm_stop(void)
{
    if (alarmed)
        timer_delete(alarm_timer);
    alarmed = false;
}
