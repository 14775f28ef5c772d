/* SOURCES: sdk/encode/prometheus_name.c sdk/encode/buf.c sdk/model/utf8.c preload/base/arena.c preload/base/hex.c */
#include <criterion/criterion.h>
#include <string.h>

#include "sdk/encode/prometheus_name.h"

static struct oa_arena arena;
static struct oa_buf buf;

static const char *done(void)
{
    oa_buf_put(&buf, (struct oa_slice){ "", 1 });
    cr_assert_eq(buf.err, 0);
    return buf.ptr;
}

static void begin(void)
{
    oa_arena_init(&arena, 1024, 1u << 20);
    oa_buf_init(&buf, &arena);
}

/* F.2, and H.10, 157. */
Test(prometheus_name, h10_157_units)
{
    static const char *const rows[][2] = {
        { "s", "seconds" },
        { "By", "bytes" },
        { "1", "" },
        { "{request}", "" },
        { "", "" },
        { "%", "percent" },
        { "m/s", "meters_per_second" },
        { "1/s", "per_second" },
        { "{x}/s", "per_second" },
        { "By/min", "bytes_per_minute" },
        { "{packet}/{batch}", "" },
        { "furlong", "furlong" },
        { "a b", "a_b" },
        { "ms{idle}", "milliseconds" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        begin();
        oa_prometheus_unit(&buf, oa_slice_of(rows[i][0]));
        cr_assert_str_eq(done(), rows[i][1], "%s", rows[i][0]);
    }
}

Test(prometheus_name, h10_157_metric_names)
{
    static const char *const rows[][3] = {
        { "http.server.request.duration", "seconds", "http_server_request_duration_seconds" },
        { "a..b--c", "", "a_b_c" },
        { "1st", "", "_1st" },
        { "a_seconds", "seconds", "a_seconds" },
        { "a:b", "", "a:b" },
        { "\xc3\xa4.b", "bytes", "_b_bytes" },
        { "a__b", "", "a_b" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        begin();
        oa_prometheus_metric_name(&buf, oa_slice_of(rows[i][0]), oa_slice_of(rows[i][1]), false);
        cr_assert_str_eq(done(), rows[i][2]);
    }
}

Test(prometheus_name, h10_157_names_that_are_kept)
{
    begin();
    oa_prometheus_metric_name(&buf, OA_SLICE("foo.bar"), OA_SLICE("bytes"), true);
    cr_assert_str_eq(done(), "foo.bar_bytes");
    begin();
    oa_prometheus_metric_name(&buf, OA_SLICE("foo..bar"), OA_SLICE(""), true);
    cr_assert_str_eq(done(), "foo..bar");
}

Test(prometheus_name, h10_161_label_names)
{
    static const char *const rows[][2] = {
        { "http.route", "http_route" }, { "a:b", "a_b" }, { "9", "_9" }, { "--", "_" }
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        begin();
        oa_prometheus_label_name(&buf, oa_slice_of(rows[i][0]));
        cr_assert_str_eq(done(), rows[i][1]);
    }
}

/* F.7. */
Test(prometheus_name, h10_164_escaping)
{
    static const struct {
        const char *name;
        enum oa_prometheus_escaping escaping;
        const char *expected;
    } rows[] = {
        { "a.b", OA_ESCAPING_UNDERSCORES, "a_b" },
        { "a..b", OA_ESCAPING_UNDERSCORES, "a__b" },
        { "1a", OA_ESCAPING_UNDERSCORES, "_a" },
        { "a_b", OA_ESCAPING_UNDERSCORES, "a_b" },
        { "a.b_c d", OA_ESCAPING_DOTS, "a_dot_b__c_d" },
        { "a_b", OA_ESCAPING_VALUES, "a_b" },
        { "a.b_c", OA_ESCAPING_VALUES, "U__a_2E_b__c" },
        { "\xc3\xa4", OA_ESCAPING_VALUES, "U___E4_" },
        { "a.\xc3\xa4", OA_ESCAPING_ALLOW_UTF8, "a.\xc3\xa4" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        begin();
        oa_prometheus_escape(&buf, oa_slice_of(rows[i].name), rows[i].escaping);
        cr_assert_str_eq(done(), rows[i].expected, "%s", rows[i].name);
    }
}
