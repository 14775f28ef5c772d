/* Name look-ups: the span, its parent, and the memory of names.
 * SOURCES: tests/support/http.sources */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/dns.h"
#include "preload/base/compiler.h"
#include "sdk/api/strategy.h"
#include "tests/support/http_fixture.h"

static struct sockaddr_in v4(const char *ip)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };

    cr_assert_eq(inet_pton(AF_INET, ip, &in.sin_addr), 1);
    return in;
}

static struct sockaddr_in6 v6(const char *ip)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

    cr_assert_eq(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
    return in6;
}

static void add_v4(struct oa_dns *dns, const char *ip)
{
    struct sockaddr_in in = v4(ip);
    struct addrinfo info = { .ai_addr = (struct sockaddr *)&in, .ai_addrlen = sizeof(in) };

    oa_dns_add_addrinfo(dns, &info);
}

/* The name that was asked for this address last, as text. */
static const char *name_of(const char *ip)
{
    static char text[OA_DNS_NAME_MAX];
    char buf[OA_DNS_NAME_MAX];
    struct sockaddr_in in = v4(ip);
    struct oa_address a;
    struct oa_slice name;

    oa_address_set(&a, (struct sockaddr *)&in, sizeof(in)); /* with a port, as connect() gives it */
    name = oa_dns_name_of(&a, buf);
    snprintf(text, sizeof(text), "%.*s", (int)name.len, name.ptr ? name.ptr : "");
    return text;
}

/* A server request that the look-ups belong to. */
static struct oa_conn *serving(const char *const *settings)
{
    struct oa_conn *server;

    oa_test_http_start(settings);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(server, "GET /in HTTP/1.1\r\nHost: s\r\n\r\n"), 0);
    return server;
}

static struct oa_span_view finish(struct oa_conn *server)
{
    cr_assert_eq(oa_test_http_out(server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0);
    return oa_test_http_next_span();
}

static bool answers_are(const struct oa_span_view *view, const char *const *want, uint32_t count)
{
    const struct oa_attr_view *attr = oa_span_view_attr(view, OA_SLICE("dns.answers"));

    if (!attr)
        return count == 0;
    if (attr->type != OA_ATTR_ARR || attr->item_count != count)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!oa_slice_eq(attr->items[i], oa_slice_of(want[i])))
            return false;
    return true;
}

Test(dns, span__below_what_is_being_worked_on)
{
    static const char *const want[] = { "192.0.2.1", "2001:db8::1" };
    struct sockaddr_in in = v4("192.0.2.1");
    struct sockaddr_in6 in6 = v6("2001:db8::1");
    struct addrinfo second = { .ai_addr = (struct sockaddr *)&in6, .ai_addrlen = sizeof(in6) };
    struct addrinfo first = { .ai_addr = (struct sockaddr *)&in, .ai_addrlen = sizeof(in), .ai_next = &second };
    struct oa_conn *server = serving(NULL);
    struct oa_span_view view, parent;
    struct oa_dns dns;

    oa_dns_begin(&dns, "db.example");
    oa_dns_add_addrinfo(&dns, &first);
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    parent = finish(server);
    cr_assert(oa_test_name_is(&view, "DNS lookup"));
    cr_assert_eq(view.kind, OA_SPAN_CLIENT);
    cr_assert_eq(view.scope, OA_SCOPE_DNS);
    cr_assert_eq(view.status, OA_STATUS_UNSET);
    cr_assert_str_eq(oa_test_parent_id(&view), oa_test_span_id(&parent));
    cr_assert(oa_test_attr_is(&view, "dns.question.name", "db.example"));
    cr_assert(oa_test_attr_is(&view, "error.type", NULL));
    cr_assert(answers_are(&view, want, 2));
}

Test(dns, span__never_a_root)
{
    struct oa_span_view view;
    struct oa_dns dns;

    oa_test_http_start(NULL);
    oa_dns_begin(&dns, "db.example");
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    cr_assert_not(oa_test_http_span(&view));
    cr_assert_str_eq(name_of("192.0.2.1"), "db.example", "but it is remembered");
}

Test(dns, statement_97__a_look_up_that_is_no_span_takes_nothing_from_a_rate)
{
    const char *settings[] = { "OTEL_TRACES_SAMPLER=jaeger_remote", NULL };
    struct oa_strategy_rule rule;
    struct oa_dns dns;

    oa_test_http_start(settings);
    oa_strategy_put(&(struct oa_strategy){ .kind = OA_STRATEGY_RATE_LIMITING, .traces_per_second = 1.0 / 3600 });
    oa_dns_begin(&dns, "db.example");
    oa_dns_end(&dns);
    rule = oa_strategy_get(OA_SLICE(""));
    cr_assert(oa_strategy_take(&rule, oa_clock_mono_ns()));
}

/* As getaddrinfo sees it: the old short and hexadecimal forms are addresses too. */
static const char *const literals[] = {
    "127.0.0.1",  "0.0.0.0",    "::1", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1", "127.1",
    "0x7f000001", "2130706433", "",    NULL
};

Test(dns, span__literals_are_no_look_ups)
{
    struct oa_span_view view;
    struct oa_dns dns;

    (void)serving(NULL);
    for (size_t i = 0; i < OA_COUNT(literals); i++) {
        memset(&dns, 0x55, sizeof(dns));
        oa_dns_begin(&dns, literals[i]);
        cr_assert_eq(dns.question.len, 0);
        add_v4(&dns, "192.0.2.1");
        oa_dns_end(&dns);
        cr_assert_not(oa_test_http_span(&view), "%s", literals[i]);
        cr_assert_str_eq(name_of("192.0.2.1"), "");
    }
}

Test(dns, span__of_a_failure)
{
    struct oa_span_view view;
    struct oa_dns dns;

    (void)serving(NULL);
    oa_dns_begin(&dns, "nowhere.example");
    dns.error_type = oa_dns_gai_error(EAI_NONAME);
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    cr_assert_eq(view.status, OA_STATUS_ERROR);
    cr_assert(oa_test_attr_is(&view, "error.type", "EAI_NONAME"));
    cr_assert(answers_are(&view, NULL, 0));
}

Test(dns, answers__one_entry_an_address)
{
    static const char *const want[] = { "192.0.2.1", "192.0.2.2" };
    struct oa_span_view view;
    struct oa_dns dns;

    (void)serving(NULL);
    oa_dns_begin(&dns, "db.example");
    for (int i = 0; i < 3; i++)
        add_v4(&dns, "192.0.2.1"); /* stream, datagram, raw */
    for (int i = 0; i < 3; i++)
        add_v4(&dns, "192.0.2.2");
    cr_assert_eq(dns.address_count, 2);
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    cr_assert(answers_are(&view, want, 2));
}

Test(dns, answers__are_bounded)
{
    static const char *const want[] = { "192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3",
                                        "192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7" };
    struct oa_span_view view;
    struct oa_dns dns;
    char ip[16];

    (void)serving(NULL);
    oa_dns_begin(&dns, "many.example");
    for (int i = 0; i < 50; i++) {
        snprintf(ip, sizeof(ip), "192.0.2.%d", i);
        add_v4(&dns, ip);
    }
    cr_assert_eq(dns.address_count, 50, "counted beyond what the span lists");
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    cr_assert(answers_are(&view, want, OA_DNS_ANSWERS));
    cr_assert_eq(view.attr_dropped, 0);
}

Test(dns, hostent__addresses_of_either_family)
{
    static const char *const four[] = { "192.0.2.1", "192.0.2.2" }, *const six[] = { "2001:db8::1" };
    struct sockaddr_in a = v4("192.0.2.1"), b = v4("192.0.2.2");
    struct sockaddr_in6 c = v6("2001:db8::1");
    char *list4[] = { (char *)&a.sin_addr, (char *)&b.sin_addr, NULL }, *list6[] = { (char *)&c.sin6_addr, NULL };
    struct hostent host4 = { .h_addrtype = AF_INET, .h_length = 4, .h_addr_list = list4 };
    struct hostent host6 = { .h_addrtype = AF_INET6, .h_length = 16, .h_addr_list = list6 };
    struct oa_span_view view;
    struct oa_dns dns;

    (void)serving(NULL);
    oa_dns_begin(&dns, "x.example");
    oa_dns_add_hostent(&dns, &host4);
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    cr_assert(answers_are(&view, four, 2));
    oa_dns_begin(&dns, "x.example");
    oa_dns_add_hostent(&dns, &host6);
    oa_dns_add_hostent(&dns, NULL);
    oa_dns_end(&dns);
    view = oa_test_http_next_span();
    cr_assert(answers_are(&view, six, 1));
}

Test(dns, names__the_last_one_asked_for)
{
    struct oa_dns dns;

    oa_test_http_start(NULL);
    cr_assert_str_eq(name_of("192.0.2.1"), "");
    oa_dns_begin(&dns, "old.example");
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    oa_dns_begin(&dns, "new.example");
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    cr_assert_str_eq(name_of("192.0.2.1"), "new.example");
    cr_assert_str_eq(name_of("192.0.2.2"), "");
    oa_dns_forked();
    cr_assert_str_eq(name_of("192.0.2.1"), "new.example", "a child knows what its parent knew");
}

Test(dns, names__of_failures_and_long_ones_are_not_kept)
{
    char name[300];
    struct oa_dns dns;

    oa_test_http_start(NULL);
    oa_dns_begin(&dns, "failed.example");
    add_v4(&dns, "192.0.2.1");
    dns.error_type = OA_SLICE("EAI_AGAIN");
    oa_dns_end(&dns);
    cr_assert_str_eq(name_of("192.0.2.1"), "");
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    oa_dns_begin(&dns, name);
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    cr_assert_str_eq(name_of("192.0.2.1"), "");
    name[253] = '\0'; /* the longest name there is */
    oa_dns_begin(&dns, name);
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    cr_assert_str_eq(name_of("192.0.2.1"), name);
}

Test(dns, names__memory_is_bounded)
{
    struct oa_dns dns;
    char name[32], ip[16];

    oa_test_http_start(NULL);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "n%d.example", i);
        snprintf(ip, sizeof(ip), "192.0.2.%d", i);
        oa_dns_begin(&dns, name);
        add_v4(&dns, ip);
        oa_dns_end(&dns);
    }
    cr_assert_str_eq(name_of("192.0.2.199"), "n199.example");
    cr_assert_str_eq(name_of("192.0.2.0"), "", "old ones give way");
}

Test(dns, off__by_its_switch)
{
    const char *settings[] = { "OTEL_INSTRUMENTATION_DNS_ENABLED=false", NULL };
    struct oa_span_view view;
    struct oa_dns dns;

    (void)serving(settings);
    oa_dns_begin(&dns, "db.example");
    add_v4(&dns, "192.0.2.1");
    oa_dns_end(&dns);
    cr_assert_not(oa_test_http_span(&view));
    cr_assert_str_eq(name_of("192.0.2.1"), "db.example", "names are still of use");
}

Test(dns, errors__have_names)
{
    cr_assert(oa_slice_eq(oa_dns_gai_error(EAI_NONAME), OA_SLICE("EAI_NONAME")));
    cr_assert(oa_slice_eq(oa_dns_gai_error(EAI_AGAIN), OA_SLICE("EAI_AGAIN")));
    cr_assert(oa_slice_eq(oa_dns_gai_error(EAI_SYSTEM), OA_SLICE("EAI_SYSTEM")));
    cr_assert(oa_slice_eq(oa_dns_gai_error(4711), OA_SLICE("_OTHER")));
    cr_assert(oa_slice_eq(oa_dns_host_error(HOST_NOT_FOUND), OA_SLICE("HOST_NOT_FOUND")));
    cr_assert(oa_slice_eq(oa_dns_host_error(TRY_AGAIN), OA_SLICE("TRY_AGAIN")));
    cr_assert(oa_slice_eq(oa_dns_host_error(NO_RECOVERY), OA_SLICE("NO_RECOVERY")));
    cr_assert(oa_slice_eq(oa_dns_host_error(NO_DATA), OA_SLICE("NO_DATA")));
    cr_assert(oa_slice_eq(oa_dns_host_error(4711), OA_SLICE("_OTHER")));
}
