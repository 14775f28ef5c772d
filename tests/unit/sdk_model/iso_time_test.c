/* SOURCES: sdk/model/iso_time.c */
#include <criterion/criterion.h>
#include <time.h>

#include "preload/base/compiler.h"
#include "sdk/model/iso_time.h"

Test(iso_time, rows)
{
    static const struct {
        uint64_t unix_ns;
        unsigned digits;
        const char *text;
    } rows[] = {
        { 0, 6, "1970-01-01T00:00:00.000000Z" },
        { 1700000000123456789u, 6, "2023-11-14T22:13:20.123457Z" },
        { 1700000000123456789u, 3, "2023-11-14T22:13:20.123Z" },
        { 1700000000999999500u, 6, "2023-11-14T22:13:21.000000Z" },
        { 951782400000000000u, 6, "2000-02-29T00:00:00.000000Z" },
        { 4107542399999999999u, 3, "2100-03-01T00:00:00.000Z" },
        { UINT64_MAX, 6, "2554-07-21T23:34:33.709552Z" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        char buf[OA_ISO_TIME_BYTES];

        cr_expect_str_eq(oa_iso_time(buf, rows[i].unix_ns, rows[i].digits).ptr, rows[i].text);
    }
}

/* Against libc, a day and a bit apart, over the whole range. */
Test(iso_time, agrees_with_libc)
{
    for (uint64_t seconds = 0; seconds < UINT64_MAX / 1000000000u; seconds += 90061) {
        char buf[OA_ISO_TIME_BYTES], expected[OA_ISO_TIME_BYTES];
        time_t at = (time_t)seconds;
        struct tm tm;

        gmtime_r(&at, &tm);
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
        cr_assert_str_eq(oa_iso_time(buf, seconds * 1000000000u, 3).ptr, expected);
    }
}
