/*
 * struct oa_bytes: bytes that are appended to, in pages of their own. They come from mmap, not from the
 * host's allocator: they grow without being copied, what is not written costs nothing, and giving
 * them back gives them back to the system. Meant for what is large and kept: one export after the
 * other fills the same pages.
 *
 * One thread at a time. All zero is an empty one that holds no memory.
 */
#ifndef OA_SDK_MODEL_BYTES_H
#define OA_SDK_MODEL_BYTES_H

#include <stddef.h>

#include "preload/base/compiler.h"

#define OA_BYTES_MAX (64u * 1024 * 1024)

struct oa_bytes {
    char *ptr;
    size_t len;
    size_t capacity; /* what is mapped */
};

/* Where more bytes may be written, behind len (which the caller then moves). NULL: no memory, or over
 * OA_BYTES_MAX; nothing has changed then. */
char *oa_bytes_reserve(struct oa_bytes *bytes, size_t more) OA_MUST_CHECK;

/* Forgets the first count bytes; what follows moves to the front. */
void oa_bytes_drop(struct oa_bytes *bytes, size_t count);

/* Gives back what is mapped beyond capacity_max and not in use. */
void oa_bytes_trim(struct oa_bytes *bytes, size_t capacity_max);

void oa_bytes_release(struct oa_bytes *bytes);

#endif
