#include "sdk/model/bytes.h"

#include <string.h>
#include <sys/mman.h>

#define BYTES_FIRST (64u * 1024) /* mapped, not touched */
#define BYTES_PAGE 4096u         /* a multiple of it is as good as the page size, which may be larger */

char *oa_bytes_reserve(struct oa_bytes *bytes, size_t more)
{
    size_t want = bytes->capacity ? bytes->capacity : BYTES_FIRST;
    void *grown;

    if (more > OA_BYTES_MAX - bytes->len)
        return NULL;
    while (want - bytes->len < more)
        want *= 2;
    if (want == bytes->capacity)
        return bytes->ptr + bytes->len;
    if (bytes->ptr)
        grown = mremap(bytes->ptr, bytes->capacity, want, MREMAP_MAYMOVE);
    else
        grown = mmap(NULL, want, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (grown == MAP_FAILED)
        return NULL;
    bytes->ptr = grown;
    bytes->capacity = want;
    return bytes->ptr + bytes->len;
}

void oa_bytes_drop(struct oa_bytes *bytes, size_t count)
{
    bytes->len -= count;
    if (bytes->len && count)
        memmove(bytes->ptr, bytes->ptr + count, bytes->len);
}

void oa_bytes_trim(struct oa_bytes *bytes, size_t capacity_max)
{
    size_t least = bytes->len > capacity_max ? bytes->len : capacity_max;
    size_t keep = (least + BYTES_PAGE - 1) & ~(size_t)(BYTES_PAGE - 1);
    void *trimmed;

    if (keep >= bytes->capacity)
        return;
    if (keep == 0) {
        oa_bytes_release(bytes);
        return;
    }
    trimmed = mremap(bytes->ptr, bytes->capacity, keep, 0);
    if (trimmed != MAP_FAILED)
        bytes->capacity = keep;
}

void oa_bytes_release(struct oa_bytes *bytes)
{
    if (bytes->ptr)
        (void)munmap(bytes->ptr, bytes->capacity);
    *bytes = (struct oa_bytes){ 0 };
}
