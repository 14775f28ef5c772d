/* SOURCES: hooks/instrumentation/address.c tests/support/guard_page.c */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "hooks/instrumentation/address.h"
#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"

static struct sockaddr_in v4(const char *ip, uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

    cr_assert_eq(inet_pton(AF_INET, ip, &in.sin_addr), 1);
    return in;
}

static struct sockaddr_in6 v6(const char *ip, uint16_t port)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = 7 };

    cr_assert_eq(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
    return in6;
}

/* The address as oa_address_set sees it: nothing behind len is readable, where the alignment allows it. */
static struct oa_address of(const void *sa, socklen_t len)
{
    void *copy = len % 4 ? malloc(len) : oa_guard_page_copy(sa, len);
    struct oa_address a;

    memset(&a, 0xee, sizeof(a));
    oa_address_set(&a, memcpy(copy, sa, len), len);
    if (len % 4)
        free(copy);
    oa_guard_page_free();
    return a;
}

static bool text_is(const struct oa_address *a, const char *want)
{
    char buf[OA_ADDRESS_TEXT];

    return oa_slice_eq(oa_address_text(a, buf), oa_slice_of(want));
}

Test(address, v4__text_and_port)
{
    struct sockaddr_in in = v4("192.0.2.254", 65535);
    struct oa_address a = of(&in, sizeof(in));

    cr_assert_eq(a.family, AF_INET);
    cr_assert_eq(a.port, 65535);
    cr_assert_eq(a.len, 0);
    cr_assert(text_is(&a, "192.0.2.254"));
}

static const struct {
    const char *ip, *text;
    uint16_t family;
} v6_rows[] = {
    { "::1", "::1", AF_INET6 },
    { "::", "::", AF_INET6 },
    { "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", AF_INET6 },    /* RFC 5952 4.2.3: the first of equal runs */
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", AF_INET6 }, /* 4.2.2: one field is not shortened */
    { "2001:0db8::0001", "2001:db8::1", AF_INET6 },
    { "fe80::1", "fe80::1", AF_INET6 },
    { "::ffff:192.0.2.1", "192.0.2.1", AF_INET },            /* mapped: as IPv4 */
    { "::ffff:0:192.0.2.1", "::ffff:0:c000:201", AF_INET6 }, /* translated, not mapped */
    { "64:ff9b::192.0.2.33", "64:ff9b::c000:221", AF_INET6 },
    { "1111:2222:3333:4444:5555:6666:7777:8888", "1111:2222:3333:4444:5555:6666:7777:8888", AF_INET6 },
};

Test(address, v6__rows)
{
    for (size_t i = 0; i < OA_COUNT(v6_rows); i++) {
        struct sockaddr_in6 in6 = v6(v6_rows[i].ip, 80);
        struct oa_address a = of(&in6, sizeof(in6));

        cr_assert_eq(a.family, v6_rows[i].family, "%s", v6_rows[i].ip);
        cr_assert_eq(a.port, 80);
        cr_assert(text_is(&a, v6_rows[i].text), "%s", v6_rows[i].ip);
    }
}

Test(address, equal__a_mapped_one_is_its_v4)
{
    struct sockaddr_in in = v4("192.0.2.1", 80);
    struct sockaddr_in6 in6 = v6("::ffff:192.0.2.1", 80);
    struct oa_address a = of(&in, sizeof(in)), b = of(&in6, sizeof(in6));

    cr_assert(oa_address_equal(&a, &b));
    b.port = 81;
    cr_assert_not(oa_address_equal(&a, &b));
}

static const size_t path_at = offsetof(struct sockaddr_un, sun_path);

/* A sockaddr_un with n bytes of path. */
static struct oa_address unix_of(const char *path, size_t n)
{
    struct sockaddr_un un;

    memset(&un, 'Z', sizeof(un));
    un.sun_family = AF_UNIX;
    memcpy(un.sun_path, path, n);
    return of(&un, (socklen_t)(path_at + n));
}

static const struct {
    const char *path;
    size_t n;
    const char *text;
    size_t text_len;
} unix_rows[] = {
    { "", 0, "", 0 },                         /* unnamed */
    { "/run/x.sock", 12, "/run/x.sock", 11 }, /* named, terminator counted */
    { "/run/x.sock", 11, "/run/x.sock", 11 }, /* and not */
    { "/run/x\0rest", 11, "/run/x", 6 },      /* what follows the terminator is no name */
    { "\0abstract", 9, "@abstract", 9 },      /* no terminator: the length ends it */
    { "\0ab\0cd", 6, "@ab\0cd", 6 },          /* zero bytes are part of an abstract name */
    { "\0", 1, "@", 1 },
    { "r", 1, "r", 1 },
};

Test(address, unix__rows)
{
    for (size_t i = 0; i < OA_COUNT(unix_rows); i++) {
        struct oa_address a = unix_of(unix_rows[i].path, unix_rows[i].n);
        char buf[OA_ADDRESS_TEXT];

        cr_assert_eq(a.family, AF_UNIX);
        cr_assert_eq(a.port, 0);
        cr_assert_eq(a.len, unix_rows[i].text_len, "row %zu", i);
        cr_assert(oa_slice_eq(oa_address_text(&a, buf),
                              (struct oa_slice){ unix_rows[i].text, unix_rows[i].text_len }),
                  "row %zu", i);
    }
}

Test(address, unix__the_longest_path_has_no_terminator)
{
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 20], buf[OA_ADDRESS_TEXT];
    struct { /* longer than the kernel ever says */
        struct sockaddr_un un;
        char more[64];
    } raw;
    struct oa_address a;

    memset(path, 'p', sizeof(path));
    a = unix_of(path, sizeof(raw.un.sun_path));
    cr_assert_eq(oa_address_text(&a, buf).len, sizeof(raw.un.sun_path));
    memset(&raw, 'q', sizeof(raw));
    raw.un.sun_family = AF_UNIX;
    a = of(&raw, sizeof(raw));
    cr_assert_eq(oa_address_text(&a, buf).len, sizeof(raw.un.sun_path));
}

Test(address, unix__as_the_kernel_gives_it)
{
    struct sockaddr_un un;
    socklen_t len = sizeof(un);
    struct oa_address a, b;
    int pair[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    cr_assert_eq(getpeername(pair[0], (struct sockaddr *)&un, &len), 0);
    a = of(&un, len);
    cr_assert(a.family == AF_UNIX && text_is(&a, ""), "unnamed");
    un = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "\0otel-auto-address-test" };
    cr_assert_eq(bind(pair[0], (struct sockaddr *)&un, sizeof(sa_family_t) + 23), 0);
    len = sizeof(un);
    cr_assert_eq(getsockname(pair[0], (struct sockaddr *)&un, &len), 0);
    a = of(&un, len);
    cr_assert(text_is(&a, "@otel-auto-address-test"));
    b = unix_of("\0otel-auto-address-test", 23);
    cr_assert(oa_address_equal(&a, &b));
    b = unix_of("\0otel-auto-address-tes", 22);
    cr_assert_not(oa_address_equal(&a, &b));
}

/* Whatever is shorter than its family demands is no address; the bytes behind are not read. */
Test(address, short__lengths_give_no_address)
{
    struct sockaddr_in in = v4("192.0.2.1", 80);
    struct sockaddr_in6 in6 = v6("::1", 80);
    struct oa_address a;

    for (socklen_t len = 0; len < sizeof(in); len++) {
        a = of(&in, len);
        cr_assert(a.family == 0 && a.port == 0 && text_is(&a, ""), "%u bytes", len);
    }
    for (socklen_t len = 0; len < sizeof(in6); len++) {
        a = of(&in6, len);
        cr_assert(a.family == 0 || len >= 24, "%u bytes", len); /* RFC 2133: without the scope */
    }
    oa_address_set(&a, NULL, 100);
    cr_assert(a.family == 0 && text_is(&a, ""));
}

Test(address, other_families__are_unknown)
{
    struct sockaddr_storage ss = { .ss_family = AF_NETLINK };
    struct oa_address a = of(&ss, sizeof(ss));

    cr_assert(a.family == 0 && text_is(&a, ""));
    ss.ss_family = AF_UNSPEC;
    a = of(&ss, sizeof(ss));
    cr_assert_eq(a.family, 0);
}

Test(address, spelled__the_same_text_and_equality)
{
    static const char *const texts[] = { "192.0.2.254", "0.0.0.0", "::1", "2001:db8:1:2:3:4:5:6" };

    for (size_t i = 0; i < OA_COUNT(texts); i++) {
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        bool is_v4 = strchr(texts[i], '.') != NULL;
        struct oa_address a, b;
        char buf[OA_ADDRESS_TEXT];

        if (is_v4)
            in = v4(texts[i], 80);
        else
            in6 = v6(texts[i], 80);
        a = b = of(is_v4 ? (void *)&in : (void *)&in6, is_v4 ? sizeof(in) : sizeof(in6));
        oa_address_spell(&a);
        cr_assert(text_is(&a, texts[i]));
        cr_assert(oa_address_text(&a, buf).ptr != buf, "written once");
        cr_assert(oa_address_equal(&a, &b) && oa_address_equal(&b, &a));
        oa_address_set(&a, is_v4 ? (void *)&in : (void *)&in6, is_v4 ? sizeof(in) : sizeof(in6));
        cr_assert_eq(a.len, 0, "a new address is not the old one's text");
    }
}

Test(address, spelled__paths_and_nothing_stay_as_they_are)
{
    struct oa_address a = unix_of("/run/x", 7), none = { 0 };

    oa_address_spell(&a);
    cr_assert(text_is(&a, "/run/x"));
    oa_address_spell(&none);
    cr_assert(text_is(&none, ""));
}
