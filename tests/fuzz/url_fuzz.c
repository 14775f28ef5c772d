/* SOURCES: hooks/instrumentation/url.c hooks/instrumentation/forwarded.c */
/*
 * The input is a request target, an authority, a query, and every forwarding field at once.
 * Properties: a host is printable and free of delimiters, credentials and secret values are not
 * written, and a shorter room gives a prefix of the full text.
 */
#include "hooks/instrumentation/url.h"

#include <stdint.h>
#include <stdlib.h>

#include "hooks/instrumentation/forwarded.h"
#include "tests/fuzz/must.h"

static char full[1u << 16], part[256];

static void check_host(struct oa_slice host)
{
    for (size_t i = 0; i < host.len; i++)
        must(host.ptr[i] > ' ' && host.ptr[i] <= '~' && !strchr("/?#@[]\\\"<>", host.ptr[i]));
}

static void fuzz_target(struct oa_slice text, bool to_connect)
{
    struct oa_http_url url;
    size_t n, m;

    if (oa_http_url_split(text, to_connect, &url) != 0)
        return;
    check_host(url.host);
    must(url.path.len == 0 || !memchr(url.path.ptr, '?', url.path.len));
    n = oa_http_url_write_full(full, sizeof(full), &url);
    m = oa_http_url_write_full(part, text.len % sizeof(part), &url);
    must(m <= n && m <= text.len % sizeof(part) && memcmp(full, part, m) == 0);
}

static void fuzz_query(struct oa_slice text)
{
    size_t n = oa_http_url_write_query(full, sizeof(full), text);
    struct oa_slice rest = { full, n };

    while (rest.len) {
        struct oa_slice value = oa_slice_next(&rest, '&'), key = oa_slice_next(&value, '=');

        if (value.ptr && oa_slice_eq(key, OA_SLICE("sig")) && rest.ptr)
            must(oa_slice_eq(value, OA_SLICE("REDACTED")));
    }
}

/* The first line as the list of names whose values do not leave, the rest as a query: names as they are written. */
static void fuzz_sensitive(struct oa_slice text)
{
    struct oa_slice query = text, line = oa_slice_next(&query, '\n'), rest = { full, 0 };
    char *list = strndup(line.len ? line.ptr : "", line.len);

    if (!list)
        return;
    oa_http_url_sensitive(list);
    rest.len = oa_http_url_write_query(full, sizeof(full), query);
    while (rest.len) {
        struct oa_slice value = oa_slice_next(&rest, '&'), key = oa_slice_next(&value, '='),
                        names = oa_slice_of(list);

        while (names.len && value.ptr && rest.ptr && !memchr(key.ptr, '%', key.len) &&
               !memchr(key.ptr, '+', key.len)) {
            struct oa_slice name = oa_slice_trim(oa_slice_next(&names, ','));

            if (name.len && oa_slice_eq(name, key))
                must(oa_slice_eq(value, OA_SLICE("REDACTED")));
        }
    }
    oa_http_url_sensitive("");
    free(list);
}

static void fuzz_forwarded(struct oa_slice text)
{
    struct oa_forwarded_fields fields = { text, text, text, text };
    struct oa_forwarded f;

    oa_forwarded_read(&fields, &f);
    check_host(f.client);
    check_host(f.host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice text = { (const char *)data, size };
    struct oa_http_url url = { .port = 0 };

    fuzz_target(text, false);
    fuzz_target(text, true);
    fuzz_query(text);
    fuzz_sensitive(text);
    fuzz_forwarded(text);
    if (oa_http_url_authority(text, &url) == 0)
        check_host(url.host);
    return 0;
}
