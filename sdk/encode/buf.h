/*
 * struct oa_buf: bytes that are appended to, in an arena. The first failure sticks (err) and makes
 * every later call do nothing, so that callers test once, at the end.
 */
#ifndef OA_SDK_ENCODE_BUF_H
#define OA_SDK_ENCODE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_BUF_FMT_BYTES 96u

struct oa_buf {
    struct oa_arena *arena;
    char *ptr;
    size_t len;
    size_t bytes; /* of the block at ptr */
    int err;      /* 0 or OA_ENOMEM */
};

void oa_buf_init(struct oa_buf *buf, struct oa_arena *arena);

void oa_buf_put(struct oa_buf *buf, struct oa_slice bytes);

/* Makes room for that many bytes at once, so that growing does not copy. A wrong guess costs nothing else. */
void oa_buf_expect(struct oa_buf *buf, size_t bytes);

void oa_buf_uint(struct oa_buf *buf, uint64_t value);

/* The same character count times. */
void oa_buf_fill(struct oa_buf *buf, char c, size_t count);

/* For numbers and short words: cut at OA_BUF_FMT_BYTES. No %f or %g: the host's locale decides how they look. */
void oa_buf_fmt(struct oa_buf *buf, const char *fmt, ...) OA_PRINTF(2, 3);

/* 2 * n lower-case hexadecimal digits. */
void oa_buf_hex(struct oa_buf *buf, const uint8_t *bytes, size_t n);

#endif
