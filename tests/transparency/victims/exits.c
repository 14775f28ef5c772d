/*
 * Ends: every way out of a program that has something to report, its status or signal, what was in its buffers and
 * what its exit handlers say; and how long it took. Times go to the file `times`, which is not compared.
 *
 * SOURCES: tests/support/victim.c
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define TIMED 3 /* so many times, for the shortest */

extern char **environ;

static void at_end(void)
{
    victim_note("   an exit handler");
}

static void at_quick_end(void)
{
    victim_note("   a quick exit handler");
}

static __attribute__((destructor)) void destructor(void)
{
    victim_traffic();
    victim_note("   a destructor");
}

static void *exit_from_thread(void *arg)
{
    (void)arg;
    exit(34);
}

static void *last_thread(void *arg)
{
    victim_sleep_ms(10);
    victim_traffic();
    victim_note("   the last thread");
    return arg;
}

static void end_in_thread(void *(*body)(void *), bool leave)
{
    pthread_t thread;

    pthread_create(&thread, NULL, body, NULL);
    if (leave)
        pthread_exit(NULL);
    pthread_join(thread, NULL);
}

static void end_in_child(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        victim_traffic();
        exit(35);
    }
    victim_wait("   the child", pid);
}

static int end(const char *way)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
    atexit(at_end);
    at_quick_exit(at_quick_end);
    for (int i = 0; i < 3; i++)
        victim_traffic();
    printf("   in the buffer of %s\n", way);
    if (strcmp(way, "exit") == 0)
        exit(31);
    if (strcmp(way, "_exit") == 0)
        _exit(32);
    if (strcmp(way, "_Exit") == 0)
        _Exit(33);
    if (strcmp(way, "quick_exit") == 0)
        quick_exit(36);
    if (strcmp(way, "abort") == 0)
        abort();
    if (strcmp(way, "SIGTERM") == 0)
        raise(SIGTERM);
    if (strcmp(way, "SIGKILL") == 0)
        raise(SIGKILL);
    if (strcmp(way, "exit in a thread") == 0)
        end_in_thread(exit_from_thread, false);
    if (strcmp(way, "pthread_exit") == 0)
        end_in_thread(last_thread, true);
    if (strcmp(way, "exit in a child") == 0)
        end_in_child();
    if (strcmp(way, "exec") == 0)
        execl("/proc/self/exe", "exits", "nothing", NULL);
    return strcmp(way, "nothing") == 0 ? 0 : 30;
}

static long run_ms(const char *self, const char *way)
{
    char *argv[] = { (char *)"exits", (char *)way, NULL };
    struct timespec from, to;
    pid_t pid = -1;

    clock_gettime(CLOCK_MONOTONIC, &from);
    posix_spawn(&pid, self, NULL, NULL, argv, environ);
    victim_wait(way, pid);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

int main(int argc, char **argv)
{
    static const char *const ways[] = { "return",          "exit",    "_exit",   "_Exit",        "quick_exit",
                                        "abort",           "SIGTERM", "SIGKILL", "pthread_exit", "exit in a thread",
                                        "exit in a child", "exec" };
    FILE *times;

    if (argc > 1)
        return end(argv[1]);
    times = fopen("times", "we");
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        long shortest = run_ms(argv[0], ways[i]);

        for (int n = 1; n < TIMED && i < 3; n++) {
            long again = run_ms(argv[0], ways[i]);

            shortest = again < shortest ? again : shortest;
        }
        fprintf(times, "%s %ld\n", ways[i], shortest);
    }
    fclose(times);
    return 30;
}
