#include "preload/base/hex.h"

static const char digits[] = "0123456789abcdef";

void oa_hex_encode(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool oa_hex_decode(uint8_t *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int hi = digit_value(text[2 * i]);
        int lo = digit_value(text[2 * i + 1]);

        if (hi < 0 || lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}
