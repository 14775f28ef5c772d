/*
 * Where UTF-8 may be cut. Pure; nothing here validates: what is no UTF-8 is cut where it was asked to be.
 */
#ifndef OA_BASE_UTF8_H
#define OA_BASE_UTF8_H

#include <stddef.h>

/* How many of the first len bytes of a longer text to keep, so that no character is cut in two: len, or up to three
 * less. */
static inline size_t oa_utf8_cut(const char *text, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char c = (unsigned char)text[len - back];

        if (c < 0x80)
            return len;
        if (c >= 0xc0) /* the first of so many bytes */
            return (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) > back ? len - back : len;
    }
    return len;
}

#endif
