#include "sdk/model/iso_time.h"

#include <stdio.h>

#define DAY_S 86400u
#define YEARS_PER_CYCLE 400u /* the calendar repeats after this many years */
#define DAYS_PER_CYCLE 146097u
#define DAYS_FROM_MARCH_0000 719468u /* from 1 March of year 0 to 1 January 1970 */

struct iso_date {
    unsigned year, month, day;
};

/* Years are counted from 1 March, so that the leap day is the last of its year and months follow the
 * pattern 31 30 31 30 31: (153 * month + 2) / 5 days before each. */
static struct iso_date iso_date_of(unsigned days)
{
    unsigned since = days + DAYS_FROM_MARCH_0000;
    unsigned cycle = since / DAYS_PER_CYCLE, day = since % DAYS_PER_CYCLE;
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned day_of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * day_of_year + 2) / 153;

    return (struct iso_date){
        .year = cycle * YEARS_PER_CYCLE + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
}

struct oa_slice oa_iso_time(char buf[OA_ISO_TIME_BYTES], uint64_t unix_ns, unsigned digits)
{
    unsigned unit_ns = digits == 3 ? 1000000 : 1000, per_second = 1000000000 / unit_ns;
    uint64_t units = unix_ns / unit_ns + (unix_ns % unit_ns >= unit_ns / 2);
    uint64_t seconds = units / per_second;
    struct iso_date date = iso_date_of((unsigned)(seconds / DAY_S));
    unsigned in_day = (unsigned)(seconds % DAY_S);
    int len =
        snprintf(buf, OA_ISO_TIME_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%0*uZ", date.year, date.month, date.day,
                 in_day / 3600, in_day / 60 % 60, in_day % 60, digits == 3 ? 3 : 6, (unsigned)(units % per_second));

    return (struct oa_slice){ buf, len > 0 && len < (int)OA_ISO_TIME_BYTES ? (size_t)len : 0 };
}
