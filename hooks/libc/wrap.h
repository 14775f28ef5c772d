/*
 * What every wrapper file needs: the real functions, the guard, and the end of a hook. A wrapper's
 * body is: early outs, the real call, one on_ call inside the guard. Wrappers are legal in signal
 * handlers, before the constructor and after the destructor: they allocate nothing, take no lock
 * they could wait for long, and make no system call that the application did not ask for beyond those
 * that preload/README.md lists.
 */
#ifndef OA_WRAP_H
#define OA_WRAP_H

#include "preload/base/compiler.h"
#include "preload/fdtab.h"
#include "preload/guard.h"
#include "preload/loader.h"
#include "preload/real.h"

/* Leaves the guard; starts the helper thread if this hook recorded something. */
static inline void oa_hook_leave(struct oa_guard *guard)
{
    if (oa_unlikely(oa_thread.flags & OA_THREAD_RECORDED)) {
        oa_thread.flags &= ~(uint32_t)OA_THREAD_RECORDED;
        oa_loader_ensure();
    }
    oa_guard_leave(guard);
}

#endif
