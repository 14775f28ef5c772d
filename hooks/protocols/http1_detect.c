#include "hooks/protocols/http1.h"

#include "hooks/protocols/http1_internal.h"

#define METHOD_ROW_MAX 12

/* With the space that must follow. Look-alikes (memcached, inline Redis) use lower case, or die at the version. */
static const char methods[][METHOD_ROW_MAX] = {
    "CONNECT ", "COPY ",     "DELETE ",    "GET ",   "HEAD ", "LOCK ",  "MKCOL ",  "MOVE ",   "OPTIONS ", "PATCH ",
    "POST ",    "PROPFIND ", "PROPPATCH ", "PURGE ", "PUT ",  "QUERY ", "REPORT ", "SEARCH ", "TRACE ",   "UNLOCK ",
};

enum match { MISMATCH, PARTLY, WHOLLY };

static enum match match_prefix(struct oa_slice in, struct oa_slice word)
{
    size_t n = in.len < word.len ? in.len : word.len;

    if (memcmp(in.ptr, word.ptr, n) != 0)
        return MISMATCH;
    return n == word.len ? WHOLLY : PARTLY;
}

static enum oa_http1_guess detect_request(struct oa_slice in)
{
    for (size_t i = 0; i < OA_COUNT(methods); i++) {
        enum match m = match_prefix(in, oa_slice_of(methods[i]));

        if (m != MISMATCH)
            return m == WHOLLY ? OA_HTTP1_IS_REQUEST : OA_HTTP1_MAYBE_REQUEST;
    }
    return OA_HTTP1_NOT;
}

static enum oa_http1_guess detect_response(struct oa_slice in)
{
    switch (match_prefix(in, OA_SLICE("HTTP/1."))) {
    case WHOLLY:
        return OA_HTTP1_IS_RESPONSE;
    case PARTLY:
        return OA_HTTP1_MAYBE_RESPONSE;
    default:
        return OA_HTTP1_NOT;
    }
}

/* Consumes one empty line; false if there is none (a lone CR at the end may become one). */
static bool empty_line(struct oa_slice *in)
{
    size_t n = in->len && in->ptr[0] == '\r' ? 2 : 1;

    if (in->len < n || in->ptr[n - 1] != '\n')
        return false;
    oa_http1_take(in, n);
    return true;
}

enum oa_http1_guess oa_http1_detect(const char *buf, size_t len)
{
    struct oa_slice in = { len ? buf : "", len };
    enum oa_http1_guess guess;
    unsigned lines = 0;

    while (lines < OA_HTTP1_LEADING_LINES_MAX && empty_line(&in))
        lines++;
    if (!in.len || (in.len == 1 && in.ptr[0] == '\r' && lines < OA_HTTP1_LEADING_LINES_MAX))
        return OA_HTTP1_MAYBE_REQUEST;
    guess = detect_request(in);
    return guess == OA_HTTP1_NOT && !lines ? detect_response(in) : guess;
}
