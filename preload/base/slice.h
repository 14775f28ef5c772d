/*
 * struct oa_slice: a borrowed run of bytes, length beside its pointer (house rule 11). Not
 * terminated, may hold zero bytes, owns nothing. All helpers are pure.
 */
#ifndef OA_BASE_SLICE_H
#define OA_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct oa_slice {
    const char *ptr;
    size_t len;
};

#define OA_SLICE(lit) ((struct oa_slice){ (lit), sizeof(lit) - 1 })

static inline struct oa_slice oa_slice_of(const char *cstr)
{
    return (struct oa_slice){ cstr, cstr ? strlen(cstr) : 0 };
}

static inline bool oa_slice_eq(struct oa_slice a, struct oa_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline char oa_ascii_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char)(c | 0x20) : c;
}

static inline bool oa_ascii_is_letter(char c)
{
    c = oa_ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static inline bool oa_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of a hexadecimal digit of either case; -1: it is none. */
static inline int oa_ascii_hex(char c)
{
    if (oa_ascii_is_digit(c))
        return c - '0';
    c = oa_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ASCII case-insensitive equality; no locale is consulted. */
static inline bool oa_slice_ieq(struct oa_slice a, struct oa_slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (oa_ascii_lower(a.ptr[i]) != oa_ascii_lower(b.ptr[i]))
            return false;
    return true;
}

static inline bool oa_slice_starts(struct oa_slice s, struct oa_slice prefix)
{
    return s.len >= prefix.len && (!prefix.len || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* Drops SP and HTAB at both ends (RFC 9110 5.6.3, OWS). */
static inline struct oa_slice oa_slice_trim(struct oa_slice s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s.ptr++, s.len--;
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Cuts *s at the first sep: returns what stood before it, leaves the rest in *s (empty, ptr NULL at the end). */
static inline struct oa_slice oa_slice_next(struct oa_slice *s, char sep)
{
    const char *at = s->len ? memchr(s->ptr, sep, s->len) : NULL;
    struct oa_slice head = { s->ptr, at ? (size_t)(at - s->ptr) : s->len };

    if (at)
        *s = (struct oa_slice){ at + 1, s->len - head.len - 1 };
    else
        *s = (struct oa_slice){ NULL, 0 };
    return head;
}

/* Cuts the next character off a text that is not empty, percent-decoded (RFC 3986 2.1); an escape that is none stays
 * as it is. */
static inline char oa_slice_decoded(struct oa_slice *text)
{
    int high = text->ptr[0] == '%' && text->len >= 3 ? oa_ascii_hex(text->ptr[1]) : -1;
    int low = high >= 0 ? oa_ascii_hex(text->ptr[2]) : -1;
    char c = low < 0 ? text->ptr[0] : (char)(high << 4 | low);
    size_t taken = low < 0 ? 1 : 3;

    *text = (struct oa_slice){ text->ptr + taken, text->len - taken };
    return c;
}

/* Cuts off *list its next item that is not blank, without the blanks around it; len 0: there is none any more. */
static inline struct oa_slice oa_slice_item(struct oa_slice *list, char sep)
{
    struct oa_slice item = { NULL, 0 };

    while (list->len && item.len == 0)
        item = oa_slice_trim(oa_slice_next(list, sep));
    return item;
}

#endif
