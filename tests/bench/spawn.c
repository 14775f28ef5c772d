/*
 * Starts a program many times, one after the other, and prints the median cost of one start:
 *   spawn COUNT [NAME=value ...] PROGRAM [ARG ...]    ->  "wall-ms cpu-ms"
 *   spawn rss [NAME=value ...] PROGRAM [ARG ...]      ->  resident KiB when it ends
 * The environment is exactly what is given, so that the preload is in the children alone. The size is
 * read from the child's memory map at the moment of its exit: ru_maxrss would also count what a vfork
 * child shares with us, and recent kernels only estimate it.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 2000

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int times(int count, char **program, char **env)
{
    static double wall[COUNT_MAX], cpu[COUNT_MAX];

    for (int i = 0; i < count; i++) {
        struct timespec start, end;
        struct rusage usage;
        pid_t pid;
        int status;

        clock_gettime(CLOCK_MONOTONIC, &start);
        if (posix_spawn(&pid, program[0], NULL, NULL, program, env) != 0 || wait4(pid, &status, 0, &usage) != pid)
            return 1;
        clock_gettime(CLOCK_MONOTONIC, &end);
        wall[i] = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
        cpu[i] = ms(usage.ru_utime) + ms(usage.ru_stime);
    }
    qsort(wall, (size_t)count, sizeof(wall[0]), compare);
    qsort(cpu, (size_t)count, sizeof(cpu[0]), compare);
    printf("%.4f %.4f\n", wall[count / 2], cpu[count / 2]);
    return 0;
}

static int print_resident(pid_t pid)
{
    char path[64], line[256];
    FILE *file;
    long kib = -1;

    (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, "Rss:", 4) == 0)
            kib = atol(line + 4);
    if (file)
        fclose(file);
    printf("%ld\n", kib);
    return kib < 0;
}

static int resident(char **program, char **env)
{
    pid_t pid = fork();
    int status, failed = 1;

    if (pid == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execve(program[0], program, env);
        _exit(127);
    }
    /* The first stop is the exec. */
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACEEXIT) != 0)
        return 1;
    while (ptrace(PTRACE_CONT, pid, NULL, NULL) == 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
            failed = print_resident(pid);
    return failed;
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[1]) : 0, n = 0;
    char *env[256] = { NULL };
    char **program = argv + 2;

    while (argc > 2 && *program && strchr(*program, '=') && n < 255)
        env[n++] = *program++;
    if (argc < 3 || !*program)
        return 2;
    if (strcmp(argv[1], "rss") == 0)
        return resident(program, env);
    return count > 0 && count <= COUNT_MAX ? times(count, program, env) : 2;
}
