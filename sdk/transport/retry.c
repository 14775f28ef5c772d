#include "sdk/transport/retry.h"

#include "preload/base/clock.h"
#include "preload/base/err.h"

#define RETRY_AFTER_SECONDS_MAX (24u * 3600u) /* longer waits are the same to us: beyond any deadline */

void oa_retry_init(struct oa_retry *retry)
{
    *retry = (struct oa_retry){ .backoff_ns = OA_RETRY_FIRST_NS };
}

/* Spreads ns over 80..120 %, in steps of 1/1024 of that range. */
static uint64_t retry_jitter(uint64_t ns, uint64_t random)
{
    return ns * 4 / 5 + ns * 2 / 5 * (random & 1023) / 1023;
}

int oa_retry_next(struct oa_retry *retry, uint64_t left_ns, uint64_t after_ns, uint64_t random, uint64_t *ret_wait_ns)
{
    uint64_t wait = after_ns != OA_RETRY_AFTER_NONE ? after_ns : retry_jitter(retry->backoff_ns, random);

    if (++retry->attempts >= OA_RETRY_ATTEMPTS_MAX)
        return OA_EFULL;
    if (wait >= left_ns)
        return OA_ETIMEOUT;
    retry->backoff_ns = retry->backoff_ns * 3 / 2;
    if (retry->backoff_ns > OA_RETRY_CAP_NS)
        retry->backoff_ns = OA_RETRY_CAP_NS;
    *ret_wait_ns = wait;
    return 0;
}

/* A run of 1..18 digits, the whole slice; -1 on anything else. */
static int64_t read_digits(struct oa_slice text)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > 18)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

static int read_month(const char *name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (memcmp(months + 3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

/* Days from 1970-01-01 in the Gregorian calendar, years counted from March. */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = y / 400, yoe = y % 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7) to seconds since 1970, -1 if it is not one. */
static int64_t read_imf_fixdate(struct oa_slice v)
{
    static const char shape[] = "___, 00 ___ 0000 00:00:00 GMT";
    int64_t day, year, hour, min, sec;
    int month;

    if (v.len != sizeof(shape) - 1)
        return -1;
    for (size_t i = 0; i < v.len; i++)
        if (shape[i] != '_' && shape[i] != '0' && shape[i] != v.ptr[i])
            return -1;
    month = read_month(v.ptr + 8);
    day = read_digits((struct oa_slice){ v.ptr + 5, 2 });
    year = read_digits((struct oa_slice){ v.ptr + 12, 4 });
    hour = read_digits((struct oa_slice){ v.ptr + 17, 2 });
    min = read_digits((struct oa_slice){ v.ptr + 20, 2 });
    sec = read_digits((struct oa_slice){ v.ptr + 23, 2 });
    if (month == 0 || day < 1 || day > 31 || year < 1970 || hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 ||
        sec > 60)
        return -1;
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + min * 60 + sec;
}

uint64_t oa_retry_after_ns(struct oa_slice value, uint64_t now_unix_ns)
{
    struct oa_slice v = oa_slice_trim(value);
    int64_t now_s = (int64_t)(now_unix_ns / OA_NS_PER_S);
    int64_t seconds = read_digits(v);

    if (seconds < 0) {
        int64_t date = read_imf_fixdate(v);

        if (date < 0)
            return OA_RETRY_AFTER_NONE;
        seconds = date > now_s ? date - now_s : 0;
    }
    if (seconds > RETRY_AFTER_SECONDS_MAX)
        seconds = RETRY_AFTER_SECONDS_MAX;
    return (uint64_t)seconds * OA_NS_PER_S;
}
