/*
 * gzip encoding (RFC 1952) of request bodies, and of gRPC's answers. The only user of zlib, which is opened by name
 * when somebody asks for compression: nobody else pays for it. The state of the compressor (about
 * 260 KiB) lives for one call only: requests are seconds apart, resident memory of every
 * instrumented process is not.
 */
#ifndef OA_SDK_TRANSPORT_GZIP_H
#define OA_SDK_TRANSPORT_GZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"

/* Can it be used in this process? Opens zlib at the first call; it stays. */
bool oa_gzip_available(void);

/* Packs parts that follow one another into memory of the arena (*ret_out may be one of them). 0,
 * OA_ENOMEM, OA_EINVAL (more than 64 MiB), OA_ENOTSUP (no zlib). */
int oa_gzip_pack(const struct oa_slice *parts, uint32_t count, struct oa_arena *arena,
                 struct oa_slice *ret_out) OA_MUST_CHECK;

/* Unpacks one member with nothing behind it. 0, OA_EMALFORMED, OA_EFULL (more than max), OA_ENOMEM, OA_ENOTSUP. */
int oa_gzip_unpack(struct oa_slice packed, size_t max, struct oa_arena *arena,
                   struct oa_slice *ret_out) OA_MUST_CHECK;

#endif
