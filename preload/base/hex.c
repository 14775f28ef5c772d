#include "preload/base/hex.h"

#include <string.h>

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

void oa_hex_encode(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(out + 2 * i, pairs + 2 * bytes[i], 2);
}

bool oa_hex_decode(uint8_t *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned hi = values[(uint8_t)text[2 * i]];
        unsigned lo = values[(uint8_t)text[2 * i + 1]];

        if (hi == 0 || lo == 0)
            return false;
        out[i] = (uint8_t)((hi - 1) << 4 | (lo - 1));
    }
    return true;
}
