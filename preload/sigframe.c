#include "preload/sigframe.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "preload/base/compiler.h"

/* What the kernel calls struct kernel_sigaction. */
struct action {
    uintptr_t handler; /* 0 default, 1 ignored */
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
};

/* Raw: 8 bytes whatever sigset_t is. */
OA_START uint64_t oa_sigframe_blocked(void)
{
    uint64_t mask = 0;

    (void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
    return mask;
}

static bool action_of(int sig, struct action *ret)
{
    *ret = (struct action){ 0 };
    return syscall(SYS_rt_sigaction, sig, NULL, ret, sizeof(ret->mask)) == 0;
}

bool oa_sigframe_default(int sig)
{
    struct action action;

    return action_of(sig, &action) && action.handler == 0;
}

#if defined(__x86_64__) && defined(__linux__)

#define SEARCH_BYTES (128u * 1024) /* a handler is not deeper than that when it comes to us */
#define PAGE_BYTES 4096u
#define FP_STATE_BYTES (64u * 1024) /* how far above the frame the registers' state may lie */
#define FP_STATE_ALIGN 16u
#define UC_FLAGS_KNOWN 7u
#define USER_CS 0x33u
#define ANY_BYTES __attribute__((no_sanitize_address, no_sanitize_thread)) /* reads other frames */

/* The return address of the frames that handlers of this signal get; 0 if it never had one. A handler that is at work
 * may be none any more: set for one time only (SA_RESETHAND), or by its own hand. libc's restorer stays. */
static uintptr_t restorer_of(int sig)
{
    struct action action;

    return action_of(sig, &action) ? action.restorer : 0;
}

/* The kernel reads the mask before it looks at `how`: EFAULT tells that this page cannot be read. */
static bool page_readable(uintptr_t address)
{
    const void *page = (const void *)(address & ~(uintptr_t)(PAGE_BYTES - 1));

    return syscall(SYS_rt_sigprocmask, -1, page, NULL, sizeof(uint64_t)) == 0 || errno == EINVAL;
}

/* struct rt_sigframe: the return address, then a ucontext that points at register state above it. The
 * address alone may lie around in stale bytes of any frame. */
static ANY_BYTES bool is_frame(uintptr_t at)
{
    const ucontext_t *uc = (const ucontext_t *)(at + sizeof(uintptr_t));
    uintptr_t fp;

    if (!page_readable(at + sizeof(uintptr_t) + sizeof(*uc)))
        return false;
    fp = (uintptr_t)uc->uc_mcontext.fpregs;
    return uc->uc_flags <= UC_FLAGS_KNOWN && uc->uc_link == NULL && fp > at && fp - at < FP_STATE_BYTES &&
           fp % FP_STATE_ALIGN == 0 && ((uint64_t)uc->uc_mcontext.gregs[REG_CSGSFS] & 0xffff) == USER_CS;
}

/* The innermost frame; 0 if there is none. */
static ANY_BYTES uintptr_t search(uintptr_t from, uintptr_t restorer)
{
    uintptr_t at = from & ~(uintptr_t)(sizeof(uintptr_t) - 1);

    for (uintptr_t end = at + SEARCH_BYTES; at < end; at += sizeof(uintptr_t)) {
        if (at % PAGE_BYTES == 0 && !page_readable(at))
            return 0;
        if (*(const volatile uintptr_t *)at == restorer && is_frame(at))
            return at;
    }
    return 0;
}

static ANY_BYTES uint64_t saved_mask(uintptr_t frame)
{
    return *(const volatile uint64_t *)&((const ucontext_t *)(frame + sizeof(uintptr_t)))->uc_sigmask;
}

bool oa_sigframe_above(uint64_t blocked, uint64_t *ret_mask)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), last = 0, found = 0;
    int saved = errno;

    for (int sig = 1; sig <= 64 && !found; sig++) {
        uintptr_t restorer = blocked & 1ull << (sig - 1) ? restorer_of(sig) : 0;

        if (restorer && restorer != last) /* libc has one for all: searched for once */
            found = search(here, restorer);
        last = restorer ? restorer : last;
    }
    errno = saved;
    if (found && ret_mask)
        *ret_mask = saved_mask(found);
    return found;
}

#else

bool oa_sigframe_above(uint64_t blocked, uint64_t *ret_mask)
{
    if (ret_mask)
        *ret_mask = ~0ull;
    return blocked != 0;
}

#endif
