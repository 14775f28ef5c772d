/* Threads: whether the host has any, whether the first one is still there, and, if asked for, whose work
 * a new one begins with. */
#include "env/env.h"
#include "hooks/instrumentation/log_inline.h"
#include "hooks/instrumentation/parent.h"
#include "hooks/libc/wrap.h"

struct start {
    void *(*run)(void *);
    void *arg;
    struct oa_op_ref current;
};

static void *run_with_parent(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    oa_parent_inherit(start.current);
    return start.run(start.arg);
}

OA_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    struct start *start;
    int r;

    oa_loader_host_threads();
    if (oa_thread.depth == 0)
        oa_log_inline_on = 0;
    if (!oa_env()->auto_thread_inherit || oa_thread.depth || oa_parent_current().span_id == 0)
        return OA_REAL(pthread_create)(thread, attr, run, arg);
    start = malloc(sizeof(*start)); /* pthread_create allocates too: legal here */
    if (!start)
        return OA_REAL(pthread_create)(thread, attr, run, arg);
    *start = (struct start){ .run = run, .arg = arg, .current = oa_parent_current() };
    r = OA_REAL(pthread_create)(thread, attr, run_with_parent, start);
    if (r != 0)
        free(start);
    return r;
}

/* A process whose main thread leaves this way ends with the last of the others, and our helper is none
 * of its own. */
OA_EXPORT void pthread_exit(void *value)
{
    struct oa_guard guard;

    if ((oa_thread.flags & OA_THREAD_MAIN) && oa_fd_limit && oa_guard_enter(&guard)) {
        oa_loader_main_left();
        oa_guard_leave(&guard);
    }
    OA_REAL(pthread_exit)(value);
    __builtin_unreachable();
}
