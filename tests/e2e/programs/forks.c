/*
 * Processes that come and go while others work: forks MODE PORT N. Requests go to 127.0.0.1:PORT; /t are those of
 * threads, /c of children. How many threads have made is written to the file "threads".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8
#define SPAWNERS 16

extern char **environ;
static unsigned short port;
static int number;
static atomic_int stop, asked, begun;

static int ask(const char *path)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), len, ok;
    char buf[2048];

    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
        close(fd);
        return 0;
    }
    len = snprintf(buf, sizeof(buf), "GET %s HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n", path);
    ok = write(fd, buf, (size_t)len) == len;
    while (read(fd, buf, sizeof(buf)) > 0)
        ;
    close(fd);
    return ok;
}

static void *work(void *arg)
{
    begun++;
    while (!stop) {
        asked += ask("/t");
        usleep(2000);
    }
    return arg;
}

static void start(pthread_t *threads)
{
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            abort();
    /* A thread that starts is in ASan's allocator, which does not come through a fork in one piece. */
    while (getenv("ASAN_OPTIONS") && begun < THREADS)
        usleep(1000);
}

static void finish(pthread_t *threads)
{
    FILE *out = fopen("threads", "w");

    stop = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    fprintf(out, "%d\n", asked);
    fclose(out);
}

/* Children that ask and leave by _exit; or that are killed when they have asked. */
static void children(int killed)
{
    for (int i = 0; i < number; i++) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
            if (!ask("/c"))
                _exit(1);
            if (killed)
                kill(getpid(), SIGKILL);
            _exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || (killed ? !WIFSIGNALED(status) : status != 0))
            abort();
    }
}

static void storm(int killed)
{
    pthread_t threads[THREADS];

    start(threads);
    children(killed);
    finish(threads);
}

static void on_alarm(int signal)
{
    (void)signal;
    if (fork() == 0)
        _exit(0);
}

/* Forks out of a signal handler, into whatever the threads are doing. */
static void handler(void)
{
    pthread_t threads[THREADS];

    sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_alarm, .sa_flags = SA_RESTART }, NULL);
    start(threads);
    for (int i = 0; i < number; i++) {
        pthread_kill(threads[i % THREADS], SIGUSR1);
        usleep(1000);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    finish(threads);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static void *spawn(void *arg)
{
    static char *const argv[] = { (char *)"true", NULL };

    for (int i = 0; i < number; i++) {
        posix_spawn_file_actions_t actions;
        pid_t pid;
        int status;

        if (i & 1) {
            pid = vfork();
            if (pid == 0) {
                execve("/bin/true", argv, environ);
                _exit(127);
            }
        } else {
            posix_spawn_file_actions_init(&actions);
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
            posix_spawn_file_actions_adddup2(&actions, 1, 2);
            if (posix_spawn(&pid, "/bin/true", &actions, NULL, argv, environ) != 0)
                abort();
            posix_spawn_file_actions_destroy(&actions);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0)
            abort();
    }
    return arg;
}

static void spawners(void)
{
    pthread_t threads[SPAWNERS];

    for (int i = 0; i < SPAWNERS; i++)
        if (pthread_create(&threads[i], NULL, spawn, NULL) != 0)
            abort();
    for (int i = 0; i < SPAWNERS; i++)
        pthread_join(threads[i], NULL);
}

/* Into the background twice over, as servers do, then a request. */
static void background(void)
{
    if (daemon(1, 1) < 0)
        abort();
    if (fork() != 0)
        _exit(0);
    (void)ask("/c");
    exit(0);
}

int main(int argc, char **argv)
{
    static char *const next[] = { (char *)"true", NULL };
    const char *mode = argc > 3 ? argv[1] : "";

    if (argc > 3) {
        port = (unsigned short)atoi(argv[2]);
        number = atoi(argv[3]);
    }
    if (strcmp(mode, "storm") == 0)
        storm(0);
    else if (strcmp(mode, "killed") == 0)
        storm(1);
    else if (strcmp(mode, "handler") == 0)
        handler();
    else if (strcmp(mode, "spawn") == 0)
        spawners();
    else if (strcmp(mode, "background") == 0)
        background();
    else if (strcmp(mode, "exec") == 0 && ask("/c"))
        execv("/bin/true", next);
    puts("done");
    return 0;
}
