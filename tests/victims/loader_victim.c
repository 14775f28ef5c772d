/*
 * Dynamic loading, the kernel by number, and sandboxes: dlopen, syscall, prctl, unshare, setns. A filter
 * that forbids every call which the program does not make itself ends the process at the first one
 * that is made behind its back.
 *
 * SOURCES: tests/support/victim.c
 * LIBS: -ldl
 * ENV: OTEL_PROPAGATORS=none
 * SANITIZED: no (its runtime makes calls of its own, which the filters forbid)
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/victim.h"

static void loading(void)
{
    void *math = SAY_POINTER(dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND));
    double (*floor_of)(double) = math ? (double (*)(double))dlsym(math, "floor") : NULL;

    SAY(floor_of ? (long)floor_of(7.9) : -1);
    SAY_POINTER(dlsym(RTLD_DEFAULT, "no_such_symbol"));
    victim_note("%s", dlerror() ? "an error" : "no error");
    SAY_POINTER(dlerror());
    SAY_POINTER(dlopen("no/such/object.so", RTLD_LAZY));
    victim_note("%s", dlerror());
    SAY_POINTER(dlopen("no-such-object.so", RTLD_LAZY | RTLD_DEEPBIND));
    victim_note("%s", dlerror());
    SAY_POINTER(dlopen(NULL, RTLD_LAZY));
    SAY_POINTER(dlopen("libm.so.6", RTLD_NOLOAD | RTLD_NOW));
    SAY_POINTER(dlopen("libm.so.6", 0));
    victim_note("%s", dlerror() ? "an error" : "no error");
    SAY(dlclose(math));
    SAY_POINTER(dlerror());
}

/* Every number of arguments, numbers that are watched and numbers that are not. */
static void by_number(void)
{
    int pair[2];
    char buf[64];
    long p;

    SAY(syscall(SYS_getpid) == getpid());
    SAY(syscall(SYS_close, -1));
    SAY(syscall(SYS_dup2, 0, 30));
    SAY(syscall(SYS_dup, 30));
    SAY(syscall(SYS_dup3, 30, 31, O_CLOEXEC));
    SAY(syscall(SYS_dup3, 30, 30, 0));
    SAY(syscall(SYS_lseek, 0, 0L, 99));
    SAY(syscall(SYS_openat, AT_FDCWD, "no/such/file", O_RDONLY, 0));
    SAY(syscall(SYS_prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
    SAY(syscall(SYS_prctl, -1, 0L, 0L, 0L, 0L));
    SAY((p = syscall(SYS_mmap, NULL, 4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L)) != -1);
    SAY(syscall(SYS_munmap, p, 4096L));
    SAY(syscall(SYS_mmap, NULL, 0L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L));
    SAY(syscall(99999, 1, 2, 3, 4, 5, 6));
    SAY(syscall(-1L));
    SAY(syscall(SYS_accept, 0, NULL, NULL));
    SAY(syscall(SYS_accept4, -1, NULL, NULL, 0));
    SAY(syscall(SYS_setns, -1, 0));
    SAY(syscall(SYS_unshare, -1L));
    SAY(syscall(SYS_execve, "no/such/file", NULL, NULL));
    SAY(syscall(SYS_execveat, -1, "no/such/file", NULL, NULL, 0));
    SAY(syscall(SYS_seccomp, 99, 0, NULL));
    SAY(syscall(SYS_close_range, 30, 31, 0));
    SAY(syscall(SYS_close_range, 31, 30, 0));
    SAY(syscall(SYS_fcntl, 30, F_GETFD));
    /* A connection that is closed by number, and its numbers used again. */
    for (int i = 0; i < 3; i++) {
        (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
        victim_exchange(pair[0], pair[1]);
        SAY(syscall(SYS_write, pair[0], "GET / HTTP/1.1\r\n", 16));
        SAY(syscall(SYS_read, pair[1], buf, sizeof(buf)));
        SAY(syscall(SYS_close, pair[0]));
        SAY(syscall(SYS_close, pair[1]));
    }
}

static void leave_by_number(void)
{
    victim_traffic();
    syscall(SYS_exit_group, 21);
}

static void fork_by_number(void)
{
    long pid = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);

    if (pid == 0) {
        victim_traffic();
        syscall(SYS_exit_group, 22);
    }
    victim_wait("clone by number", (pid_t)pid);
    pid = syscall(SYS_clone, (long)(CLONE_VFORK | SIGCHLD), 0L, 0L, 0L, 0L);
    if (pid == 0) {
        victim_traffic();
        _exit(23);
    }
    victim_wait("clone with CLONE_VFORK by number", (pid_t)pid);
}

static void names_and_flags(void)
{
    char name[16] = "";

    SAY(prctl(PR_SET_NAME, "victim"));
    SAY(prctl(PR_GET_NAME, name));
    victim_note("%s", name);
    SAY(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    SAY(prctl(PR_GET_DUMPABLE));
    SAY(prctl(PR_SET_PDEATHSIG, 0));
    SAY(prctl(-1, 0, 0, 0, 0));
    SAY(prctl(PR_SET_SECCOMP, 99, 0, 0, 0));
    SAY(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

static void own_user_namespace(void)
{
    victim_traffic();
    victim_sleep_ms(20);
    SAY(unshare(CLONE_NEWUSER));
    victim_traffic();
    victim_sleep_ms(20);
    SAY(unshare(CLONE_NEWUSER));
    victim_traffic();
}

static void namespaces(void)
{
    int net = open("/proc/self/ns/net", O_RDONLY);

    victim_traffic();
    SAY(unshare(0));
    SAY(unshare(-1));
    SAY(unshare(CLONE_FS | CLONE_FILES));
    SAY(unshare(CLONE_SYSVSEM));
    SAY(setns(-1, 0));
    SAY(setns(0, 0));
    SAY(setns(net, CLONE_NEWNET));
    SAY(setns(net, CLONE_NEWPID));
    SAY(unshare(CLONE_NEWNET));
    victim_traffic();
    SAY(setns(net, 0));
    SAY(close(net));
    victim_traffic();
}

/* ---- filters ----------------------------------------------------------------------------------- */

static int talk[2]; /* a connection that is followed already */

static void say_raw(const char *text)
{
    (void)!write(1, text, strlen(text));
}

/* What a sandboxed program does: it reads and writes what is open. */
static void talk_inside(void)
{
    static const char request[] = "GET /inside HTTP/1.1\r\nHost: a\r\n\r\n",
                      answer[] = "HTTP/1.1 204 No Content\r\n\r\n";
    char buf[256];

    for (int i = 0; i < 3; i++) {
        (void)!write(talk[0], request, sizeof(request) - 1);
        (void)!read(talk[1], buf, sizeof(buf));
        (void)!write(talk[1], answer, sizeof(answer) - 1);
        (void)!read(talk[0], buf, sizeof(buf));
        say_raw("   a request inside the sandbox\n");
    }
}

static void strict(void)
{
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, talk);
    victim_traffic();
    victim_sleep_ms(20);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) == 0)
        talk_inside();
    syscall(SYS_exit, 24);
}

static int install(bool by_syscall, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0), /* where the vDSO has no clock */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = code };

    if (by_syscall)
        return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static void filtered(bool by_syscall, unsigned flags)
{
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, talk);
    victim_exchange(talk[0], talk[1]);
    victim_sleep_ms(20);
    SAY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (install(by_syscall, flags) == 0)
        talk_inside();
    _exit(25);
}

static void filtered_by_prctl(void)
{
    filtered(false, 0);
}

static void filtered_by_syscall(void)
{
    filtered(true, 0);
}

static void filtered_all_threads(void)
{
    filtered(true, SECCOMP_FILTER_FLAG_TSYNC);
}

/* Signals that a program sends from inside: to nobody, and to itself. */
static void filtered_signals(void)
{
    pid_t self = getpid();

    SAY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (install(false, 0) == 0) {
        say_raw(kill(0x7ffffff0, SIGTERM) < 0 && errno == ESRCH ? "   nobody there\n" : "   wrong\n");
        (void)kill(self, SIGTERM);
    }
    _exit(27);
}

/* Nothing was followed before the filter: the connection's first bytes come inside. */
static void filtered_early(void)
{
    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, talk);
    SAY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (install(false, 0) == 0)
        talk_inside();
    _exit(26);
}

int main(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
    loading();
    by_number();
    victim_child("exit_group by number", leave_by_number);
    fork_by_number();
    names_and_flags();
    victim_child("a user namespace", own_user_namespace);
    victim_child("namespaces", namespaces);
    victim_child("strict mode", strict);
    victim_child("a filter by prctl", filtered_by_prctl);
    victim_child("a filter by syscall", filtered_by_syscall);
    victim_child("a filter for all threads", filtered_all_threads);
    victim_child("a filter before anything", filtered_early);
    victim_child("a filter, and signals", filtered_signals);
    own_user_namespace();
    return 0;
}
