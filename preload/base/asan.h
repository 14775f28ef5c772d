/*
 * For builds with the address checker only: a forked child may give its helper the stack of the helper
 * that it lost, whose marks still lie in the checker's memory. The runtime cleans the stacks of threads
 * that it saw created, which ours is not.
 */
#ifndef OA_ASAN_H
#define OA_ASAN_H

#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
void __asan_unpoison_memory_region(const volatile void *at, size_t bytes);

static inline void oa_asan_fresh_stack(size_t bytes)
{
    __asan_unpoison_memory_region((char *)__builtin_frame_address(0) - bytes, bytes);
}
#else
static inline void oa_asan_fresh_stack(size_t bytes)
{
    (void)bytes;
}
#endif

#endif
