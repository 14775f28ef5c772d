#include "sdk/model/utf8.h"

#include <stdbool.h>

#include "preload/base/err.h"

#define UTF8_REPLACEMENT 0xfffdu
#define UTF8_REPLACEMENT_BYTES 3u

/* The range that the second byte must lie in: narrower than 80..bf after four of the lead bytes, to
 * keep out overlong forms, surrogates, and what lies beyond U+10FFFF (Unicode table 3-7). */
static bool utf8_second_ok(uint8_t lead, uint8_t second)
{
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

static size_t utf8_expected_bytes(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

size_t oa_utf8_next(struct oa_slice text, uint32_t *ret_code)
{
    const uint8_t *byte = (const uint8_t *)text.ptr;
    size_t want = utf8_expected_bytes(byte[0]), have = 1;
    uint32_t code;

    *ret_code = UTF8_REPLACEMENT;
    if (want <= 1) {
        if (want == 1 && byte[0])
            *ret_code = byte[0];
        return 1;
    }
    code = byte[0] & (0x7fu >> want);
    while (have < want && have < text.len) {
        bool ok = have == 1 ? utf8_second_ok(byte[0], byte[1]) : (byte[have] & 0xc0) == 0x80;

        if (!ok)
            return have;
        code = code << 6 | (byte[have++] & 0x3fu);
    }
    if (have == want)
        *ret_code = code;
    return have;
}

struct utf8_scan {
    size_t in_bytes;  /* of the input, up to the character limit */
    size_t out_bytes; /* after repair */
    size_t chars;
    bool damaged;
};

/* A true U+FFFD in the input takes three bytes; anything else that reads as one is damage. */
static bool utf8_is_damage(const char *at, uint32_t code, size_t bytes)
{
    return code == UTF8_REPLACEMENT && !(bytes == 3 && memcmp(at, "\xef\xbf\xbd", 3) == 0);
}

static struct utf8_scan utf8_scan(struct oa_slice text, uint32_t chars_max)
{
    struct utf8_scan scan = { 0 };

    if (oa_utf8_is_plain(text)) {
        scan.chars = text.len < chars_max || chars_max == OA_UTF8_NO_LIMIT ? text.len : chars_max;
        scan.in_bytes = scan.out_bytes = scan.chars;
        return scan;
    }
    while (scan.in_bytes < text.len && (chars_max == OA_UTF8_NO_LIMIT || scan.chars < chars_max)) {
        struct oa_slice rest = { text.ptr + scan.in_bytes, text.len - scan.in_bytes };
        uint32_t code;
        size_t bytes = oa_utf8_next(rest, &code);
        bool damage = utf8_is_damage(rest.ptr, code, bytes);

        scan.damaged |= damage;
        scan.in_bytes += bytes;
        scan.out_bytes += damage ? UTF8_REPLACEMENT_BYTES : bytes;
        scan.chars++;
    }
    return scan;
}

static void utf8_repair(char *out, struct oa_slice text)
{
    while (text.len) {
        uint32_t code;
        size_t bytes = oa_utf8_next(text, &code);
        bool damage = utf8_is_damage(text.ptr, code, bytes);
        size_t put = damage ? UTF8_REPLACEMENT_BYTES : bytes;

        memcpy(out, damage ? "\xef\xbf\xbd" : text.ptr, put);
        out += put;
        text = (struct oa_slice){ text.ptr + bytes, text.len - bytes };
    }
    *out = '\0';
}

int oa_utf8_copy(struct oa_arena *arena, struct oa_slice raw, uint32_t chars_max, struct oa_slice *ret_text)
{
    char *copy = oa_arena_strndup(arena, raw.ptr, raw.len), *repaired;
    struct utf8_scan scan;

    if (!copy)
        return OA_ENOMEM;
    scan = utf8_scan((struct oa_slice){ copy, raw.len }, chars_max);
    if (!scan.damaged) {
        copy[scan.in_bytes] = '\0';
        *ret_text = (struct oa_slice){ copy, scan.in_bytes };
        return 0;
    }
    repaired = oa_arena_alloc(arena, scan.out_bytes + 1);
    if (!repaired)
        return OA_ENOMEM;
    utf8_repair(repaired, (struct oa_slice){ copy, scan.in_bytes });
    *ret_text = (struct oa_slice){ repaired, scan.out_bytes };
    return 0;
}

int oa_utf8_borrow(struct oa_arena *arena, struct oa_slice raw, uint32_t chars_max, struct oa_slice *ret_text)
{
    struct utf8_scan scan = utf8_scan(raw, chars_max);

    if (scan.damaged)
        return oa_utf8_copy(arena, raw, chars_max, ret_text);
    *ret_text = (struct oa_slice){ raw.ptr, scan.in_bytes };
    return 0;
}

size_t oa_utf8_chars(struct oa_slice text)
{
    return utf8_scan(text, OA_UTF8_NO_LIMIT).chars;
}
