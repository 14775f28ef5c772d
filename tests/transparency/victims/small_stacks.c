/*
 * Small stacks: coroutines on 16 KiB that change threads in the middle of a conversation; threads with the
 * smallest stack there is, which talk, look up names and start programs with a large environment; a handler
 * on a small alternate stack; and 5,000 arguments.
 *
 * SOURCES: tests/support/victim.c
 */
#include <netdb.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define SMALL (16 * 1024)
#define COROUTINES 24
#define MANY 1500

extern char **environ;

/* ---- coroutines -------------------------------------------------------------------------------- */

static ucontext_t home, coroutine[COROUTINES];
static int talks[COROUTINES][2];
static _Atomic int finished;

static void converse(int number)
{
    static const char request[] = "GET /coroutine HTTP/1.1\r\nHost: a\r\n\r\n", answer[] = "HTTP/1.1 204 No\r\n\r\n";
    char text[256];

    for (int i = 0; i < 3; i++) {
        (void)!write(talks[number][0], request, sizeof(request) - 1);
        swapcontext(&coroutine[number], &home);
        (void)!read(talks[number][1], text, sizeof(text));
        swapcontext(&coroutine[number], &home);
        (void)!write(talks[number][1], answer, sizeof(answer) - 1);
        swapcontext(&coroutine[number], &home);
        victim_bytes("coroutine", text, read(talks[number][0], text, sizeof(text)));
    }
    atomic_fetch_add(&finished, 1);
}

static void *step_all(void *arg)
{
    for (int i = 0; i < COROUTINES; i++)
        if (coroutine[i].uc_link)
            swapcontext(&home, &coroutine[i]);
    return arg;
}

/* A stack with a page below it that nobody may touch. */
static void *guarded(void)
{
    char *at = mmap(NULL, 4096 + SMALL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)mprotect(at, 4096, PROT_NONE);
    return at + 4096;
}

/* Every other round is gone through by another thread. */
static void coroutines(void)
{
    pthread_t thread;

    for (int i = 0; i < COROUTINES; i++) {
        (void)socketpair(AF_UNIX, SOCK_STREAM, 0, talks[i]);
        getcontext(&coroutine[i]);
        coroutine[i].uc_stack.ss_sp = guarded();
        coroutine[i].uc_stack.ss_size = SMALL;
        coroutine[i].uc_link = &home;
        makecontext(&coroutine[i], (void (*)(void))converse, 1, i);
    }
    for (int round = 0; round < 10 && atomic_load(&finished) < COROUTINES; round++) {
        if (round % 2 == 0) {
            step_all(NULL);
            continue;
        }
        pthread_create(&thread, NULL, step_all, NULL);
        pthread_join(thread, NULL);
    }
    victim_note("coroutines that came to their end: %d", atomic_load(&finished));
}

/* ---- small stacks ------------------------------------------------------------------------------ */

static char *many[MANY + 1], **few = (char *[]){ (char *)"PATH=/usr/bin:/bin", NULL };

static void *program_small(void *arg)
{
    char **envp = arg;
    char *argv[] = { (char *)"true", NULL };
    pid_t pid = -1;

    victim_note("posix_spawn: %d", posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp));
    victim_wait("  a spawned child", pid);
    pid = vfork();
    if (pid == 0) {
        execve("/bin/true", argv, envp);
        _exit(9);
    }
    victim_wait("  a vfork child", pid);
    pid = fork();
    if (pid == 0) {
        victim_traffic();
        execve("/bin/true", argv, envp);
        _exit(9);
    }
    victim_wait("  a fork child", pid);
    return NULL;
}

/* A request of 60 fields of 100 bytes, in pieces that cut them anywhere. */
static void long_heads(void)
{
    static char head[8192], piece[333];
    size_t n = (size_t)sprintf(head, "GET /a/long/path?q=%0500d HTTP/1.1\r\nHost: a\r\n", 7), got = 0;
    int pair[2];

    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(head + n, "X-Field-%d: %0*d\r\n", i, 80, i);
    n += (size_t)sprintf(head + n, "\r\n");
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    for (size_t at = 0; at < n; at += 777)
        (void)!write(pair[0], head + at, n - at < 777 ? n - at : 777);
    for (ssize_t r; got < n && (r = read(pair[1], piece, 333)) > 0; got += (size_t)r)
        ;
    victim_note("a long head: %zu of %zu", got, n);
    close(pair[0]);
    close(pair[1]);
}

static void *talk_small(void *arg)
{
    struct addrinfo *found = NULL;

    for (int i = 0; i < 5; i++)
        victim_traffic();
    victim_note("getaddrinfo: %d", getaddrinfo("localhost", "80", NULL, &found));
    freeaddrinfo(found);
    long_heads();
    return arg;
}

static void on_small_stack(const char *what, void *(*body)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;

    victim_note("%s, on the smallest stack:", what);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
    pthread_create(&thread, &attr, body, arg);
    pthread_join(thread, NULL);
}

static void on_alternate_stack(int number)
{
    (void)number;
    victim_traffic();
    victim_note("a handler with %d KiB", SMALL / 1024);
}

static void small_stacks(void)
{
    static char memory[SMALL], text[MANY][16];
    struct sigaction action = { .sa_handler = on_alternate_stack, .sa_flags = SA_ONSTACK };

    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text[i], sizeof(text[i]), "MANY_%d=%d", i, i);
        many[i] = text[i];
    }
    on_small_stack("talking", talk_small, NULL);
    on_small_stack("starting programs", program_small, few);
    on_small_stack("starting programs with their environment", program_small, environ);
    on_small_stack("starting programs with a large environment", program_small, many);
    sigaltstack(&(stack_t){ .ss_sp = memory, .ss_size = sizeof(memory) }, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

/* ---- many arguments ---------------------------------------------------------------------------- */

#define TEN(x) x, x, x, x, x, x, x, x, x, x
#define THOUSAND(x) TEN(TEN(TEN(x)))

static void many_arguments(void)
{
    execl("/bin/sh", "sh", "-c", "echo $#", THOUSAND("a"), THOUSAND("a"), THOUSAND("a"), THOUSAND("a"), THOUSAND("a"),
          (char *)NULL);
    victim_note("execl with many arguments: errno %d", errno);
}

int main(void)
{
    victim_traffic();
    coroutines();
    victim_child("many arguments", many_arguments);
    small_stacks();
    victim_traffic();
    return 0;
}
