/*
 * Pointers of the host's that the kernel has not judged yet. For one that no program can have mapped (the
 * first page, the kernel's half) it answers EFAULT where we would fault: hooks that read before the call ask
 * here first and let such a call pass. Memory that is mapped and cannot be read is not found out this way;
 * that would take a system call.
 */
#ifndef OA_BASE_POINTER_H
#define OA_BASE_POINTER_H

#include <stdbool.h>
#include <stdint.h>

#define OA_LOWEST_ADDRESS 4096u

static inline bool oa_may_be_mapped(const void *p)
{
    return (uintptr_t)p - OA_LOWEST_ADDRESS < UINTPTR_MAX / 2 - OA_LOWEST_ADDRESS;
}

#endif
