#include "preload/base/hex.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Both digits of each byte: ids are written for each request. */
#define PAIRS(high)                                                                                                  \
    high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high "9" high "a" high "b" high \
         "c" high "d" high "e" high "f"
static const char pairs[] = PAIRS("0") PAIRS("1") PAIRS("2") PAIRS("3") PAIRS("4") PAIRS("5") PAIRS("6") PAIRS("7")
    PAIRS("8") PAIRS("9") PAIRS("a") PAIRS("b") PAIRS("c") PAIRS("d") PAIRS("e") PAIRS("f");

/* Value of a lower-case digit plus one; 0 for every other character. */
static const uint8_t values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static bool decode_one(uint8_t *out, const char *text)
{
    unsigned hi = values[(uint8_t)text[0]], lo = values[(uint8_t)text[1]];

    if (hi == 0 || lo == 0)
        return false;
    *out = (uint8_t)((hi - 1) << 4 | (lo - 1));
    return true;
}

#ifdef __SSE2__
/* Eight bytes and their sixteen digits: ids are read and written for each request. */
static void encode_eight(char *out, const uint8_t *bytes)
{
    __m128i in = _mm_loadl_epi64((const void *)bytes), low = _mm_and_si128(in, _mm_set1_epi8(15));
    __m128i high = _mm_and_si128(_mm_srli_epi16(in, 4), _mm_set1_epi8(15)), digits = _mm_unpacklo_epi8(high, low);
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(digits, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));

    _mm_storeu_si128((void *)out, _mm_add_epi8(_mm_add_epi8(digits, _mm_set1_epi8('0')), letters));
}

static bool decode_eight(uint8_t *out, const char *text)
{
    __m128i in = _mm_loadu_si128((const void *)text);
    __m128i number = _mm_sub_epi8(in, _mm_set1_epi8('0')), letter = _mm_sub_epi8(in, _mm_set1_epi8('a'));
    __m128i is_number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
    __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
    __m128i nibbles = _mm_or_si128(_mm_and_si128(is_number, number),
                                   _mm_and_si128(is_letter, _mm_add_epi8(letter, _mm_set1_epi8(10))));
    __m128i whole =
        _mm_or_si128(_mm_slli_epi16(_mm_and_si128(nibbles, _mm_set1_epi16(255)), 4), _mm_srli_epi16(nibbles, 8));

    _mm_storel_epi64((void *)out, _mm_packus_epi16(whole, whole));
    return _mm_movemask_epi8(_mm_or_si128(is_number, is_letter)) == 0xffff;
}
#else
static void encode_eight(char *out, const uint8_t *bytes)
{
    for (size_t i = 0; i < 8; i++)
        memcpy(out + 2 * i, pairs + 2 * bytes[i], 2);
}

static bool decode_eight(uint8_t *out, const char *text)
{
    for (size_t i = 0; i < 8; i++)
        if (!decode_one(out + i, text + 2 * i))
            return false;
    return true;
}
#endif

void oa_hex_encode(char *out, const uint8_t *bytes, size_t n)
{
    for (; n >= 8; n -= 8, out += 16, bytes += 8)
        encode_eight(out, bytes);
    for (size_t i = 0; i < n; i++)
        memcpy(out + 2 * i, pairs + 2 * bytes[i], 2);
}

bool oa_hex_decode(uint8_t *out, const char *text, size_t n)
{
    for (; n >= 8; n -= 8, out += 8, text += 16)
        if (!decode_eight(out, text))
            return false;
    for (size_t i = 0; i < n; i++)
        if (!decode_one(out + i, text + 2 * i))
            return false;
    return true;
}
