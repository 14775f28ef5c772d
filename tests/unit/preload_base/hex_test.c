/* SOURCES: preload/base/hex.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/hex.h"
#include "tests/support/guard_page.h"

Test(hex, encode__every_byte_value)
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned b = 0; b < 256; b++) {
        uint8_t byte = (uint8_t)b;
        char out[3] = { '!', '!', '!' };

        oa_hex_encode(out, &byte, 1);
        cr_assert_eq(out[0], digits[b / 16], "%u", b);
        cr_assert_eq(out[1], digits[b % 16], "%u", b);
        cr_assert_eq(out[2], '!', "no terminator is written");
    }
}

Test(hex, decode__reads_back_what_encode_wrote)
{
    uint8_t in[256], back[256];
    char text[512];

    for (unsigned i = 0; i < 256; i++)
        in[i] = (uint8_t)i;
    oa_hex_encode(text, in, sizeof(in));
    cr_assert(oa_hex_decode(back, text, sizeof(back)));
    cr_assert_arr_eq(in, back, sizeof(in));
}

Test(hex, decode__only_lower_case_digits)
{
    for (unsigned c = 0; c < 256; c++) {
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        char first[2] = { (char)c, '0' }, second[2] = { '0', (char)c };
        uint8_t out;

        cr_assert_eq(oa_hex_decode(&out, first, 1), good, "%#x in front", c);
        cr_assert_eq(oa_hex_decode(&out, second, 1), good, "%#x behind", c);
    }
}

Test(hex, decode__each_of_many_digits)
{
    for (unsigned at = 0; at < 16; at++) {
        for (unsigned c = 0; c < 256; c++) {
            bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            char text[] = "0123456789abcdef";
            uint8_t out[8];

            text[at] = (char)c;
            cr_assert_eq(oa_hex_decode(out, text, 8), good, "%#x at %u", c, at);
        }
    }
}

Test(hex, nothing__is_read_or_written_for_no_bytes)
{
    char *none = oa_guard_page_copy("", 0);

    cr_assert(oa_hex_decode((uint8_t *)none, none, 0));
    oa_hex_encode(none, (const uint8_t *)none, 0);
    oa_guard_page_free();
}

Test(hex, decode__reads_two_characters_a_byte_and_no_more)
{
    static const char text[] = "00f067aa0ba902b7";
    char *edge = oa_guard_page_copy(text, sizeof(text) - 1);
    uint8_t out[9] = { [8] = 0x5a };

    cr_assert(oa_hex_decode(out, edge, 8));
    cr_assert_eq(out[0], 0x00);
    cr_assert_eq(out[7], 0xb7);
    cr_assert_eq(out[8], 0x5a);
    oa_guard_page_free();
}
