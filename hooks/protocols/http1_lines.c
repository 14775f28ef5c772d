/*
 * Field lines that lie wholly in the input, which is nearly all of them: one look at each byte, and no event for what
 * nobody reads. What they mean is exactly what the handlers of http1_head.c make of the same bytes.
 */
#include "hooks/protocols/http1_internal.h"

#define NAME_ROW_MAX 24

enum use { NONE, FRAMING, CAPTURE };

/* Length and first letter of each row, close together. */
#define NAME_KEY(len, first) ((uint16_t)((len) << 8 | (unsigned char)(first)))
static const uint16_t keys[] = {
#define HEADER(id, name, use) [OA_HTTP1_##id] = NAME_KEY(sizeof(name) - 1, name[0]),
#include "hooks/protocols/headers.def"
#undef HEADER
};

static const struct {
    uint8_t len, use;
    char name[NAME_ROW_MAX];
} names[] = {
#define HEADER(id, name, use) [OA_HTTP1_##id] = { sizeof(name) - 1, use, name },
#include "hooks/protocols/headers.def"
#undef HEADER
};

_Static_assert(OA_COUNT(names) == OA_HTTP1_HEADER_COUNT, "one row per header");
_Static_assert(OA_HTTP1_WATCHED + OA_HTTP1_WATCH_MAX <= UINT8_MAX, "oa_http1.header is a byte");
_Static_assert(NAME_ROW_MAX < OA_HTTP1_NAME_MAX, "a name that was cut equals none of the table");

const char oa_http1_name_chars[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*', ['+'] = '+',
    ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`', ['|'] = '|',   ['~'] = '~', ['0'] = '0',
    ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',   ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e',   ['F'] = 'f', ['G'] = 'g',
    ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm',   ['N'] = 'n', ['O'] = 'o',
    ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',   ['V'] = 'v', ['W'] = 'w',
    ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c',   ['d'] = 'd', ['e'] = 'e',
    ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k',   ['l'] = 'l', ['m'] = 'm',
    ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's',   ['t'] = 't', ['u'] = 'u',
    ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

/* One bit per length and first letter that a row has: most names are told apart from all rows by it. */
#define NAME_BIT(len, first) (1ull << (((len)*5u + (unsigned char)(first)) & 63u))
static const uint64_t name_bits = 0
#define HEADER(id, name, use) | NAME_BIT(sizeof(name) - 1, name[0])
#include "hooks/protocols/headers.def"
#undef HEADER
    ;

static bool name_is(const char *lower, const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (oa_http1_name_chars[(unsigned char)name[i]] != lower[i])
            return false;
    return true;
}

static OA_NOINLINE enum oa_http1_header find_row(const char *name, size_t len, char first)
{
    for (unsigned i = OA_HTTP1_OTHER + 1; i < OA_HTTP1_HEADER_COUNT; i++)
        if (keys[i] == NAME_KEY(len, first) && name_is(names[i].name, name, len))
            return i;
    return OA_HTTP1_OTHER;
}

static inline enum oa_http1_header find_header(const char *name, size_t len)
{
    char first = oa_http1_name_chars[(unsigned char)name[0]];

    return name_bits & NAME_BIT(len, first) ? find_row(name, len, first) : OA_HTTP1_OTHER;
}

/* Names that were cut are longer than any whole one; what they begin with is there. */
static OA_NOINLINE unsigned find_watched(const struct oa_http1_watch *watch, const char *name, size_t len)
{
    unsigned whole = watch->count - watch->prefixes, i;

    for (i = 0; i < whole; i++)
        if (watch->names[i].len == len && name_is(watch->names[i].name, name, len))
            return OA_HTTP1_WATCHED + i;
    for (; i < watch->count; i++)
        if (watch->names[i].len < len && name_is(watch->names[i].name, name, watch->names[i].len))
            return OA_HTTP1_WATCHED + i;
    return OA_HTTP1_OTHER;
}

static inline unsigned find(const struct oa_http1 *p, const char *name, size_t len)
{
    const struct oa_http1_watch *watch = p->watch;
    unsigned header = find_header(name, len);

    if (header != OA_HTTP1_OTHER || !watch)
        return header;
    if (oa_likely(!watch->prefixes && (len >= 64 || !(watch->lengths >> len & 1))))
        return OA_HTTP1_OTHER;
    return find_watched(watch, name, len);
}

unsigned oa_http1_find(const struct oa_http1 *p, const char *name, size_t len)
{
    return find(p, name, len);
}

bool oa_http1_reported(const struct oa_http1 *p, unsigned header)
{
    return !p->quiet || header >= OA_HTTP1_WATCHED || names[header].use >= CAPTURE ||
           (p->watch && (p->watch->rows >> header & 1));
}

struct oa_slice oa_http1_header_name(unsigned header)
{
    return (struct oa_slice){ names[header].name, names[header].len };
}

/* In lower case, cut at the room for it. */
static void keep_name(struct oa_http1 *p, const char *name, size_t len)
{
    p->name_len = (uint8_t)(len < OA_HTTP1_NAME_MAX ? len : OA_HTTP1_NAME_MAX);
    for (size_t i = 0; i < p->name_len; i++)
        p->name[i] = oa_http1_name_chars[(unsigned char)name[i]];
}

static inline size_t value_span(struct oa_slice in)
{
    size_t n = oa_http1_scan(in.ptr, in.len, ' ');

    while (n < in.len && in.ptr[n] && !oa_http1_is_eol(in.ptr[n])) {
        n++;
        n += oa_http1_scan(in.ptr + n, in.len - n, ' ');
    }
    return n;
}

static inline size_t field_end(struct oa_slice in)
{
    size_t n = in.len >= 2 && in.ptr[0] == '\r' ? 2 : 1;

    if (in.len <= n || in.ptr[n - 1] != '\n')
        return 0;
    return oa_http1_is_space(in.ptr[n]) ? 0 : n;
}

size_t oa_http1_value_span(struct oa_slice in)
{
    return value_span(in);
}

size_t oa_http1_field_end(struct oa_slice in)
{
    return field_end(in);
}

/* Length of the name in front of a colon, 0 if there is none in sight. */
static inline size_t name_span(struct oa_slice in)
{
    size_t n = 0;

    while (n < in.len && oa_http1_name_chars[(unsigned char)in.ptr[n]])
        n++;
    return n < in.len && in.ptr[n] == ':' ? n : 0;
}

/* The line's field, if it is there as a whole: name, value, bytes up to the next line. */
struct line {
    size_t name_len, bytes;
    struct oa_slice value;
};

static inline bool read_line(struct oa_slice in, struct line *ret)
{
    size_t name = name_span(in), span, end;
    struct oa_slice rest;

    if (!name)
        return false;
    rest = (struct oa_slice){ in.ptr + name + 1, in.len - name - 1 };
    span = value_span(rest);
    end = field_end((struct oa_slice){ rest.ptr + span, rest.len - span });
    if (!end)
        return false;
    *ret = (struct line){ .name_len = name, .bytes = name + 1 + span + end, .value = { rest.ptr, span } };
    return true;
}

int oa_http1_whole_lines(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev)
{
    struct line line;

    while (read_line(*in, &line)) {
        const char *name = in->ptr;
        unsigned header = find(p, name, line.name_len);

        oa_http1_take(in, line.bytes);
        if (header == OA_HTTP1_OTHER)
            continue;
        line.value = oa_slice_trim(line.value);
        p->header = (uint8_t)header;
        p->flags |= OA_HTTP1_STARTED;
        oa_http1_field(p, line.value, true);
        if (!oa_http1_reported(p, header))
            continue;
        keep_name(p, name, line.name_len);
        ev->type = OA_HTTP1_HEADER;
        ev->header = header;
        ev->text = line.value;
        ev->first = ev->last = true;
        return OA_HTTP1_STOP;
    }
    return OA_HTTP1_GO;
}
