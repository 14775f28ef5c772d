/*
 * Starts a program many times, one after the other, and prints the mean cost of one start:
 *   spawn COUNT [NAME=value ...] PROGRAM [ARG ...]    ->  "wall_ms cpu_ms rss_kib"
 * The environment is exactly what is given, so that the preload is in the children alone.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static double ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[1]) : 0, n = 0;
    struct timespec start, end;
    struct rusage usage;
    char *env[64] = { NULL };
    char **program = argv + 2;

    while (*program && strchr(*program, '=') && n < 63)
        env[n++] = *program++;
    if (count <= 0 || !*program)
        return 2;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < count; i++) {
        pid_t pid;
        int status;

        if (posix_spawn(&pid, program[0], NULL, NULL, program, env) != 0 || waitpid(pid, &status, 0) != pid)
            return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%.4f %.4f %ld\n",
           ((double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6) / count,
           (ms(usage.ru_utime) + ms(usage.ru_stime)) / count, usage.ru_maxrss);
    return 0;
}
