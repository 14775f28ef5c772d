#include "preload/base/hex.h"

static const char digits[] = "0123456789abcdef";

/* Value of a lower-case digit plus one; 0 for every other character. */
static const uint8_t values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

void oa_hex_encode(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
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
