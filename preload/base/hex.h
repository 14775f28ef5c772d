/*
 * Lower-case hexadecimal, as W3C trace context writes ids (upper case is invalid there).
 * No allocation, no terminator written.
 */
#ifndef OA_BASE_HEX_H
#define OA_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2 * n characters to out. */
void oa_hex_encode(char *out, const uint8_t *bytes, size_t n);

/* Reads 2 * n lower-case digits; false (out undefined) on any other character. */
bool oa_hex_decode(uint8_t *out, const char *text, size_t n);

#endif
