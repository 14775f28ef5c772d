#include "sdk/propagation/ot_entry.h"

#define VALUE_MAX 256
#define HEX_DIGITS (OA_OT_RANDOM_BITS / 4)

/* The first pair "key:value" of value whose key is wanted, whole; empty if there is none. */
static struct oa_slice find_pair(struct oa_slice value, struct oa_slice key_colon)
{
    while (value.len) {
        struct oa_slice pair = oa_slice_next(&value, ';');

        if (oa_slice_starts(pair, key_colon))
            return pair;
    }
    return (struct oa_slice){ NULL, 0 };
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "key:value": a key of [a-z][a-z0-9]*, a value of [A-Za-z0-9._-]*. */
static bool pair_ok(struct oa_slice pair)
{
    struct oa_slice value = pair, key = oa_slice_next(&value, ':');

    if (key.len == 0 || key.len == pair.len || !is_lower(key.ptr[0]))
        return false;
    for (size_t i = 1; i < key.len; i++)
        if (!is_lower(key.ptr[i]) && !is_digit(key.ptr[i]))
            return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (!is_lower(oa_ascii_lower(c)) && !is_digit(c) && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

static bool value_ok(struct oa_slice value)
{
    struct oa_slice rest = value;

    if (value.len == 0 || value.len > VALUE_MAX || value.ptr[value.len - 1] == ';')
        return false;
    while (rest.len)
        if (!pair_ok(oa_slice_next(&rest, ';')))
            return false;
    return true;
}

/* The value of the member `ot`, empty if there is none, or none that can be read. */
static struct oa_slice find_value(struct oa_slice tracestate)
{
    while (tracestate.len) {
        struct oa_slice member = oa_slice_next(&tracestate, ',');
        struct oa_slice value = { member.ptr + 3, member.len - 3 };

        if (oa_slice_starts(member, OA_SLICE("ot=")))
            return value_ok(value) ? value : (struct oa_slice){ NULL, 0 };
    }
    return (struct oa_slice){ NULL, 0 };
}

/* Lower-case hex digits, as if zeros followed up to 14 of them. */
static bool read_hex(struct oa_slice digits, size_t least, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (digits.len < least || digits.len > HEX_DIGITS)
        return false;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        char c = i < digits.len ? digits.ptr[i] : '0';

        if (!is_digit(c) && !(c >= 'a' && c <= 'f'))
            return false;
        number = number << 4 | (uint64_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret_number = number;
    return true;
}

struct oa_ot_entry oa_ot_entry_read(struct oa_slice tracestate)
{
    struct oa_slice value = find_value(tracestate), pair;
    struct oa_ot_entry entry = { .has_random = false };

    pair = find_pair(value, OA_SLICE("rv:"));
    if (pair.len)
        entry.has_random = read_hex((struct oa_slice){ pair.ptr + 3, pair.len - 3 }, HEX_DIGITS, &entry.random);
    pair = find_pair(value, OA_SLICE("th:"));
    if (pair.len)
        entry.has_threshold = read_hex((struct oa_slice){ pair.ptr + 3, pair.len - 3 }, 1, &entry.threshold);
    return entry;
}

size_t oa_ot_entry_erase_threshold(char *text, size_t len)
{
    struct oa_slice value = find_value((struct oa_slice){ text, len });
    struct oa_slice pair = find_pair(value, OA_SLICE("th:"));
    size_t from, to;

    if (pair.len == 0)
        return len;
    from = (size_t)(pair.ptr - text);
    to = from + pair.len;
    if (pair.len == value.len) { /* nothing else is in the entry: the member goes, with one comma */
        from -= 3;
        if (to < len)
            to++;
        else if (from > 0)
            from--;
    } else if (pair.ptr + pair.len < value.ptr + value.len) {
        to++; /* the semicolon behind it, else the one before it */
    } else {
        from--;
    }
    memmove(text + from, text + to, len - to);
    return len - (to - from);
}
