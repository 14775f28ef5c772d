/*
 * Signals: masks, dispositions, what is pending, the alternate stack and what /proc says of them, at main, after
 * traffic, in a thread and in children; who gets a signal and with which siginfo; how often a call is interrupted;
 * SIGPIPE; SIGCHLD, and that nobody but the program's own children can be waited for.
 *
 * SOURCES: tests/support/victim.c
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define TIMES 40

static volatile sig_atomic_t hits, elsewhere;
static pid_t main_task;
static siginfo_t last;

static void work(void)
{
    for (int i = 0; i < 3; i++)
        victim_traffic();
    victim_sleep_ms(10);
}

static void say_set(const char *what, const sigset_t *set)
{
    char text[70] = "";

    for (int number = 1; number < 65; number++)
        text[number - 1] = sigismember(set, number) == 1 ? '1' : '.';
    victim_note("  %s %s", what, text);
}

static void state(const char *when)
{
    struct sigaction action;
    struct itimerval timer;
    stack_t stack;
    sigset_t set;
    FILE *file = fopen("/proc/thread-self/status", "r");
    char line[128];

    victim_note("%s:", when);
    for (int number = 1; number < 65; number++)
        if (sigaction(number, NULL, &action) == 0 && (action.sa_handler != SIG_DFL || action.sa_flags))
            victim_note("  %d: %s flags %x", number, action.sa_handler == SIG_IGN ? "ignored" : "a handler",
                        action.sa_flags);
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    say_set("mask", &set);
    sigpending(&set);
    say_set("pending", &set);
    sigaltstack(NULL, &stack);
    victim_note("  alternate stack: flags %d size %zu", stack.ss_flags, stack.ss_size);
    getitimer(ITIMER_REAL, &timer);
    victim_note("  timer %ld", (long)timer.it_interval.tv_sec);
    /* 33 is libc's own: it listens to it from the first pthread_create on, and no program can ask. */
    while (file && fgets(line, sizeof(line), file))
        if (strncmp(line, "SigCgt:", 7) == 0)
            victim_note("  caught %llx", strtoull(line + 7, NULL, 16) & ~(1ull << 32));
        else if (strncmp(line, "SigQ:", 5) == 0)
            continue; /* of all processes of the user */
        else if (strncmp(line, "Sig", 3) == 0 || strncmp(line, "Shd", 3) == 0)
            victim_note("  %.*s", (int)strcspn(line, "\n"), line);
    fclose(file);
}

static void *thread_state(void *arg)
{
    state("in a thread");
    work();
    state("in a thread, after traffic");
    return arg;
}

static void child_state(void)
{
    state("in a child");
    work();
    state("in a child, after traffic");
}

static void exec_state(void)
{
    signal(SIGHUP, SIG_IGN);
    work();
    execl("/proc/self/exe", "signals", "state", NULL);
}

static void heard(int number, siginfo_t *info, void *context)
{
    (void)context;
    hits = hits + 1;
    if (gettid() != main_task)
        elsewhere = elsewhere + 1;
    last = *info;
    last.si_signo = number;
}

static void hear(int number, int flags)
{
    struct sigaction action = { .sa_sigaction = heard, .sa_flags = SA_SIGINFO | flags };

    sigaction(number, &action, NULL);
    hits = elsewhere = 0;
    memset(&last, 0, sizeof(last));
}

static void say_info(const char *what)
{
    victim_note("%s: signal %d code %d from %s uid %d value %d, heard %d times, %d elsewhere", what, last.si_signo,
                last.si_code,
                last.si_pid == getpid() ? "itself"
                : last.si_pid           ? "another"
                                        : "nobody",
                (int)last.si_uid, last.si_code == SI_QUEUE ? last.si_value.sival_int : 0, (int)hits, (int)elsewhere);
}

/* What is sent to the process is for the program's threads: here, one. */
static void to_the_process(void)
{
    hear(SIGUSR1, 0);
    for (int i = 0; i < TIMES; i++) {
        victim_traffic();
        kill(getpid(), SIGUSR1);
    }
    say_info("kill");
    hear(SIGRTMIN, 0);
    for (int i = 0; i < TIMES; i++) {
        victim_traffic();
        sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
    }
    say_info("sigqueue");
    hear(SIGUSR2, 0);
    raise(SIGUSR2);
    say_info("raise");
}

/* Blocked, it stays pending until the program asks, however much is exported meanwhile. */
static void blocked(void)
{
    sigset_t set, old;
    siginfo_t info;
    int fd, got = 0;

    sigfillset(&set);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 5; i++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    work();
    state("blocked and pending");
    sigdelset(&set, SIGTERM);
    while (sigtimedwait(&set, &info, &(struct timespec){ 0 }) > 0)
        victim_note("  waited for: %d code %d value %d", info.si_signo, info.si_code,
                    info.si_value.sival_int * (info.si_code == SI_QUEUE));
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    fd = signalfd(-1, &set, 0);
    got = (int)read(fd, &(struct signalfd_siginfo){ 0 }, sizeof(struct signalfd_siginfo));
    victim_note("  signalfd: %d", got);
    close(fd);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void interrupted(const char *what, int flags, const int *pair)
{
    struct itimerval every = { .it_value.tv_usec = 3000, .it_interval.tv_usec = 3000 }, none = { 0 };
    int eintr = 0;
    char text[8];

    hear(SIGALRM, flags);
    setitimer(ITIMER_REAL, &every, NULL);
    while (hits < 10 && !(flags & SA_RESTART))
        eintr += read(pair[0], text, sizeof(text)) < 0 && errno == EINTR ? 1 : 100;
    while (hits < 20 && (flags & SA_RESTART)) {
        struct pollfd one = { .fd = pair[0], .events = POLLIN };

        eintr += poll(&one, 1, 1000) < 0 && errno == EINTR ? 0 : 100; /* poll is never restarted */
    }
    setitimer(ITIMER_REAL, &none, NULL);
    victim_note("%s: as many interrupted calls as signals: %d", what,
                (flags & SA_RESTART) ? eintr == 0 : eintr == hits);
}

static void interruptions(void)
{
    int fresh[2], followed[2];

    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, fresh);
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, followed);
    victim_exchange(followed[0], followed[1]);
    interrupted("read", 0, fresh);
    interrupted("read of a connection with traffic", 0, followed);
    interrupted("poll", SA_RESTART, followed);
}

static void broken_pipe(void)
{
    int pair[2];

    hear(SIGPIPE, 0);
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    victim_exchange(pair[0], pair[1]);
    close(pair[1]);
    for (int i = 0; i < 5; i++) {
        SAY(write(pair[0], "GET / HTTP/1.1\r\n\r\n", 18));
        say_info("SIGPIPE");
    }
    SAY(send(pair[0], "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL));
    say_info("SIGPIPE");
    work();
    say_info("SIGPIPE, later");
    close(pair[0]);
}

static void dies_of_pipe(void)
{
    int pair[2];

    signal(SIGPIPE, SIG_DFL);
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    victim_exchange(pair[0], pair[1]);
    close(pair[1]);
    (void)!write(pair[0], "GET / HTTP/1.1\r\n\r\n", 18);
    _exit(1);
}

static void dies_of_term(void)
{
    work();
    raise(SIGTERM);
}

static void aborts(void)
{
    work();
    abort();
}

static void faults(void)
{
    work();
    *(volatile char *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 1;
}

static void fault_heard(int number, siginfo_t *info, void *context)
{
    (void)context;
    victim_note("fault: signal %d code %d at %ld", number, info->si_code, (long)(intptr_t)info->si_addr);
    _exit(6);
}

static void faults_with_handler(void)
{
    volatile char *volatile nowhere = (volatile char *)16;
    struct sigaction action = { .sa_sigaction = fault_heard, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    work();
    sigaction(SIGSEGV, &action, NULL);
    *nowhere = 1;
}

static void children(void)
{
    siginfo_t info = { 0 };
    int status = 0;

    SAY(waitpid(-1, &status, WNOHANG));
    work();
    SAY(waitpid(-1, &status, WNOHANG));
    hear(SIGCHLD, 0);
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork(), got;

        if (pid == 0) {
            victim_traffic();
            _exit(40 + i);
        }
        while ((got = waitpid(-1, &status, 0)) < 0 && errno == EINTR)
            ;
        victim_note("the only child: %d, status %d", got == pid, WEXITSTATUS(status));
        victim_note("SIGCHLD: code %d from the child %d status %d, heard %d times", last.si_code, last.si_pid == pid,
                    last.si_status, (int)hits);
    }
    SAY(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
    SAY(wait(&status));
    SAY(system("exit 9"));
    victim_note("SIGCHLD heard %d times", (int)hits);
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0)
        _exit(0);
    SAY(wait(&status));
    signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
    static char memory[65536];
    pthread_t thread;

    main_task = gettid();
    state("at main");
    if (argc > 1 && strcmp(argv[1], "state") == 0) {
        work();
        state("after traffic");
        return 0;
    }
    sigaltstack(&(stack_t){ .ss_sp = memory, .ss_size = sizeof(memory) }, NULL);
    work();
    state("after traffic");
    pthread_create(&thread, NULL, thread_state, NULL);
    pthread_join(thread, NULL);
    victim_child("a child", child_state);
    victim_child("an exec", exec_state);
    to_the_process();
    victim_child("blocked", blocked);
    interruptions();
    broken_pipe();
    victim_child("who writes to nobody", dies_of_pipe);
    victim_child("who gets SIGTERM", dies_of_term);
    victim_child("who aborts", aborts);
    victim_child("who faults", faults);
    victim_child("who faults, with a handler", faults_with_handler);
    children();
    state("at the end");
    raise(SIGQUIT);
    return 0;
}
