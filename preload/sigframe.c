#include "preload/sigframe.h"

#include <errno.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__linux__)

#define SEARCH_BYTES (128u * 1024) /* a handler is not deeper than that when it comes to us */
#define PAGE_BYTES 4096u
#define FP_STATE_BYTES (64u * 1024) /* how far above the frame the registers' state may lie */
#define FP_STATE_ALIGN 16u
#define UC_FLAGS_KNOWN 7u
#define USER_CS 0x33u
#define ANY_BYTES __attribute__((no_sanitize_address, no_sanitize_thread)) /* reads other frames */

/* What the kernel calls struct kernel_sigaction. */
struct action {
    uintptr_t handler; /* 0 default, 1 ignored */
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
};

/* The return address of the frames that handlers of this signal get; 0 if it has no handler. */
static uintptr_t restorer_of(int sig)
{
    struct action action = { 0 };

    if (syscall(SYS_rt_sigaction, sig, NULL, &action, sizeof(action.mask)) != 0 || action.handler <= 1)
        return 0;
    return action.restorer;
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

static ANY_BYTES bool search(uintptr_t from, uintptr_t restorer)
{
    uintptr_t at = from & ~(uintptr_t)(sizeof(uintptr_t) - 1);

    for (uintptr_t end = at + SEARCH_BYTES; at < end; at += sizeof(uintptr_t)) {
        if (at % PAGE_BYTES == 0 && !page_readable(at))
            return false;
        if (*(const volatile uintptr_t *)at == restorer && is_frame(at))
            return true;
    }
    return false;
}

bool oa_sigframe_above(uint64_t blocked)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), last = 0;
    int saved = errno;
    bool found = false;

    for (int sig = 1; sig <= 64 && !found; sig++) {
        uintptr_t restorer = blocked & 1ull << (sig - 1) ? restorer_of(sig) : 0;

        if (restorer && restorer != last) /* libc has one for all: searched for once */
            found = search(here, restorer);
        last = restorer ? restorer : last;
    }
    errno = saved;
    return found;
}

#else

bool oa_sigframe_above(uint64_t blocked)
{
    return blocked != 0;
}

#endif
