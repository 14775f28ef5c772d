/*
 * What the files of the HTTP/1 parser share and nobody else sees: states, flag bits, the handlers'
 * contract and the smallest matchers.
 *
 * A handler consumes a prefix of *in and answers GO (state changed, call the next one), STOP (an
 * event was filled in, or the input is used up) or OA_EMALFORMED. What it reports may depend on the
 * bytes only, never on where the input was cut: fragments may differ, their concatenation may not.
 */
#ifndef OA_HTTP1_INTERNAL_H
#define OA_HTTP1_INTERNAL_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "hooks/protocols/http1.h"
#include "preload/base/err.h"

#define OA_HTTP1_LEADING_LINES_MAX 8u       /* empty lines tolerated before a request (RFC 9112 2.2) */
#define OA_HTTP1_OVERHEAD_MAX (64u * 1024u) /* chunk framing without data between, trailers included */

enum oa_http1_verdict { OA_HTTP1_STOP = 0, OA_HTTP1_GO = 1 };

enum oa_http1_state {
#define STATE(id, handler, kind) OA_HTTP1_IN_##id,
#include "hooks/protocols/http1_states.def"
#undef STATE
    OA_HTTP1_STATE_COUNT
};

/* Bits of oa_http1.flags; all but STARTED gather what the fields of this head said. */
enum oa_http1_flag {
    OA_HTTP1_STARTED = 1 << 0,  /* the first fragment of the current text was reported */
    OA_HTTP1_BAD = 1 << 1,      /* contradicting or broken framing fields: malformed at the empty line */
    OA_HTTP1_CODED = 1 << 2,    /* Transfer-Encoding is there */
    OA_HTTP1_CHUNKS = 1 << 3,   /* and its last coding so far is chunked */
    OA_HTTP1_CLOSE = 1 << 4,    /* Connection: close */
    OA_HTTP1_KEEP = 1 << 5,     /* Connection: keep-alive */
    OA_HTTP1_SWITCHES = 1 << 6, /* Connection: upgrade */
    OA_HTTP1_PRODUCT = 1 << 7,  /* Upgrade names at least one protocol */
};

#define STATE(id, handler, kind) \
    int oa_http1_on_##handler(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev);
#include "hooks/protocols/http1_states.def"
#undef STATE

/* RFC 9110 5.6.2 tchar, folded to lower case; 0 for everything that ends a name. */
extern const char oa_http1_name_chars[256];

/* The row of headers.def with this name, of any case, or OA_HTTP1_WATCHED + its place in the parser's watch list;
 * OA_HTTP1_OTHER if there is none. */
unsigned oa_http1_find(const struct oa_http1 *p, const char *name, size_t len);

/* Is a field of this row to be reported? */
bool oa_http1_reported(const struct oa_http1 *p, unsigned header);

/* Length of the text before CR, LF or NUL; other control characters are let pass (RFC 9110 5.5). */
size_t oa_http1_value_span(struct oa_slice in);

/* Length of a line end that is all there and not followed by a continuation (obs-fold); else 0. */
size_t oa_http1_field_end(struct oa_slice in);

/* Quiet parsers, at the beginning of a field line: reads lines that lie wholly in the input, until one is to be
 * reported (STOP). GO: what is left is for the other handlers, byte by byte. */
int oa_http1_whole_lines(struct oa_http1 *p, struct oa_slice *in, struct oa_http1_event *ev);

/* Eight bytes with the bit that makes capitals small letters. */
static inline uint64_t oa_http1_lower(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof(word));
    return word | 0x2020202020202020u;
}

/* Index of the first byte below low (at most 0x80), or len. Reads nothing past len. */
static inline size_t oa_http1_scan(const char *s, size_t len, unsigned char low)
{
    const uint64_t ones = 0x0101010101010101u, high = ones << 7;
    size_t i = 0;
    uint64_t word;

#ifdef __SSE2__
    for (; i + sizeof(__m128i) <= len; i += sizeof(__m128i)) {
        __m128i v = _mm_loadu_si128((const void *)(s + i));
        int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8((char)(low - 1))), v));

        if (hits)
            return i + (size_t)__builtin_ctz((unsigned)hits);
    }
#endif
    /* Eight bytes at a time: the high bit of (byte - low) & ~byte tells a byte below low. */
    for (; i + sizeof(word) <= len; i += sizeof(word)) {
        memcpy(&word, s + i, sizeof(word));
        word = (word - ones * low) & ~word & high;
        if (!word)
            continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        return i + (size_t)__builtin_ctzll(word) / 8; /* what stands in front of a hit cannot borrow */
#else
        break;
#endif
    }
    while (i < len && (unsigned char)s[i] >= low)
        i++;
    return i;
}

/* Reads a fragment of the current field's value, if it is one that frames the message. */
void oa_http1_field(struct oa_http1 *p, struct oa_slice text, bool last);

/* Whether a head whose fields are all read tells where its message ends (RFC 9112 6.3). */
bool oa_http1_frames(const struct oa_http1 *p);

/* The head is over: sets what it says about the message, and the state that follows. */
void oa_http1_end_head(struct oa_http1 *p);

/* Accounts for n data bytes (at least 1, at most what the state allows), seen or unseen. */
void oa_http1_take_data(struct oa_http1 *p, struct oa_slice data, struct oa_http1_event *ev);

static inline void oa_http1_take(struct oa_slice *in, size_t n)
{
    in->ptr += n;
    in->len -= n;
}

static inline bool oa_http1_is_eol(char c)
{
    return c == '\r' || c == '\n';
}

static inline bool oa_http1_is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The state that follows where the verdict is to go on. */
static inline int oa_http1_then(struct oa_http1 *p, int verdict, uint8_t state)
{
    if (verdict == OA_HTTP1_GO)
        p->state = state;
    return verdict;
}

/* CR LF or a bare LF, cut anywhere: GO once the LF was consumed. */
static inline int oa_http1_eol(struct oa_http1 *p, struct oa_slice *in)
{
    if (in->len && *in->ptr == '\r' && !p->eol) {
        p->eol = 1;
        oa_http1_take(in, 1);
    }
    if (!in->len)
        return OA_HTTP1_STOP;
    if (*in->ptr != '\n')
        return OA_EMALFORMED;
    p->eol = 0;
    oa_http1_take(in, 1);
    return OA_HTTP1_GO;
}

/* Consumes up to and including the next LF: GO once it was there. */
static inline int oa_http1_skip_line(struct oa_slice *in)
{
    const char *at = in->len ? memchr(in->ptr, '\n', in->len) : NULL;

    if (!at) {
        oa_http1_take(in, in->len);
        return OA_HTTP1_STOP;
    }
    oa_http1_take(in, (size_t)(at - in->ptr) + 1);
    return OA_HTTP1_GO;
}

#endif
