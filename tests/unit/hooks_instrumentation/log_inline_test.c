/* Characters that went into the buffer of stdout past every function.
 * SOURCES: tests/support/http.sources hooks/instrumentation/log_format.c hooks/instrumentation/log_inline.c hooks/instrumentation/log_lines.c preload/fdtab.c tests/support/fake_logger.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "hooks/instrumentation/log_inline.h"
#include "preload/fdtab.h"
#include "tests/support/fake_logger.h"
#include "tests/support/http_fixture.h"

static FILE *kept;

/* stdout is another stream as long as the test has it. */
static void start(void)
{
    oa_test_http_start((const char *const[]){ "OTEL_INSTRUMENTATION_STDIO_ENABLED=true", NULL });
    oa_log_lines_init();
    oa_fd_limit = OA_FD_MAX;
    kept = stdout;
    stdout = fopen("/dev/null", "w");
    cr_assert_not_null(stdout);
}

static void past_functions(const char *text)
{
    for (; *text; text++)
        putc_unlocked(*text, stdout);
}

/* A call that writes, as the wrappers have it. */
static void call(const char *text)
{
    oa_log_inline_tell(OA_LOG_STDOUT);
    fputs(text, stdout);
    oa_log_lines_put(OA_LOG_STDOUT, &(struct iovec){ (void *)text, strlen(text) }, 1, strlen(text));
    oa_log_inline_mark(OA_LOG_STDOUT);
}

static void flush(void)
{
    oa_log_inline_tell(OA_LOG_STDOUT);
    fflush(stdout);
    oa_log_inline_mark(OA_LOG_STDOUT);
}

static void ended(void)
{
    fclose(stdout);
    stdout = kept;
    cr_assert(oa_test_log_is(NULL));
}

Test(log_inline, tell__each_character_once_and_in_order)
{
    start();
    call("one ");
    past_functions("two\nthree");
    call(" four\n");
    past_functions("five");
    flush();
    past_functions(" six\nseven and more\n");
    flush();
    flush();
    cr_assert(oa_test_log_is("one two"));
    cr_assert(oa_test_log_is("three four"));
    cr_assert(oa_test_log_is("five six"));
    cr_assert(oa_test_log_is("seven and more"));
    ended();
}

Test(log_inline, tell__nothing_where_nothing_is)
{
    start();
    oa_log_inline_tell(OA_LOG_STDOUT);
    oa_log_inline_tell(OA_LOG_STDERR);
    call("a line\n");
    oa_log_inline_tell(OA_LOG_STDOUT);
    cr_assert(oa_test_log_is("a line"));
    ended();
}

Test(log_inline, tell__not_out_of_another_buffer)
{
    static char other[4096];

    start();
    call("in one\n");
    fflush(stdout); /* unseen */
    setvbuf(stdout, other, _IOFBF, sizeof(other));
    past_functions("lost ");
    call("in another\n");
    cr_assert(oa_test_log_is("in one"));
    cr_assert(oa_test_log_is("in another"));
    past_functions("seen\n");
    oa_log_inline_tell(OA_LOG_STDOUT);
    cr_assert(oa_test_log_is("seen"));
    ended();
}

Test(log_inline, forget__until_the_next_call)
{
    start();
    call("one\n");
    oa_log_inline_forget(OA_LOG_STDOUT);
    past_functions("lost\n");
    call("two\n");
    past_functions("found\n");
    oa_log_inline_tell(OA_LOG_STDOUT);
    cr_assert(oa_test_log_is("one"));
    cr_assert(oa_test_log_is("two"));
    cr_assert(oa_test_log_is("found"));
    ended();
}

Test(log_inline, tell__nothing_of_a_stream_that_was_closed)
{
    start();
    call("a line\n");
    past_functions("lost");
    oa_log_inline_forget(OA_LOG_STDOUT);
    fclose(stdout);
    stdout = (FILE *)8;
    oa_log_inline_tell(OA_LOG_STDOUT);
    stdout = kept;
    cr_assert(oa_test_log_is("a line"));
    cr_assert(oa_test_log_is(NULL));
}
