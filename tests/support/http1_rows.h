/*
 * Test rows for the HTTP/1 parser. Each row is run whole, byte by byte, and cut in two at every
 * byte, every piece in front of an unreadable page; all transcripts must be the expected one, that
 * of every prefix must be a prefix of it, and no END may come before the last byte. Then all of it again with a
 * quiet parser.
 */
#ifndef OA_TESTS_HTTP1_ROWS_H
#define OA_TESTS_HTTP1_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct oa_http1_row {
    const char *name, *input, *expect; /* expect: a transcript, see http1_transcript.h */
    const char *answers;               /* see there too */
    size_t len;                        /* of input, which may hold zero bytes */
    bool response;
};

/* Rows; input is a string literal. */
#define REQUEST(name, input, expect)                        \
    {                                                       \
        name, input, expect, NULL, sizeof(input) - 1, false \
    }
#define RESPONSE(name, input, expect)                      \
    {                                                      \
        name, input, expect, NULL, sizeof(input) - 1, true \
    }
#define ANSWER(to, name, input, expect)                  \
    {                                                    \
        name, input, expect, to, sizeof(input) - 1, true \
    }

/* Runs n rows; failures are Criterion assertions naming the row and the cut. */
void oa_http1_rows_run(const struct oa_http1_row *rows, size_t n);

#endif
