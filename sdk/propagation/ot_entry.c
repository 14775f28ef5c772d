#include "sdk/propagation/ot_entry.h"

#include "preload/base/limits.h"

#define VALUE_MAX 256
#define HEX_DIGITS (OA_OT_RANDOM_BITS / 4)
#define PRECISION 4u   /* digits of a threshold, recommended */
#define MEMBERS_MAX 32 /* of a list */
#define MEMBER_LONG 128

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

/* "key:value": a key of [a-z][a-z0-9]*, a value of [A-Za-z0-9._-]*. */
static bool pair_ok(struct oa_slice pair)
{
    struct oa_slice value = pair, key = oa_slice_next(&value, ':');

    if (key.len == 0 || key.len == pair.len || !is_lower(key.ptr[0]))
        return false;
    for (size_t i = 1; i < key.len; i++)
        if (!is_lower(key.ptr[i]) && !oa_ascii_is_digit(key.ptr[i]))
            return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (!is_lower(oa_ascii_lower(c)) && !oa_ascii_is_digit(c) && c != '.' && c != '_' && c != '-')
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

static bool is_entry(struct oa_slice member)
{
    return oa_slice_starts(member, OA_SLICE("ot="));
}

/* The member `ot`, empty if there is none. */
static struct oa_slice find_entry(struct oa_slice tracestate)
{
    struct oa_slice member;

    while ((member = oa_slice_item(&tracestate, ',')).len)
        if (is_entry(member))
            return member;
    return member;
}

static struct oa_slice value_of(struct oa_slice entry)
{
    return (struct oa_slice){ entry.ptr + 3, entry.len - 3 };
}

/* The value of the member `ot`, empty if there is none, or none that can be read. */
static struct oa_slice find_value(struct oa_slice tracestate)
{
    struct oa_slice entry = find_entry(tracestate);

    return entry.len && value_ok(value_of(entry)) ? value_of(entry) : (struct oa_slice){ NULL, 0 };
}

/* Lower-case hex digits, as if zeros followed up to 14 of them. */
static bool read_hex(struct oa_slice digits, size_t least, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (digits.len < least || digits.len > HEX_DIGITS)
        return false;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        char c = i < digits.len ? digits.ptr[i] : '0';

        if (!oa_ascii_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return false;
        number = number << 4 | (uint64_t)(oa_ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
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

/* Takes the first `th` out; false: there is none. */
static bool erase_one(char *text, size_t *len)
{
    struct oa_slice value = find_value((struct oa_slice){ text, *len });
    struct oa_slice pair = find_pair(value, OA_SLICE("th:"));
    size_t from, to;

    if (pair.len == 0)
        return false;
    from = (size_t)(pair.ptr - text);
    to = from + pair.len;
    if (pair.len == value.len) { /* nothing else is in the entry: the member goes, with one comma */
        from -= 3;
        if (to < *len)
            to++;
        else if (from > 0)
            from--;
    } else if (pair.ptr + pair.len < value.ptr + value.len) {
        to++; /* the semicolon behind it, else the one before it */
    } else {
        from--;
    }
    memmove(text + from, text + to, *len - to);
    *len -= to - from;
    return true;
}

/* Keys should be there once; where they are not, a second one must not come to count. */
size_t oa_ot_entry_erase_threshold(char *text, size_t len)
{
    while (erase_one(text, &len))
        ;
    return len;
}

/* Takes one member of somebody else's out; false: there is none. */
static bool evict(char *text, size_t *len)
{
    struct oa_slice rest = { text, *len }, victim = { NULL, 0 };
    size_t from, to;

    while (rest.len) {
        struct oa_slice member = oa_slice_next(&rest, ',');

        if (!is_entry(member) && (member.len > MEMBER_LONG || victim.len <= MEMBER_LONG))
            victim = member;
    }
    if (victim.len == 0)
        return false;
    from = (size_t)(victim.ptr - text);
    to = from + victim.len;
    if (to < *len)
        to++;
    else if (from > 0)
        from--;
    memmove(text + from, text + to, *len - to);
    *len -= to - from;
    return true;
}

static size_t count_members(struct oa_slice list)
{
    size_t n = 0;

    while (oa_slice_item(&list, ',').len)
        n++;
    return n;
}

static void reverse(char *text, size_t from, size_t to)
{
    while (from + 1 < to) {
        char c = text[from];

        text[from++] = text[--to];
        text[to] = c;
    }
}

/* Makes the bytes [at, at + n) the first of the list, if a comma is before them. Returns where they are then. */
static size_t bring_to_front(char *text, size_t at, size_t n)
{
    if (at == 0 || text[at - 1] != ',')
        return at;
    reverse(text, 0, at - 1); /* each part by itself, then all of it: the parts change places */
    reverse(text, at, at + n);
    reverse(text, 0, at + n);
    return 0;
}

/* "th:" and the digits without the zeros behind the last one that is none. Returns the length, 17 at most. */
static size_t print_threshold(char *out, uint64_t threshold)
{
    size_t n = 0;

    memcpy(out, "th:", 3);
    do {
        out[3 + n++] = "0123456789abcdef"[threshold >> (OA_OT_RANDOM_BITS - 4)];
        threshold = threshold << 4 & (OA_OT_NEVER - 1);
    } while (threshold);
    return 3 + n;
}

static bool is_full(struct oa_slice list, size_t growth, bool one_more)
{
    return list.len + growth > OA_TRACESTATE_MAX || (one_more && count_members(list) >= MEMBERS_MAX);
}

/* evicts: may others have to go for it? */
static size_t write_threshold(char *text, size_t len, size_t cap, uint64_t threshold, bool evicts)
{
    struct oa_ot_entry now = oa_ot_entry_read((struct oa_slice){ text, len });
    struct oa_slice entry;
    char pair[3 + HEX_DIGITS];
    size_t n = print_threshold(pair, threshold), at, growth;

    if (now.has_threshold && now.threshold == threshold)
        return len;
    len = oa_ot_entry_erase_threshold(text, len);
    entry = find_entry((struct oa_slice){ text, len });
    if (entry.len && (!value_ok(value_of(entry)) || value_of(entry).len + 1 + n > VALUE_MAX))
        return len;
    growth = n + (entry.len ? 1 : 3 + (len > 0));
    if (len + growth > cap)
        return len;
    while (is_full((struct oa_slice){ text, len }, growth, !entry.len))
        if (!evicts || !evict(text, &len))
            return len;
    entry = find_entry((struct oa_slice){ text, len });
    if (entry.len) {
        at = bring_to_front(text, (size_t)(entry.ptr - text), entry.len) + entry.len;
        memmove(text + at + 1 + n, text + at, len - at);
        text[at++] = ';';
    } else {
        at = 3;
        memmove(text + growth, text, len);
        memcpy(text, "ot=", 3);
        if (len)
            text[growth - 1] = ',';
    }
    memcpy(text + at, pair, n);
    return len + growth;
}

size_t oa_ot_entry_write_threshold(char *text, size_t len, size_t cap, uint64_t threshold)
{
    return write_threshold(text, len, cap, threshold, true);
}

bool oa_ot_entry_patch(char *text, size_t len, const struct oa_ot_entry *want)
{
    struct oa_ot_entry now = oa_ot_entry_read((struct oa_slice){ text, len });
    size_t left;

    if (!now.has_threshold || (want->has_threshold && want->threshold == now.threshold))
        return false;
    left = want->has_threshold ? write_threshold(text, len, len, want->threshold, false)
                               : oa_ot_entry_erase_threshold(text, len);
    memset(text + left, ' ', len - left);
    return true;
}

uint64_t oa_ot_threshold(double share)
{
    uint64_t kept = (uint64_t)(share * (double)OA_OT_NEVER + 0.5), unit;
    unsigned digits;

    if (kept == 0 || kept >= OA_OT_NEVER)
        return OA_OT_NEVER - kept;
    digits = PRECISION + (unsigned)(__builtin_clzll(kept) - (64 - OA_OT_RANDOM_BITS)) / 4;
    if (digits >= HEX_DIGITS)
        return OA_OT_NEVER - kept;
    unit = UINT64_C(1) << (OA_OT_RANDOM_BITS - 4 * digits);
    return (OA_OT_NEVER - kept + unit / 2) & ~(unit - 1);
}
