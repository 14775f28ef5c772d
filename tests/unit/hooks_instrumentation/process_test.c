/* The process as an operation: its span, what hangs below it, exec and fork.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks/instrumentation/process.h"
#include "preload/base/clock.h"
#include "preload/life.h"
#include "tests/support/http_fixture.h"

#define ON "OTEL_INSTRUMENTATION_PROCESS_ENABLED=true"
#define OTHER "TRACEPARENT=00-11111111111111111111111111111111-00000000000000ab-01"

static void start(const char *a, const char *b)
{
    const char *settings[] = { ON, a, a ? b : NULL, NULL };

    oa_test_http_start(settings);
}

Test(process, span__from_start_to_exit)
{
    uint64_t before = oa_clock_unix_ns();
    struct oa_span_view view;
    char pid[16], path[512] = "";

    start(NULL, NULL);
    cr_assert(oa_process_has_span());
    cr_assert(oa_test_http_no_span());
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_eq(view.kind, OA_SPAN_INTERNAL);
    cr_assert_eq(view.scope, OA_SCOPE_PROCESS);
    cr_assert_eq(view.status, OA_STATUS_UNSET);
    cr_assert_not(view.has_parent);
    cr_assert(view.start_unix_ns >= before && view.end_unix_ns >= view.start_unix_ns);
    cr_assert_eq(view.start_unix_ns, oa_process_start_unix_ns());
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    cr_assert(oa_test_attr_is(&view, "process.pid", pid));
    cr_assert(oa_test_attr_is(&view, "process.exit.code", "0"));
    cr_assert(oa_test_attr_is(&view, "error.type", NULL));
    cr_assert(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
    cr_assert(oa_test_attr_is(&view, "process.executable.path", path));
    cr_assert(oa_test_attr_is(&view, "process.executable.name", strrchr(path, '/') + 1));
    cr_assert(oa_test_name_is(&view, strrchr(path, '/') + 1));
    oa_process_end(0);
    cr_assert(oa_test_http_no_span(), "once");
}

static void ends_with(int status, const char *code, const char *type)
{
    struct oa_span_view view;

    start(NULL, NULL);
    oa_process_end(status);
    view = oa_test_http_next_span();
    cr_assert_eq(view.status, OA_STATUS_ERROR);
    cr_assert(oa_test_attr_is(&view, "process.exit.code", code));
    cr_assert(oa_test_attr_is(&view, "error.type", type));
}

Test(process, exit_code__one)
{
    ends_with(W_EXITCODE(1, 0), "1", "1");
}

Test(process, exit_code__the_largest_of_a_shell)
{
    ends_with(W_EXITCODE(255, 0), "255", "255");
}

Test(process, exit_code__by_a_signal)
{
    ends_with(W_EXITCODE(0, SIGINT), "130", "SIGINT");
}

Test(process, exit_code__by_a_signal_without_a_name)
{
    ends_with(W_EXITCODE(0, 40), "168", "168");
}

Test(process, exit_code__unknown_no_span)
{
    start(NULL, NULL);
    oa_process_end(OA_EXIT_UNKNOWN);
    cr_assert(oa_test_http_no_span());
    oa_process_end(0);
    cr_assert_not(oa_test_http_no_span(), "it may be learnt later");
}

Test(process, parent__from_the_environment)
{
    struct oa_span_view view;

    start("TRACEPARENT=" OA_TEST_PARENT, "TRACESTATE=a=1");
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_str_eq(oa_test_trace_id(&view), "4bf92f3577b34da6a3ce929d0e0e4736");
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
    cr_assert(view.parent_remote);
    cr_assert(oa_slice_eq(view.tracestate, OA_SLICE("a=1")));
}

Test(process, parent__unsampled)
{
    start("TRACEPARENT=" OA_TEST_UNSAMPLED, NULL);
    cr_assert_not(oa_process_has_span());
    cr_assert_not_null(oa_process_context());
    cr_assert_eq(oa_process_context()->span.flags & OA_FLAG_SAMPLED, 0);
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

Test(process, parent__malformed_is_none)
{
    struct oa_span_view view;

    start("TRACEPARENT=00-garbage", "BAGGAGE=k=v");
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_not(view.has_parent);
    cr_assert(oa_slice_eq(oa_process_context()->baggage, OA_SLICE("k=v")), "baggage needs no parent");
}

Test(process, parent__not_without_propagators)
{
    struct oa_span_view view;

    start("TRACEPARENT=" OA_TEST_PARENT, "OTEL_PROPAGATORS=none");
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_not(view.has_parent);
}

Test(process, context__work_hangs_below_the_span)
{
    struct oa_conn *client;
    struct oa_span_view call, process;

    start(NULL, NULL);
    client = oa_test_http_conn(OA_ROLE_CLIENT);
    cr_assert_eq(oa_test_http_out(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
    oa_http_closed(client, false);
    call = oa_test_http_next_span();
    oa_process_end(0);
    process = oa_test_http_next_span();
    cr_assert_str_eq(oa_test_parent_id(&call), oa_test_span_id(&process));
    cr_assert_str_eq(oa_test_trace_id(&call), oa_test_trace_id(&process));
    cr_assert(oa_test_attr_is(&call, "otel_auto.link", "process"));
}

Test(process, server__has_no_span_and_gives_no_parent)
{
    start("TRACEPARENT=" OA_TEST_PARENT, NULL);
    cr_assert_not(oa_process_listens());
    oa_process_is_server();
    cr_assert(oa_process_listens());
    cr_assert_not(oa_process_has_span());
    cr_assert_null(oa_process_context());
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

Test(process, off__work_hangs_below_whoever_started_us)
{
    const char *settings[] = { "TRACEPARENT=" OA_TEST_PARENT, NULL };
    char buf[128];

    oa_test_http_start(settings);
    cr_assert_not(oa_process_has_span());
    cr_assert_not_null(oa_process_context());
    cr_assert(oa_process_context()->span.remote);
    cr_assert_eq(oa_process_resume(buf).len, 0);
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

Test(process, off__without_a_starter_there_is_no_context)
{
    oa_test_http_start(NULL);
    cr_assert_null(oa_process_context());
}

Test(process, off__with_the_sdk)
{
    start("OTEL_SDK_DISABLED=true", "TRACEPARENT=" OA_TEST_PARENT);
    cr_assert_not(oa_process_has_span());
    cr_assert_not_null(oa_process_context());
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

Test(process, off__without_an_exporter)
{
    start("OTEL_TRACES_EXPORTER=none", NULL);
    cr_assert_not(oa_process_has_span());
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

Test(process, forked__a_child_has_no_span_but_its_parents_context)
{
    struct oa_span_context before;

    start(NULL, NULL);
    before = oa_process_context()->span;
    oa_process_forked();
    cr_assert_not(oa_process_has_span());
    cr_assert_arr_eq((char *)&oa_process_context()->span, (char *)&before, sizeof(before));
    oa_process_end(0);
    cr_assert(oa_test_http_no_span());
}

/* What exec hands over: the next program (played by a second init) ends the same span. */
Test(process, resume__the_same_span_goes_on)
{
    char buf[128], setting[256], ids[64];
    struct oa_span_view view;
    struct oa_slice text;
    uint64_t began;

    start("TRACEPARENT=" OA_TEST_PARENT, NULL);
    began = oa_process_start_unix_ns();
    text = oa_process_resume(buf);
    cr_assert(text.len > 0 && text.len <= sizeof(buf));
    snprintf(setting, sizeof(setting), "OTEL_AUTO_RESUME=%.*s", (int)text.len, text.ptr);
    snprintf(ids, sizeof(ids), "%.*s", 55, strrchr(setting, ':') + 1);
    oa_process_forked(); /* the old program is gone */
    start(setting, "TRACEPARENT=" OA_TEST_PARENT);
    cr_assert(oa_process_has_span());
    oa_process_end(W_EXITCODE(3, 0));
    view = oa_test_http_next_span();
    cr_assert_eq(view.start_unix_ns, began, "from the start of the first program");
    cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
    cr_assert_not_null(strstr(ids, oa_test_span_id(&view)));
    cr_assert(oa_test_attr_is(&view, "process.exit.code", "3"));
}

/* Plays exec: hands over, and starts with this TRACEPARENT (or whatever else it is) and a setting. */
static void becomes(const char *traceparent, const char *setting)
{
    char handed[256];
    char buf[128];
    struct oa_slice text = oa_process_resume(buf);
    const char *settings[] = { ON, handed, traceparent, setting, NULL };

    snprintf(handed, sizeof(handed), "OTEL_AUTO_RESUME=%.*s", (int)text.len, text.ptr);
    oa_process_forked();
    oa_test_http_start(settings);
}

/* The parent is that of the span, also where the program has taken TRACEPARENT out, or written another there. */
Test(process, resume__with_its_parent)
{
    static const char *const others[] = { "BAGGAGE=k=v", OTHER };

    for (size_t i = 0; i < OA_COUNT(others); i++) {
        struct oa_span_view view;

        start("TRACEPARENT=" OA_TEST_PARENT, "TRACESTATE=a=1");
        becomes(others[i], "TRACESTATE=b=2");
        oa_process_end(0);
        view = oa_test_http_next_span();
        cr_assert_str_eq(oa_test_trace_id(&view), "4bf92f3577b34da6a3ce929d0e0e4736");
        cr_assert_str_eq(oa_test_parent_id(&view), "00f067aa0ba902b7");
        cr_assert(view.parent_remote);
        cr_assert_eq(view.tracestate.len, 0, "it belonged to another trace");
    }
}

Test(process, resume__of_a_root)
{
    struct oa_span_view view;

    start(NULL, NULL);
    becomes("TRACEPARENT=" OA_TEST_PARENT, NULL);
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_not(view.has_parent);
    cr_assert_str_neq(oa_test_trace_id(&view), "4bf92f3577b34da6a3ce929d0e0e4736");
}

/* What the sampler has written is of the span, and goes on with it. */
Test(process, resume__with_its_threshold)
{
    struct oa_span_view view;

    start("OTEL_TRACES_SAMPLER=probability", NULL);
    becomes("OTEL_TRACES_SAMPLER=probability", NULL);
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert(oa_slice_eq(view.tracestate, OA_SLICE("ot=th:0")));
}

static void not_resumed(const char *value)
{
    char setting[256];
    struct oa_span_view view;

    snprintf(setting, sizeof(setting), "OTEL_AUTO_RESUME=%s", value);
    start(setting, NULL);
    oa_process_end(0);
    view = oa_test_http_next_span();
    cr_assert_str_neq(oa_test_span_id(&view), "00f067aa0ba902b7");
    cr_assert(view.start_unix_ns > 1000000000000000000u);
}

Test(process, resume__of_another_process_is_ignored)
{
    not_resumed("1:1000:" OA_TEST_PARENT);
}

Test(process, resume__malformed_is_ignored)
{
    char value[128];

    snprintf(value, sizeof(value), "%d:1000", (int)getpid());
    not_resumed(value);
    snprintf(value, sizeof(value), "%d:1000:" OA_TEST_PARENT, (int)getpid());
    not_resumed(value);
    snprintf(value, sizeof(value), "%d:1000:00f067aa0ba902bx:" OA_TEST_PARENT, (int)getpid());
    not_resumed(value);
}

Test(process, resume__without_a_valid_context_is_ignored)
{
    char value[128];

    snprintf(value, sizeof(value), "%d:1000:00-x", (int)getpid());
    not_resumed(value);
}

Test(process, resume__a_server_hands_nothing_over)
{
    char buf[128];

    start(NULL, NULL);
    oa_process_is_server();
    cr_assert_eq(oa_process_resume(buf).len, 0);
}
