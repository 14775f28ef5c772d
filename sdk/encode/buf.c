#include "sdk/encode/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "preload/base/err.h"
#include "preload/base/hex.h"

#define BUF_BYTES_FIRST 1024u

void oa_buf_init(struct oa_buf *buf, struct oa_arena *arena)
{
    *buf = (struct oa_buf){ .arena = arena };
}

/* Room for more bytes: where they start, NULL without memory. */
static char *buf_reserve(struct oa_buf *buf, size_t more)
{
    size_t want = buf->bytes ? buf->bytes : BUF_BYTES_FIRST;
    char *grown;

    if (buf->bytes - buf->len >= more && buf->ptr && !buf->err)
        return buf->ptr + buf->len;
    if (buf->err)
        return NULL;
    while (want - buf->len < more && want <= SIZE_MAX / 2)
        want *= 2;
    grown = want > buf->bytes ? oa_arena_grow(buf->arena, buf->ptr, buf->bytes, want) : buf->ptr;
    if (!grown || want - buf->len < more) {
        buf->err = OA_ENOMEM;
        return NULL;
    }
    buf->ptr = grown;
    buf->bytes = want;
    return buf->ptr + buf->len;
}

void oa_buf_expect(struct oa_buf *buf, size_t bytes)
{
    (void)buf_reserve(buf, bytes);
}

void oa_buf_uint(struct oa_buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    oa_buf_put(buf, (struct oa_slice){ digits + at, sizeof(digits) - at });
}

void oa_buf_put(struct oa_buf *buf, struct oa_slice bytes)
{
    char *at = buf_reserve(buf, bytes.len);

    if (!at || !bytes.len)
        return;
    memcpy(at, bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

void oa_buf_fill(struct oa_buf *buf, char c, size_t count)
{
    char *at = buf_reserve(buf, count);

    if (!at)
        return;
    memset(at, c, count);
    buf->len += count;
}

void oa_buf_fmt(struct oa_buf *buf, const char *fmt, ...)
{
    char line[OA_BUF_FMT_BYTES];
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (len > 0)
        oa_buf_put(buf, (struct oa_slice){ line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1 });
}

void oa_buf_hex(struct oa_buf *buf, const uint8_t *bytes, size_t n)
{
    char *at = buf_reserve(buf, 2 * n);

    if (!at)
        return;
    oa_hex_encode(at, bytes, n);
    buf->len += 2 * n;
}
