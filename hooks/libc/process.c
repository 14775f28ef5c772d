/* Programs that start others: the child learns whose work it does. Each way is wrapped by itself,
 * because libc's inner calls never come past us. */
#include <alloca.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "hooks/instrumentation/child_env.h"
#include "hooks/instrumentation/log_lines.h"
#include "hooks/libc/wrap.h"
#include "preload/alone.h"
#include "preload/life.h"

extern char **environ;

/* What the copy of an environment may take of the stack: of main's, and of one that may be a thread's of 16 KiB.
 * A larger copy is mapped; not in a vfork child, where the mapping would stay with the parent: there a larger
 * environment is handed on as it is. */
#define COPY_MAX_MAIN (16u * 1024)
#define COPY_MAX (4u * 1024)
#define MAIN_STACK (1024u * 1024) /* this near to what the kernel has put at its top, it is main's */
#define ARGS_MAX INT_MAX          /* libc's; it builds the array on the stack as well */

/* A vfork child runs in its parent's memory; a forked one has nothing queued. */
static bool is_own_process(void)
{
    return oa_thread.depth < OA_DEPTH_VFORK;
}

static void flush_before_exec(void)
{
    struct oa_guard guard;

    if (!is_own_process() || !oa_guard_enter(&guard))
        return;
    oa_log_lines_end();
    oa_life_before_exec();
    oa_guard_leave(&guard);
}

static bool fits_on_stack(size_t bytes)
{
    uintptr_t depth = (uintptr_t)getauxval(AT_RANDOM) - (uintptr_t)__builtin_frame_address(0);

    return bytes <= (depth < MAIN_STACK ? COPY_MAX_MAIN : COPY_MAX);
}

static void *mapped(struct oa_child_env *env)
{
    return is_own_process() ? oa_child_env_map(env) : NULL;
}

/* Declares `result` as the child's environment made from `from`, in this stack frame where it fits. */
#define CHILD_ENV(env, result, from, becomes)                                                          \
    oa_child_env_plan(&(env), (from), (becomes));                                                      \
    char *const *result = oa_child_env_fill(&(env), (env).bytes == 0             ? NULL                \
                                                    : fits_on_stack((env).bytes) ? alloca((env).bytes) \
                                                                                 : mapped(&(env)))

/* Ours needs more room than the caller's: who fills what there is (xargs) gets it as asked. */
static bool too_big(int error, char *const *child, char *const *from)
{
    return oa_unlikely(error == E2BIG) && child != from;
}

OA_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, is_own_process());
    int r;

    flush_before_exec();
    r = OA_REAL(execve)(path, argv, child);
    if (too_big(errno, child, envp))
        r = OA_REAL(execve)(path, argv, envp);
    oa_child_env_release(&env);
    return r;
}

OA_EXPORT int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

OA_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, is_own_process());
    int r;

    flush_before_exec();
    r = OA_REAL(execvpe)(file, argv, child);
    if (too_big(errno, child, envp))
        r = OA_REAL(execvpe)(file, argv, envp);
    oa_child_env_release(&env);
    return r;
}

OA_EXPORT int execvp(const char *file, char *const argv[])
{
    return execvpe(file, argv, environ);
}

OA_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, is_own_process());
    int r;

    flush_before_exec();
    r = OA_REAL(fexecve)(fd, argv, child);
    if (too_big(errno, child, envp))
        r = OA_REAL(fexecve)(fd, argv, envp);
    oa_child_env_release(&env);
    return r;
}

OA_EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, is_own_process());
    int r;

    flush_before_exec();
    r = OA_REAL(execveat)(dir, path, argv, child, flags);
    if (too_big(errno, child, envp))
        r = OA_REAL(execveat)(dir, path, argv, envp, flags);
    oa_child_env_release(&env);
    return r;
}

/* Counts the arguments of an execl call, its terminating NULL included; 0 = too many. */
static size_t count_args(va_list ap)
{
    size_t n = 1;

    while (va_arg(ap, char *))
        if (++n > ARGS_MAX)
            return 0;
    return n + 1;
}

/* execl and its kin: the arguments are made an array, and behind them may stand the environment. */
static int exec_list(__typeof__(&execve) exec, const char *path, const char *first, va_list ap, bool has_env)
{
    va_list ahead;
    char **argv;
    size_t n;

    va_copy(ahead, ap);
    n = count_args(ahead);
    va_end(ahead);
    if (n == 0) {
        errno = E2BIG;
        return -1;
    }
    argv = alloca(n * sizeof(*argv));
    argv[0] = (char *)first;
    for (size_t i = 1; i < n; i++)
        argv[i] = va_arg(ap, char *);
    return exec(path, argv, has_env ? va_arg(ap, char *const *) : environ);
}

OA_EXPORT int execl(const char *path, const char *first, ...)
{
    va_list ap;
    int r;

    va_start(ap, first);
    r = exec_list(execve, path, first, ap, false);
    va_end(ap);
    return r;
}

OA_EXPORT int execlp(const char *file, const char *first, ...)
{
    va_list ap;
    int r;

    va_start(ap, first);
    r = exec_list(execvpe, file, first, ap, false);
    va_end(ap);
    return r;
}

OA_EXPORT int execle(const char *path, const char *first, ...)
{
    va_list ap;
    int r;

    va_start(ap, first);
    r = exec_list(execve, path, first, ap, true);
    va_end(ap);
    return r;
}

OA_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                          const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, false);
    int r = OA_REAL(posix_spawn)(pid, path, actions, attr, argv, child);

    if (too_big(r, child, envp))
        r = OA_REAL(posix_spawn)(pid, path, actions, attr, argv, envp);
    oa_child_env_release(&env);
    return r;
}

OA_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
    struct oa_child_env env;
    CHILD_ENV(env, child, envp, false);
    int r = OA_REAL(posix_spawnp)(pid, file, actions, attr, argv, child);

    if (too_big(r, child, envp))
        r = OA_REAL(posix_spawnp)(pid, file, actions, attr, argv, envp);
    oa_child_env_release(&env);
    return r;
}

/*
 * system() and popen() take no environment: libc hands on `environ`. In a program with one thread
 * the pointer can name a copy for the duration of the call; with more it is left alone (somebody may
 * call setenv), and the child keeps what the process inherited.
 */
static char **lend_environ(char *const *child)
{
    char **own = environ;

    if (child == (char *const *)own || oa_loader_host_is_threaded())
        return NULL;
    environ = (char **)child;
    return own;
}

static void take_back_environ(char **own)
{
    int saved = errno;

    if (own)
        environ = own;
    errno = saved;
}

OA_EXPORT int system(const char *command)
{
    struct oa_child_env env;
    CHILD_ENV(env, child, environ, false);
    char **own = lend_environ(child); /* NULL asks for a shell too, and libc starts one to find out */
    int r = OA_REAL(system)(command);

    take_back_environ(own);
    oa_child_env_release(&env);
    return r;
}

OA_EXPORT FILE *popen(const char *command, const char *mode)
{
    struct oa_child_env env;
    CHILD_ENV(env, child, environ, false);
    char **own = lend_environ(child);
    FILE *r = OA_REAL(popen)(command, mode);

    take_back_environ(own);
    oa_child_env_release(&env);
    return r;
}

/* pthread_atfork handlers do the work for fork; _Fork runs none. Who counts threads then is not to find ours. */
OA_EXPORT pid_t fork(void)
{
    struct oa_guard guard;

    if (oa_fd_limit && !oa_loader_host_is_threaded() && oa_alone_is_minded() && oa_guard_enter(&guard)) {
        oa_loader_park(false);
        oa_guard_leave(&guard);
    }
    return OA_REAL(fork)();
}

OA_EXPORT pid_t _Fork(void)
{
    pid_t pid = OA_REAL(_Fork)();

    if (pid == 0 && oa_thread.depth == 0) {
        int saved = errno;

        oa_life_forked_child();
        errno = saved;
    }
    return pid;
}

/* The parent leaves by a hidden _exit: what it has queued goes first. */
OA_EXPORT int daemon(int nochdir, int noclose)
{
    flush_before_exec();
    return OA_REAL(daemon)(nochdir, noclose);
}
