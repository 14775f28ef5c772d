/*
 * Stacks that go away: cancellation at every hooked cancellation point, deferred and asynchronous, and at none
 * of the other calls; siglongjmp out of a handler from every call that waits. Connections and telemetry go on.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-clobbered
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

/* ---- calls that wait --------------------------------------------------------------------------- */

static int quiet[2], full[2], listener, epoll; /* nothing comes, nothing goes */
static char buf[65536];

static long wait_read(void)
{
    return read(quiet[0], buf, 10);
}
static long wait_readv(void)
{
    return readv(quiet[0], &(struct iovec){ buf, 10 }, 1);
}
static long wait_preadv2(void)
{
    return preadv2(quiet[0], &(struct iovec){ buf, 10 }, 1, -1, 0);
}
static long wait_recv(void)
{
    return recv(quiet[0], buf, 10, 0);
}
static long wait_recvfrom(void)
{
    return recvfrom(quiet[0], buf, 10, 0, NULL, NULL);
}
static long wait_recvmsg(void)
{
    return recvmsg(quiet[0], &(struct msghdr){ .msg_iov = &(struct iovec){ buf, 10 }, .msg_iovlen = 1 }, 0);
}
static long wait_recvmmsg(void)
{
    struct mmsghdr one = { .msg_hdr = { .msg_iov = &(struct iovec){ buf, 10 }, .msg_iovlen = 1 } };

    return recvmmsg(quiet[0], &one, 1, 0, NULL);
}
static long wait_write(void)
{
    return write(full[0], buf, sizeof(buf));
}
static long wait_writev(void)
{
    return writev(full[0], &(struct iovec){ buf, sizeof(buf) }, 1);
}
static long wait_send(void)
{
    return send(full[0], buf, sizeof(buf), 0);
}
static long wait_sendto(void)
{
    return sendto(full[0], buf, sizeof(buf), 0, NULL, 0);
}
static long wait_sendmsg(void)
{
    return sendmsg(full[0], &(struct msghdr){ .msg_iov = &(struct iovec){ buf, sizeof(buf) }, .msg_iovlen = 1 }, 0);
}
static long wait_accept(void)
{
    return accept(listener, NULL, NULL);
}
static long wait_accept4(void)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}
static long wait_poll(void)
{
    return poll(&(struct pollfd){ .fd = quiet[0], .events = POLLIN }, 1, -1);
}
static long wait_ppoll(void)
{
    return ppoll(&(struct pollfd){ .fd = quiet[0], .events = POLLIN }, 1, NULL, NULL);
}
static long wait_select(void)
{
    return select(0, NULL, NULL, NULL, NULL);
}
static long wait_pselect(void)
{
    return pselect(0, NULL, NULL, NULL, NULL, NULL);
}
static long wait_epoll(void)
{
    return epoll_wait(epoll, &(struct epoll_event){ 0 }, 1, -1);
}
static long wait_epoll_p(void)
{
    return epoll_pwait(epoll, &(struct epoll_event){ 0 }, 1, -1, NULL);
}
static long wait_epoll_p2(void)
{
    return epoll_pwait2(epoll, &(struct epoll_event){ 0 }, 1, NULL, NULL);
}
static long wait_system(void)
{
    return system("exec sleep 5");
}

static const struct waiting {
    const char *name;
    long (*call)(void);
    bool jumps; /* may be left by siglongjmp */
} waits[] = {
    { "read", wait_read, true },
    { "readv", wait_readv, true },
    { "preadv2", wait_preadv2, true },
    { "recv", wait_recv, true },
    { "recvfrom", wait_recvfrom, true },
    { "recvmsg", wait_recvmsg, true },
    { "recvmmsg", wait_recvmmsg, true },
    { "write", wait_write, true },
    { "writev", wait_writev, true },
    { "send", wait_send, true },
    { "sendto", wait_sendto, true },
    { "sendmsg", wait_sendmsg, true },
    { "accept", wait_accept, true },
    { "accept4", wait_accept4, true },
    { "poll", wait_poll, true },
    { "ppoll", wait_ppoll, true },
    { "select", wait_select, true },
    { "pselect", wait_pselect, true },
    { "epoll_wait", wait_epoll, true },
    { "epoll_pwait", wait_epoll_p, true },
    { "epoll_pwait2", wait_epoll_p2, true },
    { "system", wait_system, false },
};
#define WAITS (sizeof(waits) / sizeof(*waits))

static void open_all(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int small = 1;

    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, quiet);
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, full);
    victim_exchange(quiet[0], quiet[1]);
    victim_exchange(full[0], full[1]);
    (void)setsockopt(full[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    while (send(full[0], buf, 1000, MSG_DONTWAIT) > 0)
        ;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)bind(listener, (struct sockaddr *)&addr, sizeof(addr));
    (void)listen(listener, 4);
    epoll = epoll_create1(0);
}

/* ---- cancellation ------------------------------------------------------------------------------ */

static atomic_int cleaned, reached;

static void clean(void *arg)
{
    atomic_fetch_add(&cleaned, 1);
    victim_traffic(); /* hooks work while a thread is unwound */
    (void)arg;
}

static void *waiter(void *arg)
{
    const struct waiting *one = arg;

    pthread_cleanup_push(clean, NULL);
    atomic_store(&reached, 1);
    one->call();
    pthread_cleanup_pop(0);
    return arg;
}

static void *async_waiter(void *arg)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    return waiter(arg);
}

static void cancel(const struct waiting *one, bool early, void *(*body)(void *))
{
    pthread_t thread;
    void *result = NULL;

    atomic_store(&cleaned, 0);
    atomic_store(&reached, 0);
    pthread_create(&thread, NULL, body, (void *)one);
    if (!early) {
        while (!atomic_load(&reached))
            sched_yield();
        victim_sleep_ms(2);
    }
    pthread_cancel(thread);
    pthread_join(thread, &result);
    victim_note("%s: %s", one->name, result == PTHREAD_CANCELED ? "cancelled" : "came back");
    if (!early)
        victim_note("  cleaned up %d times", atomic_load(&cleaned));
}

/* Cancellation is due, but these are no cancellation points. */
static void *no_points(void *arg)
{
    int pair[2], fd, old;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    pthread_cancel(pthread_self());
    victim_traffic();
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)listen(fd, 1);
    (void)shutdown(pair[0], SHUT_RD);
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &old, &(socklen_t){ sizeof(old) });
    (void)dup2(fd, dup(fd));
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    (void)fcntl(fd, F_GETFD);
    (void)dlopen(NULL, RTLD_NOW);
    atomic_store(&reached, 77);
    pthread_testcancel();
    return arg;
}

static void cancellations(void)
{
    pthread_t thread;
    void *result = NULL;

    for (size_t i = 0; i < WAITS; i++) {
        cancel(&waits[i], false, waiter);
        cancel(&waits[i], true, waiter);
    }
    for (size_t i = 0; i < 7; i++)
        cancel(&waits[i], false, async_waiter);
    pthread_create(&thread, NULL, no_points, NULL);
    pthread_join(thread, &result);
    victim_note("no cancellation points: passed %d, %s", atomic_load(&reached),
                result == PTHREAD_CANCELED ? "cancelled" : "came back");
}

/* ---- jumps ------------------------------------------------------------------------------------- */

static sigjmp_buf out;

static void jump(int number)
{
    siglongjmp(out, number);
}

static void jumps(void)
{
    struct itimerval soon = { .it_value.tv_usec = 2000 };

    signal(SIGALRM, jump);
    for (size_t i = 0; i < WAITS; i++) {
        if (!waits[i].jumps)
            continue;
        if (sigsetjmp(out, 1) == 0) {
            setitimer(ITIMER_REAL, &soon, NULL);
            victim_note("%s: %ld", waits[i].name, waits[i].call());
        } else {
            victim_note("%s: jumped", waits[i].name);
        }
        victim_traffic();
    }
}

int main(void)
{
    victim_traffic();
    open_all();
    cancellations();
    jumps();
    for (int i = 0; i < 3; i++)
        victim_traffic();
    victim_exchange(quiet[0], quiet[1]);
    return 0;
}
