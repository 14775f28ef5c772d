/* SOURCES: sdk/transport/retry.c */
#include <criterion/criterion.h>

#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "sdk/transport/retry.h"

#define NOW_S 784111777ull /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct {
    const char *value;
    uint64_t seconds; /* UINT64_MAX: none */
} after_rows[] = {
    { "0", 0 },
    { "7", 7 },
    { " 120\t", 120 },
    { "999999999", 86400 },
    { "", UINT64_MAX },
    { "-1", UINT64_MAX },
    { "1.5", UINT64_MAX },
    { "1234567890123", 86400 },
    { "1234567890123456789", UINT64_MAX },
    { "soon", UINT64_MAX },
    { "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
    { "Sun, 06 Nov 1994 08:49:47 GMT", 10 },
    { "Sun, 06 Nov 1994 08:49:27 GMT", 0 },
    { "Mon, 07 Nov 1994 00:00:00 GMT", 54623 },
    { "Thu, 29 Feb 1996 00:00:00 GMT", 86400 },
    { "Sun, 06 Nox 1994 08:49:47 GMT", UINT64_MAX },
    { "Sun, 06 Nov 1994 28:49:47 GMT", UINT64_MAX },
    { "Sun, 06 Nov 1994 08:49:47 CET", UINT64_MAX },
    { "Sunday, 06-Nov-94 08:49:37 GMT", UINT64_MAX },
    { "Sun Nov  6 08:49:37 1994", UINT64_MAX },
};

Test(retry, after__rows)
{
    for (size_t i = 0; i < OA_COUNT(after_rows); i++) {
        uint64_t got = oa_retry_after_ns(oa_slice_of(after_rows[i].value), NOW_S * OA_NS_PER_S);
        uint64_t want =
            after_rows[i].seconds == UINT64_MAX ? OA_RETRY_AFTER_NONE : after_rows[i].seconds * OA_NS_PER_S;

        cr_expect_eq(got, want, "'%s': %llu ns", after_rows[i].value, (unsigned long long)got);
    }
}

Test(retry, backoff__grows_within_its_jitter)
{
    static const uint64_t middles_ms[] = { 1000, 1500, 2250, 3375 };

    for (int extreme = 0; extreme < 2; extreme++) {
        struct oa_retry retry;

        oa_retry_init(&retry);
        for (size_t i = 0; i < OA_COUNT(middles_ms); i++) {
            uint64_t middle = middles_ms[i] * OA_NS_PER_MS, wait = 0;

            cr_expect_eq(oa_retry_next(&retry, UINT64_MAX, OA_RETRY_AFTER_NONE, extreme ? UINT64_MAX : 0, &wait), 0);
            cr_expect_eq(wait, extreme ? middle * 6 / 5 : middle * 4 / 5, "wait %zu: %llu", i,
                         (unsigned long long)wait);
        }
    }
}

Test(retry, backoff__is_capped)
{
    struct oa_retry retry = { .attempts = 0, .backoff_ns = OA_RETRY_CAP_NS - 1 };
    uint64_t wait = 0;

    cr_expect_eq(oa_retry_next(&retry, UINT64_MAX, OA_RETRY_AFTER_NONE, 0, &wait), 0);
    cr_expect_eq(retry.backoff_ns, OA_RETRY_CAP_NS);
}

Test(retry, attempts__are_bounded)
{
    struct oa_retry retry;
    uint64_t wait = 77;

    oa_retry_init(&retry);
    for (unsigned i = 1; i < OA_RETRY_ATTEMPTS_MAX; i++)
        cr_expect_eq(oa_retry_next(&retry, UINT64_MAX, 0, 0, &wait), 0);
    wait = 77;
    cr_expect_eq(oa_retry_next(&retry, UINT64_MAX, 0, 0, &wait), OA_EFULL);
    cr_expect_eq(wait, 77, "untouched on failure");
}

Test(retry, wait__that_outlasts_the_deadline_is_refused)
{
    struct oa_retry retry;
    uint64_t wait;

    oa_retry_init(&retry);
    cr_expect_eq(oa_retry_next(&retry, 700 * OA_NS_PER_MS, OA_RETRY_AFTER_NONE, 0, &wait), OA_ETIMEOUT);
    oa_retry_init(&retry);
    cr_expect_eq(oa_retry_next(&retry, 10 * OA_NS_PER_S, 11 * OA_NS_PER_S, 0, &wait), OA_ETIMEOUT);
    oa_retry_init(&retry);
    cr_expect_eq(oa_retry_next(&retry, 10 * OA_NS_PER_S, 3 * OA_NS_PER_S, 0, &wait), 0);
    cr_expect_eq(wait, 3 * OA_NS_PER_S, "the server's word counts, without jitter");
}
