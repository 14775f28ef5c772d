/*
 * What one hooked call costs. Run bare and preloaded by tests/bench/run, which takes the difference:
 *   ignored   write() to /dev/null: a descriptor that was looked at once
 *   unknown   close() of a number that is not open: never looked at
 *   body      read() of request body bytes on a followed connection
 *   request   one whole small request and response over a socketpair, both ends in this process
 * Prints "name ns-per-call", the median of several rounds.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15

static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(const char *name, int calls, void (*round)(int calls))
{
    double ns[ROUNDS];

    round(calls / 10 + 1);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ns();

        round(calls);
        ns[i] = (now_ns() - start) / calls;
    }
    qsort(ns, ROUNDS, sizeof(ns[0]), compare);
    printf("%s %.2f\n", name, ns[ROUNDS / 2]);
}

static int null_fd, pair[2];
static char chunk[64];

static void check(int ok)
{
    if (!ok) {
        perror("calls");
        exit(1);
    }
}

static void ignored(int calls)
{
    for (int i = 0; i < calls; i++)
        check(write(null_fd, chunk, 1) == 1);
}

static void unknown(int calls)
{
    for (int i = 0; i < calls; i++)
        check(close(999) == -1 && errno == EBADF);
}

/* The bytes wait in the socket, so that only read() is timed by the difference of the two runs. */
static void body(int calls)
{
    static char fill[4096];

    for (int done = 0; done < calls;) {
        int n = calls - done < 64 ? calls - done : 64;

        check(send(pair[0], fill, (size_t)n * sizeof(chunk), 0) == n * (int)sizeof(chunk));
        for (int i = 0; i < n; i++)
            check(read(pair[1], chunk, sizeof(chunk)) == sizeof(chunk));
        done += n;
    }
}

static void request(int calls)
{
    static const char question[] = "GET /users/12?x=1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";
    char buf[1024];

    for (int i = 0; i < calls; i++) {
        check(write(pair[0], question, sizeof(question) - 1) == (ssize_t)sizeof(question) - 1);
        check(read(pair[1], buf, sizeof(buf)) > 0);
        check(write(pair[1], answer, sizeof(answer) - 1) == (ssize_t)sizeof(answer) - 1);
        check(read(pair[0], buf, sizeof(buf)) == (ssize_t)sizeof(answer) - 1);
    }
}

int main(void)
{
    static const char upload[] = "POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n";
    char buf[512];

    null_fd = open("/dev/null", O_WRONLY);
    check(null_fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    measure("ignored", 200000, ignored);
    measure("unknown", 200000, unknown);
    measure("request", 2000, request);
    close(pair[0]);
    close(pair[1]);
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    check(send(pair[0], upload, sizeof(upload) - 1, 0) > 0 && read(pair[1], buf, sizeof(buf)) > 0);
    measure("body", 50000, body);
    return 0;
}
