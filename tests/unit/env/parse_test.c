/* SOURCES: env/parse.c env/words.c tests/support/guard_page.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "preload/base/err.h"
#include "tests/support/guard_page.h"

static struct oa_slice guarded(const char *text)
{
    oa_guard_page_free();
    return (struct oa_slice){ oa_guard_page_copy(text, strlen(text)), strlen(text) };
}

Test(parse, bool)
{
    static const struct {
        const char *text;
        int result, value;
    } rows[] = {
        { "true", 0, 1 },
        { "TRUE", 0, 1 },
        { "tRuE", 0, 1 },
        { "false", 0, 0 },
        { "FALSE", 0, 0 },
        { "1", OA_EINVAL, 0 },
        { "0", OA_EINVAL, 0 },
        { "yes", OA_EINVAL, 0 },
        { "on", OA_EINVAL, 0 },
        { "t", OA_EINVAL, 0 },
        { " true", OA_EINVAL, 0 },
        { "true ", OA_EINVAL, 0 },
        { "truetrue", OA_EINVAL, 0 },
        { "tru", OA_EINVAL, 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        bool value = !rows[i].value;

        cr_assert_eq(oa_parse_bool(guarded(rows[i].text), &value), rows[i].result, "%s", rows[i].text);
        cr_assert_eq(value, rows[i].result ? !rows[i].value : rows[i].value, "%s", rows[i].text);
    }
}

Test(parse, u32)
{
    static const struct {
        const char *text;
        int result;
        uint32_t value;
    } rows[] = {
        { "0", 0, 0 },
        { "1", 0, 1 },
        { "2147483647", 0, 2147483647 },
        { "4294967294", 0, 4294967294u },
        { "00000000000000000000000000000012", 0, 12 },
        { "\t 9 ", 0, 9 },
        { "4294967295", OA_EINVAL, 0 },
        { "4294967296", OA_EINVAL, 0 },
        { "42949672960000000000000000000000000000000", OA_EINVAL, 0 },
        { "18446744073709551616", OA_EINVAL, 0 },
        { "-1", OA_EMALFORMED, 0 },
        { "-0", OA_EMALFORMED, 0 },
        { "+5", OA_EMALFORMED, 0 },
        { "5s", OA_EMALFORMED, 0 },
        { "1e3", OA_EMALFORMED, 0 },
        { "0x10", OA_EMALFORMED, 0 },
        { "1.0", OA_EMALFORMED, 0 },
        { "1 0", OA_EMALFORMED, 0 },
        { "1,000", OA_EMALFORMED, 0 },
        { "1_000", OA_EMALFORMED, 0 },
        { " ", OA_EMALFORMED, 0 },
        { "", OA_EMALFORMED, 0 },
        { "7\n", OA_EMALFORMED, 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        uint32_t value = 77;

        cr_assert_eq(oa_parse_u32(guarded(rows[i].text), &value), rows[i].result, "%s", rows[i].text);
        cr_assert_eq(value, rows[i].result ? 77 : rows[i].value, "%s", rows[i].text);
    }
}

Test(parse, ratio)
{
    static const struct {
        const char *text;
        int result;
        double value;
    } rows[] = {
        { "0", 0, 0 },
        { "1", 0, 1 },
        { "0.5", 0, 0.5 },
        { ".25", 0, 0.25 },
        { "1.", 0, 1 },
        { "1.000", 0, 1 },
        { "0.1", 0, 0.1 },
        { "0.001", 0, 0.001 },
        { "1e-3", 0, 0.001 },
        { "10E-1", 0, 1 },
        { "0.01e+2", 0, 1 },
        { "0.3", 0, 0.3 },
        { " 0.7 ", 0, 0.7 },
        { "0e999", 0, 0 },
        { "1e-999", 0, 0 },
        { "00.50", 0, 0.5 },
        { "0.333333333333333333333333333333", 0, 1.0 / 3 },
        { "0.000000000000000000000000000000000001", 0, 1e-36 },
        { "100000000000000000000000000000e-29", 0, 1 },
        { "1.5", OA_EINVAL, 0 },
        { "2", OA_EINVAL, 0 },
        { "1e1", OA_EINVAL, 0 },
        { "1e999999999999", OA_EINVAL, 0 },
        { "1.0001", OA_EINVAL, 0 },
        { "", OA_EMALFORMED, 0 },
        { ".", OA_EMALFORMED, 0 },
        { "-0.1", OA_EMALFORMED, 0 },
        { "-0", OA_EMALFORMED, 0 },
        { "+1", OA_EMALFORMED, 0 },
        { "NaN", OA_EMALFORMED, 0 },
        { "inf", OA_EMALFORMED, 0 },
        { "abc", OA_EMALFORMED, 0 },
        { "0,5", OA_EMALFORMED, 0 },
        { "0.5.5", OA_EMALFORMED, 0 },
        { "50%", OA_EMALFORMED, 0 },
        { "1e", OA_EMALFORMED, 0 },
        { "1e+", OA_EMALFORMED, 0 },
        { "e1", OA_EMALFORMED, 0 },
        { "0x1", OA_EMALFORMED, 0 },
        { "1e-1x", OA_EMALFORMED, 0 },
        { "0 5", OA_EMALFORMED, 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        double value = 77, error;

        cr_assert_eq(oa_parse_ratio(guarded(rows[i].text), &value), rows[i].result, "%s", rows[i].text);
        error = value - (rows[i].result ? 77 : rows[i].value);
        cr_assert(error < 1e-16 && error > -1e-16, "%s: %.17g", rows[i].text, value);
    }
}

Test(parse, word)
{
    const struct oa_words *set = oa_words_get(OA_WORDS_log_level);
    static const struct {
        const char *text;
        int result;
        uint8_t id;
    } rows[] = {
        { "none", 0, OA_ENV_LOG_LEVEL_NONE },
        { "off", 0, OA_ENV_LOG_LEVEL_NONE },
        { "error", 0, OA_ENV_LOG_LEVEL_ERROR },
        { "warn", 0, OA_ENV_LOG_LEVEL_WARN },
        { "Warning", 0, OA_ENV_LOG_LEVEL_WARN },
        { " INFO ", 0, OA_ENV_LOG_LEVEL_INFO },
        { "debug", 0, OA_ENV_LOG_LEVEL_DEBUG },
        { "trace", 0, OA_ENV_LOG_LEVEL_DEBUG },
        { "verbose", 0, OA_ENV_LOG_LEVEL_DEBUG },
        { "all", 0, OA_ENV_LOG_LEVEL_DEBUG },
        { "fatal", 0, OA_ENV_LOG_LEVEL_NONE },
        { "infos", OA_EINVAL, 0 },
        { "inf", OA_EINVAL, 0 },
        { "in fo", OA_EINVAL, 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        uint8_t id = 77;

        cr_assert_eq(oa_parse_word(set, guarded(rows[i].text), &id), rows[i].result, "%s", rows[i].text);
        cr_assert_eq(id, rows[i].result ? 77 : rows[i].id, "%s", rows[i].text);
    }
}

enum { TC = OA_ENV_PROPAGATOR_tracecontext, BG = OA_ENV_PROPAGATOR_baggage };

static const struct {
    const char *text;
    int result;
    struct oa_env_list list;
    uint32_t unknown;
    bool mixed;
} lists[] = {
    { "tracecontext", 0, { 1, { TC }, NULL }, 0, false },
    { "baggage,tracecontext", 0, { 2, { BG, TC }, NULL }, 0, false },
    { " Baggage ,\tTRACECONTEXT , ", 0, { 2, { BG, TC }, NULL }, 0, false },
    { "baggage,baggage,baggage", 0, { 1, { BG }, NULL }, 0, false },
    { ",,baggage,,", 0, { 1, { BG }, NULL }, 0, false },
    { "bogus,baggage,b4", 0, { 1, { BG }, NULL }, 2, false },
    { "none", 0, { 0, { 0 }, NULL }, 0, false },
    { " NONE , none", 0, { 0, { 0 }, NULL }, 0, false },
    { "none,baggage", 0, { 0, { 0 }, NULL }, 0, true },
    { "baggage,none", 0, { 0, { 0 }, NULL }, 0, true },
    { "bogus,none", 0, { 0, { 0 }, NULL }, 1, true },
    { "bogus", OA_EINVAL, { 0, { 0 }, NULL }, 1, false },
    { "bogus,trace context", OA_EINVAL, { 0, { 0 }, NULL }, 2, false },
    { "baggage;tracecontext", OA_EINVAL, { 0, { 0 }, NULL }, 1, false },
    { ",", OA_EAGAIN, { 0, { 0 }, NULL }, 0, false },
    { " , ", OA_EAGAIN, { 0, { 0 }, NULL }, 0, false },
    { "", OA_EAGAIN, { 0, { 0 }, NULL }, 0, false },
};

Test(parse, list)
{
    for (size_t i = 0; i < OA_COUNT(lists); i++) {
        struct oa_env_list list = { 0 };
        struct oa_list_faults faults;

        cr_assert_eq(oa_parse_list(oa_words_get(OA_WORDS_propagators), guarded(lists[i].text), &list, &faults),
                     lists[i].result, "%s", lists[i].text);
        cr_assert_eq(memcmp(&list, &lists[i].list, sizeof(list)), 0, "%s", lists[i].text);
        cr_assert_eq(faults.unknown, lists[i].unknown, "%s", lists[i].text);
        cr_assert_eq(faults.mixed, lists[i].mixed, "%s", lists[i].text);
    }
}

/* Words that take an argument: as many as there are, each with its own. */
Test(parse, list_arguments)
{
    static const char text[] = " Plugin:/a,otlp,plugin:, plugin:/b:c ,otlp";
    const struct oa_words *set = oa_words_get(OA_WORDS_traces_exporters);
    static const char *const expected[] = { "/a", "", "/b:c" };
    struct oa_list_faults faults;
    struct oa_env_list list;

    cr_assert_eq(oa_parse_list(set, guarded(text), &list, &faults), 0);
    cr_assert_eq(list.count, 3);
    cr_expect_eq(faults.unknown, 1);
    cr_expect(oa_slice_eq(faults.first, OA_SLICE("plugin:")));
    cr_assert(list.text);
    list.text = text;
    for (uint32_t i = 0; i < 4; i++)
        cr_expect(oa_slice_eq(oa_list_argument(set, &list, i), oa_slice_of(i < 3 ? expected[i] : "")), "%u", i);
    cr_assert_eq(oa_parse_list(set, guarded("otlp,console"), &list, &faults), 0);
    cr_expect_null(list.text);
}

Test(parse, list_cut_at_every_byte)
{
    const char *text = "baggage , tracecontext,bogus,none";

    for (size_t n = 0; n <= strlen(text); n++) {
        struct oa_env_list list = { 0 };
        struct oa_list_faults faults;
        const char *copy = oa_guard_page_copy(text, n);
        int result = oa_parse_list(oa_words_get(OA_WORDS_propagators), (struct oa_slice){ copy, n }, &list, &faults);

        cr_assert_eq(result, n == 0 ? OA_EAGAIN : n < 7 ? OA_EINVAL : 0, "%zu", n);
        cr_assert_leq(list.count, 2);
        oa_guard_page_free();
    }
}
