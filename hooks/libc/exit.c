/* The ways out of a process, and main's return, which is one of them. */
#include "hooks/libc/wrap.h"
#include "preload/life.h"

static int (*host_main)(int, char **, char **);

static void leaving(int code)
{
    struct oa_guard guard;

    if (oa_life_state() != OA_STATE_RECORD || !oa_guard_enter(&guard))
        return;
    oa_life_exit(code);
    oa_guard_leave(&guard);
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
    leaving(code & 0xff);
}

static void at_exit(int code, void *arg OA_UNUSED)
{
    leaving(code & 0xff);
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
    leaving(code & 0xff);
    OA_REAL(_exit)(code);
    __builtin_unreachable();
}

OA_EXPORT void _Exit(int code)
{
    leaving(code & 0xff);
    OA_REAL(_Exit)(code);
    __builtin_unreachable();
}

OA_EXPORT void quick_exit(int code)
{
    leaving(code & 0xff);
    OA_REAL(quick_exit)(code);
    __builtin_unreachable();
}
