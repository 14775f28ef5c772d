/* SOURCES: hooks/instrumentation/route.c hooks/instrumentation/gibberish.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "hooks/instrumentation/route.h"
#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "tests/support/guard_page.h"

static const char *route(const char *path, size_t cap)
{
    static char result[OA_ROUTE_MAX + 1];
    size_t n = oa_route_template(result, cap, oa_slice_of(path));

    cr_assert_leq(n, cap);
    result[n] = '\0';
    return result;
}

/* expected NULL: the path itself. */
static const struct {
    const char *path, *expected;
} rows[] = {
    { "/users/fdklsd/j4elk/23993/job/2", "/users/*/j4elk/*/job/*" },
    { "/v1/products/22j", "/v1/products/*" },
    { "/u/2", "/u/*" },
    { "/products//org/3", "/products//org/*" },
    { "/api/hello.world", NULL },
    { "/api/hello.world.again", NULL },
    { "/user_space/", NULL },
    { "/user-space/", NULL },
    { "/v1/k6-test-runs/1", "/v1/k6-test-runs/*" },
    { "/attach?session_id=ddfsdsf", "/attach" },
    { "/attach#section-1", "/attach" },
    { "/attach&x=1", "/attach" },
    { "123", "*" },
    { "/123", "/*" },
    { "", "" },
    { "?x=1", "" },
    { "*", "" },
    { "/", NULL },
    { "//", NULL },
    { "/?x=1", "/" },
    { "/basic/73219", "/basic/*" },
    { "/create-trace?delay=10ms&status=500", "/create-trace" },
    { "/echoBack", NULL },
    { "/login;jsessionid=AB12CD", "/login" },
    { "/cars;color=red/parts;x", "/cars/parts" },
    /* files */
    { "/index.html", NULL },
    { "/css/app.min.css", NULL },
    { "/img/logo.png", NULL },
    { "/robots.txt", NULL },
    { "/favicon.ico", NULL },
    { "/apple-touch-icon-precomposed.png", NULL },
    { "/.well-known/openid-configuration", NULL },
    { "/fonts/roboto.woff2", NULL },
    { "/static/main.4f3a2b1c.js", "/static/*" },
    { "/assets/index-DfGhJkLm.js", "/assets/*" },
    { "/assets/index-BkZ3x_9a.css", "/assets/*" },
    { "/img/logo@2x.png", "/img/*" },
    /* versions and digits inside names */
    { "/v1.41/containers/json", NULL },
    { "/apis/apps/v1beta1/pods", NULL },
    { "/v12alpha/x", NULL },
    { "/V2/s3/k8s", NULL },
    { "/oauth2/token", NULL },
    { "/v1234/x", "/*/x" },
    { "/v1.2345/x", "/*/x" },
    { "/v1gamma2/x", "/*/x" },
    { "/1.1/statuses", "/*/statuses" },
    { "/user1/user22", "/*/*" },
    /* identifiers */
    { "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/users/*" },
    { "/users/abcdefab-cdef-abcd-efab-cdefabcdefab", "/users/*" },
    { "/blob/DEADBEEFCAFE", "/blob/*" },
    { "/commit/4f3a2b1c", "/commit/*" },
    { "/report/2024-01-02", "/report/*" },
    { "/at/12:30:00", "/at/*" },
    { "/u/jane@example.com/mail", "/u/*/mail" },
    { "/u/x%20y/mail", "/u/*/mail" },
    { "/u/caf%C3%A9", "/u/*" },
    { "/u/caf\xc3\xa9", "/u/*" },
    { "/u/~jane", "/u/*" },
    { "/geo/-12.5,40.1", "/geo/*" },
    { "/Products(1)", "/*" },
    { "/t/eyJhbGciOiJIUzI.eyJzdWIiOiIxMjM", "/t/*" },
    { "/yt/qXvTzKwLmPrQ", "/yt/*" },
    { "/id/xkqzwv", "/id/*" },
    { "/id/zxqjkvbn", "/id/*" },
    { "/blog/how-to-bake-a-good-cake", "/blog/*" },
    { "/blog/bake_a_good_cake", NULL },
    /* words */
    { "/getUserById/XMLHttpRequest/CONTRIBUTING", NULL },
    { "/graphql/webhooks/jwks/healthz/readyz/livez/metrics", NULL },
    { "/wp-content/themes/style.css", NULL },
    { "/xmlrpc.php", NULL },
    { "/opentelemetry.proto.collector.trace.v1.TraceService/Export", NULL },
    { "/grpc.health.v1.Health/Check", NULL },
    /* bounds */
    { "/a/b/c/d/e/f/g/h/i/j", NULL },
    { "/a/b/c/d/e/f/g/h/i/j/", NULL },
    { "/a/b/c/d/e/f/g/h/i/j/k", "/a/b/c/d/e/f/g/h/i/j/*" },
    { "/a/b/c/d/e/f/g/h/i/j/k/l/m/", "/a/b/c/d/e/f/g/h/i/j/*" },
    { "////////////", "///////////*" },
    { "/x/aaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaa", "/x/*" },
};

Test(route, template__rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *want = rows[i].expected ? rows[i].expected : rows[i].path;

        cr_assert_str_eq(route(rows[i].path, OA_ROUTE_MAX), want, "%s gave %s", rows[i].path,
                         route(rows[i].path, OA_ROUTE_MAX));
    }
}

Test(route, template__a_route_is_its_own_route)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        char first[OA_ROUTE_MAX + 1];

        strcpy(first, route(rows[i].path, OA_ROUTE_MAX));
        if (strcmp(first, "*") != 0)
            cr_assert_str_eq(route(first, OA_ROUTE_MAX), first);
    }
}

Test(route, template__no_room)
{
    cr_assert_str_eq(route("/users/profile/edit", 256), "/users/profile/edit");
    cr_assert_str_eq(route("/users/profile/edit", 19), "/users/profile/edit");
    cr_assert_str_eq(route("/users/profile/edit", 18), "/users/profile/*");
    cr_assert_str_eq(route("/users/profile/edit", 15), "/users/*");
    cr_assert_str_eq(route("/users/profile/edit", 8), "/users/*");
    cr_assert_str_eq(route("/users/profile/edit", 7), "/*"); /* "users/" must leave room for one more */
    cr_assert_str_eq(route("/users", 6), "/users");
    cr_assert_str_eq(route("/users", 2), "/*");
    cr_assert_str_eq(route("/users", 1), "");
    cr_assert_str_eq(route("/users", 0), "");
}

Test(route, template__every_prefix_and_every_cap_on_a_guard_page)
{
    static const char path[] = "/v1.41/users/fdklsd/j4elk/23993/k6-test/a@b/x.min.js;v=1?q";

    for (size_t n = 0; n < sizeof(path); n++) {
        struct oa_slice part = { oa_guard_page_copy(path, n), n };
        char out[OA_ROUTE_MAX];

        oa_route_template(out, sizeof(out), part);
        oa_route_template(oa_guard_page_copy(out, n), n, OA_SLICE(path));
    }
    oa_guard_page_free();
}

Test(route, template__every_byte_value)
{
    for (int c = 0; c < 256; c++) {
        char path[] = { '/', 'a', 'b', (char)c, 'c', 'd' }, out[16];
        size_t n = oa_route_template(out, sizeof(out), (struct oa_slice){ path, sizeof(path) });

        cr_assert(n >= 2 && n <= sizeof(path), "byte %d", c);
        for (size_t i = 0; i < n; i++)
            cr_assert(out[i] > ' ' && out[i] < 127, "byte %d", c);
    }
}
