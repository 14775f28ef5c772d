/* What receivers answer in JSON: partial success and refusals.
 * SOURCES: sdk/encode/otlp_json_answer.c sdk/encode/json_reader.c sdk/model/utf8.c preload/base/arena.c env/parse.c
 * env/words.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "sdk/encode/otlp_json.h"

static struct oa_arena arena;

static void setup(void)
{
    oa_arena_init(&arena, 256, 1u << 16);
}

static void teardown(void)
{
    oa_arena_release(&arena);
}

TestSuite(otlp_json_answer, .init = setup, .fini = teardown);

Test(otlp_json_answer, responses)
{
    static const struct {
        const char *body, *message;
        int64_t rejected;
    } rows[] = {
        { "", "", 0 },
        { "{}", "", 0 },
        { "null", "", 0 },
        { "{\"partialSuccess\":null}", "", 0 },
        { "{\"partialSuccess\":{\"rejectedSpans\":\"5\",\"errorMessage\":\"too old\"}}", "too old", 5 },
        { " {\"partialSuccess\" : {\"rejectedDataPoints\": 7}, \"more\": [1, {}]} ", "", 7 },
        { "{\"partialSuccess\":{\"errorMessage\":\"a \\\"b\\\" \\u00e4\"}}", "a \"b\" \xc3\xa4", 0 },
        { "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\"}}", "", 3 },
        { "{\"rejectedSpans\": \"9\"}", "", 0 }, /* not where it belongs */
        { "{\"partialSuccess\":{\"rejectedSpans\":\"99999999999999999999999\"}}", "", INT64_MAX },
        { "{\"partialSuccess\":{\"rejectedSpans\":-3}}", "", 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_otlp_response answer = { .rejected_items = 77 };

        cr_assert_eq(oa_otlp_json_decode_response(oa_slice_of(rows[i].body), &arena, &answer), 0, "%s", rows[i].body);
        cr_expect_eq(answer.rejected_items, rows[i].rejected, "%s", rows[i].body);
        cr_expect(oa_slice_eq(answer.message, oa_slice_of(rows[i].message)), "%s", rows[i].body);
    }
}

Test(otlp_json_answer, responses__that_are_none)
{
    static const char *const rows[] = { "garbage \" {",
                                        "<html>busy</html>",
                                        "{\"partialSuccess\": {\"rejectedSpans\": \"",
                                        "{\"partialSuccess\":{\"rejectedSpans\":\"many\"}}",
                                        "{\"errorMessage\": \"open",
                                        "{} {}",
                                        "[]",
                                        "7" };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_otlp_response answer = { .rejected_items = 77 };

        cr_expect_eq(oa_otlp_json_decode_response(oa_slice_of(rows[i]), &arena, &answer), OA_EMALFORMED, "%s",
                     rows[i]);
        cr_expect_eq(answer.rejected_items, 77, "nothing changed");
    }
}

Test(otlp_json_answer, refusals)
{
    struct oa_otlp_status status = { 0 };

    cr_assert_eq(
        oa_otlp_json_decode_status(OA_SLICE("{\"code\":3,\"message\":\"no spans\",\"details\":[{\"@type\":\"x\"}]}"),
                                   &arena, &status),
        0);
    cr_expect_eq(status.code, 3);
    cr_expect(oa_slice_eq(status.message, OA_SLICE("no spans")));
    cr_expect_not(status.has_retry_delay);
    cr_expect_eq(oa_otlp_json_decode_status(OA_SLICE("<html>"), &arena, &status), OA_EMALFORMED);
    cr_expect_eq(oa_otlp_json_decode_status(OA_SLICE(""), &arena, &status), OA_EMALFORMED);
    cr_expect_eq(status.code, 3, "nothing changed");
}

/* Every beginning of an answer is none, and nothing behind it is read. */
Test(otlp_json_answer, cut_at_every_byte)
{
    static const char whole[] = "{\"partialSuccess\":{\"rejectedSpans\":\"5\",\"errorMessage\":\"too old\"}}";

    for (size_t len = 1; len < sizeof(whole) - 1; len++) {
        char *cut = strndup(whole, len);
        struct oa_otlp_response answer;

        cr_expect_eq(oa_otlp_json_decode_response((struct oa_slice){ cut, len }, &arena, &answer), OA_EMALFORMED,
                     "%zu", len);
        free(cut);
    }
}
