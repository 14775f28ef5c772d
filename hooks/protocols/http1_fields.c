/*
 * The fields that the parser reads itself, as comma-separated tokens gathered from fragments, and
 * what they mean for the message: framing (RFC 9112 6.3), persistence (9.3), upgrade (RFC 9110 7.8).
 */
#include "hooks/protocols/http1_internal.h"

/* Is the token this word of letters and dashes? Nothing else that a value may hold becomes a letter or a dash with
 * the bit of lower case: a dash would come from CR. The second word laps over the first. */
static inline bool is_word(struct oa_slice token, struct oa_slice word)
{
    if (token.len != word.len)
        return false;
    if (word.len < sizeof(uint64_t) || word.len > 2 * sizeof(uint64_t))
        return oa_slice_ieq(token, word);
    return oa_http1_lower(token.ptr) == oa_http1_lower(word.ptr) &&
           oa_http1_lower(token.ptr + token.len - sizeof(uint64_t)) ==
               oa_http1_lower(word.ptr + word.len - sizeof(uint64_t));
}

static void connection_token(struct oa_http1 *p, struct oa_slice token, bool last OA_UNUSED)
{
    if (is_word(token, OA_SLICE("close")))
        p->flags |= OA_HTTP1_CLOSE;
    if (is_word(token, OA_SLICE("keep-alive")))
        p->flags |= OA_HTTP1_KEEP;
    if (is_word(token, OA_SLICE("upgrade")))
        p->flags |= OA_HTTP1_SWITCHES;
}

static bool parse_length(struct oa_slice token, uint64_t *ret_n)
{
    uint64_t n = 0;

    for (size_t i = 0; i < token.len; i++) {
        if (!oa_ascii_is_digit(token.ptr[i]) || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(token.ptr[i] - '0'), &n))
            return false;
    }
    *ret_n = n;
    return true;
}

/* Equal repetitions are tolerated, in one list or in several fields; anything else is an attack or a bug. */
static void length_token(struct oa_http1 *p, struct oa_slice token, bool last)
{
    uint64_t n;

    if (token.len) {
        if (!parse_length(token, &n) || (p->has_length && n != p->content_length)) {
            p->flags |= OA_HTTP1_BAD;
            return;
        }
        p->content_length = n;
        p->has_length = true;
    }
    if (last && !p->has_length)
        p->flags |= OA_HTTP1_BAD;
}

static void coding_token(struct oa_http1 *p, struct oa_slice token, bool last)
{
    bool chunked = is_word(token, OA_SLICE("chunked"));

    if (token.len) {
        if (chunked && (p->flags & OA_HTTP1_CHUNKS))
            p->flags |= OA_HTTP1_BAD;
        p->flags &= (uint8_t)~OA_HTTP1_CHUNKS;
        p->flags |= chunked ? OA_HTTP1_CODED | OA_HTTP1_CHUNKS : OA_HTTP1_CODED;
    }
    if (last && !(p->flags & OA_HTTP1_CODED))
        p->flags |= OA_HTTP1_BAD;
}

static void upgrade_token(struct oa_http1 *p, struct oa_slice token, bool last OA_UNUSED)
{
    if (token.len)
        p->flags |= OA_HTTP1_PRODUCT;
}

static void expect_token(struct oa_http1 *p, struct oa_slice token, bool last OA_UNUSED)
{
    if (oa_slice_ieq(token, OA_SLICE("100-continue")))
        p->expect_continue = true;
}

/* last: the field ends with this token (which may be empty). */
static void (*const tokens[OA_HTTP1_HEADER_COUNT])(struct oa_http1 *p, struct oa_slice token, bool last) = {
    [OA_HTTP1_CONNECTION] = connection_token, [OA_HTTP1_CONTENT_LENGTH] = length_token,
    [OA_HTTP1_EXPECT] = expect_token,         [OA_HTTP1_TRANSFER_ENCODING] = coding_token,
    [OA_HTTP1_UPGRADE] = upgrade_token,
};

/* No word of ours fills the buffer: a token that overflows it is spoiled and matches nothing. */
static void append(struct oa_http1 *p, char c)
{
    if (!p->value_len && oa_http1_is_space(c))
        return;
    if (p->value_len < OA_HTTP1_VALUE_MAX)
        p->value[p->value_len++] = c;
    else if (!oa_http1_is_space(c))
        p->value[0] = '\0';
}

static void end_token(struct oa_http1 *p, bool last)
{
    struct oa_slice token = oa_slice_trim((struct oa_slice){ p->value, p->value_len });

    p->value_len = 0;
    tokens[p->header](p, token, last);
}

void oa_http1_field(struct oa_http1 *p, struct oa_slice text, bool last)
{
    if (p->header >= OA_HTTP1_HEADER_COUNT || !tokens[p->header])
        return;
    if (last && !p->value_len && text.len <= OA_HTTP1_VALUE_MAX &&
        !memchr(text.ptr, ',', text.len)) { /* a single token, as nearly always */
        tokens[p->header](p, text, true);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ',')
            end_token(p, false);
        else
            append(p, text.ptr[i]);
    }
    if (last)
        end_token(p, true);
}

/* The bytes after this head belong to another protocol. */
static bool switches(const struct oa_http1 *p)
{
    return p->response && (p->status == 101 || (p->answers_connect && p->status / 100 == 2));
}

static enum oa_http1_body request_body(const struct oa_http1 *p)
{
    if (p->flags & OA_HTTP1_CODED)
        return OA_HTTP1_CHUNKED;
    return p->has_length ? OA_HTTP1_LENGTH : OA_HTTP1_NO_BODY;
}

static enum oa_http1_body response_body(const struct oa_http1 *p)
{
    if (p->answers_head || p->status / 100 == 1 || p->status == 204 || p->status == 304 || switches(p))
        return OA_HTTP1_NO_BODY;
    if (p->flags & OA_HTTP1_CODED)
        return p->flags & OA_HTTP1_CHUNKS ? OA_HTTP1_CHUNKED : OA_HTTP1_UNTIL_EOF;
    return p->has_length ? OA_HTTP1_LENGTH : OA_HTTP1_UNTIL_EOF;
}

bool oa_http1_frames(const struct oa_http1 *p)
{
    /* The end of a request that is coded but not chunked cannot be told, nor can its client close to mark it. */
    bool endless = !p->response && (p->flags & OA_HTTP1_CODED) && !(p->flags & OA_HTTP1_CHUNKS);

    return !endless && !(p->flags & OA_HTTP1_BAD);
}

static enum oa_http1_state after_head(const struct oa_http1 *p)
{
    static const uint8_t after[] = {
        [OA_HTTP1_NO_BODY] = OA_HTTP1_IN_END,
        [OA_HTTP1_LENGTH] = OA_HTTP1_IN_LENGTH,
        [OA_HTTP1_CHUNKED] = OA_HTTP1_IN_CHUNK_SIZE,
        [OA_HTTP1_UNTIL_EOF] = OA_HTTP1_IN_UNTIL_EOF,
    };

    if (p->interim)
        return OA_HTTP1_IN_START;
    if (switches(p))
        return OA_HTTP1_IN_SWITCH;
    if (p->body == OA_HTTP1_LENGTH && !p->remaining)
        return OA_HTTP1_IN_END;
    return after[p->body];
}

void oa_http1_end_head(struct oa_http1 *p)
{
    unsigned f = p->flags;

    p->body = p->response ? response_body(p) : request_body(p);
    p->interim = p->response && p->status / 100 == 1 && p->status != 101;
    p->keep_alive = !(f & OA_HTTP1_CLOSE) && (p->minor || (f & OA_HTTP1_KEEP));
    p->upgrade = (f & OA_HTTP1_SWITCHES) && (f & OA_HTTP1_PRODUCT);
    p->remaining = p->body == OA_HTTP1_LENGTH ? p->content_length : 0;
    p->state = (uint8_t)after_head(p);
}
