/*
 * Processes that begin: execl, execle, execlp, execv, execve, execvp, execvpe, execveat, fexecve,
 * posix_spawn, posix_spawnp, system, popen, fork, _Fork, vfork, daemon. What is started shows its
 * arguments, its environment (without the names that the library documents), its descriptors and its
 * signal mask.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull
 * ENV: OTEL_PROPAGATORS=tracecontext
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define SELF "/proc/self/exe"
#define NAME "process_victim"
#define ARGS "show", "a b", ""

extern char **environ;

static char *args[] = { (char *)NAME, (char *)"show", (char *)"a b", (char *)"", NULL };
static char *own_env[5] = { (char *)"VICTIM=own", (char *)"PATH=/usr/bin:/bin", (char *)"EMPTY=" };

/* ---- what a started program shows ------------------------------------------------------------ */

static bool is_documented(const char *entry)
{
    static const char *const names[] = { "LD_PRELOAD=", "OTEL_",         "TRACEPARENT=",  "TRACESTATE=",
                                         "BAGGAGE=",    "ASAN_OPTIONS=", "TSAN_OPTIONS=", "UBSAN_OPTIONS=" };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int show(int argc, char **argv)
{
    unsigned hash = 5381, others = 0;
    sigset_t mask;

    for (int i = 1; i < argc; i++)
        victim_note("   argument '%s'", argv[i]);
    for (char **e = environ; e && *e; e++) {
        if (is_documented(*e))
            continue;
        for (const char *c = *e; *c; c++)
            hash = hash * 33 + (unsigned char)*c;
        others++;
    }
    victim_note("   environment: VICTIM=%s, %u entries, hash %08x", getenv("VICTIM") ? getenv("VICTIM") : "", others,
                hash);
    for (int fd = 0; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            victim_note("   descriptor %d", fd);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < 32; number++)
        if (sigismember(&mask, number) || signal(number, SIG_DFL) == SIG_IGN)
            victim_note("   signal %d is blocked or ignored", number);
    victim_traffic();
    return 3;
}

/* ---- exec -------------------------------------------------------------------------------------- */

static void by_execl(void)
{
    execl(SELF, NAME, ARGS, (char *)NULL);
}
static void by_execle(void)
{
    execle(SELF, NAME, ARGS, (char *)NULL, own_env);
}
static void by_execlp(void)
{
    execlp(NAME, NAME, ARGS, (char *)NULL);
}
static void by_execv(void)
{
    execv(SELF, args);
}
static void by_execve(void)
{
    execve(SELF, args, own_env);
}
static void by_execvp(void)
{
    execvp(NAME, args);
}
static void by_execvpe(void)
{
    execvpe(NAME, args, own_env);
}
static void by_execveat(void)
{
    execveat(AT_FDCWD, SELF, args, environ, 0);
}
static void by_execveat_empty(void)
{
    execveat(open(SELF, O_RDONLY | O_CLOEXEC), "", args, own_env, AT_EMPTY_PATH);
}
static void by_fexecve(void)
{
    fexecve(open(SELF, O_RDONLY | O_CLOEXEC), args, environ);
}
static void without_environment(void)
{
    execve(SELF, args, NULL);
}

static void cleared(void)
{
    clearenv();
    execv(SELF, args);
}

static void unset_on_purpose(void)
{
    unsetenv("LD_PRELOAD");
    execl(SELF, NAME, ARGS, (char *)NULL);
}

static void after_traffic(void)
{
    victim_traffic();
    execl(SELF, NAME, ARGS, (char *)NULL);
}

static void failing_execs(void)
{
    static const char script[] = "echo from a script without an interpreter; exit 4\n";
    int file = open("plain.sh", O_WRONLY | O_CREAT | O_TRUNC, 0700);

    (void)!write(file, script, sizeof(script) - 1);
    close(file);
    SAY(execl("no/such/file", "x", (char *)NULL));
    SAY(execle("no/such/file", "x", (char *)NULL, own_env));
    SAY(execlp("no-such-file", "x", (char *)NULL));
    SAY(execv("/dev/null", args));
    SAY(execve("/", args, own_env));
    SAY(execve(NULL, args, environ));
    SAY(execvp("", args));
    SAY(execvp("no-such-file", args));
    SAY(execvpe("no-such-file", args, own_env));
    SAY(execveat(-1, "no/such/file", args, environ, 0));
    SAY(execveat(AT_FDCWD, SELF, args, environ, 1 << 30));
    SAY(fexecve(-1, args, environ));
    SAY(fexecve(0, NULL, environ));
    SAY(execv("./plain.sh", args));
    victim_traffic();
}

static void script(void)
{
    execlp("./plain.sh", "./plain.sh", (char *)NULL);
}

static void execs(void)
{
    victim_child("execl", by_execl);
    victim_child("execle", by_execle);
    victim_child("execlp", by_execlp);
    victim_child("execv", by_execv);
    victim_child("execve", by_execve);
    victim_child("execvp", by_execvp);
    victim_child("execvpe", by_execvpe);
    victim_child("execveat", by_execveat);
    victim_child("execveat of a descriptor", by_execveat_empty);
    victim_child("fexecve", by_fexecve);
    victim_child("no environment", without_environment);
    victim_child("cleared environment", cleared);
    victim_child("unset LD_PRELOAD", unset_on_purpose);
    victim_child("exec after traffic", after_traffic);
    failing_execs();
    victim_child("script", script);
    SAY(unlink("plain.sh"));
}

/* ---- spawn, system ----------------------------------------------------------------------------- */

/* The child is waited for before anything is said, so that lines keep their order. */
static void spawned(const char *what, const char *call, int r, pid_t pid)
{
    int error = errno;

    victim_wait(what, pid);
    errno = error;
    victim_say(call, r);
}

#define SPAWN(what, ...)                     \
    do {                                     \
        errno = VICTIM_KEPT;                 \
        int r = __VA_ARGS__;                 \
        spawned(what, #__VA_ARGS__, r, pid); \
    } while (0)

static void spawns(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t mask;
    pid_t pid = -7;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &mask);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, 1, 9);
    posix_spawn_file_actions_addclose(&actions, 0);
    SPAWN("posix_spawn", posix_spawn(&pid, SELF, NULL, NULL, args, environ));
    SPAWN("posix_spawn with attributes", posix_spawn(&pid, SELF, &actions, &attr, args, own_env));
    SPAWN("posix_spawnp", posix_spawnp(&pid, NAME, &actions, NULL, args, environ));
    SPAWN("posix_spawn without environment", posix_spawn(&pid, SELF, NULL, NULL, args, NULL));
    SAY(posix_spawnp(NULL, "true", NULL, NULL, args, own_env));
    SAY(waitpid(-1, NULL, 0) > 0);
    SAY(posix_spawn(&pid, "no/such/file", NULL, NULL, args, environ));
    SAY(posix_spawnp(&pid, "no-such-file", NULL, NULL, args, environ));
    SAY(posix_spawn(&pid, "/dev/null", NULL, NULL, args, environ));
    posix_spawn_file_actions_addclose(&actions, 99);
    SPAWN("posix_spawn closing what is not open", posix_spawn(&pid, SELF, &actions, NULL, args, environ));
}

static void systems(void)
{
    char text[64];
    FILE *stream;
    char **before = environ;

    SAY(system(NULL));
    SAY(system("exit 3"));
    SAY(system("kill -KILL $$"));
    SAY(system("echo VICTIM=$VICTIM; no-such-command 2>/dev/null"));
    SAY(setenv("VICTIM", "set later", 1));
    SAY(system("echo VICTIM=$VICTIM"));
    before = environ;
    stream = SAY_POINTER(popen("echo VICTIM=$VICTIM; cat /dev/null", "r"));
    SAY_POINTER(fgets(text, sizeof(text), stream));
    victim_bytes("line", text, (ssize_t)strlen(text));
    SAY(pclose(stream));
    SAY(environ == before);
    signal(SIGCHLD, SIG_IGN);
    SAY(system("exit 3"));
    signal(SIGCHLD, SIG_DFL);
    SAY(unsetenv("VICTIM"));
}

/* ---- fork -------------------------------------------------------------------------------------- */

/* The child is waited for before anything is said, so that lines keep their order. */
static void parent_of(const char *what, pid_t pid)
{
    int error = errno;

    victim_wait(what, pid);
    errno = error;
    victim_say_pid("the same in the parent", pid);
    errno = VICTIM_KEPT;
}

static void forks(void)
{
    pid_t pid;

    for (int i = 0; i < 3; i++) {
        errno = VICTIM_KEPT;
        pid = fork();
        if (pid == 0) {
            victim_say_pid("fork() in the child", 0);
            victim_traffic();
            _exit(10 + i);
        }
        parent_of("fork", pid);
        pid = _Fork();
        if (pid == 0) {
            victim_say_pid("_Fork() in the child", 0);
            victim_traffic();
            _exit(20 + i);
        }
        parent_of("_Fork", pid);
    }
}

/* The children borrow this process's memory: they print nothing and touch little. */
static void vforks(void)
{
    static volatile int seen;
    pid_t pid;

    for (volatile int i = 0; i < 3; i++) {
        errno = VICTIM_KEPT;
        pid = vfork();
        if (pid == 0) {
            seen++;
            if (i == 1)
                execve(SELF, args, own_env);
            (void)!write(1, "   written by a vfork child\n", 28);
            _exit(30 + i);
        }
        parent_of("vfork", pid);
    }
    SAY(seen);
    pid = vfork();
    if (pid == 0) {
        execl("no/such/file", "x", (char *)NULL);
        _exit(errno == ENOENT ? 44 : 45);
    }
    victim_wait("vfork and a failing exec", pid);
    victim_traffic();
}

static void daemons(void)
{
    int done[2];
    char c;
    pid_t pid;

    (void)!pipe(done);
    pid = fork();
    if (pid == 0) {
        close(done[0]);
        victim_traffic();
        SAY(daemon(1, 1));
        victim_note("session leader: %d, a child of the caller: %d", getsid(0) == getpid(), getppid() == pid);
        victim_traffic();
        exit(5);
    }
    close(done[1]);
    SAY(read(done[0], &c, 1)); /* until the daemon itself has ended */
    victim_wait("the caller of daemon", pid);
    close(done[0]);
}

int main(int argc, char **argv)
{
    char path[4096], *slash;

    for (char **e = environ; *e; e++) /* a sanitizer's runtime wants its options everywhere */
        if (strncmp(*e, "ASAN_OPTIONS=", 13) == 0 || strncmp(*e, "TSAN_OPTIONS=", 13) == 0)
            own_env[3] = *e;
    if (argc > 1)
        return show(argc, argv);
    (void)snprintf(path, sizeof(path), "%s", argv[0]);
    slash = strrchr(path, '/');
    if (slash) {
        *slash = '\0';
        (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), ":/usr/bin:/bin");
        setenv("PATH", path, 1);
    }

    execs();
    spawns();
    systems();
    forks();
    vforks();
    daemons();
    return 0;
}
