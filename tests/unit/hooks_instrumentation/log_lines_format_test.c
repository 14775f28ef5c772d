/* What printf wrote to stdout and stderr: formatted once more, and put together to lines with the rest.
 * SOURCES: tests/support/http.sources hooks/instrumentation/log_format.c hooks/instrumentation/log_lines.c preload/fdtab.c tests/support/fake_logger.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <errno.h>
#include <printf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/instrumentation/log_lines.h"
#include "preload/base/limits.h"
#include "preload/fdtab.h"
#include "tests/support/fake_logger.h"
#include "tests/support/http_fixture.h"

static void start(void)
{
    oa_test_http_start((const char *const[]){ "OTEL_INSTRUMENTATION_STDIO_ENABLED=true", NULL });
    oa_log_lines_init();
    cr_assert(oa_log_lines_on);
    oa_fd_limit = OA_FD_MAX;
}

static void put(const char *text)
{
    oa_log_lines_put(OA_LOG_STDOUT, &(struct iovec){ .iov_base = (void *)text, .iov_len = strlen(text) }, 1,
                     strlen(text));
}

static void format(enum oa_log_stream stream, size_t n, const char *format, ...)
{
    struct oa_guard guard;
    va_list ap;

    cr_assert(oa_guard_enter(&guard));
    va_start(ap, format);
    oa_log_lines_format(&guard, stream, n, format, ap);
    va_end(ap);
    oa_guard_leave(&guard);
}

Test(log_lines_format, as_printf_does)
{
    start();
    errno = ENOENT;
    format(OA_LOG_STDOUT, 7, "%d %s\nha", 12, "x");
    cr_assert_eq(errno, ENOENT);
    cr_assert(oa_test_log_is("12 x"));
    errno = ENOENT;
    format(OA_LOG_STDOUT, 30, "lf: %m\n");
    cr_assert(oa_test_log_is("half: No such file or directory"));
    format(OA_LOG_STDERR, 6, "%s", "e\nr\nr\n");
    cr_assert(oa_test_log_is("e"));
    cr_assert(oa_test_log_is("r"));
    cr_assert(oa_test_log_is("r"));
    cr_assert(oa_test_log_is(NULL));
    cr_assert_str_eq(oa_test_log(oa_test_logs_seen - 1)->iostream, "stderr");
}

Test(log_lines_format, only_what_was_written)
{
    start();
    format(OA_LOG_STDOUT, 4, "%s", "one\ntwo\n");
    cr_assert(oa_test_log_is("one"));
    cr_assert(oa_test_log_is(NULL));
}

Test(log_lines_format, that_stores_ends_the_line_unread)
{
    int n = 7;

    start();
    put("before ");
    format(OA_LOG_STDOUT, 5, "four%n\n", &n);
    cr_assert_eq(n, 7);
    cr_assert(oa_test_log_is("before "));
    cr_assert(oa_test_log_is(NULL));
    put("after\n");
    cr_assert(oa_test_log_is("after"));
}

Test(log_lines_format, more_than_is_looked_at)
{
    char *text = calloc(1, 3 * OA_LOG_BODY_MAX);

    start();
    memset(text, 'x', 2 * OA_LOG_BODY_MAX);
    strcpy(text + 2 * OA_LOG_BODY_MAX, "\nlast\n");
    put("short ");
    format(OA_LOG_STDOUT, strlen(text), "%s", text);
    put("next\n");
    cr_assert_eq(oa_test_log(0)->len, OA_LOG_BODY_MAX);
    cr_assert_eq(oa_test_log(1)->len, 6);
    cr_assert_str_eq(oa_test_log(2)->body, "next");
    free(text);
}

/* A conversion that writes lines itself, while the line that it is part of is being formatted. */
static int writes_lines(FILE *to, const struct printf_info *info, const void *const *args)
{
    (void)info, (void)args;
    put("whole\npart");
    oa_log_lines_format(&(struct oa_guard){ 0 }, OA_LOG_STDOUT, 6, "inner\r\n", (va_list){ 0 });
    oa_log_lines_format(&(struct oa_guard){ 0 }, OA_LOG_STDOUT, 6, "st%n", (va_list){ 0 });
    oa_log_lines_end();
    return fprintf(to, "outer");
}

static int takes_nothing(const struct printf_info *info, size_t n, int *types, int *sizes)
{
    (void)info, (void)n, (void)types, (void)sizes;
    return 0;
}

Test(log_lines_format, put__who_finds_the_buffer_taken_tells_what_he_has)
{
    char conversion[] = "%Y\n";

    start();
    cr_assert_eq(register_printf_specifier('Y', writes_lines, takes_nothing), 0);
    put("the ");
    format(OA_LOG_STDOUT, 6, conversion);
    cr_assert(oa_test_log_is("whole"));
    cr_assert(oa_test_log_is("part"));
    cr_assert(oa_test_log_is("inner"));
    cr_assert(oa_test_log_is("the outer"));
    cr_assert(oa_test_log_is(NULL));
}

Test(log_lines_format, no_room)
{
    start();
    oa_test_logger_full = true;
    format(OA_LOG_STDOUT, 5, "lost\n");
    oa_test_logger_full = false;
    format(OA_LOG_STDOUT, 6, "found\n");
    cr_assert(oa_test_log_is("found"));
}
