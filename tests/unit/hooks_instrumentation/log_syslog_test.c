/* Messages to the system's log: which become records, and what those say.
 * SOURCES: tests/support/http.sources hooks/instrumentation/log_format.c hooks/instrumentation/log_syslog.c preload/fdtab.c tests/support/fake_logger.c LIBS: -lpthread */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "hooks/instrumentation/log_format.h"
#include "hooks/instrumentation/log_syslog.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/limits.h"
#include "preload/base/utf8.h"
#include "preload/fdtab.h"
#include "sdk/api/ids.h"
#include "tests/support/fake_logger.h"
#include "tests/support/http_fixture.h"

static void start(const char *const *settings)
{
    oa_test_http_start(settings);
    oa_fd_limit = OA_FD_MAX;
}

/* What the wrapper does. */
static void message(int priority, const char *format, ...)
{
    struct oa_guard guard;
    va_list ap;

    if (!oa_log_syslog_wanted(priority, format) || !oa_guard_enter(&guard))
        return;
    va_start(ap, format);
    oa_log_syslog_record(&guard, priority, format, ap);
    va_end(ap);
    oa_guard_leave(&guard);
}

static const struct oa_test_log *only(void)
{
    cr_assert_eq(oa_test_logs(), 1);
    return oa_test_log(0);
}

Test(log_syslog, record__says_what_the_message_said)
{
    const struct oa_test_log *log;

    start(NULL);
    errno = ENOENT;
    message(LOG_DAEMON | LOG_WARNING, "%s of %d: %m\n", "one", 3);
    cr_assert_eq(errno, ENOENT);
    log = only();
    cr_assert_str_eq(log->body, "one of 3: No such file or directory");
    cr_assert_eq(log->len, strlen(log->body));
    cr_assert_eq(log->head.scope, OA_SCOPE_SYSLOG);
    cr_assert_eq(log->facility, 3);
    cr_assert(oa_slice_eq(log->head.severity_text, OA_SLICE("warning")));
    cr_assert_eq(log->head.severity, 13);
    cr_assert_neq(log->head.unix_ns, 0);
    cr_assert_eq(log->head.event_name.len, 0);
    cr_assert_not(log->context.valid);
    cr_assert_null(log->iostream);
    cr_assert_not(oa_test_logger_dirty);
    cr_assert_eq(oa_thread.depth, 0);
}

Test(log_syslog, record__every_level)
{
    static const struct {
        int level;
        const char *word;
        int severity;
    } rows[] = {
        { LOG_EMERG, "emerg", 21 }, { LOG_ALERT, "alert", 19 },     { LOG_CRIT, "crit", 18 },
        { LOG_ERR, "err", 17 },     { LOG_WARNING, "warning", 13 }, { LOG_NOTICE, "notice", 10 },
        { LOG_INFO, "info", 9 },    { LOG_DEBUG, "debug", 5 },
    };

    start(NULL);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        message(rows[i].level, "x");
        cr_assert(oa_slice_eq(oa_test_log(i)->head.severity_text, oa_slice_of(rows[i].word)), "%s", rows[i].word);
        cr_assert_eq(oa_test_log(i)->head.severity, rows[i].severity, "%s", rows[i].word);
        cr_assert_eq(oa_test_log(i)->facility, 1, "user, where nobody said anything");
    }
}

Test(log_syslog, facility__of_openlog_unless_the_message_has_one)
{
    start(NULL);
    oa_log_syslog_opened(LOG_LOCAL3);
    message(LOG_INFO, "a");
    message(LOG_MAIL | LOG_INFO, "b");
    oa_log_syslog_opened(0); /* libc keeps what it had */
    message(LOG_INFO, "c");
    oa_log_syslog_opened(LOG_ERR | LOG_MAIL); /* no facility: it keeps it as well */
    message(LOG_INFO, "d");
    cr_assert_eq(oa_test_log(0)->facility, 19);
    cr_assert_eq(oa_test_log(1)->facility, 2);
    cr_assert_eq(oa_test_log(2)->facility, 19);
    cr_assert_eq(oa_test_log(3)->facility, 19);
    message(~0, "e");
    cr_assert_eq(oa_test_log(4)->facility, -1, "no such facility");
}

Test(log_syslog, wanted__not_what_is_masked)
{
    start(NULL);
    oa_log_syslog_masked(LOG_UPTO(LOG_WARNING));
    cr_assert(oa_log_syslog_wanted(LOG_WARNING, "x"));
    cr_assert_not(oa_log_syslog_wanted(LOG_NOTICE, "x"));
    oa_log_syslog_masked(0);
    cr_assert_not(oa_log_syslog_wanted(LOG_NOTICE, "x"), "0 only asks");
    oa_log_syslog_masked(0xff);
    cr_assert(oa_log_syslog_wanted(LOG_DEBUG, "x"));
    cr_assert(oa_log_syslog_wanted(~0, "x"), "libc takes it for debug, and says so");
}

Test(log_syslog, wanted__not_without_somebody_who_takes_it)
{
    start(NULL);
    oa_test_logger_off = true;
    cr_assert_not(oa_log_syslog_wanted(LOG_ERR, "x"));
    oa_test_logger_off = false;
    cr_assert(oa_log_syslog_wanted(LOG_ERR, "x"));
    oa_fd_limit = 0;
    cr_assert_not(oa_log_syslog_wanted(LOG_ERR, "x"), "not recording");
}

Test(log_syslog, wanted__not_where_it_is_switched_off)
{
    start((const char *const[]){ "OTEL_INSTRUMENTATION_SYSLOG_ENABLED=false", NULL });
    cr_assert_not(oa_log_syslog_wanted(LOG_ERR, "x"));
}

Test(log_syslog, wanted__not_where_little_is)
{
    start((const char *const[]){ "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=false", NULL });
    cr_assert_not(oa_log_syslog_wanted(LOG_ERR, "x"));
}

Test(log_syslog, wanted__not_a_format_that_stores)
{
    static const struct {
        const char *format;
        bool repeats;
    } rows[] = {
        { "", true },        { "n", true },          { "%d n", true },    { "%%n", true },
        { "100%", true },    { "%s%%%d\n", true },   { "%5.3ld", true },  { "%-*.*f|%c", true },
        { "%n", false },     { "a%d%n", false },     { "%%%n", false },   { "%hhn", false },
        { "%1$n", false },   { "%-05.2lln", false }, { "%*n", false },    { "%w32n", false },
        { "%wf64n", false }, { "%jn%s", false },     { NULL, false },     { (const char *)8, false },
        { "%m %n", false },  { "% n", false },       { "%Lf %'d", true }, { "%#x%+i", true },
    };

    start(NULL);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        cr_assert_eq(oa_log_format_repeats(rows[i].format), rows[i].repeats, "row %zu", i);
        cr_assert_eq(oa_log_syslog_wanted(LOG_ERR, rows[i].format), rows[i].repeats, "row %zu", i);
    }
}

Test(log_syslog, record__in_the_request_of_this_thread)
{
    struct oa_op *op;

    start(NULL);
    op = oa_op_open();
    oa_ids_trace(op->self.trace_id);
    oa_ids_span(op->self.span_id, op->slot);
    op->self.valid = 1;
    op->self.flags = OA_FLAG_SAMPLED;
    oa_op_publish(op);
    oa_parent_enter(oa_op_ref(op));
    message(LOG_INFO, "during");
    cr_assert_arr_eq((char *)&oa_test_log(0)->context, (char *)&op->self, sizeof(op->self));
    oa_op_close(op);
    message(LOG_INFO, "after");
    cr_assert_not(oa_test_log(1)->context.valid, "never a finished request");
}

Test(log_syslog, record__in_the_process_where_there_is_no_request)
{
    start((const char *const[]){ "OTEL_INSTRUMENTATION_PROCESS_ENABLED=true", "TRACEPARENT=" OA_TEST_PARENT, NULL });
    message(LOG_INFO, "x");
    cr_assert(only()->context.valid);
    cr_assert_eq(only()->context.trace_id[0], 0x4b);
}

Test(log_syslog, record__a_newline_at_the_end_is_none_of_the_body)
{
    static const struct {
        const char *text, *body;
    } rows[] = { { "", "" }, { "\n", "" }, { "a\n", "a" }, { "a\n\n", "a\n" }, { "a\nb", "a\nb" }, { "a ", "a " } };

    start(NULL);
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        message(LOG_INFO, "%s", rows[i].text);
        cr_assert_str_eq(oa_test_log(i)->body, rows[i].body);
        cr_assert_eq(oa_test_log(i)->len, strlen(rows[i].body));
    }
    cr_assert_not(oa_test_logger_dirty);
}

Test(log_syslog, record__what_is_too_long_is_cut_at_a_character)
{
    static const char *const characters[] = { "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
    char *text = calloc(1, 3 * OA_LOG_BODY_MAX);
    size_t n = 0;

    start(NULL);
    for (size_t c = 0; c < OA_COUNT(characters); c++)
        for (size_t lead = 0; lead < 4; lead++, n++) {
            size_t width = strlen(characters[c]), want = OA_LOG_BODY_MAX - (OA_LOG_BODY_MAX - lead) % width;
            const struct oa_test_log *log;

            memset(text, 'a', lead);
            for (size_t at = lead; at + width < 2 * OA_LOG_BODY_MAX; at += width)
                memcpy(text + at, characters[c], width + 1);
            message(LOG_INFO, "%s", text);
            log = oa_test_log(n);
            cr_assert_eq(log->len, want, "width %zu behind %zu: %zu, not %zu", width, lead, log->len, want);
            cr_assert_arr_eq(log->body, text, want);
        }
    free(text);
    cr_assert_not(oa_test_logger_dirty);
}

Test(log_syslog, record__exactly_what_fits)
{
    char *text = calloc(1, OA_LOG_BODY_MAX + 2);

    start(NULL);
    memset(text, 'x', OA_LOG_BODY_MAX);
    message(LOG_INFO, "%s", text);
    cr_assert_eq(oa_test_log(0)->len, OA_LOG_BODY_MAX);
    text[OA_LOG_BODY_MAX] = 'y';
    message(LOG_INFO, "%s", text);
    cr_assert_eq(oa_test_log(1)->len, OA_LOG_BODY_MAX);
    free(text);
}

Test(log_syslog, record__what_cannot_be_formatted_leaves_nothing_behind)
{
    static const wchar_t beyond[] = { L'a', 0x7fffffff, 0 };

    start(NULL);
    message(LOG_INFO, "text %ls", beyond); /* EILSEQ */
    cr_assert_eq(only()->len, 0);
    cr_assert_not(oa_test_logger_dirty);
}

Test(log_syslog, record__no_room)
{
    start(NULL);
    oa_test_logger_full = true;
    message(LOG_INFO, "x");
    cr_assert_eq(oa_test_logs(), 0);
    cr_assert_eq(oa_thread.depth, 0);
}

Test(utf8, cut__keeps_what_is_no_utf8)
{
    cr_assert_eq(oa_utf8_cut("", 0), 0);
    cr_assert_eq(oa_utf8_cut("a\xc3\xa9", 3), 3);
    cr_assert_eq(oa_utf8_cut("a\xc3\xa9", 2), 1);
    cr_assert_eq(oa_utf8_cut("\xf0\x9f\x98\x80", 3), 0);
    cr_assert_eq(oa_utf8_cut("a\x80\x80\x80\x80", 5), 5);
    cr_assert_eq(oa_utf8_cut("\x80", 1), 1);
    cr_assert_eq(oa_utf8_cut("a\xff", 2), 1);
}
