/*
 * What one hooked call costs, by difference within one process: each round makes the same calls through
 * libc's own functions and through the names as any program is linked to them (our hooks, when the
 * library is preloaded; libc again, when it is not: what differs then is noise).
 *   ignored   write() to /dev/null: a descriptor that was looked at once
 *   unknown   close() of a number that is not open: never looked at
 *   stdio     putc() into a buffer: lines are not recorded
 *   body      read() of request body bytes on a followed connection
 *   request   one small request and its response over a socketpair, both ends in this process
 * Usage: calls ROUNDS NAME...    Prints "NAME libc-ns difference-ns" of CPU time, medians of so many rounds.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/lib-names.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 41

struct io {
    ssize_t (*read)(int fd, void *buf, size_t n);
    ssize_t (*write)(int fd, const void *buf, size_t n);
    int (*close)(int fd);
    int (*putc)(int c, FILE *file);
    int pair[2]; /* for `request`: made by whom the calls go through */
};

static struct io libc, linked;
static ssize_t (*libc_send)(int fd, const void *buf, size_t n, int flags);
static int null_fd, upload[2];
static FILE *null_file;
static char chunk[64];

static void check(int ok)
{
    if (!ok) {
        perror("calls");
        exit(1);
    }
}

/* This thread's own time on CPU: neither other processes nor the exporter's thread belong to a call. */
static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void ignored(const struct io *io, int calls)
{
    for (int i = 0; i < calls; i++)
        check(io->write(null_fd, chunk, 1) == 1);
}

static void unknown(const struct io *io, int calls)
{
    for (int i = 0; i < calls; i++)
        check(io->close(999) == -1 && errno == EBADF);
}

static void buffered(const struct io *io, int calls)
{
    for (int i = 0; i < calls; i++)
        check(io->putc('x', null_file) == 'x');
}

/* The bytes are sent by libc both times, so that read() alone makes the difference. */
static void body(const struct io *io, int calls)
{
    static char fill[4096];

    for (int done = 0; done < calls;) {
        int n = calls - done < 64 ? calls - done : 64;

        check(libc_send(upload[0], fill, (size_t)n * sizeof(chunk), 0) == n * (int)sizeof(chunk));
        for (int i = 0; i < n; i++)
            check(io->read(upload[1], chunk, sizeof(chunk)) == sizeof(chunk));
        done += n;
    }
}

static void request(const struct io *io, int calls)
{
    static const char question[] = "GET /users/12?x=1 HTTP/1.1\r\nHost: localhost\r\n"
                                   "User-Agent: bench\r\nAccept: */*\r\n\r\n";
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";
    char buf[1024];

    for (int i = 0; i < calls; i++) {
        check(io->write(io->pair[0], question, sizeof(question) - 1) == (ssize_t)sizeof(question) - 1);
        check(io->read(io->pair[1], buf, sizeof(buf)) > 0);
        check(io->write(io->pair[1], answer, sizeof(answer) - 1) == (ssize_t)sizeof(answer) - 1);
        check(io->read(io->pair[0], buf, sizeof(buf)) == (ssize_t)sizeof(answer) - 1);
    }
}

static const struct kind {
    const char *name;
    void (*round)(const struct io *io, int calls);
    int calls;
    int pause_us; /* between rounds: the exporter gets rid of what a round recorded, so that none is dropped */
} kinds[] = {
    { "ignored", ignored, 10000, 0 }, { "unknown", unknown, 10000, 0 },  { "stdio", buffered, 10000, 0 },
    { "body", body, 6400, 0 },        { "request", request, 250, 8000 },
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double time_round(const struct kind *kind, const struct io *io)
{
    double start = now_ns();

    kind->round(io, kind->calls);
    return (now_ns() - start) / kind->calls;
}

static void measure(const struct kind *kind, int rounds)
{
    double bare[ROUNDS_MAX], more[ROUNDS_MAX];

    kind->round(&libc, kind->calls / 4);
    kind->round(&linked, kind->calls / 4);
    for (int i = 0; i < rounds; i++) {
        /* Who goes first alternates: what drifts within a round hits both alike. */
        if (i % 2)
            bare[i] = time_round(kind, &libc);
        more[i] = time_round(kind, &linked);
        if (i % 2 == 0)
            bare[i] = time_round(kind, &libc);
        more[i] -= bare[i];
        if (kind->pause_us)
            usleep((useconds_t)kind->pause_us);
    }
    qsort(bare, (size_t)rounds, sizeof(bare[0]), compare);
    qsort(more, (size_t)rounds, sizeof(more[0]), compare);
    printf("%s %.3f %.3f\n", kind->name, bare[rounds / 2], more[rounds / 2]);
}

static void find_libc(void)
{
    void *handle = dlopen(LIBC_SO, RTLD_LAZY | RTLD_NOLOAD);

    check(handle != NULL);
    libc.read = (__typeof__(libc.read))dlsym(handle, "read");
    libc.write = (__typeof__(libc.write))dlsym(handle, "write");
    libc.close = (__typeof__(libc.close))dlsym(handle, "close");
    libc.putc = (__typeof__(libc.putc))dlsym(handle, "putc");
    libc_send = (__typeof__(libc_send))dlsym(handle, "send");
    linked = (struct io){ .read = read, .write = write, .close = close, .putc = putc };
}

int main(int argc, char **argv)
{
    static const char head[] = "POST /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n";
    int (*libc_socketpair)(int, int, int, int *);
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    char buf[512];

    check(rounds > 0 && rounds <= ROUNDS_MAX);
    find_libc();
    libc_socketpair = (__typeof__(libc_socketpair))dlsym(dlopen(LIBC_SO, RTLD_LAZY | RTLD_NOLOAD), "socketpair");
    null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    null_file = fdopen(null_fd, "w");
    check(null_file && libc.putc && libc.read && libc.write && libc.close && libc_send && libc_socketpair);
    check(libc_socketpair(AF_UNIX, SOCK_STREAM, 0, libc.pair) == 0);
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, linked.pair) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, upload) == 0);
    check(send(upload[0], head, sizeof(head) - 1, 0) > 0 && read(upload[1], buf, sizeof(buf)) > 0);
    for (int i = 2; i < argc; i++)
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            if (strcmp(argv[i], kinds[k].name) == 0)
                measure(&kinds[k], rounds);
    return 0;
}
