#include "sdk/encode/json_reader.h"

#include <string.h>

#include "env/parse.h"
#include "preload/base/err.h"

void oa_json_reader_init(struct oa_json_reader *r, struct oa_slice text)
{
    *r = (struct oa_json_reader){ .rest = text };
}

static bool fail(struct oa_json_reader *r)
{
    r->failed = true;
    r->rest = (struct oa_slice){ r->rest.ptr, 0 };
    return false;
}

static void skip_blanks(struct oa_json_reader *r)
{
    while (r->rest.len && memchr(" \t\r\n", *r->rest.ptr, 4))
        r->rest.ptr++, r->rest.len--;
}

/* The next character that is no blank, 0 at the end. */
static char peek(struct oa_json_reader *r)
{
    skip_blanks(r);
    return r->rest.len ? *r->rest.ptr : '\0';
}

static bool take(struct oa_json_reader *r, char c)
{
    if (peek(r) != c || r->rest.len == 0)
        return false;
    r->rest.ptr++, r->rest.len--;
    return true;
}

static bool take_word(struct oa_json_reader *r, struct oa_slice word)
{
    skip_blanks(r);
    if (!oa_slice_starts(r->rest, word))
        return false;
    r->rest.ptr += word.len, r->rest.len -= word.len;
    return true;
}

static bool is_null(struct oa_json_reader *r)
{
    return take_word(r, OA_SLICE("null"));
}

static bool open_with(struct oa_json_reader *r, char c)
{
    if (is_null(r))
        return false;
    if (!take(r, c) || ++r->depth > OA_JSON_READ_DEPTH_MAX)
        return fail(r);
    return r->first = true;
}

bool oa_json_read_object(struct oa_json_reader *r)
{
    return open_with(r, '{');
}

bool oa_json_read_array(struct oa_json_reader *r)
{
    return open_with(r, '[');
}

/* At the end of what is open: closes it. Else a comma, unless nothing was read yet. */
static bool another(struct oa_json_reader *r, char end)
{
    bool first = r->first;

    r->first = false;
    if (r->failed)
        return false;
    if (take(r, end)) {
        r->depth--;
        return false;
    }
    return first || take(r, ',') || fail(r);
}

bool oa_json_read_item(struct oa_json_reader *r)
{
    return another(r, ']');
}

bool oa_json_read_key(struct oa_json_reader *r, struct oa_slice *ret_key)
{
    if (!another(r, '}'))
        return false;
    if (peek(r) != '"')
        return fail(r);
    *ret_key = oa_json_read_string(r);
    return take(r, ':') || fail(r);
}

/* The four digits behind \u, -1: they are none. */
static int32_t hex4(struct oa_slice text)
{
    int32_t value = 0;

    for (int i = 0; i < 4; i++) {
        int digit = (size_t)i < text.len ? oa_ascii_hex(text.ptr[i]) : -1;

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* How long the escape is that begins here, 0: it is none. */
static size_t escape_length(struct oa_slice text)
{
    if (text.len < 2)
        return 0;
    if (text.ptr[1] == 'u')
        return hex4((struct oa_slice){ text.ptr + 2, text.len - 2 }) < 0 ? 0 : 6;
    return text.ptr[1] && strchr("\"\\/bfnrt", text.ptr[1]) ? 2 : 0;
}

struct oa_slice oa_json_read_string(struct oa_json_reader *r)
{
    struct oa_slice none = { "", 0 };
    const char *begin;

    if (is_null(r))
        return none;
    if (!take(r, '"'))
        return fail(r), none;
    begin = r->rest.ptr;
    while (r->rest.len && *r->rest.ptr != '"') {
        size_t step = *r->rest.ptr == '\\' ? escape_length(r->rest) : (unsigned char)*r->rest.ptr >= ' ';

        if (step == 0)
            return fail(r), none;
        r->rest.ptr += step, r->rest.len -= step;
    }
    none = (struct oa_slice){ begin, (size_t)(r->rest.ptr - begin) };
    if (!take(r, '"'))
        return fail(r), (struct oa_slice){ "", 0 };
    return none;
}

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80)
        return out[0] = (char)code, 1;
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 63));
    out[2] = (char)(0x80 | (code >> 6 & 63));
    out[3] = (char)(0x80 | (code & 63));
    return 4;
}

/* \uXXXX, or two that are one character; *ret_used: how much of the text that was. */
static uint32_t code_point(struct oa_slice text, size_t *ret_used)
{
    uint32_t high = (uint32_t)hex4((struct oa_slice){ text.ptr + 2, text.len - 2 });
    int32_t low = text.len >= 12 && text.ptr[6] == '\\' && text.ptr[7] == 'u'
                      ? hex4((struct oa_slice){ text.ptr + 8, text.len - 8 })
                      : -1;

    *ret_used = 6;
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *ret_used = 12;
    return 0x10000 + ((high - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
}

size_t oa_json_unescape(struct oa_slice raw, char *out)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    size_t len = 0, used;

    for (size_t i = 0; i < raw.len; i += used) {
        char c = raw.ptr[i];
        const char *letter;

        used = 1;
        if (c != '\\') {
            out[len++] = c;
        } else if (raw.ptr[i + 1] == 'u') {
            uint32_t code = code_point((struct oa_slice){ raw.ptr + i, raw.len - i }, &used);

            len += put_utf8(code, out + len);
        } else {
            used = 2;
            letter = strchr(letters, raw.ptr[i + 1]);
            out[len++] = letter ? meant[letter - letters] : raw.ptr[i + 1];
        }
    }
    return len;
}

/* RFC 8259 6 wants digits before and behind a point, and no zero before others. */
static bool is_number(struct oa_slice text)
{
    const char *point;

    if (text.len == 0 || !oa_ascii_is_digit(*text.ptr) ||
        (text.len > 1 && *text.ptr == '0' && oa_ascii_is_digit(text.ptr[1])))
        return false;
    point = memchr(text.ptr, '.', text.len);
    return !point || ((size_t)(point - text.ptr) + 1 < text.len && oa_ascii_is_digit(point[1]));
}

double oa_json_read_number(struct oa_json_reader *r)
{
    struct oa_slice text;
    double value = 0;
    bool negative;

    if (is_null(r))
        return 0;
    negative = take(r, '-');
    text = (struct oa_slice){ r->rest.ptr, 0 };
    for (; r->rest.len && (oa_ascii_is_digit(*r->rest.ptr) || memchr("+-.eE", *r->rest.ptr, 5)); text.len++)
        r->rest.ptr++, r->rest.len--;
    if (!is_number(text) || oa_parse_decimal(text, &value) != OA_OK)
        return fail(r), 0;
    return negative ? -value : value;
}

int64_t oa_json_read_int64(struct oa_json_reader *r)
{
    double value = 0;

    if (peek(r) != '"')
        value = oa_json_read_number(r);
    else if (oa_parse_decimal(oa_json_read_string(r), &value) != OA_OK)
        fail(r);
    return value >= 9.2e18 ? INT64_MAX : value > 0 ? (int64_t)value : 0;
}

static void skip_scalar(struct oa_json_reader *r)
{
    char c = peek(r);

    if (c == '"')
        (void)oa_json_read_string(r);
    else if (!take_word(r, OA_SLICE("true")) && !take_word(r, OA_SLICE("false")))
        (void)oa_json_read_number(r);
}

/* Which kind of thing is open on each level is kept in a word: no recursion. */
void oa_json_skip(struct oa_json_reader *r)
{
    uint64_t objects = 0;
    uint32_t base = r->depth;
    struct oa_slice key;

    do {
        char c = peek(r);

        if (c == '{' || c == '[') {
            (void)open_with(r, c);
            objects = objects << 1 | (c == '{');
        } else {
            skip_scalar(r);
        }
        while (!r->failed && r->depth > base) {
            uint32_t before = r->depth;

            if (objects & 1 ? oa_json_read_key(r, &key) : oa_json_read_item(r))
                break; /* a value is due */
            if (r->depth < before)
                objects >>= 1;
        }
    } while (!r->failed && r->depth > base);
}

bool oa_json_reader_end(struct oa_json_reader *r)
{
    skip_blanks(r);
    return !r->failed && r->depth == 0 && r->rest.len == 0;
}
