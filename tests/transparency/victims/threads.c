/*
 * Threads: how many there are before any traffic; what wants a process with one thread (unshare, setns) after
 * it; what libc tells every thread (setuid); a filter for all threads that ends the process at the first call
 * which the program does not make itself, put up while other threads work.
 *
 * SOURCES: tests/support/victim.c
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define WORKERS 4
#define FILTER_ROUNDS 4

int capset(struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data);

static bool all_counts; /* nothing is exported: no thread ever */

static void count(const char *when)
{
    victim_note("tasks %s: %d", when, victim_tasks());
}

static void count_after(const char *when)
{
    if (all_counts)
        count(when);
}

static void work(void)
{
    for (int i = 0; i < 3; i++)
        victim_traffic();
    victim_sleep_ms(15);
}

/* Calls that are hooked and carry no traffic. */
static void idle_calls(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2];
    char text[8];

    (void)socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    (void)!write(pair[0], "not", 3);
    (void)!read(pair[1], text, sizeof(text));
    close(dup(fd));
    close(fd);
    close(pair[0]);
    close(pair[1]);
    (void)prctl(PR_GET_DUMPABLE);
}

static void before_traffic(void)
{
    count("at main");
    idle_calls();
    count("after calls without traffic");
}

static void child_counts(void)
{
    count("in a fork child");
    idle_calls();
    count("in a fork child, after calls without traffic");
    work();
    count_after("in a fork child, after traffic");
}

static void new_namespaces(void)
{
    static const int flags[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUTS,    CLONE_NEWIPC,
                                 CLONE_NEWNET,  CLONE_FS,    CLONE_NEWCGROUP, CLONE_SYSVSEM };

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        work();
        SAY(unshare(flags[i]));
        work();
    }
}

static void by_number(void)
{
    work();
    SAY(syscall(SYS_unshare, CLONE_NEWUSER));
    work();
    SAY(syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET));
    work();
}

static void inside(void)
{
    victim_note("as process %d", getpid());
    work();
}

/* New processes are born elsewhere; libc can start no thread any more, and says so. */
static void new_pids(void)
{
    work();
    SAY(unshare(CLONE_NEWPID));
    victim_child("the first process of a namespace", inside);
    work();
}

static void enter(void)
{
    int own = open("/proc/self/ns/user", O_RDONLY), uts = open("/proc/self/ns/uts", O_RDONLY), ends[2];
    char path[64];
    pid_t pid;

    (void)!pipe(ends);
    pid = fork();
    if (pid == 0) {
        (void)unshare(CLONE_NEWUSER | CLONE_NEWUTS);
        (void)!write(ends[1], "x", 1);
        pause();
    }
    (void)!read(ends[0], path, 1);
    work();
    SAY(setns(uts, CLONE_NEWUTS));
    SAY(setns(own, CLONE_NEWUSER)); /* the one that it is in already */
    work();
    (void)snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
    SAY(setns(open(path, O_RDONLY), CLONE_NEWUSER));
    work();
    kill(pid, SIGKILL);
    victim_wait("the one to follow", pid);
}

/* Whose are the tasks, or what may they? One line for each answer that is not the first one's. */
static void owners(const char *when, const char *field)
{
    DIR *dir = opendir("/proc/self/task");
    char first[256] = "", path[300], line[256];
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        FILE *file;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%.64s/status", entry->d_name);
        file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        while (file && fgets(line, sizeof(line), file) && strncmp(line, field, strlen(field)) != 0)
            ;
        if (file && strcmp(first, line) != 0)
            victim_note("%s: %s", when, strcpy(first, line));
        if (file)
            fclose(file);
    }
    closedir(dir);
}

static void other_user(void)
{
    work();
    owners("before setuid", "Uid:");
    SAY(setresgid(65534, 65534, 65534));
    SAY(setuid(65534));
    owners("after setuid", "Uid:");
    work();
    owners("after setuid and traffic", "Uid:");
}

/* What libc does for all threads, done for one. */
static void other_user_by_number(void)
{
    work();
    SAY(syscall(SYS_setresgid, 65534, 65534, 65534));
    SAY(syscall(SYS_setresuid, 65534, 65534, 65534));
    owners("after setresuid by number", "Uid:");
    owners("after setresuid by number", "CapEff:");
    work();
    owners("after setresuid by number and traffic", "Uid:");
}

static void fewer_rights(bool by_number)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };

    work();
    if (by_number)
        SAY(syscall(SYS_capset, &header, none));
    else
        SAY(capset(&header, none));
    owners("after capset", "CapEff:");
    work();
    owners("after capset and traffic", "CapEff:");
}

static void fewer_rights_by_libc(void)
{
    fewer_rights(false);
}

static void fewer_rights_by_number(void)
{
    fewer_rights(true);
}

/* ---- filters ----------------------------------------------------------------------------------- */

#define ALLOW(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* What the program itself does from here on, and nothing else. */
static int allow_own_calls(bool by_prctl, unsigned flags)
{
    static const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(read),
        ALLOW(write),
        ALLOW(close),
        ALLOW(socketpair),
        ALLOW(futex),
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(madvise),
        ALLOW(munmap),
        ALLOW(rt_sigprocmask),
        ALLOW(rseq),
        ALLOW(set_robust_list),
        ALLOW(clock_nanosleep),
        ALLOW(clock_gettime), /* where the vDSO has no clock */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = (struct sock_filter *)code };

    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (by_prctl)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static atomic_bool stop;

static void *worker(void *arg)
{
    while (!atomic_load(&stop))
        victim_traffic();
    return arg;
}

static void filtered(bool by_prctl, unsigned flags, bool wait_first)
{
    pthread_t thread[WORKERS];
    bool all = flags & SECCOMP_FILTER_FLAG_TSYNC;
    int workers = all ? WORKERS : 0;

    for (int i = 0; i < workers; i++)
        pthread_create(&thread[i], NULL, worker, NULL);
    if (wait_first)
        work();
    if (allow_own_calls(by_prctl, flags) != 0)
        _exit(28);
    for (int i = 0; i < 5; i++)
        victim_traffic();
    victim_sleep_ms(10);
    atomic_store(&stop, true);
    for (int i = 0; i < workers; i++)
        pthread_join(thread[i], NULL);
    _exit(27);
}

static void filter_by_prctl(void)
{
    filtered(true, 0, true);
}

static void filter_by_syscall(void)
{
    filtered(false, 0, true);
}

static void filter_all(void)
{
    filtered(false, SECCOMP_FILTER_FLAG_TSYNC, true);
}

/* While the others have only just begun, and the first of them may be starting whatever it starts. */
static void filter_all_early(void)
{
    filtered(false, SECCOMP_FILTER_FLAG_TSYNC, false);
}

/* A filter that the kernel does not take leaves everything as it was. */
static void refused_filter(void)
{
    work();
    SAY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (void *)8, 0, 0));
    SAY(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0xffff, NULL));
    work();
}

int main(int argc, char **argv)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
    all_counts = argc > 1 && strcmp(argv[1], "all") == 0;
    before_traffic();
    victim_child("a child", child_counts);
    work();
    count_after("after traffic");
    victim_child("a child of a process with traffic", child_counts);
    victim_child("namespaces", new_namespaces);
    victim_child("namespaces by number", by_number);
    victim_child("a namespace of processes", new_pids);
    victim_child("somebody else's namespace", enter);
    victim_child("another user", other_user);
    victim_child("another user by number", other_user_by_number);
    victim_child("fewer rights", fewer_rights_by_libc);
    victim_child("fewer rights by number", fewer_rights_by_number);
    victim_child("a refused filter", refused_filter);
    victim_child("a filter by prctl", filter_by_prctl);
    victim_child("a filter by syscall", filter_by_syscall);
    for (int i = 0; i < FILTER_ROUNDS; i++) {
        victim_child("a filter for all threads", filter_all);
        victim_child("a filter for all threads, early", filter_all_early);
    }
    SAY(unshare(CLONE_NEWUSER));
    work();
    return 0;
}
