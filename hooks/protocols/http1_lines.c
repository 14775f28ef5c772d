/*
 * Field lines that lie wholly in the input, which is nearly all of them: one look at each byte, and no event for what
 * nobody reads. What they mean is exactly what the handlers of http1_head.c make of the same bytes.
 */
#include "hooks/protocols/http1_internal.h"

#define NAME_ROW_MAX 24

enum use { NONE, FRAMING, CAPTURE };

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

/* Length and first letter of each row, close together. */
#define KEYS 16u
#define NAME_KEY(len, first) ((uint16_t)((len) << 8 | (unsigned char)(first)))
static const _Alignas(16) uint16_t keys[KEYS] = {
#define HEADER(id, name, use) [OA_HTTP1_##id] = NAME_KEY(sizeof(name) - 1, name[0]),
#include "hooks/protocols/headers.def"
#undef HEADER
};
_Static_assert(OA_HTTP1_HEADER_COUNT <= KEYS, "a key per row");

static bool name_is(const char *lower, const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (oa_http1_name_chars[(unsigned char)name[i]] != lower[i])
            return false;
    return true;
}

static inline uint32_t lower_four(const char *text)
{
    uint32_t word;

    memcpy(&word, text, sizeof(word));
    return word | 0x20202020u;
}

/* A row's name is of letters and dashes; len bytes that may stand in a name: of these no other becomes a letter or a
 * dash with the bit of lower case. The last word laps over. */
static inline bool row_is(const char *row, const char *name, size_t len)
{
    size_t i = 0;

    if (len < sizeof(uint32_t))
        return name_is(row, name, len);
    if (len < sizeof(uint64_t))
        return lower_four(row) == lower_four(name) && lower_four(row + len - 4) == lower_four(name + len - 4);
    for (; i + sizeof(uint64_t) < len; i += sizeof(uint64_t))
        if (oa_http1_lower(row + i) != oa_http1_lower(name + i))
            return false;
    i = len - sizeof(uint64_t);
    return oa_http1_lower(row + i) == oa_http1_lower(name + i);
}

/* Bit per row with this key. Row 0 has the key of no name. */
static inline unsigned rows_with(uint16_t key)
{
#ifdef __SSE2__
    const __m128i *all = (const __m128i *)keys, want = _mm_set1_epi16((short)key);

    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(_mm_cmpeq_epi16(all[0], want), _mm_cmpeq_epi16(all[1], want)));
#else
    unsigned rows = 0;

    for (unsigned i = 0; i < KEYS; i++)
        rows |= (unsigned)(keys[i] == key) << i;
    return rows;
#endif
}

static inline enum oa_http1_header find_header(const char *name, size_t len)
{
    unsigned rows = len < NAME_ROW_MAX ? rows_with(NAME_KEY(len, oa_http1_name_chars[(unsigned char)name[0]])) : 0;

    for (; oa_unlikely(rows); rows &= rows - 1) {
        unsigned row = (unsigned)__builtin_ctz(rows);

        if (row_is(names[row].name, name, len))
            return row;
    }
    return OA_HTTP1_OTHER;
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
    if (oa_likely(p->header < OA_HTTP1_HEADER_COUNT)) { /* the table has it in lower case */
        memcpy(p->name, names[p->header].name, NAME_ROW_MAX);
        return;
    }
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

#ifdef __SSE2__
/* Bits of the bytes that are no letters, digits or dashes, which is what names are made of. */
static inline unsigned odd_bits(__m128i v)
{
    __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(' ')), _mm_set1_epi8('a'));
    __m128i plain = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')),
                                 _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8('z' - 'a')), letter),
                                              _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)));

    return (unsigned)_mm_movemask_epi8(plain) ^ 0xffffu;
}

/* Bits of control characters. */
static inline unsigned low_bits(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(' ' - 1)), v));
}

/* The usual line: a name of less than 16 bytes, a value without control characters, CR LF, and behind it something
 * that does not continue it. Sixteen bytes at a time. */
static inline bool read_usual(struct oa_slice in, struct line *ret)
{
    size_t name, end = 0;
    unsigned odd, low;
    __m128i v;

    if (in.len < sizeof(v))
        return false;
    v = _mm_loadu_si128((const void *)in.ptr);
    odd = odd_bits(v);
    name = odd ? (size_t)__builtin_ctz(odd) : 0;
    if (!name || in.ptr[name] != ':')
        return false;
    low = low_bits(v);
    while (!low) {
        size_t left = in.len - (end += sizeof(v)), at = left < sizeof(v) ? in.len - sizeof(v) : end;

        if (!left)
            return false;
        low = low_bits(_mm_loadu_si128((const void *)(in.ptr + at))) >> (end - at); /* the last ones lap over */
        if (!low && at < end)
            return false;
    }
    end += (size_t)__builtin_ctz(low);
    if (in.len - end < 3 || in.ptr[end] != '\r' || in.ptr[end + 1] != '\n' || oa_http1_is_space(in.ptr[end + 2]))
        return false;
    *ret = (struct line){ .name_len = name, .bytes = end + 2, .value = { in.ptr + name + 1, end - name - 1 } };
    return true;
}
#else
static inline bool read_usual(struct oa_slice in OA_UNUSED, struct line *ret OA_UNUSED)
{
    return false;
}
#endif

/* Any line. */
static OA_NOINLINE bool read_line(struct oa_slice in, struct line *ret)
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

    while (in->len && !oa_http1_is_eol(*in->ptr) && (oa_likely(read_usual(*in, &line)) || read_line(*in, &line))) {
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
