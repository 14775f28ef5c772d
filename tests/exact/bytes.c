#include "tests/exact/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *resized(void *p, size_t bytes)
{
    p = realloc(p, bytes);
    if (!p) {
        perror("exact: realloc");
        exit(2);
    }
    return p;
}

void bytes_put(struct bytes *b, const void *p, size_t n)
{
    if (b->len + n > b->cap) {
        b->cap = (b->len + n) * 2 + 64;
        b->ptr = resized(b->ptr, b->cap);
    }
    if (n)
        memcpy(b->ptr + b->len, p, n);
    b->len += n;
}

void bytes_str(struct bytes *b, const char *text)
{
    bytes_put(b, text, strlen(text));
}

void bytes_fmt(struct bytes *b, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    bytes_str(b, text);
}

void bytes_release(struct bytes *b)
{
    free(b->ptr);
    *b = (struct bytes){ 0 };
}

void *list_grow(void *list, size_t count, size_t element_bytes)
{
    if (count & (count - 1)) /* room was made for the next power of two */
        return list;
    return resized(list, (count ? count * 2 : 1) * element_bytes);
}
