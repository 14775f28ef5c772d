/*
 * gzip content encoding (RFC 1952) for request bodies. The only user of zlib's header. The state of
 * the compressor (about 260 KiB) lives for one call only: requests are seconds apart, resident
 * memory of every instrumented process is not.
 */
#ifndef OA_SDK_TRANSPORT_GZIP_H
#define OA_SDK_TRANSPORT_GZIP_H

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"

/* Packs in into memory of the arena. 0, OA_ENOMEM, OA_EINVAL (more than 64 MiB). */
int oa_gzip_pack(struct oa_slice in, struct oa_arena *arena, struct oa_slice *ret_out) OA_MUST_CHECK;

#endif
