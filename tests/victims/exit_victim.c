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

static void exits(void)
{
    victim_child("exit", by_exit);
    victim_child("exit(-1)", by_exit_negative);
    victim_child("_exit", by__exit);
    victim_child("_Exit", by__Exit);
    victim_child("quick_exit", by_quick_exit);
    victim_child("abort", by_abort);
    victim_child("signal", by_signal);
}

int main(void)
{
    exits();
    (void)atexit(said_at_exit);
    victim_traffic();
    return 0;
}
