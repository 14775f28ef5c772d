/*
 * A stage for one call: descriptors of every kind in known states, and what the calls take as arguments.
 * Built anew for each call, so that none sees what another did, and taken down by closing every number there is.
 *
 * `client` and `server` are a TCP connection with one answer waiting at the client and one request at the server;
 * `idle`, `half` and `full` are ends of connections on which requests have gone before; `pair` was never used.
 */
#ifndef OA_TESTS_PROBE_STAGE_H
#define OA_TESTS_PROBE_STAGE_H

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

struct probe_stage {
    int client, server, listener, waiting, caller;
    int pair[2], two[2], pipe[2];
    int idle, idle_peer, half, half_peer, full, full_peer, lonely;
    int fresh, udp, file, spare, directory, epoll, empty_epoll;
    struct sockaddr_in addr, closed_addr, udp_addr, from;
    socklen_t from_len;
    struct iovec iov[2], request_iov[2], bad_iov, huge_iov;
    struct msghdr msg;
    struct mmsghdr messages[2], out[2];
    struct pollfd polls[2];
    struct epoll_event events[4];
    fd_set set;
    struct timespec no_time;
    struct timeval none;
    struct addrinfo *ai;
    struct hostent host, *found;
    int herr, value;
    socklen_t value_len;
    off_t offset, below_zero;
    pid_t pid;
    pthread_t thread;
    pthread_attr_t huge_stack;
    char *argv[3];
    char buf[2048];
};

extern const char probe_request[], probe_answer[];

void probe_stage_open(struct probe_stage *stage);
void probe_stage_close(struct probe_stage *stage);

/* An address on loopback. One of a few, which are used in turn. */
struct sockaddr *probe_here(int port);

/* A system call that nobody can see but the kernel. */
long probe_raw(long number, long a, long b, long c, long d, long e);

/* From here on the kernel lets this process start no other and no thread: EAGAIN. Past every library. */
void probe_forbid_children(void);

/* A signal for this thread every few milliseconds, until it is stopped. */
void probe_alarm_start(void);
void probe_alarm_stop(void);

#endif
