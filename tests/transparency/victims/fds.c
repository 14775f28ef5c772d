/*
 * Descriptors: what /proc/self/fd shows at main, after traffic, in children and behind an exec; the number that
 * the first open gets; and a program that closes, or puts files over, every number there is while telemetry
 * is being sent: its files hold what it wrote and nothing else.
 *
 * SOURCES: tests/support/victim.c
 */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define NUMBERS 256
#define ROUNDS 12

extern char **environ;

/* Every open number of this process and what it is, without what differs from run to run. */
static void list(const char *when)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    victim_note("descriptors %s:", when);
    while (dir && (entry = readdir(dir))) {
        char path[64], to[256];
        ssize_t n;

        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir))
            continue;
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%.16s", entry->d_name);
        n = readlink(path, to, sizeof(to) - 1);
        to[n < 0 ? 0 : n] = '\0';
        to[strcspn(to, "[")] = '\0';
        victim_note("  %s %s flags %d", entry->d_name, to, fcntl(atoi(entry->d_name), F_GETFD));
    }
    if (dir)
        closedir(dir);
}

static void first_open(const char *when)
{
    int fd = open("/dev/null", O_RDONLY);

    victim_note("the first open %s: %d", when, fd);
    close(fd);
}

static void look(const char *when)
{
    first_open(when);
    list(when);
}

static void busy_ms(unsigned ms)
{
    for (unsigned i = 0; i < ms; i += 5) {
        victim_traffic();
        victim_sleep_ms(5);
    }
}

static void child(void)
{
    look("in a fork child");
    busy_ms(20);
    look("in a fork child, after traffic");
}

static void exec_child(void)
{
    victim_traffic();
    execl("/proc/self/exe", "fds", "behind an exec", NULL);
}

static void spawned(const char *how, const char *self)
{
    char *argv[] = { (char *)"fds", (char *)how, NULL };
    char command[512];
    pid_t pid = -1;

    posix_spawn(&pid, self, NULL, NULL, argv, environ);
    victim_wait(how, pid);
    (void)snprintf(command, sizeof(command), "%s 'below system()'", self);
    SAY(system(command));
}

/* Everything is closed again and again, in every way, while spans are on their way. */
static void close_everything(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        victim_traffic();
        victim_sleep_ms(3);
        if (i % 3 == 0)
            (void)close_range(3, ~0u, 0);
        else if (i % 3 == 1)
            closefrom(3);
        else
            for (int fd = 3; fd < 1024; fd++)
                close(fd);
        first_open("after everything was closed");
    }
    list("after everything was closed");
}

/* A file over every number: whoever writes to one of them by an old number writes into it. */
static void cover_everything(void)
{
    int file = open("covered", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);

    for (int fd = file + 1; fd < NUMBERS; fd++)
        if (dup2(file, fd) != fd)
            victim_note("dup2 over %d failed", fd);
    for (int i = 0; i < ROUNDS; i++) {
        int fd = file + 1 + i * 7;

        victim_traffic();
        victim_sleep_ms(3);
        dprintf(fd, "a line of the program by number %d\n", fd);
        close(fd);
        victim_traffic();
        dup2(file, fd);
    }
    list("after everything was covered");
}

/* A regular file, a pipe and a socket in the places that were just given back. */
static void reuse(void)
{
    int file = open("reused", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600), ends[2];
    char buf[64];

    for (int i = 0; i < ROUNDS; i++) {
        int extra;

        victim_traffic();
        (void)!pipe(ends);
        extra = open("reused", O_WRONLY | O_APPEND);
        victim_note("numbers %d %d %d", ends[0], ends[1], extra);
        dprintf(extra, "line %d\n", i);
        (void)!write(ends[1], "through a pipe", 14);
        victim_bytes("pipe", buf, read(ends[0], buf, sizeof(buf)));
        close(ends[0]);
        close(ends[1]);
        close(extra);
    }
    close(file);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        look(argv[1]);
        return 0;
    }
    look("at main");
    victim_traffic();
    look("after traffic");
    busy_ms(60);
    look("after an export");
    victim_child("a child", child);
    victim_child("an exec", exec_child);
    spawned("below posix_spawn", argv[0]);
    reuse();
    victim_child("a child that closes everything", close_everything);
    victim_child("a child that covers everything", cover_everything);
    close_everything();
    cover_everything();
    return 0;
}
