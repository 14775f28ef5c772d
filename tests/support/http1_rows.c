#include "tests/support/http1_rows.h"

#include <criterion/criterion.h>

#include "tests/support/guard_page.h"
#include "tests/support/http1_transcript.h"

static struct oa_http1_transcript transcript;

static void feed_guarded(struct oa_slice piece)
{
    oa_http1_transcript_feed(&transcript, oa_guard_page_copy(piece.ptr, piece.len), piece.len);
    oa_guard_page_free();
}

static void expect_all(const struct oa_http1_row *row, const char *how, size_t cut)
{
    oa_http1_transcript_finish(&transcript);
    cr_assert_null(transcript.broken, "%s, %s %zu: contract: %s", row->name, how, cut, transcript.broken);
    cr_assert_str_eq(transcript.text, row->expect, "%s, %s %zu:\n got %s\nwant %s", row->name, how, cut,
                     transcript.text, row->expect);
}

static void expect_prefix(const struct oa_http1_row *row, size_t cut, unsigned ends)
{
    cr_assert_eq(strncmp(transcript.text, row->expect, transcript.len), 0, "%s, truncated at %zu:\n got %s\nwant %s",
                 row->name, cut, transcript.text, row->expect);
    cr_assert(!ends || transcript.ends < ends, "%s, truncated at %zu: the end comes early", row->name, cut);
}

static void run_row(const struct oa_http1_row *row)
{
    struct oa_slice input = { row->input, row->len };
    unsigned ends;

    oa_http1_transcript_init(&transcript, row->response, row->answers);
    feed_guarded(input);
    ends = oa_http1_idle(&transcript.parser) ? transcript.ends : 0;
    expect_all(row, "whole", input.len);

    oa_http1_transcript_init(&transcript, row->response, row->answers);
    for (size_t i = 0; i < input.len; i++)
        feed_guarded((struct oa_slice){ input.ptr + i, 1 });
    expect_all(row, "bytes", input.len);

    for (size_t cut = 0; cut < input.len; cut++) {
        oa_http1_transcript_init(&transcript, row->response, row->answers);
        feed_guarded((struct oa_slice){ input.ptr, cut });
        expect_prefix(row, cut, ends);
        feed_guarded((struct oa_slice){ input.ptr + cut, input.len - cut });
        expect_all(row, "cut", cut);
    }
}

void oa_http1_rows_run(const struct oa_http1_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_row(&rows[i]);
}
