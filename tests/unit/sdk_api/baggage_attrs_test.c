/* Entries of a parent's baggage as attributes of spans.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/dns.h"
#include "hooks/instrumentation/process.h"
#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "sdk/api/baggage_attrs.h"
#include "tests/support/http_fixture.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define KEYS "OTEL_AUTO_SPAN_ATTRIBUTES_FROM_BAGGAGE="

/* A span whose parent has this baggage, with one attribute of ours. */
static struct oa_span_view span_of(struct oa_slice baggage, struct oa_slice path)
{
    struct oa_span_end end = {
        .name = OA_SLICE("x"), .kind = OA_SPAN_SERVER, .self = { .valid = 1 }, .baggage = baggage
    };
    struct oa_span_writer w;

    memset(end.self.trace_id, 1, sizeof(end.self.trace_id));
    memset(end.self.span_id, 1, sizeof(end.self.span_id));
    oa_span_begin(&w, &end, 1, (uint32_t)path.len);
    cr_assert_not_null(w.record, "%zu bytes", path.len);
    oa_span_str(&w, OA_KEY_URL_PATH, path);
    cr_assert(w.used <= w.record->head.size);
    oa_span_commit(&w);
    return oa_test_http_next_span();
}

static struct oa_span_view span_with(const char *keys, struct oa_slice baggage)
{
    oa_baggage_attrs_init(keys);
    return span_of(baggage, OA_SLICE("/ours/00"));
}

static const struct {
    const char *keys, *baggage;
    const char *want; /* "key=value;..." of all that is not ours */
} rows[] = {
    { "", "user=alice", "" },
    { " \t", "user=alice", "" },
    { "user", "", "" },
    { "user", "user=alice", "user=alice;" },
    { "user", "User=alice,users=2,use=3", "" },
    { " user , tenant ", "a=1,tenant=t1,b=2,user=alice", "tenant=t1;user=alice;" },
    { "us*", "user=alice,us=1,u=2,bus=3", "user=alice;us=1;" },
    { "*", "user=alice,tenant=t1", "user=alice;tenant=t1;" },
    { "a*c", "abc=1,a*c=2", "a*c=2;" },
    { ",,", "user=alice", "" },
    { "k", "k=v;p=1;q", "k=v;" },
    { "k", "k=", "k=;" },
    { "k", "k=a=b", "k=a=b;" },
    { "k", "k=w%20x+y%2c%3B%25", "k=w x+y,;%;" },
    { "k", "k=%c3%A4", "k=\xc3\xa4;" },
    { "k", "k=100%", "k=100%;" },
    { "k", "k=%zz%4", "k=%zz%4;" },
    { "k", "k=a%00b%ff",
      "k=a\xef\xbf\xbd"
      "b\xef\xbf\xbd;" },
    { "url.path", "url.path=/theirs", "" },
};

Test(baggage_attrs, rows__keys_and_values)
{
    oa_test_http_start(NULL);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_span_view view = span_with(rows[i].keys, oa_slice_of(rows[i].baggage));
        char got[256] = "";
        size_t len = 0;

        for (uint32_t n = 0; n < view.attr_count; n++) {
            const struct oa_attr_view *attr = &view.attrs[n];

            cr_assert_eq(attr->type, OA_ATTR_STR);
            if (!oa_slice_eq(attr->key, OA_SLICE("url.path")))
                len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s=%.*s;", (int)attr->key.len, attr->key.ptr,
                                        (int)attr->str.len, attr->str.ptr);
        }
        cr_assert_str_eq(got, rows[i].want, "row %zu", i);
        cr_assert(oa_test_attr_is(&view, "url.path", "/ours/00"), "row %zu", i);
        cr_assert_eq(view.attr_dropped, 0, "row %zu", i);
    }
}

Test(baggage_attrs, bounds__sixteen_entries_and_the_others_count)
{
    struct oa_span_view view;
    char list[256];
    size_t len = 0;

    oa_test_http_start(NULL);
    for (int i = 0; i < 20; i++)
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%sk%d=v", i ? "," : "", i);
    view = span_with("*", (struct oa_slice){ list, len });
    cr_assert_eq(view.attr_count, OA_BAGGAGE_ATTRS_MAX + 1);
    cr_assert_eq(view.attr_dropped, 4);
    cr_assert(oa_test_attr_is(&view, "k15", "v"));
    cr_assert(oa_test_attr_is(&view, "k16", NULL));
}

Test(baggage_attrs, bounds__a_key_that_is_too_long_counts)
{
    struct oa_span_view view;
    char list[300];

    oa_test_http_start(NULL);
    memset(list, 'k', sizeof(list));
    memcpy(list + 256, "=v,a=1", 6);
    view = span_with("*", (struct oa_slice){ list, 262 });
    cr_assert_eq(view.attr_dropped, 1);
    cr_assert(oa_test_attr_is(&view, "a", "1"));
    memcpy(list + 255, "=v", 2);
    view = span_with("*", (struct oa_slice){ list, 257 });
    cr_assert_eq(view.attr_dropped, 0);
    cr_assert_eq(view.attr_count, 2);
}

/* Every length of what is announced beside it, up to where a record holds nothing more. */
Test(baggage_attrs, bounds__rather_fewer_of_them_than_no_span)
{
    static char baggage[OA_BAGGAGE_MAX], text[OA_RECORD_MAX];

    oa_test_http_start(NULL);
    oa_baggage_attrs_init("*");
    memset(baggage, 'v', sizeof(baggage));
    memcpy(baggage, "a=", 2);
    memcpy(baggage + 4000, ",b=", 3);
    memset(text, 't', sizeof(text));
    for (uint32_t len = 7000; len < OA_RECORD_MAX - 200; len += 61) {
        struct oa_span_view view = span_of((struct oa_slice){ baggage, 8000 }, (struct oa_slice){ text, len });

        cr_assert_not_null(oa_span_view_attr(&view, OA_SLICE("url.path")), "%u: ours always fits", len);
        cr_assert_eq(view.attr_count + view.attr_dropped, 3, "%u", len);
    }
}

#define BAGGAGE "baggage: user=alice,tenant=t%201;p=q,other=o\r\n"

static void start(const char *a)
{
    const char *settings[] = { KEYS "user,ten*", a, NULL };

    oa_test_http_start(settings);
}

static void has_both(const struct oa_span_view *view)
{
    cr_assert(oa_test_attr_is(view, "user", "alice"));
    cr_assert(oa_test_attr_is(view, "tenant", "t 1"));
    cr_assert(oa_test_attr_is(view, "other", NULL));
}

static void has_none(const struct oa_span_view *view)
{
    cr_assert(oa_test_attr_is(view, "user", NULL));
    cr_assert(oa_test_attr_is(view, "tenant", NULL));
}

Test(baggage_attrs, spans__server_look_up_and_client)
{
    struct oa_conn *server, *client;
    struct oa_span_view view;
    struct oa_dns dns;

    start(NULL);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    client = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n" BAGGAGE "\r\n"), 0);
    oa_dns_begin(&dns, "db.example");
    dns.error_type = OA_SLICE("EAI_AGAIN");
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    has_both(&view);
    cr_assert_eq(oa_test_http_out(client, "GET /out HTTP/1.1\r\nHost: c\r\n\r\n"), 0);
    cr_assert_eq(oa_test_http_in(client, OK_EMPTY), 0);
    view = oa_test_http_next_span();
    cr_assert_eq(view.kind, OA_SPAN_CLIENT);
    has_both(&view);
    cr_assert_eq(oa_test_http_out(server, OK_EMPTY), 0);
    view = oa_test_http_next_span();
    cr_assert_eq(view.kind, OA_SPAN_SERVER);
    has_both(&view);
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n\r\n"), 0);
    cr_assert_eq(oa_test_http_out(server, OK_EMPTY), 0);
    view = oa_test_http_next_span();
    has_none(&view);
}

Test(baggage_attrs, spans__process_and_what_it_asks)
{
    struct oa_conn *client;
    struct oa_span_view view;
    const char *settings[] = { "OTEL_INSTRUMENTATION_PROCESS_ENABLED=true", KEYS "user,ten*",
                               "BAGGAGE=user=alice,tenant=t%201,other=o", NULL };

    oa_test_http_start(settings);
    client = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_out(client, "GET /out HTTP/1.1\r\nHost: c\r\n\r\n"), 0);
    cr_assert_eq(oa_test_http_in(client, OK_EMPTY), 0);
    view = oa_test_http_next_span();
    has_both(&view);
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_eq(view.scope, OA_SCOPE_PROCESS);
    has_both(&view);
}

Test(baggage_attrs, spans__strangers_are_not_believed)
{
    struct oa_conn *server;
    struct oa_span_view view;

    start("OTEL_AUTO_PUBLIC_ENDPOINT=true");
    server = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n" BAGGAGE "\r\n"), 0);
    cr_assert_eq(oa_test_http_out(server, OK_EMPTY), 0);
    view = oa_test_http_next_span();
    has_none(&view);
}
