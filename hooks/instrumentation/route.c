#include "hooks/instrumentation/route.h"

#include <stdbool.h>

#include "hooks/instrumentation/gibberish.h"
#include "preload/base/compiler.h"

#define SEGMENT_BYTES_MAX 80u /* longer ones are keys of some kind */
#define SLUG_JOINS_MAX 4u     /* "my-trip-to-the-sea-side" is a title, not an end point */
#define NUMBERED_BYTES_MAX 8u /* "j4elk": with a digit inside only short words stay */

/* Names that hold digits where the rule allows none. */
static const struct oa_slice known_words[] = {
    OA_SLICE("2fa"),  OA_SLICE("base64"), OA_SLICE("http2"), OA_SLICE("i18n"), OA_SLICE("ipv4"),   OA_SLICE("ipv6"),
    OA_SLICE("l10n"), OA_SLICE("md5"),    OA_SLICE("mp3"),   OA_SLICE("mp4"),  OA_SLICE("oauth1"), OA_SLICE("oauth2"),
    OA_SLICE("sha1"), OA_SLICE("sha256"), OA_SLICE("utf8"),  OA_SLICE("web3"), OA_SLICE("woff2"),
};

/* Common names that the statistics would take for noise. */
static const struct oa_slice odd_words[] = {
    OA_SLICE("btrfs"), OA_SLICE("cygwin"), OA_SLICE("readyz"), OA_SLICE("submitjob"),
    OA_SLICE("tmpfs"), OA_SLICE("vmware"), OA_SLICE("xmlrpc"),
};

static size_t count_digits(struct oa_slice s)
{
    size_t n = 0;

    while (n < s.len && oa_ascii_is_digit(s.ptr[n]))
        n++;
    return n;
}

static bool in_list(struct oa_slice word, const struct oa_slice *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (oa_slice_ieq(word, list[i]))
            return true;
    return false;
}

/* Takes up to three digits off the front; false if there are none, or more. */
static bool skip_number(struct oa_slice *s)
{
    size_t n = count_digits(*s);

    *s = (struct oa_slice){ s->ptr + n, s->len - n };
    return n >= 1 && n <= 3;
}

/* "v2", "v1.41", "v1beta1", "v12alpha": what API versions look like. */
static bool is_version(struct oa_slice s)
{
    static const struct oa_slice stages[] = {
        OA_SLICE("alpha"),
        OA_SLICE("beta"),
        OA_SLICE("preview"),
        OA_SLICE("rc"),
    };
    size_t n = 0;

    if (s.len < 2 || oa_ascii_lower(s.ptr[0]) != 'v')
        return false;
    do {
        s = (struct oa_slice){ s.ptr + 1, s.len - 1 };
        if (!skip_number(&s))
            return false;
    } while (s.len && s.ptr[0] == '.');
    while (n < s.len && oa_ascii_is_letter(s.ptr[n]))
        n++;
    if (n && !in_list((struct oa_slice){ s.ptr, n }, stages, OA_COUNT(stages)))
        return false;
    return s.len - n <= 2 && count_digits((struct oa_slice){ s.ptr + n, s.len - n }) == s.len - n;
}

/* A run of letters and digits. */
static bool is_word(struct oa_slice word)
{
    size_t n = 0;

    while (n < word.len && oa_ascii_is_letter(word.ptr[n]))
        n++;
    if (n == word.len)
        return !oa_gibberish(word) || in_list(word, odd_words, OA_COUNT(odd_words));
    if (is_version(word) || in_list(word, known_words, OA_COUNT(known_words)))
        return true;
    if (n != 1 || word.len > NUMBERED_BYTES_MAX)
        return false;
    word = (struct oa_slice){ word.ptr + 2, word.len - 2 };
    for (n = 0; n < word.len; n++)
        if (!oa_ascii_is_letter(word.ptr[n]))
            return false;
    return !oa_gibberish(word);
}

/* True if the segment names one of few things. */
static bool is_fixed(struct oa_slice seg)
{
    size_t joins = 0;

    if (seg.len > SEGMENT_BYTES_MAX)
        return false;
    if (is_version(seg))
        return true;
    while (seg.len) {
        size_t n = 0;

        while (n < seg.len && (oa_ascii_is_letter(seg.ptr[n]) || oa_ascii_is_digit(seg.ptr[n])))
            n++;
        if (n && !is_word((struct oa_slice){ seg.ptr, n }))
            return false;
        if (n < seg.len) {
            char c = seg.ptr[n++];

            if (c != '-' && c != '_' && c != '.')
                return false;
            joins += c != '.'; /* names of packages and services have any number of dots */
        }
        seg = (struct oa_slice){ seg.ptr + n, seg.len - n };
    }
    return joins <= SLUG_JOINS_MAX;
}

static struct oa_slice cut_tail(struct oa_slice path)
{
    size_t n = 0;

    while (n < path.len && path.ptr[n] != '?' && path.ptr[n] != '#' && path.ptr[n] != '&')
        n++;
    return (struct oa_slice){ path.ptr, n };
}

size_t oa_route_template(char *out, size_t cap, struct oa_slice path)
{
    size_t n = 0;

    path = cut_tail(path);
    if (cap < 2 || path.len == 0 || oa_slice_eq(path, OA_SLICE("*")))
        return 0;
    if (path.ptr[0] == '/') {
        out[n++] = '/';
        path = (struct oa_slice){ path.ptr + 1, path.len - 1 };
    }
    for (unsigned count = 0; path.ptr; count++) {
        struct oa_slice all = path, seg = oa_slice_next(&path, '/');

        seg = oa_slice_next(&seg, ';');
        /* Between segments there is always room left for one character. */
        if ((count == OA_ROUTE_SEGMENTS_MAX && all.len) || n + seg.len + (path.ptr ? 2 : 0) > cap) {
            out[n++] = '*';
            break;
        }
        if (is_fixed(seg)) {
            if (seg.len)
                memcpy(out + n, seg.ptr, seg.len);
            n += seg.len;
        } else {
            out[n++] = '*';
        }
        if (path.ptr)
            out[n++] = '/';
    }
    return n;
}
