#include "tests/support/http1_rows.h"

#include <criterion/criterion.h>

#include "tests/support/guard_page.h"
#include "tests/support/http1_transcript.h"

static struct oa_http1_transcript transcript;
static const char *expect; /* of the row and the mode that are run */
static bool quiet;

static void start(const struct oa_http1_row *row)
{
    oa_http1_transcript_init(&transcript, row->response, row->answers);
    transcript.parser.quiet = quiet;
}

static bool is_told_quietly(struct oa_slice item, bool response)
{
    static const struct oa_slice silent[] = {
        { "~", 1 }, { "connection[", 11 }, { "content-length[", 15 }, { "transfer-encoding[", 18 }, { "upgrade[", 8 },
    };

    for (size_t i = 0; i < OA_COUNT(silent); i++)
        if (oa_slice_starts(item, silent[i]))
            return false;
    return !response || !oa_slice_eq(item, OA_SLICE("blank"));
}

/* What a quiet parser makes of the same bytes: all but the fields that only the parser, or nobody, reads, and the
 * place before an answer's empty line. */
static const char *quietly(const char *loud, bool response)
{
    static char text[OA_HTTP1_TRANSCRIPT_MAX];
    struct oa_slice rest = oa_slice_of(loud);
    size_t len = 0;

    while (rest.len) {
        struct oa_slice item = oa_slice_next(&rest, '|');

        if (!is_told_quietly(item, response))
            continue;
        if (len)
            text[len++] = '|';
        memcpy(text + len, item.ptr, item.len);
        len += item.len;
    }
    text[len] = '\0';
    return text;
}

static void feed_guarded(struct oa_slice piece)
{
    oa_http1_transcript_feed(&transcript, oa_guard_page_copy(piece.ptr, piece.len), piece.len);
    oa_guard_page_free();
}

static void expect_all(const struct oa_http1_row *row, const char *how, size_t cut)
{
    oa_http1_transcript_finish(&transcript);
    cr_assert_null(transcript.broken, "%s, %s %zu: contract: %s", row->name, how, cut, transcript.broken);
    cr_assert_str_eq(transcript.text, expect, "%s, %s %zu:\n got %s\nwant %s", row->name, how, cut, transcript.text,
                     expect);
}

static void expect_prefix(const struct oa_http1_row *row, size_t cut, unsigned ends)
{
    cr_assert_eq(strncmp(transcript.text, expect, transcript.len), 0, "%s, truncated at %zu:\n got %s\nwant %s",
                 row->name, cut, transcript.text, expect);
    cr_assert(!ends || transcript.ends < ends, "%s, truncated at %zu: the end comes early", row->name, cut);
}

static void run_row(const struct oa_http1_row *row)
{
    struct oa_slice input = { row->input, row->len };
    unsigned ends;

    start(row);
    feed_guarded(input);
    ends = oa_http1_idle(&transcript.parser) ? transcript.ends : 0;
    expect_all(row, "whole", input.len);

    start(row);
    for (size_t i = 0; i < input.len; i++)
        feed_guarded((struct oa_slice){ input.ptr + i, 1 });
    expect_all(row, "bytes", input.len);

    for (size_t cut = 0; cut < input.len; cut++) {
        start(row);
        feed_guarded((struct oa_slice){ input.ptr, cut });
        expect_prefix(row, cut, ends);
        feed_guarded((struct oa_slice){ input.ptr + cut, input.len - cut });
        expect_all(row, "cut", cut);
    }
}

void oa_http1_rows_run(const struct oa_http1_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        quiet = false;
        expect = rows[i].expect;
        run_row(&rows[i]);
        quiet = true;
        expect = quietly(rows[i].expect, rows[i].response);
        run_row(&rows[i]);
    }
}
