/*
 * Environment: what children find in theirs, entry by entry and in order, however they are started and whatever they
 * are given: the program's own, a copy, one made from nothing, none at all; that LD_PRELOAD stays away where the
 * program took it away; and that the program's own environment is left alone.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define MANY 3000
#define ENTRIES 4096

extern char **environ;

static const char *self;
static char *args[] = { (char *)"environment", (char *)"dump", NULL };

static void dump(const char *what)
{
    unsigned preloads = 0, others = 0;

    for (char **e = environ; e && *e; e++) {
        bool many = strncmp(*e, "MANY_", 5) == 0 && strcmp(*e, "MANY_7=7") != 0;

        preloads += strncmp(*e, "LD_PRELOAD=", 11) == 0;
        others += many;
        if (!many)
            victim_note("  %.100s (%s)", *e, strlen(*e) > 100 ? "long" : "all");
    }
    victim_note("  %u of many", others);
    if (strcmp(what, "removed") == 0)
        victim_note("  %u times preloaded", preloads);
    if (strcmp(what, "replaced") == 0)
        victim_note("  preloaded by the program: %s", getenv("LD_PRELOAD"));
    if (strcmp(what, "own trace") == 0)
        victim_note("  the program's own trace: %s", getenv("TRACEPARENT"));
}

static void finish(const char *what, pid_t pid)
{
    victim_wait(what, pid);
}

enum way { EXECVE, EXECV, EXECVP, EXECVPE, EXECLE, EXECL, FEXECVE, EXECVEAT, VFORKED, SPAWN, SPAWNP, WAYS };
static const char *const names[] = { "execve",  "execv",    "execvp",         "execvpe",     "execle",      "execl",
                                     "fexecve", "execveat", "execve (vfork)", "posix_spawn", "posix_spawnp" };

static void become(enum way way, char **envp)
{
    if (way == EXECVE || way == VFORKED)
        execve(self, args, envp);
    else if (way == EXECV)
        execv(self, args);
    else if (way == EXECVP)
        execvp(self, args);
    else if (way == EXECVPE)
        execvpe(self, args, envp);
    else if (way == EXECLE)
        execle(self, args[0], args[1], NULL, envp);
    else if (way == EXECL)
        execl(self, args[0], args[1], NULL);
    else if (way == FEXECVE)
        fexecve(open(self, O_RDONLY | O_CLOEXEC), args, envp);
    else if (way == EXECVEAT)
        execveat(AT_FDCWD, self, args, envp, 0);
    _exit(90);
}

static void start(const char *what, enum way way, char **envp)
{
    pid_t pid = -1;

    victim_note("%s, %s:", names[way], what);
    if (way == SPAWN || way == SPAWNP) {
        int r = way == SPAWN ? posix_spawn(&pid, self, NULL, NULL, args, envp)
                             : posix_spawnp(&pid, self, NULL, NULL, args, envp);

        if (r != 0)
            victim_note("  result %d", r);
    } else if (way == VFORKED) {
        pid = vfork();
        if (pid == 0)
            become(way, envp);
    } else {
        pid = fork();
        if (pid == 0)
            become(way, envp);
    }
    finish("  the child", pid);
}

/* A copy of the environment without one name. */
static char **copy_without(const char *name)
{
    static char *copy[ENTRIES];
    size_t n = 0, len = strlen(name);

    for (char **e = environ; *e && n + 1 < ENTRIES; e++)
        if (strncmp(*e, name, len) != 0 || (*e)[len] != '=')
            copy[n++] = *e;
    copy[n] = NULL;
    return copy;
}

static void own_environment(void)
{
    for (int way = 0; way < WAYS; way++)
        start("its own", (enum way)way, environ);
}

static void given_environments(void)
{
    static char *given[] = { (char *)"B=2",       (char *)"A=1",     (char *)"PATH=/usr/bin:/bin",
                             (char *)"A=again",   (char *)"without", (char *)"",
                             (char *)"=nameless", (char *)"A==",     NULL };
    static char *empty[] = { NULL };
    static char *many[MANY + 2], text[MANY][16], longest[100000];

    memset(longest, 'x', sizeof(longest) - 1);
    memcpy(longest, "LONG=", 5);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(text[i], sizeof(text[i]), "MANY_%d=%d", i, i);
        many[i] = text[i];
    }
    many[MANY] = longest;
    for (int way = 0; way < WAYS; way++) {
        if (way == EXECV || way == EXECVP || way == EXECL)
            continue;
        start("given one", (enum way)way, given);
        start("given nothing", (enum way)way, empty);
        start("given NULL", (enum way)way, NULL);
        start("given a copy", (enum way)way, copy_without("no such name"));
    }
    start("given many", EXECVE, many);
    start("given many", SPAWN, many);
    start("given many", VFORKED, many);
}

static void through_shells(const char *path)
{
    char command[600], line[4096];
    char **before = environ;
    FILE *pipe;

    (void)snprintf(command, sizeof(command), "exec '%s' dump", path);
    SAY(system(command));
    pipe = popen("env -0 | tr '\\0' '\\n' | grep -v '^_='", "r");
    while (pipe && fgets(line, sizeof(line), pipe))
        victim_note("  %.*s (popen)", (int)strcspn(line, "\n"), line);
    SAY(pclose(pipe));
    SAY(environ == before);
    (void)snprintf(command, sizeof(command), "exec env -i '%s' removed", path);
    SAY(system(command));
    (void)snprintf(command, sizeof(command), "exec env -u LD_PRELOAD '%s' removed", path);
    SAY(system(command));
    (void)snprintf(command, sizeof(command), "unset LD_PRELOAD; '%s' removed; exec '%s' removed", path, path);
    SAY(system(command));
}

static void taken_away(void)
{
    args[1] = (char *)"removed";
    start("a copy without LD_PRELOAD", EXECVE, copy_without("LD_PRELOAD"));
    start("a copy without LD_PRELOAD", SPAWN, copy_without("LD_PRELOAD"));
    start("a copy without LD_PRELOAD", VFORKED, copy_without("LD_PRELOAD"));
    unsetenv("LD_PRELOAD");
    start("unsetenv", EXECV, environ);
    start("unsetenv", EXECVE, environ);
    start("unsetenv", SPAWN, (char *[]){ (char *)"A=1", NULL });
    setenv("LD_PRELOAD", "libm.so.6", 1);
    args[1] = (char *)"replaced";
    start("setenv", EXECVE, environ);
    start("setenv", EXECVE, copy_without("no such name"));
    clearenv();
    args[1] = (char *)"removed";
    start("clearenv", EXECV, environ);
    start("clearenv", SPAWN, environ);
    args[1] = (char *)"dump";
}

static bool starts(enum way way, char **given, size_t bytes)
{
    static char text[140000];
    char *long_args[] = { (char *)"environment", (char *)"nothing", text, NULL };
    int status = -1;
    pid_t pid = -1;

    memset(text, 'x', bytes);
    text[bytes] = '\0';
    if (way == SPAWN)
        return posix_spawn(&pid, self, NULL, NULL, long_args, given) == 0 && waitpid(pid, &status, 0) == pid &&
               status == 0;
    pid = way == VFORKED ? vfork() : fork();
    if (pid == 0) {
        execve(self, long_args, given);
        _exit(91);
    }
    return waitpid(pid, &status, 0) == pid && status == 0;
}

/* How long may an argument be, where there is little room? To the byte, for who fills the room (xargs). */
static void largest_arguments(void)
{
    static char *given[] = { (char *)"A=1", (char *)"PATH=/usr/bin:/bin", NULL };
    static const enum way ways[] = { EXECVE, VFORKED, SPAWN };

    setrlimit(RLIMIT_STACK, &(struct rlimit){ 512 * 1024, 512 * 1024 });
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        size_t fits = 1, fails = 139000;

        while (fails - fits > 1) {
            size_t middle = (fits + fails) / 2;

            if (starts(ways[i], given, middle))
                fits = middle;
            else
                fails = middle;
        }
        victim_note("%s: an argument of %zu bytes, an environment of two", names[ways[i]], fits);
    }
}

static void own_trace(void)
{
    setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 1);
    args[1] = (char *)"own trace";
    start("its own trace", EXECVE, environ);
    start("its own trace", SPAWN, environ);
    SAY(setenv("TRACEPARENT", "", 1));
    args[1] = (char *)"dump";
}

int main(int argc, char **argv)
{
    char **before = environ;
    char *path = getenv("PATH");

    self = argv[0];
    if (argc > 1) {
        if (strcmp(argv[1], "nothing") != 0)
            dump(argv[1]);
        return 0;
    }
    victim_note("at main:");
    dump("dump");
    for (int i = 0; i < 2; i++) { /* before traffic and while there is something to export */
        own_environment();
        victim_traffic();
    }
    given_environments();
    through_shells(argv[0]);
    SAY(environ == before);
    SAY(getenv("PATH") == path);
    victim_note("at the end:");
    dump("dump");
    victim_child("a trace of its own", own_trace);
    victim_child("taken away", taken_away);
    victim_child("the largest arguments", largest_arguments);
    return 0;
}
