/*
 * The allocator names, defined for this object and, through RTLD_DEEPBIND, for the libraries it
 * NEEDs: each forwards to the host's own allocator. A library that is bound deep would otherwise
 * free with libc what a host running on jemalloc or tcmalloc has allocated, and abort (measured).
 */
#include <malloc.h>
#include <stdlib.h>

#include "preload/abi.h"

#define EXPORTED __attribute__((visibility("default"), used))

EXPORTED void *malloc(size_t size)
{
    return oa_host_malloc(size);
}

EXPORTED void *calloc(size_t n, size_t size)
{
    return oa_host_calloc(n, size);
}

EXPORTED void *realloc(void *ptr, size_t size)
{
    return oa_host_realloc(ptr, size);
}

EXPORTED void free(void *ptr)
{
    oa_host_free(ptr);
}

EXPORTED int posix_memalign(void **ret_ptr, size_t align, size_t size)
{
    return oa_host_posix_memalign(ret_ptr, align, size);
}

EXPORTED void *aligned_alloc(size_t align, size_t size)
{
    return oa_host_aligned_alloc(align, size);
}

EXPORTED void *memalign(size_t align, size_t size)
{
    return oa_host_memalign(align, size);
}

EXPORTED size_t malloc_usable_size(void *ptr)
{
    return oa_host_malloc_usable_size(ptr);
}
