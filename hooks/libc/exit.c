/* The ways out of a process: exit and its kin, main's return, a signal to itself. */
#include <signal.h>
#include <sys/wait.h>

#include "hooks/libc/wrap.h"
#include "preload/deadly.h"
#include "preload/life.h"

static int (*host_main)(int, char **, char **);

/* status: as waitpid() would tell it. A signal may be no end. */
static void ending(int status)
{
    struct oa_guard guard;
    bool held = oa_guard_enter(&guard); /* not where a handler has interrupted code of ours */
    int saved = errno;
    bool ends = !WIFSIGNALED(status) || oa_deadly(WTERMSIG(status));

    if (ends && held)
        oa_life_exit(status);
    else if (ends)
        oa_life_exit_within();
    if (held)
        oa_guard_leave(&guard);
    errno = saved;
}

static void leaving(int code)
{
    if (oa_life_state() == OA_STATE_RECORD)
        ending(W_EXITCODE(code & 0xff, 0));
}

/* Exit handlers take away what some exporters need: programs such as ls close stdout and stderr there,
 * OpenSSL's own handler ends the library that an https endpoint is reached with. */
static void leaving_early(int code)
{
    if (!oa_life_drains_early())
        return;
    /* What the program printed goes before what we print there, as exit() is about to do: without the
     * lock, as it does. */
    if (oa_loader_exports_to_stream())
        (void)fflush_unlocked(stdout);
    leaving(code);
}

static void at_exit(int code, void *arg OA_UNUSED)
{
    leaving(code);
}

/* Registered as late as possible: handlers run in reverse order, so the application's own come first,
 * and ours still comes before the destructors of all libraries. */
static int our_main(int argc, char **argv, char **envp)
{
    int code;

    if (oa_life_state() == OA_STATE_RECORD)
        (void)on_exit(at_exit, NULL);
    code = host_main(argc, argv, envp);
    leaving_early(code);
    return code;
}

/* The only place where the exit status of a program that returns from main can be learnt in time. */
OA_EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                                void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    if (oa_life_state() != OA_STATE_RECORD)
        return OA_REAL(__libc_start_main)(main, argc, argv, init, fini, rtld_fini, stack_end);
    host_main = main;
    return OA_REAL(__libc_start_main)(our_main, argc, argv, init, fini, rtld_fini, stack_end);
}

OA_EXPORT void exit(int code)
{
    leaving_early(code);
    OA_REAL(exit)(code); /* at_exit does the rest */
    __builtin_unreachable();
}

OA_EXPORT void _exit(int code)
{
    leaving(code);
    OA_REAL(_exit)(code);
    __builtin_unreachable();
}

OA_EXPORT void _Exit(int code)
{
    leaving(code);
    OA_REAL(_Exit)(code);
    __builtin_unreachable();
}

OA_EXPORT void quick_exit(int code)
{
    leaving(code);
    OA_REAL(quick_exit)(code);
    __builtin_unreachable();
}

/* No exit handler runs where a program dies of a signal that it sends to itself. Behind a filter of system calls,
 * where nothing is recorded, nothing is asked either. */
static bool may_end(int sig)
{
    return oa_deadly_kind(sig) && oa_life_state() == OA_STATE_RECORD;
}

OA_EXPORT int kill(pid_t pid, int sig)
{
    if (may_end(sig) && oa_deadly_reaches_us(pid))
        ending(W_EXITCODE(0, sig));
    return OA_REAL(kill)(pid, sig);
}

OA_EXPORT int killpg(pid_t group, int sig)
{
    if (may_end(sig) && group >= 0 && oa_deadly_reaches_us(-group))
        ending(W_EXITCODE(0, sig));
    return OA_REAL(killpg)(group, sig);
}

OA_EXPORT int raise(int sig)
{
    if (may_end(sig))
        ending(W_EXITCODE(0, sig));
    return OA_REAL(raise)(sig);
}
