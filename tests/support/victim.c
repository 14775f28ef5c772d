#include "tests/support/victim.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET /victim HTTP/1.1\r\nHost: victim.test\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static void line(const char *call, const char *result, int error)
{
    const char *name = error == VICTIM_KEPT ? "kept" : error == 0 ? "0" : strerrorname_np(error);

    if (name)
        dprintf(STDOUT_FILENO, "%s = %s, errno %s\n", call, result, name);
    else
        dprintf(STDOUT_FILENO, "%s = %s, errno %d\n", call, result, error);
    errno = error;
}

long victim_say(const char *call, long result)
{
    int error = errno;
    char text[32];

    (void)snprintf(text, sizeof(text), "%ld", result);
    line(call, text, error);
    return result;
}

void *victim_say_pointer(const char *call, const void *result)
{
    line(call, result ? "a pointer" : "NULL", errno);
    return (void *)result;
}

pid_t victim_say_pid(const char *call, pid_t result)
{
    line(call, result > 0 ? "a process" : result == 0 ? "0" : "-1", errno);
    return result;
}

void victim_note(const char *format, ...)
{
    int error = errno;
    char text[1024];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    dprintf(STDOUT_FILENO, "%s\n", text);
    errno = error;
}

void victim_bytes(const char *what, const void *bytes, ssize_t n)
{
    const unsigned char *at = bytes;
    uint32_t hash = 2166136261u;
    char text[64];
    size_t shown = 0;

    for (ssize_t i = 0; i < n; i++) {
        hash = (hash ^ at[i]) * 16777619u;
        if (shown + 1 < sizeof(text))
            text[shown++] = isprint(at[i]) ? (char)at[i] : '.';
    }
    text[shown] = '\0';
    victim_note("%s: %zd bytes, hash %08x: %s", what, n, hash, text);
}

void victim_wait(const char *what, pid_t pid)
{
    int status = 0;
    pid_t got;

    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got != pid)
        victim_note("%s: cannot be waited for", what);
    else if (WIFSIGNALED(status))
        victim_note("%s: ended by SIG%s", what, sigabbrev_np(WTERMSIG(status)));
    else
        victim_note("%s: exit status %d", what, WEXITSTATUS(status));
}

void victim_child(const char *what, void (*run)(void))
{
    pid_t pid = fork();

    if (pid == 0) {
        run();
        _exit(0);
    }
    victim_wait(what, pid);
}

static void need(bool good, const char *what)
{
    if (good)
        return;
    victim_note("%s failed: %s", what, strerror(errno));
    exit(99);
}

void victim_tcp_open(struct victim_tcp *tcp)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);

    tcp->listener = socket(AF_INET, SOCK_STREAM, 0);
    need(tcp->listener >= 0 && bind(tcp->listener, (struct sockaddr *)&addr, sizeof(addr)) == 0, "bind");
    need(listen(tcp->listener, 8) == 0 && getsockname(tcp->listener, (struct sockaddr *)&addr, &len) == 0, "listen");
    tcp->client = socket(AF_INET, SOCK_STREAM, 0);
    need(connect(tcp->client, (struct sockaddr *)&addr, sizeof(addr)) == 0, "connect");
    tcp->server = accept(tcp->listener, NULL, NULL);
    need(tcp->server >= 0, "accept");
}

void victim_tcp_close(struct victim_tcp *tcp)
{
    close(tcp->client);
    close(tcp->server);
    close(tcp->listener);
}

static void pass(int from, int to, const char *bytes, size_t n)
{
    char buf[512];
    ssize_t got = 0;

    need(write(from, bytes, n) == (ssize_t)n, "write");
    /* A whole message at once: what is inserted on the way must not make the answer overtake it. */
    got = read(to, buf, sizeof(buf));
    need(got >= (ssize_t)n, "read");
}

void victim_exchange(int client, int server)
{
    pass(client, server, request, sizeof(request) - 1);
    pass(server, client, answer, sizeof(answer) - 1);
}

void victim_traffic(void)
{
    int pair[2];

    need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
    victim_exchange(pair[0], pair[1]);
    close(pair[0]);
    close(pair[1]);
}

void victim_sleep_ms(unsigned ms)
{
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) != 0)
        ;
}

int victim_tasks(void)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int n = 0;

    while (dir && (entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}
