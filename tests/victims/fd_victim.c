/*
 * Descriptors: close, close_range, closefrom, dup, dup2, dup3, fcntl, fcntl64 and the streams that own
 * one (fdopen, fclose, freopen, freopen64, popen, pclose, fcloseall). The first open() gives 3; nothing
 * that the library holds is in the way of any number; what it writes never ends in a file of ours.
 *
 * SOURCES: tests/support/victim.c
 * ENV: OTEL_PROPAGATORS=none
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define FAR_BEYOND 50000000

static void list_open(const char *when)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    char text[512] = "";
    bool open_fd[256] = { false };

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && atoi(entry->d_name) < 256)
            open_fd[atoi(entry->d_name)] = true;
    for (int fd = 0; fd < 256; fd++)
        if (open_fd[fd])
            (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d", fd);
    closedir(dir);
    victim_note("open %s:%s", when, text);
}

static void closing(void)
{
    int file = (int)SAY(open("/dev/null", O_RDWR));
    int sock = (int)SAY(socket(AF_INET, SOCK_STREAM, 0));

    SAY(close(sock));
    SAY(close(sock));
    SAY(close(file));
    SAY(close(-1));
    SAY(close(FAR_BEYOND));
    SAY(close(2147483647));
}

static void copying(void)
{
    int pair[2], file = open("/dev/null", O_RDWR);

    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    SAY(dup(file));
    SAY(dup(pair[0]));
    SAY(dup(-1));
    SAY(dup(FAR_BEYOND));
    SAY(dup2(pair[0], 40));
    SAY(dup2(pair[0], pair[0]));
    SAY(dup2(pair[1], 40));
    SAY(dup2(-1, 41));
    SAY(dup2(90, 90));
    SAY(dup2(file, -1));
    SAY(dup2(file, FAR_BEYOND));
    SAY(dup3(pair[0], 41, O_CLOEXEC));
    SAY(dup3(pair[0], pair[0], 0));
    SAY(dup3(pair[0], 42, 0xffff));
    SAY(dup3(-1, 42, 0));
    SAY(fcntl(40, F_GETFD));
    SAY(fcntl(41, F_GETFD));
    list_open("after dup");
    SAY(close_range(3, 60, 0));
    list_open("after close_range");
}

static void controlling(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int file = open("/dev/null", O_RDWR);
    int pair[2];

    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    SAY(fcntl(pair[0], F_DUPFD, 30));
    SAY(fcntl(pair[0], F_DUPFD_CLOEXEC, 30));
    SAY(fcntl64(pair[0], F_DUPFD, 30));
    SAY(fcntl64(pair[0], F_DUPFD_CLOEXEC, 30));
    SAY(fcntl(31, F_GETFD));
    SAY(fcntl(31, F_SETFD, 0));
    SAY(fcntl64(31, F_GETFD));
    SAY(fcntl64(31, F_SETFL, O_NONBLOCK));
    SAY(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    SAY(fcntl(file, F_GETLK, &lock));
    SAY(lock.l_type);
    SAY(fcntl64(file, F_GETLK, &lock));
    SAY(fcntl(file, F_DUPFD, FAR_BEYOND));
    SAY(fcntl64(file, F_DUPFD, -1));
    SAY(fcntl(-1, F_DUPFD, 0));
    SAY(fcntl64(-1, F_GETFL));
    SAY(fcntl(file, 12345, 0));
    SAY(fcntl64(file, 12345, 0));
    SAY(close_range(3, 60, 0));
}

static void ranges(void)
{
    for (int fd = 20; fd < 30; fd++)
        SAY(dup2(STDERR_FILENO, fd) == fd);
    SAY(close_range(20, 21, 0));
    SAY(close_range(22, 23, CLOSE_RANGE_CLOEXEC));
    SAY(fcntl(22, F_GETFD));
    SAY(fcntl(24, F_GETFD));
    SAY(close_range(30, 20, 0));
    SAY(close_range(20, 30, 1u << 20));
    SAY(close_range(24, 24, CLOSE_RANGE_UNSHARE));
    list_open("before closefrom");
    closefrom(26);
    SAY(errno);
    list_open("after closefrom(26)");
    closefrom(-5 + 8);
    list_open("after closefrom(3)");
    SAY(open("/dev/null", O_RDONLY));
    closefrom(3);
}

static void streams(void)
{
    FILE *stream = SAY_POINTER(fopen("fd_victim.txt", "w+"));
    int pair[2];
    char text[64] = "";

    SAY(fputs("one\n", stream));
    SAY_POINTER(freopen("fd_victim.txt", "a", stream));
    SAY(fputs("two\n", stream));
    SAY_POINTER(freopen64("fd_victim.txt", "r", stream));
    SAY_POINTER(fgets(text, sizeof(text), stream));
    victim_bytes("line", text, (ssize_t)strlen(text));
    SAY(fclose(stream));
    stream = fopen("/dev/null", "r");
    SAY_POINTER(freopen("no/such/file", "r", stream));
    stream = fopen("/dev/null", "r");
    SAY_POINTER(freopen64("no/such/file", "r", stream));
    SAY_POINTER(fdopen(-1, "r"));
    SAY_POINTER(fdopen(0, "no mode"));
    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    stream = SAY_POINTER(fdopen(pair[0], "r+"));
    SAY(fputs("through a stream\n", stream));
    SAY(fflush(stream));
    SAY(read(pair[1], text, sizeof(text)));
    SAY(write(pair[1], "and back\n", 9));
    SAY_POINTER(fgets(text, sizeof(text), stream));
    victim_bytes("line", text, (ssize_t)strlen(text));
    SAY(fclose(stream));
    SAY(read(pair[1], text, sizeof(text)));
    SAY(close(pair[1]));
    SAY(unlink("fd_victim.txt"));
}

static void pipes(void)
{
    char text[64] = "";
    FILE *stream = SAY_POINTER(popen("echo from a child; exit 3", "r"));

    SAY_POINTER(fgets(text, sizeof(text), stream));
    victim_bytes("line", text, (ssize_t)strlen(text));
    SAY(pclose(stream));
    SAY_POINTER(popen("true", "no mode"));
    stream = SAY_POINTER(popen("kill -TERM $$", "w"));
    SAY(pclose(stream));
    list_open("after pclose");
}

static void close_all_streams(void)
{
    SAY_POINTER(fopen("/dev/null", "r"));
    errno = VICTIM_KEPT;
    SAY(fcloseall());
    list_open("after fcloseall");
}

/* As far up as we may: a socket with a very high number serves a request like any other. */
static void high_numbers(void)
{
    static const int wanted[] = { 1023, 1024, 4095, 65535, 999999, 1048575 };
    struct rlimit limit = { .rlim_cur = 1048576, .rlim_max = 1048576 };
    int pair[2];

    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        int fd = wanted[i];

        if ((rlim_t)fd >= limit.rlim_cur) {
            victim_note("skipped: this system allows no descriptor %d", fd);
            continue;
        }
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
        victim_note("descriptor %d", fd);
        SAY(dup2(pair[1], fd) == fd);
        SAY(close(pair[1]));
        victim_exchange(pair[0], fd);
        victim_exchange(pair[0], fd);
        SAY(close(fd));
        SAY(close(pair[0]));
    }
    SAY(dup2(0, (int)limit.rlim_cur - 1) == (int)limit.rlim_cur - 1);
    SAY(close((int)limit.rlim_cur - 1));
    SAY(dup2(0, (int)limit.rlim_cur));
}

/* The lowest free number is the next one, at every moment while telemetry leaves. */
static void lowest_number(void)
{
    struct timespec now;
    time_t end;
    int other = 0;

    close(3);
    victim_traffic();
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_nsec / 1000000 + 250;
    for (time_t second = now.tv_sec; (now.tv_sec - second) * 1000 + now.tv_nsec / 1000000 < end;) {
        int fd = open("/dev/null", O_RDONLY);

        other += fd != 3;
        close(fd);
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    victim_note("other numbers than 3: %d", other);
}

/* Takes every number away from whoever has it, while telemetry is on its way, and writes a file. */
static void taking_all(void)
{
    struct rlimit limit;
    struct stat st;
    int file;

    getrlimit(RLIMIT_NOFILE, &limit);
    for (int round = 0; round < 3; round++) {
        victim_traffic();
        victim_sleep_ms(round % 2 ? 130 : 20); /* before, and after the first batch has left */
        close_range(3, ~0u, 0);
        file = open("fd_victim.txt", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
        for (int fd = 4; fd < 64; fd++)
            dup2(file, fd);
        for (int fd = (int)limit.rlim_cur - 64; fd < (int)limit.rlim_cur; fd++)
            dup2(file, fd);
        dprintf(file, "the program's own data\n");
        for (int i = 0; i < 3; i++) {
            victim_traffic();
            victim_sleep_ms(40);
        }
        fstat(file, &st);
        victim_note("round %d: descriptor %d, %ld bytes in the file", round, file, (long)st.st_size);
        close_range(3, ~0u, 0);
    }
    unlink("fd_victim.txt");
    victim_traffic();
}

int main(void)
{
    list_open("at main");
    SAY(open("/dev/null", O_RDONLY));
    SAY(close(3));
    closing();
    copying();
    controlling();
    victim_child("ranges", ranges);
    streams();
    pipes();
    victim_child("close_all_streams", close_all_streams);
    high_numbers();
    taking_all();
    lowest_number();
    list_open("at the end");
    return 0;
}
