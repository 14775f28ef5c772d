/*
 * URLs as HTTP carries them: request targets and Host values taken apart (RFC 9112 3.2, RFC 3986),
 * url.full and url.query written with secrets replaced (semantic conventions, HTTP: redaction).
 * Slices point into the input or to constants. Pure; any thread.
 */
#ifndef OA_HTTP_URL_H
#define OA_HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

enum oa_http_url_form { OA_HTTP_URL_ORIGIN, OA_HTTP_URL_ABSOLUTE, OA_HTTP_URL_AUTHORITY, OA_HTTP_URL_ASTERISK };

struct oa_http_url {
    struct oa_slice scheme; /* as oa_http_url_scheme() gives it; empty if not written */
    struct oa_slice host;   /* IPv6 without brackets; empty if not written */
    struct oa_slice path;   /* "/" where an absolute form has none; "*" of OPTIONS; empty for CONNECT */
    struct oa_slice query;  /* without "?" */
    uint16_t port;          /* 0: not written */
    uint8_t form;           /* enum oa_http_url_form */
    bool userinfo;          /* credentials stood before the host; they are kept nowhere */
};

/* Takes a request target apart, also the whole URL of a client call; a fragment is dropped.
 * to_connect: the method is CONNECT. Returns 0 or OA_EMALFORMED (*ret_url untouched). */
OA_MUST_CHECK int oa_http_url_split(struct oa_slice target, bool to_connect, struct oa_http_url *ret_url);

/* Reads "[user@]host[:port]" (a Host value, an authority) into host, port and userinfo of *ret_url,
 * whose other fields stay. Returns 0 or OA_EMALFORMED (*ret_url untouched). */
OA_MUST_CHECK int oa_http_url_authority(struct oa_slice text, struct oa_http_url *ret_url);

/* Names the query parameters whose values are redacted, instead of the usual seven: a comma list, which must stay;
 * blank: the usual ones. Before the first request. */
void oa_http_url_sensitive(const char *list);

/* "http" and "https" in lower case whatever case was sent, other well-formed schemes as they are,
 * else an empty slice. */
struct oa_slice oa_http_url_scheme(struct oa_slice text);

/* 80 or 443; 0 for schemes without a default that we know. */
uint16_t oa_http_url_default_port(struct oa_slice scheme);

/* "scheme://[REDACTED:REDACTED@]host[:port]path[?query]", the query redacted, the port left out
 * where it is the default. Both writers add no terminator and return the length; what exceeds cap
 * is cut, never inside a UTF-8 sequence or a percent escape. */
size_t oa_http_url_write_full(char *out, size_t cap, const struct oa_http_url *url);

/* The query with the values of sensitive keys replaced by REDACTED. Keys are compared
 * after percent-decoding, with case, and written as they were sent. */
size_t oa_http_url_write_query(char *out, size_t cap, struct oa_slice query);

#endif
