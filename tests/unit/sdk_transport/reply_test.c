/* SOURCES: sdk/transport/reply.c sdk/transport/retry.c preload/base/arena.c hooks/protocols/http1.c
 *   hooks/protocols/http1_body.c hooks/protocols/http1_detect.c hooks/protocols/http1_fields.c
 * hooks/protocols/http1_head.c hooks/protocols/http1_lines.c hooks/protocols/http1_start.c
 * tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/http.h"
#include "sdk/transport/reply.h"
#include "sdk/transport/retry.h"
#include "tests/support/guard_page.h"

enum end { FEED_DONE, FEED_MORE, EOF_DONE, BAD };

static const struct row {
    const char *name, *bytes;
    enum end end;
    int status;
    const char *body;
    bool reusable;
    uint64_t retry_s; /* UINT64_MAX: none */
} rows[] = {
    { "length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", FEED_DONE, 200, "abc", true, UINT64_MAX },
    { "empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", FEED_DONE, 200, "", true, UINT64_MAX },
    { "no content", "HTTP/1.1 204 No\r\n\r\n", FEED_DONE, 204, "", true, UINT64_MAX },
    { "chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nT: v\r\n\r\n",
      FEED_DONE, 200, "abcde", true, UINT64_MAX },
    { "interim",
      "HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
      FEED_DONE, 200, "z", true, UINT64_MAX },
    { "retry", "HTTP/1.1 503 No\r\nretry-AFTER:  17 \r\nContent-Length: 2\r\n\r\nno", FEED_DONE, 503, "no", true,
      17 },
    { "close", "HTTP/1.1 429 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", FEED_DONE, 429, "", false,
      UINT64_MAX },
    { "http/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nq", FEED_DONE, 200, "q", false, UINT64_MAX },
    { "until close", "HTTP/1.1 200 OK\r\n\r\nrest of it", EOF_DONE, 200, "rest of it", false, UINT64_MAX },
    { "surplus", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nqHTTP", FEED_DONE, 200, "q", false, UINT64_MAX },
    { "cut head", "HTTP/1.1 200 OK\r\nContent-Le", FEED_MORE, 0, "", false, UINT64_MAX },
    { "cut body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", FEED_MORE, 200, "ab", false, UINT64_MAX },
    { "only interim", "HTTP/1.1 100 Continue\r\n\r\n", FEED_MORE, 100, "", false, UINT64_MAX },
    { "nothing", "", FEED_MORE, 0, "", false, UINT64_MAX },
    { "switch", "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", BAD, 101, "", false, UINT64_MAX },
    { "not http", "SSH-2.0-OpenSSH\r\n", BAD, 0, "", false, UINT64_MAX },
    { "tls alert", "\x15\x03\x01", BAD, 0, "", false, UINT64_MAX },
    { "http/2 frame", "PRI * HTTP/2.0\r\n\r\n", BAD, 0, "", false, UINT64_MAX },
};

static struct oa_arena arena;

/* Feeds in pieces of `step` bytes, each ending at an unreadable page. */
static int feed(struct oa_http_reply *reply, const char *bytes, size_t len, size_t step)
{
    int err = 0;

    oa_arena_reset(&arena);
    oa_http_reply_init(reply, &arena);
    for (size_t at = 0; at < len && !err && !reply->done; at += step) {
        size_t n = len - at < step ? len - at : step;

        err = oa_http_reply_feed(reply, oa_guard_page_copy(bytes + at, n), n);
        oa_guard_page_free();
    }
    return err;
}

static void expect(const struct row *row, size_t step)
{
    struct oa_http_reply reply;
    int err = feed(&reply, row->bytes, strlen(row->bytes), step);

    if (row->end == BAD) {
        cr_expect_eq(err, OA_EMALFORMED, "%s in %zu: %d", row->name, step, err);
        return;
    }
    cr_expect_eq(err, 0, "%s in %zu: %d", row->name, step, err);
    cr_expect_eq(reply.done, row->end == FEED_DONE, "%s in %zu", row->name, step);
    if (row->end != FEED_DONE)
        cr_expect_eq(oa_http_reply_eof(&reply), row->end == EOF_DONE ? 0 : OA_EIO, "%s in %zu", row->name, step);
    cr_expect_eq(reply.done, row->end != FEED_MORE, "%s in %zu", row->name, step);
    cr_expect_eq(reply.status, row->status, "%s in %zu: %d", row->name, step, reply.status);
    cr_expect_eq(reply.body_len, strlen(row->body), "%s in %zu", row->name, step);
    cr_expect(reply.body_len == 0 || memcmp(reply.body, row->body, reply.body_len) == 0, "%s in %zu", row->name,
              step);
    /* Fed byte by byte, what comes behind the response is never seen. */
    if (strcmp(row->name, "surplus") != 0)
        cr_expect_eq(reply.reusable, row->reusable, "%s in %zu", row->name, step);
    cr_expect_eq(reply.retry_after_ns, row->retry_s == UINT64_MAX ? OA_RETRY_AFTER_NONE : row->retry_s * OA_NS_PER_S,
                 "%s in %zu", row->name, step);
}

Test(reply, rows__whole_and_split)
{
    oa_arena_init(&arena, 1024, 1u << 24);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        expect(&rows[i], SIZE_MAX / 2);
        for (size_t step = 1; step < 8; step++)
            expect(&rows[i], step);
    }
}

Test(reply, rows__truncated_at_every_byte)
{
    oa_arena_init(&arena, 1024, 1u << 24);
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        for (size_t len = 0; len < strlen(rows[i].bytes); len++) {
            struct oa_http_reply reply;
            int err = feed(&reply, rows[i].bytes, len, SIZE_MAX / 2);

            cr_expect(err == 0 || err == OA_EMALFORMED, "%s cut at %zu", rows[i].name, len);
        }
}

Test(reply, body__over_the_bound)
{
    static char block[65536];
    struct oa_http_reply reply;
    int err = 0, blocks = 0;

    memset(block, 'b', sizeof(block));
    oa_arena_init(&arena, 1024, 1u << 24);
    oa_http_reply_init(&reply, &arena);
    cr_assert_eq(oa_http_reply_feed(&reply, "HTTP/1.1 200 OK\r\n\r\n", 19), 0);
    while (!err && ++blocks < 100)
        err = oa_http_reply_feed(&reply, block, sizeof(block));
    cr_expect_eq(err, OA_EFULL);
    cr_expect_eq(blocks, 65, "4 MiB are accepted, not a byte more");
}

Test(reply, head__without_end)
{
    static char line[65536];
    struct oa_http_reply reply;
    int err = 0, lines = 0;

    memset(line, 'h', sizeof(line));
    memcpy(line, "x: ", 3);
    line[sizeof(line) - 1] = '\n';
    oa_arena_init(&arena, 1024, 1u << 24);
    oa_http_reply_init(&reply, &arena);
    cr_assert_eq(oa_http_reply_feed(&reply, "HTTP/1.1 200 OK\r\n", 17), 0);
    while (!err && ++lines < 1000)
        err = oa_http_reply_feed(&reply, line, sizeof(line));
    cr_expect(err == OA_EFULL || err == OA_EMALFORMED);
    cr_expect_lt(lines, 1000);
}
