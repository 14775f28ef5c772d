/*
 * The host's allocator, re-exported to the SDK object (design.md section 2): memory that crosses
 * libraries must come from and go to one allocator, and the SDK object is bound so that it would
 * otherwise take libc's while libc's own strdup takes the host's.
 */
#include <malloc.h>
#include <stdlib.h>

#include "preload/abi.h"
#include "preload/base/compiler.h"

OA_EXPORT void *oa_host_malloc(size_t size)
{
    return malloc(size);
}

OA_EXPORT void *oa_host_calloc(size_t n, size_t size)
{
    return calloc(n, size);
}

OA_EXPORT void *oa_host_realloc(void *ptr, size_t size)
{
    return realloc(ptr, size);
}

OA_EXPORT void oa_host_free(void *ptr)
{
    free(ptr);
}

OA_EXPORT int oa_host_posix_memalign(void **ret_ptr, size_t align, size_t size)
{
    return posix_memalign(ret_ptr, align, size);
}

OA_EXPORT void *oa_host_aligned_alloc(size_t align, size_t size)
{
    return aligned_alloc(align, size);
}

OA_EXPORT void *oa_host_memalign(size_t align, size_t size)
{
    return memalign(align, size);
}

OA_EXPORT size_t oa_host_malloc_usable_size(void *ptr)
{
    return malloc_usable_size(ptr);
}
