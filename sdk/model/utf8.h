/*
 * Text that a receiver will accept. Captured bytes are anything; OTLP strings are UTF-8, and one bad
 * string makes a receiver refuse the whole request. Hence every text passes here once: a malformed
 * sequence becomes U+FFFD (one per maximal subpart, Unicode 15, section 3.9), and so does a zero byte.
 * Nothing here consults a locale.
 */
#ifndef OA_SDK_MODEL_UTF8_H
#define OA_SDK_MODEL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "preload/base/arena.h"
#include "preload/base/slice.h"

#define OA_UTF8_NO_LIMIT UINT32_MAX

/* Reads one character of a non-empty text. Returns the bytes it takes (at least 1); *ret_code is the
 * code point, U+FFFD for a zero byte or a malformed sequence. */
size_t oa_utf8_next(struct oa_slice text, uint32_t *ret_code);

/* Copies raw into the arena, repaired, cut after chars_max characters, with a terminator behind it.
 * raw is read once only: it may be memory that others write. 0 or OA_ENOMEM. */
int oa_utf8_copy(struct oa_arena *arena, struct oa_slice raw, uint32_t chars_max,
                 struct oa_slice *ret_text) OA_MUST_CHECK;

/* The same, but a text that is good as it is stays where it is: *ret_text then points into raw, and has no
 * terminator. For memory that nobody may write to while the text is used. 0 or OA_ENOMEM. */
int oa_utf8_borrow(struct oa_arena *arena, struct oa_slice raw, uint32_t chars_max,
                   struct oa_slice *ret_text) OA_MUST_CHECK;

/* High bits: of bytes that are not ASCII, or zero. */
static inline uint64_t oa_utf8_odd(const char *eight)
{
    uint64_t word;

    memcpy(&word, eight, sizeof(word));
    return word | ((word - UINT64_C(0x0101010101010101)) & ~word);
}

/* Nothing but the bytes 01 to 7f? Eight at a time, the last ones once more: nearly all text is. */
static inline bool oa_utf8_is_plain(struct oa_slice text)
{
    uint64_t odd = 0;

    if (text.len < sizeof(odd)) {
        for (size_t at = 0; at < text.len; at++)
            odd |= text.ptr[at] ? (uint8_t)text.ptr[at] : 0x80;
        return !(odd & 0x80);
    }
    for (size_t at = 0; at + sizeof(odd) < text.len; at += sizeof(odd))
        odd |= oa_utf8_odd(text.ptr + at);
    odd |= oa_utf8_odd(text.ptr + text.len - sizeof(odd));
    return !(odd & UINT64_C(0x8080808080808080));
}

/* Characters of a repaired text. */
size_t oa_utf8_chars(struct oa_slice text);

#endif
