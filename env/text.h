/*
 * Byte-wise helpers of the text parsers: UTF-8 as an automaton (so that a percent-encoded text is
 * checked without decoding it anywhere) and percent escapes. Pure; no allocation, no locale.
 */
#ifndef OA_ENV_TEXT_H
#define OA_ENV_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/slice.h"

/* State between two bytes; all zero = between two characters. */
struct oa_text_utf8 {
    uint8_t more;      /* continuation bytes still to come */
    uint8_t low, high; /* range of the next one (Unicode, table 3-7) */
};

/* Takes one byte; false if no UTF-8 text continues like this. At the end `more` must be 0. */
bool oa_text_utf8_step(struct oa_text_utf8 *state, uint8_t byte);

/* True for UTF-8 without zero bytes. */
bool oa_text_is_utf8(struct oa_slice text);

/* Takes one byte off a non-empty text, an escape (%XX, either case) as the byte it stands for.
 * Returns 0 to 255, or OA_EMALFORMED for a broken escape: then nothing is taken. */
int oa_text_percent_next(struct oa_slice *text);

/* True if the text, its escapes decoded, is UTF-8 without zero bytes. */
bool oa_text_is_encoded(struct oa_slice text);

#endif
