/*
 * Ways out of a process: exit, _exit, _Exit, quick_exit, a signal, and main's return, which comes to
 * exit through __libc_start_main. Exit handlers run, buffers are written where they are bare, and the
 * status is the program's.
 *
 * SOURCES: tests/support/victim.c
 * SANITIZED: address (the thread sanitizer writes out what is left in buffers at every end)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/victim.h"

static void said_at_exit(void)
{
    victim_note("   in an atexit handler");
    victim_traffic();
}

static void prepare(void)
{
    victim_traffic();
    (void)atexit(said_at_exit);
    (void)at_quick_exit(said_at_exit);
    printf("   left in a buffer\n");
}

static void by_exit(void)
{
    prepare();
    exit(256 + 7);
}
static void by_exit_negative(void)
{
    prepare();
    exit(-1);
}
static void by__exit(void)
{
    prepare();
    _exit(8);
}
static void by__Exit(void)
{
    prepare();
    _Exit(9);
}
static void by_quick_exit(void)
{
    prepare();
    quick_exit(10);
}
static void by_abort(void)
{
    prepare();
    abort();
}
static void by_signal(void)
{
    prepare();
    raise(SIGTERM);
}

static void by_kill(void)
{
    prepare();
    SAY(kill(getpid(), SIGINT));
}
static void by_group(void)
{
    (void)setpgid(0, 0);
    prepare();
    SAY(kill(0, SIGHUP));
}
static void by_killpg(void)
{
    (void)setpgid(0, 0);
    prepare();
    SAY(killpg(getpgrp(), SIGUSR1));
}
static void by_sigkill(void)
{
    prepare();
    SAY(kill(getpid(), SIGKILL));
}

static void raise_again(int sig)
{
    victim_note("   in a handler of %d", sig);
    (void)signal(sig, SIG_DFL);
    SAY(raise(sig));
    victim_note("   at the end of the handler");
}
static void by_handler(void)
{
    prepare();
    (void)signal(SIGTERM, raise_again);
    SAY(raise(SIGTERM));
    victim_note("   never said");
}

static void raise_same(int sig)
{
    SAY(raise(sig));
    victim_note("   at the end of the handler");
}
static void by_handler_once(void)
{
    struct sigaction action = { .sa_handler = raise_same, .sa_flags = (int)SA_RESETHAND };

    prepare();
    (void)sigaction(SIGINT, &action, NULL);
    SAY(kill(getpid(), SIGINT));
    victim_note("   never said");
}

static void note_signal(int sig)
{
    victim_note("   handled %d", sig);
}

/* Signals to itself that do not end it: handled, ignored, blocked and taken later, without an effect, none at all. */
static void goes_on(void)
{
    sigset_t set;
    int sig = 0;

    victim_traffic();
    (void)signal(SIGUSR1, note_signal);
    SAY(raise(SIGUSR1));
    SAY(kill(getpid(), SIGUSR1));
    (void)signal(SIGTERM, SIG_IGN);
    SAY(kill(getpid(), SIGTERM));
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    SAY(kill(getpid(), SIGINT));
    SAY(sigwait(&set, &sig));
    SAY(sig);
    SAY(raise(SIGINT));
    SAY(sigwait(&set, &sig));
    SAY(kill(getpid(), SIGWINCH));
    SAY(kill(getpid(), 0));
    SAY(kill(getpid(), 4711));
    SAY(raise(-1));
    SAY(raise(65));
    SAY(killpg(0x7ffffff0, SIGTERM));
    SAY(killpg(-1, SIGTERM));
    victim_traffic();
    victim_note("   goes on");
}

static void exits(void)
{
    victim_child("exit", by_exit);
    victim_child("exit(-1)", by_exit_negative);
    victim_child("_exit", by__exit);
    victim_child("_Exit", by__Exit);
    victim_child("quick_exit", by_quick_exit);
    victim_child("abort", by_abort);
    victim_child("signal", by_signal);
    victim_child("kill", by_kill);
    victim_child("kill of the group", by_group);
    victim_child("killpg", by_killpg);
    victim_child("SIGKILL", by_sigkill);
    victim_child("a handler that raises it again", by_handler);
    victim_child("a handler for one time", by_handler_once);
    victim_child("signals that do not end it", goes_on);
}

int main(void)
{
    exits();
    (void)atexit(said_at_exit);
    victim_traffic();
    return 0;
}
