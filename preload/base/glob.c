#include "preload/base/glob.h"

/* How long the star at p is: ".*" counts as one where regular expressions are read. 0: none stands there. */
static size_t star_at(struct oa_slice pattern, size_t p, bool regex)
{
    if (p < pattern.len && pattern.ptr[p] == '*')
        return 1;
    return regex && p + 1 < pattern.len && pattern.ptr[p] == '.' && pattern.ptr[p + 1] == '*' ? 2 : 0;
}

/* prefix: text may go on where the pattern ends. */
static bool match(struct oa_slice pattern, struct oa_slice text, bool regex, bool prefix)
{
    size_t p = 0, t = 0, star, after_star = 0, resume = 0;
    bool had_star = false;

    while (t < text.len || star_at(pattern, p, regex)) {
        star = star_at(pattern, p, regex);
        if (star) {
            p += star;
            after_star = p;
            resume = t;
            had_star = true;
        } else if (p == pattern.len && prefix) {
            return true;
        } else if (p < pattern.len && (pattern.ptr[p] == text.ptr[t] || (!regex && pattern.ptr[p] == '?'))) {
            p++;
            t++;
        } else if (had_star && resume < text.len) {
            p = after_star;
            t = ++resume;
        } else {
            return false;
        }
    }
    return p == pattern.len;
}

bool oa_glob_match(struct oa_slice pattern, struct oa_slice text)
{
    return match(pattern, text, false, false);
}

bool oa_glob_search(struct oa_slice pattern, struct oa_slice text)
{
    bool start = pattern.len && pattern.ptr[0] == '^', end = pattern.len && pattern.ptr[pattern.len - 1] == '$';

    if (start)
        pattern = (struct oa_slice){ pattern.ptr + 1, pattern.len - 1 };
    if (end && pattern.len)
        pattern.len--;
    for (size_t at = 0; at <= text.len; at++) {
        if (match(pattern, (struct oa_slice){ text.ptr + at, text.len - at }, true, !end))
            return true;
        if (start)
            return false;
    }
    return false;
}

bool oa_glob_list(struct oa_slice list, struct oa_slice text, bool (*matches)(struct oa_slice, struct oa_slice))
{
    struct oa_slice item;

    while ((item = oa_slice_item(&list, ',')).len)
        if (matches(item, text))
            return true;
    return false;
}
