/* SOURCES: hooks/instrumentation/gibberish.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdint.h>

#include "hooks/instrumentation/gibberish.h"
#include "preload/base/compiler.h"
#include "tests/support/guard_page.h"

/* What stands in paths of real services: words of several languages, abbreviations, camelCase. */
static const char *const words[] = {
    "account",         "actuator",      "administrator", "advertisements", "airflow",        "artifacts",
    "authorize",       "autocomplete",  "autodiscover",  "avatars",        "bestellungen",   "bitbucket",
    "bookings",        "bootstrap",     "brokers",       "callback",       "cassandra",      "categories",
    "certs",           "changelog",     "checkout",      "clientes",       "cloudkms",       "commandes",
    "configmaps",      "configuracion", "containers",    "cronjobs",       "dashboard",      "deployments",
    "dockerfile",      "downloads",     "drupal",        "einstellungen",  "elasticsearch",  "exchange",
    "favicon",         "featureflags",  "forecast",      "geocode",        "getUserById",    "gitignore",
    "giftcards",       "grafana",       "graphql",       "health",         "healthz",        "heapdump",
    "htaccess",        "https",         "httptrace",     "influxdb",       "ingresses",      "inventory",
    "invoice",         "jsonrpc",       "keycloak",      "kibana",         "klienci",        "kubectl",
    "kubernetes",      "listVPCs",      "livez",         "logout",         "logstash",       "manifest",
    "members",         "metrics",       "milestones",    "mysql",          "namespaces",     "networks",
    "nginx",           "notifications", "oauth",         "openapi",        "openid",         "orders",
    "ordini",          "organizations", "payments",      "paypal",         "phpinfo",        "phpmyadmin",
    "pipelines",       "polyfills",     "postgresql",    "pptx",           "prodotti",       "produkty",
    "products",        "projects",      "prometheus",    "proxy",          "rabbitmq",       "realms",
    "recommendations", "registry",      "reservations",  "robots",         "secrets",        "serviceworker",
    "sessions",        "sitemap",       "sqlite",        "statefulsets",   "status",         "stripe",
    "subscriptions",   "suggest",       "swagger",       "threaddump",     "thumbnails",     "timesheets",
    "tokens",          "twilio",        "uploads",       "UserService",    "utilisateurs",   "volumes",
    "vouchers",        "warehouses",    "warenkorb",     "weather",        "webhooks",       "webpack",
    "websocket",       "winkelwagen",   "wishlist",      "wordpress",      "XMLHttpRequest", "zamowienia",
    "zipkin",          "zookeeper",     "CONTRIBUTING",  "LICENSE",
};

static const char *const noise[] = {
    "fdklsd",   "sdjklnfldsn",  "ddfsdsf",  "qwrtpsdf",     "xkqzwv",   "zxqjkvbn",
    "hjklhjkl", "bcdfghjklm",   "aBcDeFgH", "qXvTzKwLmPrQ", "DfGhJkLm", "deadbeef",
    "CAFEBABE", "abcdefabcdef", "wqxzv",    "jgkdhfsj",     "vbnmcxz",
};

Test(gibberish, words__pass)
{
    for (size_t i = 0; i < OA_COUNT(words); i++)
        cr_assert_not(oa_gibberish(oa_slice_of(words[i])), "%s", words[i]);
}

Test(gibberish, noise__found)
{
    for (size_t i = 0; i < OA_COUNT(noise); i++)
        cr_assert(oa_gibberish(oa_slice_of(noise[i])), "%s", noise[i]);
}

Test(gibberish, short__passes)
{
    cr_assert_not(oa_gibberish(OA_SLICE("")));
    cr_assert_not(oa_gibberish(OA_SLICE("x")));
    cr_assert_not(oa_gibberish(OA_SLICE("jwks")));
    cr_assert_not(oa_gibberish(OA_SLICE("zxqv")));
}

/* xorshift: the same strings in every run. */
static uint64_t next_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

Test(gibberish, random__mostly_found)
{
    static const struct {
        size_t len;
        unsigned letters, percent; /* 26: lower case, 52: both */
    } rows[] = { { 6, 26, 65 }, { 8, 26, 78 }, { 12, 26, 92 }, { 16, 26, 96 }, { 8, 52, 78 }, { 12, 52, 85 } };

    for (size_t r = 0; r < OA_COUNT(rows); r++) {
        unsigned found = 0;

        for (int n = 0; n < 10000; n++) {
            char text[16];

            for (size_t i = 0; i < rows[r].len; i++)
                text[i] =
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[(next_random() >> 20) % rows[r].letters];
            found += oa_gibberish((struct oa_slice){ text, rows[r].len });
        }
        cr_assert_geq(found, rows[r].percent * 100, "%zu of %u letters: %u", rows[r].len, rows[r].letters, found);
    }
}

Test(gibberish, guard_page)
{
    static const char text[] = "XMLHttpRequestFDKLSDabc";

    for (size_t n = 0; n < sizeof(text); n++)
        (void)oa_gibberish((struct oa_slice){ oa_guard_page_copy(text, n), n });
    oa_guard_page_free();
}
