/* SOURCES: env/peers.c env/parse.c env/words.c */
#include <criterion/criterion.h>

#include "env/peers.h"
#include "preload/base/compiler.h"

#define MAPPING                                                                                    \
    "1.2.3.4=cats, Shop.example = shop,shop.example:81=other,shop.example/api=api,"                \
    "shop.example:81/api=api81,shop.example/api/v2=v2,[::1]=six,[fe80::1]:80=six80,,bad,=x,h:0=y," \
    "h:99999=y,h:p=y,[::1=z,[::1]x=z,empty=,last=l=m"

static const struct {
    const char *host;
    uint16_t port;
    const char *path, *name;
} rows[] = {
    { "1.2.3.4", 80, "/", "cats" },
    { "1.2.3.5", 80, "/", "" },
    { "1.2.3.4.5", 80, "/", "" },
    { "shop.example", 80, "/", "shop" },
    { "SHOP.example", 81, "/x", "other" },
    { "shop.example", 80, "/api", "api" },
    { "shop.example", 80, "/api/v1", "api" },
    { "shop.example", 81, "/api/v1", "api81" },
    { "shop.example", 81, "/api/v2/x", "v2" },
    { "shop.example", 81, "", "other" },
    { "::1", 443, "/", "six" },
    { "fe80::1", 80, "/", "six80" },
    { "fe80::1", 81, "/", "" },
    { "h", 80, "/", "" },
    { "empty", 80, "/", "" },
    { "bad", 80, "/", "" },
    { "", 80, "/", "" },
    { "last", 80, "/", "l=m" },
};

Test(peers, name)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_slice name =
            oa_env_peer_name(OA_SLICE(MAPPING), oa_slice_of(rows[i].host), rows[i].port, oa_slice_of(rows[i].path));

        cr_assert(oa_slice_eq(name, oa_slice_of(rows[i].name)), "%s:%u%s: %.*s", rows[i].host, rows[i].port,
                  rows[i].path, (int)name.len, name.ptr);
    }
    cr_assert_eq(oa_env_peer_name(OA_SLICE(""), OA_SLICE("a"), 1, OA_SLICE("/")).len, 0);
}

Test(peers, next__tells_the_first_bad_item)
{
    struct oa_slice rest = OA_SLICE(MAPPING), bad = { NULL, 0 };
    struct oa_env_peer peer;
    int good = 0;

    while (oa_env_peer_next(&rest, &peer, &bad))
        good++;
    cr_assert_eq(good, 9);
    cr_assert(oa_slice_eq(bad, OA_SLICE("bad")));
}
