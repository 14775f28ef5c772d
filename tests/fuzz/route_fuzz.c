/* SOURCES: hooks/instrumentation/route.c hooks/instrumentation/gibberish.c */
/*
 * The input is a path. Properties: the route has no more than eleven segments, holds only characters
 * that a fixed name may have, and is its own route.
 */
#include "hooks/instrumentation/route.h"

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/limits.h"
#include "tests/fuzz/must.h"

static bool route_char(char c)
{
    char lower = oa_ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c && strchr("/*-_.", c));
}

static void fuzz_path(struct oa_slice path, size_t cap)
{
    char one[OA_ROUTE_MAX], two[OA_ROUTE_MAX];
    size_t n = oa_route_template(one, cap, path), slashes = 0;

    must(n <= cap);
    for (size_t i = 0; i < n; i++) {
        must(route_char(one[i]));
        slashes += one[i] == '/';
    }
    must(slashes <= OA_ROUTE_SEGMENTS_MAX + 1);
    if (n && !(n == 1 && one[0] == '*'))
        must(oa_route_template(two, sizeof(two), (struct oa_slice){ one, n }) == n && memcmp(one, two, n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice path = { (const char *)data, size };

    fuzz_path(path, OA_ROUTE_MAX);
    fuzz_path(path, size % 41);
    return 0;
}
