#include "sdk/transport/gzip.h"

#include <zlib.h>

#include "preload/base/err.h"
#include "sdk/transport/http.h"

#define GZIP_WINDOW (15 + 16) /* + 16: gzip framing instead of zlib's */
#define GZIP_MEMORY 8

int oa_gzip_pack(struct oa_slice in, struct oa_arena *arena, struct oa_slice *ret_out)
{
    z_stream z = { 0 };
    uLong bound;
    char *out;
    int done;

    if (in.len > OA_HTTP_REQUEST_MAX)
        return OA_EINVAL;
    /* Speed over ratio: the cycles are the host's, and spans of one process repeat themselves. */
    if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return OA_ENOMEM;
    bound = deflateBound(&z, in.len);
    out = oa_arena_alloc(arena, bound);
    if (!out) {
        (void)deflateEnd(&z);
        return OA_ENOMEM;
    }
    z.next_in = (z_const Bytef *)in.ptr;
    z.avail_in = (uInt)in.len;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)bound;
    done = deflate(&z, Z_FINISH);
    *ret_out = (struct oa_slice){ out, z.total_out };
    (void)deflateEnd(&z);
    return done == Z_STREAM_END ? 0 : OA_ENOMEM;
}
