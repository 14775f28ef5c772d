#include "sdk/transport/gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "preload/base/err.h"
#include "sdk/transport/deep.h"
#include "sdk/transport/http.h"

#define GZIP_WINDOW (15 + 16) /* + 16: gzip framing instead of zlib's */
#define GZIP_MEMORY 8
#define UNPACK_FIRST 1024u

static struct {
    enum { ZLIB_UNTRIED, ZLIB_READY, ZLIB_MISSING } state;
    __typeof__(&deflateInit2_) init2_;
    __typeof__(&deflateBound) bound;
    __typeof__(&deflate) deflate;
    __typeof__(&deflateEnd) end;
    __typeof__(&inflateInit2_) inflate_init2_;
    __typeof__(&inflate) inflate;
    __typeof__(&inflateEnd) inflate_end;
} zlib;

/* Data pointer to function pointer the way POSIX blesses (dlsym, rationale). */
static bool zlib_symbol(void *handle, const char *name, void *ret_pointer)
{
    void *symbol = dlsym(handle, name);

    memcpy(ret_pointer, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static bool zlib_open(void)
{
    void *handle = oa_open_deep("libz.so.1");

    return handle && zlib_symbol(handle, "deflateInit2_", &zlib.init2_) &&
           zlib_symbol(handle, "deflateBound", &zlib.bound) && zlib_symbol(handle, "deflate", &zlib.deflate) &&
           zlib_symbol(handle, "deflateEnd", &zlib.end) &&
           zlib_symbol(handle, "inflateInit2_", &zlib.inflate_init2_) &&
           zlib_symbol(handle, "inflate", &zlib.inflate) && zlib_symbol(handle, "inflateEnd", &zlib.inflate_end);
}

bool oa_gzip_available(void)
{
    if (zlib.state == ZLIB_UNTRIED)
        zlib.state = zlib_open() ? ZLIB_READY : ZLIB_MISSING;
    return zlib.state == ZLIB_READY;
}

/* zlib's own would take the allocator that it is bound to, not the host's. */
static voidpf gzip_alloc(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return calloc(items, size);
}

static void gzip_free(voidpf opaque, voidpf block)
{
    (void)opaque;
    free(block);
}

/* All parts through the compressor; *ret_out is set when the end was reached. */
static int gzip_run(z_stream *z, const struct oa_slice *parts, uint32_t count, struct oa_slice *ret_out)
{
    char *out = (char *)z->next_out;
    int done = Z_OK;

    for (uint32_t i = 0; i < count && done == Z_OK; i++) {
        z->next_in = (z_const Bytef *)parts[i].ptr;
        z->avail_in = (uInt)parts[i].len;
        if (i + 1 == count)
            done = zlib.deflate(z, Z_FINISH);
        else if (parts[i].len)
            done = zlib.deflate(z, Z_NO_FLUSH);
    }
    if (done != Z_STREAM_END)
        return OA_ENOMEM;
    *ret_out = (struct oa_slice){ out, z->total_out };
    return 0;
}

int oa_gzip_pack(const struct oa_slice *parts, uint32_t count, struct oa_arena *arena, struct oa_slice *ret_out)
{
    z_stream z = { .zalloc = gzip_alloc, .zfree = gzip_free };
    size_t bytes = 0;
    uLong bound;
    int err = OA_ENOMEM;

    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].len > OA_HTTP_REQUEST_MAX - bytes)
            return OA_EINVAL;
        bytes += parts[i].len;
    }
    if (!oa_gzip_available())
        return OA_ENOTSUP;
    /* Speed over ratio: the cycles are the host's, and spans of one process repeat themselves. */
    if (zlib.init2_(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    (int)sizeof(z)) != Z_OK)
        return OA_ENOMEM;
    bound = zlib.bound(&z, bytes);
    z.next_out = oa_arena_alloc(arena, bound);
    z.avail_out = (uInt)bound;
    if (z.next_out)
        err = gzip_run(&z, parts, count, ret_out);
    (void)zlib.end(&z);
    return err;
}

/* Answers are small: room is doubled until it is enough. */
static int unpack_run(z_stream *z, size_t max, struct oa_arena *arena, struct oa_slice *ret_out)
{
    size_t room = UNPACK_FIRST;
    char *out = oa_arena_alloc(arena, room);

    for (;;) {
        int done;

        if (!out)
            return OA_ENOMEM;
        z->next_out = (Bytef *)out + z->total_out;
        z->avail_out = (uInt)(room - z->total_out);
        done = zlib.inflate(z, Z_NO_FLUSH);
        if (z->total_out > max)
            return OA_EFULL;
        if (done == Z_STREAM_END)
            break;
        if (done != Z_OK || z->avail_out)
            return done == Z_MEM_ERROR ? OA_ENOMEM : OA_EMALFORMED;
        out = oa_arena_grow(arena, out, room, room * 2);
        room *= 2;
    }
    *ret_out = (struct oa_slice){ out, z->total_out };
    return z->avail_in ? OA_EMALFORMED : 0;
}

int oa_gzip_unpack(struct oa_slice packed, size_t max, struct oa_arena *arena, struct oa_slice *ret_out)
{
    z_stream z = { .zalloc = gzip_alloc, .zfree = gzip_free };
    int err;

    if (!oa_gzip_available())
        return OA_ENOTSUP;
    if (packed.len > max)
        return OA_EFULL;
    if (zlib.inflate_init2_(&z, GZIP_WINDOW, ZLIB_VERSION, (int)sizeof(z)) != Z_OK)
        return OA_ENOMEM;
    z.next_in = (z_const Bytef *)packed.ptr;
    z.avail_in = (uInt)packed.len;
    err = unpack_run(&z, max, arena, ret_out);
    (void)zlib.inflate_end(&z);
    return err;
}
