/*
 * Waiting: poll, ppoll, select, pselect, epoll_wait, epoll_pwait, epoll_pwait2; ready, timed out,
 * interrupted by a signal, and asked wrongly.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull -Wno-stringop-overflow
 * ENV: OTEL_PROPAGATORS=none
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

static int pair[2], loop;
static volatile int alarms;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

/* Goes off again and again: on a busy machine the first one may come before the wait has begun. */
static void arm(void)
{
    alarms = 0;
    setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 3000, .it_interval.tv_usec = 3000 }, NULL);
}

static void disarm(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
    alarms = alarms > 0;
}

static struct pollfd *polled(void)
{
    static struct pollfd fds[3];

    fds[0] = (struct pollfd){ .fd = pair[1], .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = -1, .events = POLLIN };
    fds[2] = (struct pollfd){ .fd = pair[0], .events = POLLIN };
    return fds;
}

static fd_set *selected(void)
{
    static fd_set set;

    FD_ZERO(&set);
    FD_SET(pair[1], &set);
    return &set;
}

/* Each call once; wait: 0 = look only, else milliseconds. */
static void look(int wait)
{
    struct timespec ts = { .tv_nsec = (long)wait * 1000000 };
    struct timeval tv = { .tv_usec = (long)wait * 1000 };
    struct epoll_event events[4] = { 0 };

    SAY(poll(polled(), 3, wait));
    SAY(ppoll(polled(), 3, &ts, NULL));
    SAY(select(pair[1] + 1, selected(), NULL, NULL, &tv));
    SAY(FD_ISSET(pair[1], selected()) != 0);
    SAY(pselect(pair[1] + 1, selected(), NULL, NULL, &ts, NULL));
    SAY(epoll_wait(loop, events, 4, wait));
    SAY(events[0].data.fd);
    SAY(events[0].events);
    SAY(epoll_pwait(loop, events, 4, wait, NULL));
    SAY(epoll_pwait2(loop, events, 4, &ts, NULL));
}

static void interrupted(void)
{
    struct timespec ts = { .tv_sec = 5 };
    struct timeval tv = { .tv_sec = 5 };
    struct epoll_event events[4];
    sigset_t open;

    sigemptyset(&open);
    signal(SIGALRM, on_alarm);
    arm();
    SAY(poll(polled(), 3, 5000));
    arm();
    SAY(ppoll(polled(), 3, &ts, &open));
    arm();
    SAY(select(pair[1] + 1, selected(), NULL, NULL, &tv));
    arm();
    SAY(pselect(pair[1] + 1, selected(), NULL, NULL, &ts, &open));
    arm();
    SAY(epoll_wait(loop, events, 4, 5000));
    arm();
    SAY(epoll_pwait(loop, events, 4, 5000, &open));
    arm();
    SAY(epoll_pwait2(loop, events, 4, &ts, &open));
    disarm();
    SAY(alarms);
}

static void wrongly(void)
{
    struct timespec negative = { .tv_nsec = -1 };
    struct timeval bad = { .tv_usec = -1 };
    struct epoll_event events[1];
    fd_set none;

    FD_ZERO(&none);
    FD_SET(60, &none); /* below the smallest descriptor table: beyond it the kernel looks at nothing */
    SAY(poll(NULL, 1, 0));
    SAY(poll(NULL, 0, 0));
    SAY(poll(polled(), 1100000, 0)); /* more than a process may have */
    SAY(ppoll(polled(), 1, &negative, NULL));
    SAY(select(61, &none, NULL, NULL, &bad));
    SAY(select(61, &none, NULL, NULL, NULL));
    SAY(select(-1, NULL, NULL, NULL, NULL));
    SAY(select(0, NULL, NULL, NULL, &(struct timeval){ 0 }));
    SAY(pselect(61, &none, NULL, NULL, NULL, NULL));
    SAY(pselect(0, NULL, NULL, NULL, &negative, NULL));
    SAY(epoll_wait(-1, events, 1, 0));
    SAY(epoll_wait(pair[0], events, 1, 0));
    SAY(epoll_wait(loop, events, 0, 0));
    SAY(epoll_wait(loop, events, -1, 0));
    SAY(epoll_pwait(-1, events, 1, 0, NULL));
    SAY(epoll_pwait2(-1, events, 1, NULL, NULL));
    SAY(epoll_pwait2(loop, events, 1, &negative, NULL));
}

/* With a request on its way, the waits are looked at more closely. */
static void while_serving(void)
{
    struct victim_tcp tcp;
    struct pollfd fds[200];
    fd_set set;
    char buf[512];

    victim_tcp_open(&tcp);
    for (int round = 0; round < 3; round++) {
        SAY(send(tcp.client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, 0));
        for (int i = 0; i < 200; i++)
            fds[i] = (struct pollfd){ .fd = i == 0 ? tcp.server : i == 1 ? tcp.listener : -1, .events = POLLIN };
        SAY(poll(fds, 200, 1000));
        SAY(recv(tcp.server, buf, sizeof(buf), 0));
        FD_ZERO(&set);
        FD_SET(tcp.listener, &set);
        FD_SET(tcp.server, &set);
        SAY(select(FD_SETSIZE, &set, NULL, NULL, &(struct timeval){ 0 }));
        SAY(poll(fds, 200, 0));
        SAY(poll(fds, 2, 0));
        SAY(send(tcp.server, "HTTP/1.1 204 No Content\r\n\r\n", 27, 0));
        SAY(recv(tcp.client, buf, sizeof(buf), 0));
    }
    victim_tcp_close(&tcp);
}

int main(void)
{
    struct epoll_event event = { .events = EPOLLIN };

    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    loop = epoll_create1(0);
    event.data.fd = pair[1];
    SAY(epoll_ctl(loop, EPOLL_CTL_ADD, pair[1], &event));
    look(0);
    look(2);
    interrupted();
    SAY(write(pair[0], "GET / HTTP/1.1\r\n", 16));
    look(0);
    look(1000);
    wrongly();
    while_serving();
    SAY(close(pair[0]));
    look(0);
    return 0;
}
