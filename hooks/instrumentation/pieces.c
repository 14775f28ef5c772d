#include "hooks/instrumentation/pieces.h"

#include "preload/base/pointer.h"

#define IOV_COUNT_MAX 1024 /* the kernel's UIO_MAXIOV: it refuses more */

int oa_pieces(const struct oa_outgoing *out, size_t from, size_t *to, struct iovec *dst, int cap)
{
    size_t base = 0, end = from;
    int n = 0;

    for (int i = 0; i < out->count && base < *to && n < cap; i++) {
        size_t len = out->iov[i].iov_len;
        size_t lo = from > base ? from - base : 0;
        size_t hi = *to - base < len ? *to - base : len;

        if (lo < hi) {
            dst[n].iov_base = (char *)out->iov[i].iov_base + lo;
            dst[n++].iov_len = hi - lo;
            end = base + hi;
        }
        base += len;
    }
    *to = end;
    return n;
}

bool oa_pieces_readable(const struct oa_outgoing *out)
{
    if (!oa_may_be_mapped(out->iov) || out->count > IOV_COUNT_MAX)
        return false;
    for (int i = 0; i < out->count; i++)
        if (!oa_may_be_mapped(out->iov[i].iov_base) && out->iov[i].iov_len)
            return false;
    return true;
}
