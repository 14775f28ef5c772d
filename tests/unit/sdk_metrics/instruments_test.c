/* What metrics.def says is what the specification lets an instrument be.
 * SOURCES: sdk/metrics/instruments.c preload/metric.c */
#include <criterion/criterion.h>
#include <ctype.h>
#include <strings.h>

#include "preload/record.h"
#include "sdk/metrics/instruments.h"

#define NAME_MAX_LEN 255
#define UNIT_MAX_LEN 63

/* Metrics API, instrument name syntax: a letter, then letters, digits and _ . - / */
static bool is_name(struct oa_slice name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN || !isalpha((unsigned char)name.ptr[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!isalnum((unsigned char)name.ptr[i]) && !memchr("_.-/", name.ptr[i], 4))
            return false;
    return true;
}

Test(instruments, h6_117_names_are_names)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        cr_expect(is_name(oa_instruments[i].name), "%.*s", (int)oa_instruments[i].name.len,
                  oa_instruments[i].name.ptr);
}

Test(instruments, h6_117_units_are_short_ascii)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++) {
        struct oa_slice unit = oa_instruments[i].unit;

        cr_expect(unit.len > 0 && unit.len <= UNIT_MAX_LEN);
        for (size_t at = 0; at < unit.len; at++)
            cr_expect(isgraph((unsigned char)unit.ptr[at]));
    }
}

/* Names are the same whatever their case; two of one scope would be one instrument with two makers. */
Test(instruments, h6_116_each_name_once)
{
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        for (int j = 0; j < i; j++) {
            struct oa_slice a = oa_instruments[i].name, b = oa_instruments[j].name;

            cr_expect_not(a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0, "%.*s twice", (int)a.len, a.ptr);
        }
}

Test(instruments, kinds)
{
    cr_expect(oa_metric_is_gauge(OA_METRIC_DNS_LOOKUP_ADDRESSES));
    cr_expect(oa_metric_is_gauge(OA_METRIC_PROCESS_UPTIME));
    cr_expect(oa_metric_is_monotonic(OA_METRIC_CONNECTION_COUNT));
    cr_expect(oa_metric_is_monotonic(OA_METRIC_PROCESS_CPU_TIME));
    cr_expect_not(oa_metric_is_monotonic(OA_METRIC_CONNECTION_OPEN));
    cr_expect_not(oa_metric_is_monotonic(OA_METRIC_PROCESS_UPTIME));
    for (int i = 0; i < OA_METRIC_COUNT; i++)
        cr_expect(oa_instruments[i].scope < OA_SCOPE_COUNT);
}
