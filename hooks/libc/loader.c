/* Dynamic loading, sandboxes, and the kernel by number. */
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hooks/instrumentation/conn.h"
#include "hooks/libc/raw.h"
#include "hooks/libc/wrap.h"
#include "preload/life.h"

/* RTLD_DEEPBIND binds the new library past us. Who asks for it may need it: a library of its own may have
 * the names of the program's. PHP asks for every extension, for the sake of servers that it may be part of, and does
 * without where it must (sanitizers, musl): there it is taken off, or nothing would be seen of its clients. A
 * sibling call: libc judges RUNPATH and namespace by the address of its caller. */
OA_EXPORT void *dlopen(const char *path, int flags)
{
    if ((flags & RTLD_DEEPBIND) && oa_fd_limit && path && strstr(path, "/php/"))
        flags &= ~RTLD_DEEPBIND;
    return OA_REAL(dlopen)(path, flags);
}

/* A namespace of users wants a process with one thread; rights that are given up by one are to be gone. */
static void park(void)
{
    struct oa_guard guard;

    if (!oa_guard_enter(&guard))
        return;
    oa_loader_park(false);
    oa_guard_leave(&guard);
}

/* A filter of system calls knows those that the program makes, and may kill who makes another: what was
 * recorded leaves before it is installed, and behind it every hook passes through. All threads at once
 * (all) come under it wherever they are, so they are to be out of our code by then. */
static void before_filter(bool all)
{
    struct oa_guard guard;

    if (oa_life_state() != OA_STATE_RECORD || !oa_guard_enter(&guard))
        return;
    if (all && oa_loader_host_is_threaded()) {
        oa_life_hush(true);
        oa_conn_wait_quiet();
    }
    oa_life_before_exec();
    oa_loader_park(true);
    oa_guard_leave(&guard);
}

static void after_filter(long r)
{
    if (oa_life_state() != OA_STATE_RECORD)
        return;
    if (r >= 0) {
        oa_life_off();
        return;
    }
    oa_loader_unpark();
    oa_life_hush(false);
}

OA_EXPORT int unshare(int flags)
{
    park();
    return OA_REAL(unshare)(flags);
}

OA_EXPORT int capset(void *header, const void *data)
{
    park();
    return OA_REAL(capset)(header, data);
}

OA_EXPORT int setns(int fd, int type)
{
    park();
    return OA_REAL(setns)(fd, type);
}

OA_EXPORT int prctl(int option, ...)
{
    unsigned long a[4];
    va_list ap;
    int r;

    va_start(ap, option);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(ap, unsigned long);
    va_end(ap);
    if (option != PR_SET_SECCOMP)
        return OA_REAL(prctl)(option, a[0], a[1], a[2], a[3]);
    before_filter(false);
    r = OA_REAL(prctl)(option, a[0], a[1], a[2], a[3]);
    after_filter(r);
    return r;
}

static bool installs_filter(long number, long a)
{
    return (number == SYS_seccomp && (a == SECCOMP_SET_MODE_STRICT || a == SECCOMP_SET_MODE_FILTER)) ||
           (number == SYS_prctl && a == PR_SET_SECCOMP);
}

/* libc's functions do it in all threads, the helper included; by number it happens in one. */
static bool changes_rights(long number)
{
    return number == SYS_capset || number == SYS_setuid || number == SYS_setgid || number == SYS_setreuid ||
           number == SYS_setregid || number == SYS_setgroups || number == SYS_setresuid || number == SYS_setresgid;
}

static void before_raw(long number, long a, long b, long c)
{
    struct oa_guard guard;

    if (installs_filter(number, a))
        before_filter(number == SYS_seccomp && (b & SECCOMP_FILTER_FLAG_TSYNC));
    else if (number == SYS_unshare || number == SYS_setns || changes_rights(number))
        park();
    if (number == SYS_close)
        (void)oa_conn_flush_pending((int)a);
    if (!oa_fd_limit || !oa_guard_enter(&guard))
        return;
    if (number == SYS_close)
        oa_conn_on_close((int)a);
    else if (number == SYS_close_range && !(c & CLOSE_RANGE_CLOEXEC))
        oa_conn_forget_range((unsigned)a, (unsigned)b);
    else if (number == SYS_exit_group)
        oa_life_exit(W_EXITCODE((int)a & 0xff, 0));
    else if (number == SYS_execve || number == SYS_execveat)
        oa_life_before_exec();
    oa_hook_leave(&guard);
}

static void after_raw(long number, long a, long r)
{
    struct oa_guard guard;

    if (installs_filter(number, a))
        after_filter(r);
    if (r < 0 || !oa_fd_limit || !oa_guard_enter(&guard))
        return;
    if (number == SYS_dup || number == SYS_dup2 || number == SYS_dup3)
        oa_conn_on_dup((int)a, (int)r);
    else if (number == SYS_accept || number == SYS_accept4)
        oa_conn_on_fresh((int)r); /* adopted at its first request: the address lies where the caller wants it */
    oa_hook_leave(&guard);
}

/* The numbers of raw.S's table arrive here, all others go straight to libc. */
long oa_syscall_observed(long number, long a, long b, long c, long d, long e, long f)
{
    long r;

    before_raw(number, a, b, c);
    r = OA_REAL(syscall)(number, a, b, c, d, e, f);
    after_raw(number, a, r);
    return r;
}
