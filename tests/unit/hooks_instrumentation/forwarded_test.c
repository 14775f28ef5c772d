/* SOURCES: hooks/instrumentation/forwarded.c hooks/instrumentation/url.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "hooks/instrumentation/forwarded.h"
#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"

struct row {
    const char *forwarded, *x_for, *x_proto, *x_host; /* in */
    const char *client, *scheme, *host;               /* out, NULL = empty */
    uint16_t client_port, host_port;
};

static const struct row rows[] = {
    { .client = NULL },
    { "for=192.0.2.43", .client = "192.0.2.43" },
    { "For=192.0.2.43, for=198.51.100.17", .client = "192.0.2.43" },
    { "for=192.0.2.60;proto=http;by=203.0.113.43", .client = "192.0.2.60", .scheme = "http" },
    { "FOR=\"[2001:db8:cafe::17]:4711\"", .client = "2001:db8:cafe::17", .client_port = 4711 },
    { "for=\"[2001:db8:cafe::17]\"", .client = "2001:db8:cafe::17" },
    { "for=\"192.0.2.43:47011\"", .client = "192.0.2.43", .client_port = 47011 },
    { "for = 192.0.2.43 ; proto = https ; host = a.example", .client = "192.0.2.43", .scheme = "https",
      .host = "a.example" },
    { "proto=HTTPS;host=\"a.example:8443\"", .scheme = "https", .host = "a.example", .host_port = 8443 },
    { "host=\"a,b;c\";proto=http", .host = "a,b;c", .scheme = "http" }, /* separators inside quotes */
    { "for=\"a\\\"b\";proto=http", .scheme = "http" },                  /* escapes are not undone */
    { "for=\"_gazonk\"", .client = NULL },
    { "for=_SEVKISEK", .client = NULL },
    { "for=unknown, for=1.2.3.4", .client = NULL },
    { "proto=http, for=1.2.3.4", .scheme = "http" }, /* the later hop is no client */
    { ", ;, for=1.2.3.4", .client = "1.2.3.4" },
    { "for", .client = NULL },
    { "for=", .client = NULL },
    { "=1.2.3.4", .client = NULL },
    { "for=1.2.3.4;for=5.6.7.8", .client = "1.2.3.4" },
    { "for=\"1.2.3.4", .client = NULL },
    { "for=\"1.2.3.4\\", .client = NULL },
    { "for=1.2.3.4:99999", .client = NULL },
    { "for=u@1.2.3.4", .client = NULL },
    { "for=<script>", .client = NULL },
    { "for=\"[::ffff:192.0.2.1]\"", .client = "192.0.2.1" },
    { .x_for = "203.0.113.195", .client = "203.0.113.195" },
    { .x_for = "203.0.113.195, 70.41.3.18, 150.172.238.178", .client = "203.0.113.195" },
    { .x_for = " ,, 203.0.113.195", .client = "203.0.113.195" },
    { .x_for = "203.0.113.195:41237", .client = "203.0.113.195", .client_port = 41237 },
    { .x_for = "2001:db8:85a3:8d3:1319:8a2e:370:7348", .client = "2001:db8:85a3:8d3:1319:8a2e:370:7348" },
    { .x_for = "[2001:db8::1]:80, 1.1.1.1", .client = "2001:db8::1", .client_port = 80 },
    { .x_for = "fe80::1%eth0", .client = "fe80::1%eth0" },
    { .x_for = "::FFFF:192.0.2.1", .client = "192.0.2.1" },
    { .x_for = "unknown, 1.2.3.4", .client = NULL },
    { .x_for = "localhost", .client = NULL },
    { .x_for = "cafe", .client = NULL },
    { .x_for = "1.2.3.4\r\nX: y", .client = NULL },
    { .x_proto = "https", .scheme = "https" },
    { .x_proto = "https,http", .scheme = "https" },
    { .x_proto = "wss", .scheme = "wss" },
    { .x_proto = "ht tp", .scheme = NULL },
    { .x_proto = "on", .scheme = "on" },
    { .x_host = "example.com:8080, other.example", .host = "example.com", .host_port = 8080 },
    { .x_host = "[::1]:8080", .host = "::1", .host_port = 8080 },
    { .x_host = "a b", .host = NULL },
    { .x_host = "user@example.com", .host = NULL },
    { "for=1.1.1.1;proto=https;host=a", "2.2.2.2", "http", "b", "1.1.1.1", "https", "a", 0, 0 },
    { "for=1.1.1.1", "2.2.2.2", "http", "b:1", "1.1.1.1", "http", "b", 0, 1 },
    { "for=unknown;proto=x/y", "2.2.2.2", "http", "b", "2.2.2.2", "http", "b", 0, 0 },
};

static bool same(struct oa_slice got, const char *want)
{
    return oa_slice_eq(got, oa_slice_of(want));
}

Test(forwarded, read__rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct oa_forwarded_fields in = { oa_slice_of(r->forwarded), oa_slice_of(r->x_for), oa_slice_of(r->x_proto),
                                          oa_slice_of(r->x_host) };
        struct oa_forwarded f;

        oa_forwarded_read(&in, &f);
        cr_assert(same(f.client, r->client), "row %zu: client %.*s", i, (int)f.client.len, f.client.ptr);
        cr_assert(same(f.scheme, r->scheme), "row %zu: scheme %.*s", i, (int)f.scheme.len, f.scheme.ptr);
        cr_assert(same(f.host, r->host), "row %zu: host %.*s", i, (int)f.host.len, f.host.ptr);
        cr_assert_eq(f.client_port, r->client_port, "row %zu", i);
        cr_assert_eq(f.host_port, r->host_port, "row %zu", i);
    }
}

Test(forwarded, read__every_prefix_on_a_guard_page)
{
    static const char text[] = "by=\"a\\\"b\" ;for=\"[::ffff:1.2.3.4]:80\"; proto=https;host=a:1, for=2.2.2.2";

    for (size_t n = 0; n < sizeof(text); n++) {
        struct oa_slice part = { oa_guard_page_copy(text, n), n };
        struct oa_forwarded_fields in = { part, part, part, part };
        struct oa_forwarded f;

        oa_forwarded_read(&in, &f);
    }
    oa_guard_page_free();
}
