#include "env/text.h"

#include "preload/base/err.h"

static bool lead(struct oa_text_utf8 *state, uint8_t byte)
{
    *state = (struct oa_text_utf8){ .more = 0, .low = 0x80, .high = 0xbf };
    if (byte < 0x80)
        return true;
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    state->more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    /* No overlong forms, no surrogates, nothing above U+10FFFF. */
    if (byte == 0xe0)
        state->low = 0xa0;
    else if (byte == 0xed)
        state->high = 0x9f;
    else if (byte == 0xf0)
        state->low = 0x90;
    else if (byte == 0xf4)
        state->high = 0x8f;
    return true;
}

bool oa_text_utf8_step(struct oa_text_utf8 *state, uint8_t byte)
{
    if (state->more == 0)
        return lead(state, byte);
    if (byte < state->low || byte > state->high)
        return false;
    *state = (struct oa_text_utf8){ .more = (uint8_t)(state->more - 1), .low = 0x80, .high = 0xbf };
    return true;
}

bool oa_text_is_utf8(struct oa_slice text)
{
    struct oa_text_utf8 state = { 0 };

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !oa_text_utf8_step(&state, (uint8_t)text.ptr[i]))
            return false;
    return state.more == 0;
}

int oa_text_percent_next(struct oa_slice *text)
{
    size_t taken = 1;
    int byte = (uint8_t)text->ptr[0];

    if (byte == '%') {
        int high = text->len > 2 ? oa_ascii_hex(text->ptr[1]) : -1;
        int low = text->len > 2 ? oa_ascii_hex(text->ptr[2]) : -1;

        if (high < 0 || low < 0)
            return OA_EMALFORMED;
        byte = high << 4 | low;
        taken = 3;
    }
    text->ptr += taken;
    text->len -= taken;
    return byte;
}

bool oa_text_is_encoded(struct oa_slice text)
{
    struct oa_text_utf8 state = { 0 };

    while (text.len) {
        int byte = oa_text_percent_next(&text);

        if (byte <= 0 || !oa_text_utf8_step(&state, (uint8_t)byte))
            return false;
    }
    return state.more == 0;
}
