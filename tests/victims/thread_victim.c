/*
 * Threads: pthread_create in success and failure, one thread at main, errno per thread, small stacks,
 * cancellation and longjmp out of calls that wait, a storm of signals over calls that are watched, and
 * a main thread that leaves before the others.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-clobbered
 * ENV: OTEL_PROPAGATORS=none
 * SANITIZED: no (it forks while others allocate, which the address sanitizer's allocator does not survive, and has
 * stacks that are too small for the thread sanitizer)
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

static void count_threads(const char *when)
{
    victim_note("threads %s: %d", when, victim_tasks());
}

static void *run_traffic(void *arg)
{
    for (int i = 0; i < 50; i++)
        victim_traffic();
    errno = VICTIM_KEPT;
    return arg;
}

static void creation(void)
{
    pthread_attr_t attr;
    pthread_t thread[8];
    void *result = NULL;

    SAY(pthread_create(&thread[0], NULL, run_traffic, (void *)7));
    SAY(pthread_join(thread[0], &result));
    SAY((long)result);
    pthread_attr_init(&attr);
    SAY(pthread_attr_setstacksize(&attr, 1ul << 46));
    SAY(pthread_create(&thread[0], &attr, run_traffic, NULL));
    SAY(pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN + 16384));
    SAY(pthread_create(&thread[0], &attr, run_traffic, NULL));
    SAY(pthread_join(thread[0], NULL));
    for (int i = 0; i < 8; i++)
        pthread_create(&thread[i], NULL, run_traffic, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(thread[i], NULL);
    pthread_attr_destroy(&attr);
}

/* ---- calls that wait ----------------------------------------------------------------------------- */

static struct victim_tcp tcp; /* followed, and nothing to read on it */
static int loop;

static void wait_in(int call)
{
    struct pollfd fds[1] = { { .fd = tcp.client, .events = POLLIN } };
    struct epoll_event event;
    char buf[64];
    struct iovec v = { buf, sizeof(buf) };
    struct msghdr msg = { .msg_iov = &v, .msg_iovlen = 1 };
    struct mmsghdr many = { .msg_hdr = msg };
    fd_set set;

    FD_ZERO(&set);
    FD_SET(tcp.client, &set);
    switch (call) {
    case 0:
        (void)!read(tcp.client, buf, sizeof(buf));
        break;
    case 1:
        (void)!readv(tcp.server, &v, 1);
        break;
    case 2:
        (void)recv(tcp.client, buf, sizeof(buf), 0);
        break;
    case 3:
        (void)recvfrom(tcp.server, buf, sizeof(buf), 0, NULL, NULL);
        break;
    case 4:
        (void)recvmsg(tcp.client, &msg, 0);
        break;
    case 5:
        (void)recvmmsg(tcp.client, &many, 1, 0, NULL);
        break;
    case 6:
        (void)accept(tcp.listener, NULL, NULL);
        break;
    case 7:
        (void)poll(fds, 1, -1);
        break;
    case 8:
        (void)select(tcp.client + 1, &set, NULL, NULL, NULL);
        break;
    case 9:
        (void)epoll_wait(loop, &event, 1, -1);
        break;
    default:
        (void)splice(tcp.client, NULL, 1, NULL, 10, 0);
        break;
    }
}

#define WAITS 10

static void said(void *arg)
{
    victim_note("   cleaned up after wait %ld", (long)arg);
}

static void *run_wait(void *arg)
{
    pthread_cleanup_push(said, arg);
    wait_in((int)(long)arg);
    victim_note("   not reached");
    pthread_cleanup_pop(0);
    return NULL;
}

static void cancellation(void)
{
    void *result;
    pthread_t thread;

    for (long call = 0; call < WAITS; call++) {
        pthread_create(&thread, NULL, run_wait, (void *)call);
        victim_sleep_ms(5);
        pthread_cancel(thread);
        SAY(pthread_join(thread, &result));
        SAY(result == PTHREAD_CANCELED);
    }
    victim_exchange(tcp.client, tcp.server);
}

static sigjmp_buf back;

static void jump(int number)
{
    siglongjmp(back, number);
}

/* A handler leaves a waiting call for good; afterwards everything is followed as before. */
static void jumping(void)
{
    signal(SIGALRM, jump);
    for (volatile int call = 0; call < WAITS; call++) {
        if (sigsetjmp(back, 1) == 0) {
            setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 4000 }, NULL);
            wait_in(call);
            victim_note("   not reached");
        }
        victim_exchange(tcp.client, tcp.server);
        victim_note("   jumped out of wait %d", call);
    }
    signal(SIGALRM, SIG_DFL);
}

/* ---- signals ------------------------------------------------------------------------------------- */

static int inner[2];
static volatile int storms;

static void in_handler(int number)
{
    int error = errno;

    (void)number;
    victim_exchange(inner[0], inner[1]);
    errno = error;
    storms++;
}

static void storm(void)
{
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, inner);
    signal(SIGALRM, in_handler);
    setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 300, .it_interval.tv_usec = 300 }, NULL);
    for (int i = 0; storms < 50 && i < 200000; i++)
        victim_exchange(tcp.client, tcp.server);
    setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
    SAY(storms >= 50);
    signal(SIGALRM, SIG_DFL);
    close(inner[0]);
    close(inner[1]);
}

/* ---- the last one out ---------------------------------------------------------------------------- */

static void *run_late(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) {
        victim_traffic();
        victim_sleep_ms(15);
    }
    victim_note("   the last thread");
    return NULL;
}

static void said_at_exit(void)
{
    victim_note("   in an atexit handler");
}

static void main_leaves(void)
{
    pthread_t thread;

    victim_traffic();
    (void)atexit(said_at_exit);
    pthread_create(&thread, NULL, run_late, NULL);
    pthread_exit(NULL);
}

static void alone_leaves(void)
{
    victim_traffic();
    pthread_exit(NULL);
}

static void leaves_without_traffic(void)
{
    pthread_exit(NULL);
}

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN };

    count_threads("at main");
    creation();
    victim_tcp_open(&tcp);
    victim_exchange(tcp.client, tcp.server);
    loop = epoll_create1(0);
    epoll_ctl(loop, EPOLL_CTL_ADD, tcp.client, &event);
    cancellation();
    jumping();
    storm();
    victim_child("pthread_exit without traffic", leaves_without_traffic);
    victim_child("pthread_exit of the only thread", alone_leaves);
    victim_child("pthread_exit before another thread", main_leaves);
    victim_tcp_close(&tcp);
    return 0;
}
