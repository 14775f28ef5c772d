/* Lines of stdout and stderr: however they are written, each is one record.
 * SOURCES: tests/support/http.sources hooks/instrumentation/log_format.c hooks/instrumentation/log_lines.c preload/fdtab.c tests/support/fake_logger.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/instrumentation/log_lines.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/limits.h"
#include "preload/fdtab.h"
#include "sdk/api/ids.h"
#include "tests/support/fake_logger.h"
#include "tests/support/http_fixture.h"

static void start(void)
{
    oa_test_http_start((const char *const[]){ "OTEL_INSTRUMENTATION_STDIO_ENABLED=true", NULL });
    oa_log_lines_init();
    cr_assert(oa_log_lines_on);
    oa_fd_limit = OA_FD_MAX;
}

static void put_bytes(enum oa_log_stream stream, const char *text, size_t n)
{
    oa_log_lines_put(stream, &(struct iovec){ .iov_base = (void *)text, .iov_len = n }, 1, n);
}

static void put(const char *text)
{
    put_bytes(OA_LOG_STDOUT, text, strlen(text));
}

Test(log_lines, put__a_line_is_a_record)
{
    const struct oa_test_log *log;

    start();
    put_bytes(OA_LOG_STDERR, "a line\n", 7);
    log = oa_test_log(0);
    cr_assert_eq(oa_test_logs(), 1);
    cr_assert_str_eq(log->body, "a line");
    cr_assert_str_eq(log->iostream, "stderr");
    cr_assert_eq(log->head.scope, OA_SCOPE_STDIO);
    cr_assert_eq(log->head.severity, 0);
    cr_assert_eq(log->head.severity_text.len, 0);
    cr_assert_neq(log->head.unix_ns, 0);
    cr_assert_not(log->context.valid);
    put("another\n");
    cr_assert_str_eq(oa_test_log(1)->iostream, "stdout");
    cr_assert_not(oa_test_logger_dirty);
}

Test(log_lines, put__lines_and_what_is_none)
{
    static const struct {
        const char *text, *bodies[4];
    } rows[] = {
        { "one\ntwo\nthree\n", { "one", "two", "three" } },
        { "\n\n\r\n", { NULL } },
        { "dos\r\n\r\nmore\r\n", { "dos", "more" } },
        { "a\rb\n", { "a\rb" } },
        { "a\r\r\n", { "a\r" } },
        { " \n", { " " } },
        { "\xe2\x82\xac\n", { "\xe2\x82\xac" } },
        { "\xff\xfe\n", { "\xff\xfe" } },
    };

    start();
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        put(rows[i].text);
        for (int n = 0; rows[i].bodies[n]; n++)
            cr_assert(oa_test_log_is(rows[i].bodies[n]));
        cr_assert(oa_test_log_is(NULL));
    }
}

Test(log_lines, put__the_same_split_at_every_byte)
{
    static const char text[] = "one\r\n\ntwo \xe2\x82\xac\nthree\rfour\r\r\nlast\n";

    start();
    for (size_t first = 0; first < sizeof(text); first++)
        for (size_t second = first; second < sizeof(text); second++) {
            put_bytes(OA_LOG_STDOUT, text, first);
            put_bytes(OA_LOG_STDOUT, text + first, second - first);
            put_bytes(OA_LOG_STDOUT, text + second, sizeof(text) - 1 - second);
            cr_assert(oa_test_log_is("one"));
            cr_assert(oa_test_log_is("two \xe2\x82\xac"));
            cr_assert(oa_test_log_is("three\rfour\r"));
            cr_assert(oa_test_log_is("last"));
            cr_assert(oa_test_log_is(NULL));
        }
}

Test(log_lines, put__byte_by_byte_on_both_streams)
{
    static const char out[] = "to stdout\r\nmore\n", err[] = "to stderr\nmore \n";

    start();
    for (size_t i = 0; i < sizeof(out) - 1; i++) {
        put_bytes(OA_LOG_STDOUT, out + i, 1);
        put_bytes(OA_LOG_STDERR, err + i, 1);
    }
    cr_assert(oa_test_log_is("to stderr"));
    cr_assert(oa_test_log_is("to stdout"));
    cr_assert(oa_test_log_is("more"));
    cr_assert(oa_test_log_is("more "));
    cr_assert(oa_test_log_is(NULL));
    cr_assert_str_eq(oa_test_log(0)->iostream, "stderr");
    cr_assert_str_eq(oa_test_log(1)->iostream, "stdout");
}

Test(log_lines, put__only_what_was_written_of_several_pieces)
{
    struct iovec iov[] = { { "one\nt", 5 }, { NULL, 0 }, { "wo\nthree", 8 }, { "\nfour\n", 6 } };

    start();
    oa_log_lines_put(OA_LOG_STDOUT, iov, 4, 7);
    cr_assert(oa_test_log_is("one"));
    cr_assert(oa_test_log_is(NULL));
    oa_log_lines_put(OA_LOG_STDOUT, iov + 3, 1, 1);
    cr_assert(oa_test_log_is("two"));
    oa_log_lines_put(OA_LOG_STDOUT, iov, 4, 19);
    cr_assert(oa_test_log_is("one"));
    cr_assert(oa_test_log_is("two"));
    cr_assert(oa_test_log_is("three"));
    cr_assert(oa_test_log_is("four"));
    cr_assert(oa_test_log_is(NULL));
}

/* A line of `bytes` bytes out of characters of the same width, put in pieces of `step`. All of it must come, in
 * order, as few records, each of whole characters. */
static void long_line(const char *character, size_t lead, size_t bytes, size_t step)
{
    char *text = calloc(1, bytes + 8), *got = calloc(1, bytes + 8);
    size_t width = strlen(character), len = lead, all = 0, records = 0;

    memset(text, 'a', lead);
    for (; len + width <= bytes; len += width)
        memcpy(text + len, character, width);
    text[len] = '\n';
    for (size_t at = 0; at < len + 1; at += step)
        put_bytes(OA_LOG_STDOUT, text + at, at + step < len + 1 ? step : len + 1 - at);
    for (const struct oa_test_log *log; (log = oa_test_log(oa_test_logs_seen)) != NULL;
         oa_test_logs_seen++, records++) {
        cr_assert_leq(log->len, OA_LOG_BODY_MAX);
        cr_assert_neq((unsigned char)log->body[0] & 0xc0, 0x80, "a character was cut in two");
        memcpy(got + all, log->body, log->len);
        all += log->len;
    }
    cr_assert_eq(all, len, "%zu bytes, not %zu", all, len);
    cr_assert_arr_eq(got, text, len);
    cr_assert_eq(records, (len + OA_LOG_BODY_MAX - 4) / (OA_LOG_BODY_MAX - 3), "%zu records of %zu bytes", records,
                 len);
    free(text);
    free(got);
}

Test(log_lines, put__a_long_line_is_several_records)
{
    static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
    static const size_t steps[] = { 1000000, OA_LOG_BODY_MAX, OA_LOG_BODY_MAX - 1, 4096, 17 };

    start();
    for (size_t c = 0; c < OA_COUNT(characters); c++)
        for (size_t step = 0; step < OA_COUNT(steps); step++)
            for (size_t lead = 0; lead < 4; lead++)
                long_line(characters[c], lead, 3 * OA_LOG_BODY_MAX - 100, steps[step]);
}

Test(log_lines, put__a_line_about_as_long_as_a_record)
{
    start();
    for (size_t more = 0; more < 4; more++)
        for (size_t step = 1; step < 20000; step *= 7) {
            char *text = calloc(1, OA_LOG_BODY_MAX + 8);
            size_t len = OA_LOG_BODY_MAX - 2 + more, at = oa_test_logs_seen, all = 0;

            memset(text, 'x', len);
            strcpy(text + len, "\r\n");
            for (size_t i = 0; i < len + 2; i += step)
                put_bytes(OA_LOG_STDOUT, text + i, i + step < len + 2 ? step : len + 2 - i);
            for (; oa_test_log(oa_test_logs_seen); oa_test_logs_seen++)
                all += oa_test_log(oa_test_logs_seen)->len;
            cr_assert_eq(all, len, "%zu of %zu bytes, in steps of %zu", all, len, step);
            cr_assert_leq(oa_test_logs_seen - at, 2);
            free(text);
        }
}

Test(log_lines, end__what_stands_there_is_told_once)
{
    start();
    put("half a line");
    put_bytes(OA_LOG_STDERR, "and another\r", 12);
    cr_assert(oa_test_log_is(NULL));
    oa_log_lines_end();
    cr_assert(oa_test_log_is("half a line"));
    cr_assert(oa_test_log_is("and another"));
    oa_log_lines_end();
    cr_assert(oa_test_log_is(NULL));
    put(" goes on\n");
    cr_assert(oa_test_log_is(" goes on"));
}

Test(log_lines, forked__a_child_does_not_tell_its_parents_half_line)
{
    start();
    put("the parent's");
    oa_log_lines_forked();
    put("the child's\n");
    cr_assert(oa_test_log_is("the child's"));
    oa_log_lines_end();
    cr_assert(oa_test_log_is(NULL));
}

Test(log_lines, put__in_the_request_at_the_end_of_the_line)
{
    struct oa_op *op;

    start();
    op = oa_op_open();
    oa_ids_trace(op->self.trace_id);
    oa_ids_span(op->self.span_id, op->slot);
    op->self.valid = 1;
    oa_op_publish(op);
    put("before and ");
    oa_parent_enter(oa_op_ref(op));
    put("during\nhalf");
    cr_assert_arr_eq((char *)&oa_test_log(0)->context, (char *)&op->self, sizeof(op->self));
    oa_op_close(op);
    put("\n");
    cr_assert_not(oa_test_log(1)->context.valid);
}

Test(log_lines, put__no_room)
{
    start();
    oa_test_logger_full = true;
    put("lost\nhalf");
    oa_test_logger_full = false;
    put(" found\n");
    cr_assert(oa_test_log_is("half found"));
}

#define THREADS 8
#define LINES 400

static void *writes(void *arg)
{
    char line[64];

    for (int i = 0; i < LINES; i++) {
        struct iovec iov = { line, (size_t)snprintf(line, sizeof(line), "thread %d line %d\n", (int)(long)arg, i) };

        oa_log_lines_put(OA_LOG_STDOUT, &iov, 1, iov.iov_len);
    }
    return NULL;
}

Test(log_lines, put__whole_lines_of_many_threads_stay_whole)
{
    pthread_t threads[THREADS];
    bool found[THREADS][LINES] = { 0 };
    int thread, line, end;

    start();
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, writes, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(oa_test_logs(), THREADS * LINES);
    for (size_t i = 0; i < oa_test_logs(); i++) {
        const char *body = oa_test_log(i)->body;

        cr_assert_eq(sscanf(body, "thread %d line %d%n", &thread, &line, &end), 2, "%s", body);
        cr_assert_eq((size_t)end, strlen(body), "%s", body);
        cr_assert_not(found[thread][line], "%s came twice", body);
        found[thread][line] = true;
    }
}

Test(log_lines, init__off_unless_asked_for)
{
    oa_test_http_start(NULL);
    oa_log_lines_init();
    cr_assert_not(oa_log_lines_on);
    cr_assert_eq(oa_fd_outputs, 0);
}

Test(log_lines, init__off_where_nobody_takes_logs)
{
    oa_test_logger_off = true;
    oa_test_http_start((const char *const[]){ "OTEL_INSTRUMENTATION_STDIO_ENABLED=true", NULL });
    oa_log_lines_init();
    cr_assert_not(oa_log_lines_on);
}

Test(log_lines, init__descriptors_1_and_2_are_output_where_others_are_ignored)
{
    start();
    for (int fd = 0; fd < 5; fd++) {
        bool output = fd == 1 || fd == 2;

        oa_fd_set(fd, OA_FD_IGNORED);
        cr_assert_eq(oa_fd_word(fd), output ? OA_FD_OUTPUT : OA_FD_IGNORED, "%d", fd);
        oa_fd_set(fd, OA_FD_OUTPUT); /* a copy of one of them */
        cr_assert_eq(oa_fd_word(fd), output ? OA_FD_OUTPUT : OA_FD_IGNORED, "%d", fd);
        oa_fd_set(fd, OA_FD_SOCKET);
        cr_assert_eq(oa_fd_word(fd), OA_FD_SOCKET);
        oa_fd_set(fd, OA_FD_UNKNOWN);
        cr_assert_eq(oa_fd_word(fd), OA_FD_UNKNOWN);
    }
}
