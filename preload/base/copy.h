/*
 * memcpy for text that is mostly short: what libc's function does for a few bytes is done before its call through
 * the linkage table would have arrived. Reads and writes exactly n bytes; the two must not overlap.
 */
#ifndef OA_BASE_COPY_H
#define OA_BASE_COPY_H

#include <stddef.h>
#include <string.h>

#define OA_COPY_SHORT 64u /* from here on the call is worth it */

static inline void oa_copy(void *to, const void *from, size_t n)
{
    char *out = to;
    const char *in = from;

    if (n > OA_COPY_SHORT) {
        memcpy(out, in, n);
    } else if (n >= 16) { /* the last ones of each kind lap over those before */
        for (size_t i = 0; i + 16 < n; i += 16)
            memcpy(out + i, in + i, 16);
        memcpy(out + n - 16, in + n - 16, 16);
    } else if (n >= 8) {
        memcpy(out, in, 8);
        memcpy(out + n - 8, in + n - 8, 8);
    } else if (n >= 4) {
        memcpy(out, in, 4);
        memcpy(out + n - 4, in + n - 4, 4);
    } else if (n) {
        out[0] = in[0];
        out[n / 2] = in[n / 2];
        out[n - 1] = in[n - 1];
    }
}

#endif
