/*
 * stdout as programs have it: every function that writes to it, onto a pipe, a file, a terminal, a full device, a
 * pipe that is full, one that nobody reads, and nothing at all, while its lines are recorded. The same bytes arrive.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-format -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread
 * ENV: OTEL_INSTRUMENTATION_STDIO_ENABLED=true
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/victim.h"

int __printf_chk(int flag, const char *format, ...);
int __vprintf_chk(int flag, const char *format, va_list ap);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __dprintf_chk(int fd, int flag, const char *format, ...);

/* What calls returned while stdout was something else: told when it is itself again. */
static struct {
    const char *call;
    long result;
    int left;
} made[512];
static size_t count;

#define TRY(...)                                  \
    do {                                          \
        errno = VICTIM_KEPT;                      \
        made[count].result = (long)(__VA_ARGS__); \
        made[count].left = errno;                 \
        made[count++].call = #__VA_ARGS__;        \
    } while (0)

static char big[100000];

static int by_list(const char *format, ...)
{
    va_list ap;
    int r;

    va_start(ap, format);
    r = vprintf(format, ap);
    va_end(ap);
    return r;
}

static int by_checked_list(const char *format, ...)
{
    va_list ap;
    int r;

    va_start(ap, format);
    r = __vprintf_chk(1, format, ap);
    va_end(ap);
    return r;
}

static void descriptors(void)
{
    struct iovec v[3] = { { "one\ntw", 6 }, { NULL, 0 }, { "o\nthree", 7 } };

    TRY(write(1, "a line\n", 7));
    TRY(write(1, "half", 4));
    TRY(write(1, "", 0));
    TRY(writev(1, v, 3));
    TRY(pwritev2(1, v, 3, -1, 0));
    TRY(pwritev64v2(1, v, 1, -1, 0));
    TRY(write(1, NULL, 5));
    TRY(writev(1, NULL, 2));
    TRY(writev(1, v, -1));
    TRY(send(1, "sent\n", 5, MSG_NOSIGNAL));
    TRY(dprintf(1, "%d %s %m\n", 7, "seven"));
    TRY(__dprintf_chk(1, 1, "%d%%\n", 7));
    TRY(write(1, big, sizeof(big)));
    TRY(write(1, "\xff\0\xfe\r\n", 5));
}

static void stream(void)
{
    int n = -1;

    TRY(puts("puts") >= 0);
    TRY(fputs("fputs, ", stdout) >= 0);
    TRY(fputs_unlocked("unlocked\n", stdout) >= 0);
    TRY(fwrite("fwrite\n", 1, 7, stdout));
    TRY(fwrite("fwrite\n", 7, 1, stdout));
    TRY(fwrite_unlocked("x", 0, 7, stdout));
    TRY(fputc('f', stdout));
    TRY((putc)('p', stdout));
    TRY((putchar)('c'));
    TRY((putchar_unlocked)('u'));
    TRY((fputc_unlocked)('\n', stdout));
    TRY(printf("printf %d %s %.3f %Lf %m\n", 1, "x", 2.5, 3.5L));
    TRY(printf("%d %d %d %d %d %d %d %f %f %f %f %f %f %f %f %f\n", 1, 2, 3, 4, 5, 6, 7, .1, .2, .3, .4, .5, .6, .7,
               .8, .9));
    TRY(__printf_chk(1, "checked %d\n", 1));
    TRY(fprintf(stdout, "fprintf %s\n", "y"));
    TRY(__fprintf_chk(stdout, 1, "checked %s\n", "y"));
    TRY(by_list("list %d\n", 2));
    TRY(by_checked_list("checked list %d\n", 2));
    TRY(printf("four%n\n", &n) * 100 + n);
    TRY(printf("%.*s\n", (int)sizeof(big) - 1, big));
    for (const char *c = "past every function\nand on\n"; *c; c++)
        putc_unlocked(*c, stdout);
    TRY(fflush(stdout));
    TRY(fflush(NULL));
    TRY(fflush_unlocked(stdout));
    TRY(printf("no newline"));
    TRY(fflush(stdout));
    clearerr(stdout);
}

/* All of it with stdout as `fd` (-1: closed); what arrived at `from` (-1: nobody looks). */
static void onto(const char *what, int fd, int from)
{
    int kept = dup(1);
    ssize_t n, all = 0;
    static char got[1000000];

    count = 0;
    if (fd < 0)
        close(1);
    else
        dup2(fd, 1);
    descriptors();
    stream();
    dup2(kept, 1);
    close(kept);
    victim_note("-- %s", what);
    for (size_t i = 0; i < count; i++) {
        errno = made[i].left;
        victim_say(made[i].call, made[i].result);
    }
    if (from < 0)
        return;
    while (all < (ssize_t)sizeof(got) && (n = read(from, got + all, sizeof(got) - (size_t)all)) > 0)
        all += n;
    victim_bytes("arrived", got, all);
}

static int ends[2];

static void *drains(void *arg)
{
    static char got[1000000];
    ssize_t n, *all = arg;

    while ((n = read(ends[0], got + *all, sizeof(got) - (size_t)*all)) > 0)
        *all += n;
    victim_bytes("arrived", got, *all);
    return NULL;
}

/* Onto ends[1], while a thread reads from ends[0]. */
static void onto_drained(const char *what)
{
    pthread_t thread;
    ssize_t all = 0;

    pthread_create(&thread, NULL, drains, &all);
    onto(what, ends[1], -1);
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
}

static void pipes(void)
{
    (void)!pipe(ends);
    onto_drained("a pipe");
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    onto_drained("a socket");
    (void)!pipe(ends);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], big, 4096) > 0)
        ;
    onto("a pipe that is full", ends[1], -1);
    close(ends[0]);
    onto("a pipe that nobody reads", ends[1], -1);
    close(ends[1]);
}

static void others(void)
{
    int file = open("output_victim.txt", O_RDWR | O_CREAT | O_TRUNC, 0600),
        back = open("output_victim.txt", O_RDONLY);
    int full = open("/dev/full", O_WRONLY), reads = open("/dev/null", O_RDONLY);

    onto("a file", file, back);
    onto("a device that is full", full, -1);
    onto("something that is only read", reads, -1);
    onto("nothing", -1, -1);
    close(file), close(back), close(full), close(reads);
    SAY(unlink("output_victim.txt"));
}

static void terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
    struct termios raw;

    if (master < 0 || grantpt(master) || unlockpt(master) || (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) < 0)
        return;
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    ends[0] = master;
    dup2(slave, 1);
    for (int i = 0; i < 50; i++)
        printf("line %d of a terminal\n", i);
    for (const char *c = "past every function\n"; *c; c++)
        putchar_unlocked(*c);
    fflush(stdout);
}

/* A child has its parent's half line in the buffer of its stdout. */
static void half_lines(void)
{
    printf("ends in a child ");
    victim_note("a half line");
    fflush(stdout);
    printf("the child's\n");
    fflush(stdout);
}

static void reopened(void)
{
    char buf[100] = "";
    FILE *again;

    printf("before\n");
    SAY_POINTER(freopen("output_victim.txt", "w", stdout));
    puts("in the file");
    putchar_unlocked('x');
    SAY(fclose(stdout));
    again = fopen("output_victim.txt", "r");
    (void)!fread(buf, 1, sizeof(buf) - 1, again);
    fprintf(stderr, "%s\n", buf);
    unlink("output_victim.txt");
}

static void killed(void)
{
    (void)!pipe(ends);
    close(ends[0]);
    dup2(ends[1], 1);
    signal(SIGPIPE, SIG_DFL);
    puts("nobody reads this");
    fflush(stdout);
    _exit(1);
}

static void *prints(void *arg)
{
    for (int i = 0; i < 500; i++)
        fprintf(stderr, "%s", i % 2 ? "odd\n" : "even\n");
    return arg;
}

static void many(void)
{
    pthread_t threads[4];

    (void)freopen("/dev/null", "w", stderr);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, prints, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void handler(int number)
{
    char text[] = "in a handler\n";

    (void)number;
    (void)!write(2, text, strlen(text));
}

int main(void)
{
    memset(big, 'b', sizeof(big) - 1);
    big[5000] = big[70000] = '\n';
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, handler);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    victim_child("a half line", half_lines);
    victim_child("a terminal", terminal);
    victim_child("a stream that is reopened", reopened);
    victim_child("a pipe that nobody reads, and a signal", killed);
    victim_child("many threads", many);
    others();
    pipes();
    raise(SIGUSR1);
    fprintf(stderr, "the last words, without a newline");
    return 0;
}
