/* The environment of a child: what is set, what is brought back, what is left alone.
 * SOURCES: tests/support/http.sources preload/fdtab.c hooks/instrumentation/child_env.c */
#include <errno.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hooks/instrumentation/child_env.h"
#include "hooks/instrumentation/parent.h"
#include "hooks/instrumentation/process.h"
#include "preload/fdtab.h"
#include "tests/support/http_fixture.h"

#define OURS "LD_PRELOAD=/lib/libotel-auto.so"
#define ON "OTEL_INSTRUMENTATION_PROCESS_ENABLED=true"

static char *own[] = { (char *)"PATH=/bin", (char *)OURS, (char *)"OTEL_SERVICE_NAME=shop", (char *)"HOME=/", NULL };

/* The process runs in `own` and was configured by settings. */
static void start(const char *const *settings)
{
    oa_test_http_start(settings);
    oa_fd_limit = OA_FD_MAX;
    environ = own;
}

static void start_with(const char *a, const char *b)
{
    const char *settings[] = { a, a ? b : NULL, NULL };

    start(settings);
}

/* What a child gets that is started with `from`. Valid to the end of the process. */
static char *const *child_of(char *const *from, bool becomes)
{
    struct oa_child_env env;
    char *const *result;
    void *mem;

    oa_child_env_plan(&env, from, becomes);
    mem = malloc(env.bytes + 16);
    memset(mem, 0x5a, env.bytes + 16);
    result = oa_child_env_fill(&env, mem);
    for (int i = 0; i < 16; i++)
        cr_assert_eq(((char *)mem)[env.bytes + (size_t)i], 0x5a, "what was planned is what is needed");
    oa_child_env_release(&env);
    return result;
}

/* The value of the only entry of that name, NULL if there is none. */
static const char *value(char *const *env, const char *name)
{
    size_t len = strlen(name);
    const char *found = NULL;

    for (; *env; env++) {
        if (strncmp(*env, name, len) != 0 || (*env)[len] != '=')
            continue;
        cr_assert_null(found, "%s stands there twice", name);
        found = *env + len + 1;
    }
    return found;
}

static bool has(char *const *env, const char *name, const char *want)
{
    const char *have = value(env, name);

    if (have == want || (have && want && strcmp(have, want) == 0))
        return true;
    fprintf(stderr, "%s is %s, wanted %s\n", name, have ? have : "absent", want ? want : "absent");
    return false;
}

static size_t count(char *const *env)
{
    size_t n = 0;

    while (env[n])
        n++;
    return n;
}

/* The traceparent of the process's span. */
static const char *process_parent(void)
{
    static char text[64];
    char buf[128];
    struct oa_slice resume = oa_process_resume(buf);

    cr_assert(resume.len > 55);
    snprintf(text, sizeof(text), "%.55s", resume.ptr + resume.len - 55);
    return text;
}

Test(child_env, set__the_process_is_the_parent)
{
    char *const *env;

    start_with(ON, "BAGGAGE=k=v");
    env = child_of(environ, false);
    cr_assert(has(env, "TRACEPARENT", process_parent()));
    cr_assert(has(env, "BAGGAGE", "k=v"));
    cr_assert(has(env, "TRACESTATE", NULL));
    cr_assert(has(env, "OTEL_AUTO_RESUME", NULL));
    cr_assert_eq(count(env), count(environ) + 2);
    for (size_t i = 0; own[i]; i++)
        cr_assert_eq(env[i], own[i], "the program's own entries, in order, not copied");
}

Test(child_env, set__the_request_that_the_thread_works_on)
{
    struct oa_conn *server;
    struct oa_span_view view;
    char want[64];
    char *const *env;

    start_with(ON, NULL);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(server, "GET / HTTP/1.1\r\nHost: h\r\ntraceparent: " OA_TEST_PARENT
                                         "\r\ntracestate: a=1\r\nbaggage: b=2\r\n\r\n"),
                 0);
    env = child_of(environ, false);
    cr_assert_eq(oa_test_http_out(server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0);
    view = oa_test_http_next_span();
    snprintf(want, sizeof(want), "00-%s-%s-01", oa_test_trace_id(&view), oa_test_span_id(&view));
    cr_assert(has(env, "TRACEPARENT", want));
    cr_assert(has(env, "TRACESTATE", "a=1"));
    cr_assert(has(env, "BAGGAGE", "b=2"));
    env = child_of(environ, false);
    cr_assert(has(env, "TRACEPARENT", process_parent()), "the request is over");
}

Test(child_env, set__the_operation_is_held_while_the_copy_is_made)
{
    struct oa_child_env env;
    struct oa_conn *server;
    uint32_t slot;

    start_with(ON, NULL);
    server = oa_test_http_conn(OA_ROLE_SERVER);
    cr_assert_eq(oa_test_http_in(server, "GET / HTTP/1.1\r\nHost: h\r\nbaggage: b=2\r\n\r\n"), 0);
    slot = server->http.head - 1;
    oa_child_env_plan(&env, environ, false);
    oa_http_closed(server, true);
    cr_assert_neq(oa_op_open()->slot, slot);
    void *mem = malloc(env.bytes);

    cr_assert(has(oa_child_env_fill(&env, mem), "BAGGAGE", "b=2"));
    oa_child_env_release(&env);
    oa_child_env_release(&env);
    cr_assert_eq(oa_op_open()->slot, slot, "given back once");
}

Test(child_env, replace__what_was_inherited)
{
    char *from[] = { (char *)"TRACEPARENT=old",
                     (char *)"A=1",
                     (char *)"TRACESTATE=old",
                     (char *)OURS,
                     (char *)"BAGGAGE=old",
                     (char *)"TRACEPARENTS=kept",
                     (char *)"OTEL_AUTO_RESUME=1:2:3",
                     (char *)"TRACEPARENT=twice",
                     NULL };
    char *const *env;

    start_with(ON, "TRACEPARENT=old");
    env = child_of(from, false);
    cr_assert(has(env, "TRACEPARENT", process_parent()));
    cr_assert(has(env, "TRACESTATE", NULL));
    cr_assert(has(env, "BAGGAGE", NULL));
    cr_assert(has(env, "OTEL_AUTO_RESUME", NULL));
    cr_assert(has(env, "TRACEPARENTS", "kept"));
    cr_assert(has(env, "A", "1"));
}

/* A propagator that is not configured has no business with its fields. */
Test(child_env, replace__only_what_the_propagators_write)
{
    char *from[] = { (char *)"TRACEPARENT=own", (char *)"TRACESTATE=own", (char *)"BAGGAGE=old", (char *)OURS, NULL };
    const char *settings[] = { ON, "OTEL_PROPAGATORS=baggage", "BAGGAGE=k=v", "TRACEPARENT=own", NULL };
    char *const *env;

    start(settings);
    env = child_of(from, false);
    cr_assert(has(env, "TRACEPARENT", "own"));
    cr_assert(has(env, "TRACESTATE", "own"));
    cr_assert(has(env, "BAGGAGE", "k=v"));
}

/* Neither is a value that the program was not started with ours to replace. */
Test(child_env, replace__not_what_the_program_set)
{
    char *from[] = { (char *)"TRACEPARENT=mine", (char *)OURS, NULL };

    start_with(ON, "TRACEPARENT=theirs");
    cr_assert(has(child_of(from, false), "TRACEPARENT", "mine"));
}

Test(child_env, replace__nothing_when_there_is_no_context)
{
    char *from[] = { (char *)"TRACEPARENT=theirs", (char *)OURS, NULL };

    start(NULL);
    cr_assert(has(child_of(from, false), "TRACEPARENT", "theirs"));
}

Test(child_env, restore__a_hand_made_environment)
{
    char *from[] = { (char *)"PATH=/usr/bin", (char *)"OTEL_SERVICE_NAME=theirs", NULL };
    char *more[] = { (char *)"PATH=/bin",
                     (char *)OURS,
                     (char *)"OTEL_SERVICE_NAME=shop",
                     (char *)"OTEL_TRACES_EXPORTER=console",
                     (char *)"HOME=/",
                     (char *)"OTEL_AUTO_RESUME=1:2:3",
                     (char *)"OTELX=1",
                     NULL };
    char *const *env;

    start_with(ON, NULL);
    environ = more;
    env = child_of(from, false);
    cr_assert(has(env, "LD_PRELOAD", "/lib/libotel-auto.so"));
    cr_assert(has(env, "OTEL_TRACES_EXPORTER", "console"));
    cr_assert(has(env, "OTEL_SERVICE_NAME", "theirs"), "what they say stays");
    cr_assert(has(env, "PATH", "/usr/bin"));
    cr_assert(has(env, "HOME", NULL));
    cr_assert(has(env, "OTELX", NULL));
    cr_assert(has(env, "OTEL_AUTO_RESUME", NULL));
    cr_assert(has(env, "TRACEPARENT", process_parent()));
}

Test(child_env, restore__an_empty_environment)
{
    char *from[] = { NULL };
    char *const *env;

    start_with(ON, NULL);
    env = child_of(from, false);
    cr_assert(has(env, "LD_PRELOAD", "/lib/libotel-auto.so"));
    cr_assert(has(env, "OTEL_SERVICE_NAME", "shop"));
    cr_assert_eq(count(env), 3);
}

Test(child_env, fill__in_a_mapping)
{
    struct oa_child_env plan;
    char *from[] = { (char *)"PATH=/usr/bin", NULL };
    char *const *env;

    start_with(ON, NULL);
    oa_child_env_plan(&plan, from, false);
    cr_assert_eq(oa_child_env_fill(&plan, NULL), from, "no memory: as it is");
    env = oa_child_env_fill(&plan, oa_child_env_map(&plan));
    cr_assert(has(env, "PATH", "/usr/bin") && has(env, "TRACEPARENT", process_parent()));
    errno = ENOENT;
    oa_child_env_release(&plan);
    cr_assert(errno == ENOENT && !plan.mapped);
}

/* What a shell hands on after `unset LD_PRELOAD`, and a copy that has lost more than that. */
Test(child_env, restore__not_where_it_was_taken_out)
{
    char *ours[] = { (char *)"HOME=/", (char *)OURS, (char *)"OTEL_SERVICE_NAME=shop", (char *)"LD_BIND_NOW=1",
                     NULL };
    char *all[] = { (char *)"OTEL_SERVICE_NAME=theirs", (char *)"HOME=/root", (char *)"NEW=1", NULL };
    char *setting[] = { (char *)"NEW=1", (char *)"OTEL_SERVICE_NAME=shop", NULL };

    start_with(ON, NULL);
    environ = ours;
    cr_assert(has(child_of(all, false), "LD_PRELOAD", NULL));
    cr_assert(has(child_of(setting, false), "LD_PRELOAD", NULL));
    cr_assert(has(child_of(setting, false), "TRACEPARENT", process_parent()));
}

Test(child_env, restore__not_over_an_ld_preload_of_theirs)
{
    char *from[] = { (char *)"LD_PRELOAD=/lib/other.so", NULL }, *none[] = { (char *)"LD_PRELOAD=", NULL };
    char *const *env;

    start_with(ON, NULL);
    env = child_of(from, false);
    cr_assert(has(env, "LD_PRELOAD", "/lib/other.so"));
    cr_assert(has(env, "OTEL_SERVICE_NAME", NULL));
    env = child_of(none, false);
    cr_assert(has(env, "LD_PRELOAD", ""));
}

Test(child_env, resume__the_process_becomes_another_program)
{
    char buf[128], want[128];
    char *const *env;
    struct oa_slice text;

    start_with(ON, "TRACEPARENT=" OA_TEST_PARENT);
    own[3] = (char *)"TRACEPARENT=" OA_TEST_PARENT;
    text = oa_process_resume(buf);
    snprintf(want, sizeof(want), "%.*s", (int)text.len, text.ptr);
    env = child_of(environ, true);
    cr_assert(has(env, "OTEL_AUTO_RESUME", want));
    cr_assert(has(env, "TRACEPARENT", OA_TEST_PARENT), "the parent of the span that goes on");
}

Test(child_env, resume__nothing_to_hand_over)
{
    char *const *env;

    start_with(ON, "TRACEPARENT=" OA_TEST_PARENT);
    oa_process_forked();
    env = child_of(environ, true);
    cr_assert(has(env, "OTEL_AUTO_RESUME", NULL));
    cr_assert_not_null(value(env, "TRACEPARENT"));
    cr_assert_str_neq(value(env, "TRACEPARENT"), OA_TEST_PARENT, "a program of its own, below the parent's span");
}

static void left_alone(char *const *from)
{
    struct oa_child_env env;

    oa_child_env_plan(&env, from, false);
    cr_assert_eq(env.bytes, 0);
    cr_assert_eq(oa_child_env_fill(&env, NULL), from);
    oa_child_env_release(&env);
}

Test(child_env, leave_alone__null)
{
    start_with(ON, NULL);
    left_alone(NULL);
}

Test(child_env, leave_alone__the_program_removed_our_library)
{
    char *without[] = { (char *)"PATH=/bin", (char *)"OTEL_SERVICE_NAME=shop", NULL };
    char *from[] = { (char *)"A=1", NULL };

    start_with(ON, NULL);
    environ = without;
    left_alone(environ);
    left_alone(from);
}

Test(child_env, leave_alone__no_environment_at_all)
{
    char *from[] = { (char *)"A=1", NULL }, *nothing[] = { NULL };

    start_with(ON, NULL);
    environ = NULL; /* clearenv() */
    left_alone(from);
    environ = nothing;
    left_alone(from);
    left_alone(environ);
}

Test(child_env, leave_alone__by_its_switch)
{
    start_with(ON, "OTEL_AUTO_PROPAGATE_ENV=false");
    left_alone(environ);
}

Test(child_env, leave_alone__when_we_are_off)
{
    start_with(ON, NULL);
    oa_fd_limit = 0;
    left_alone(environ);
}

Test(child_env, leave_alone__absurdly_many_entries)
{
    static char *many[9001];

    start_with(ON, NULL);
    for (int i = 0; i < 9000; i++)
        many[i] = (char *)"A=1";
    left_alone(many);
}

Test(child_env, entries__that_are_no_assignments_pass)
{
    char *from[] = { (char *)"", (char *)"=", (char *)"TRACEPARENT", (char *)"LD_PRELOAD", (char *)"NOVALUE", NULL };
    char *const *env;

    start_with(ON, NULL);
    env = child_of(from, false);
    for (size_t i = 0; from[i]; i++)
        cr_assert_eq(env[i], from[i]);
}

Test(child_env, propagators__none_sets_no_context)
{
    char *from[] = { (char *)"TRACEPARENT=theirs", (char *)OURS, NULL };

    start_with(ON, "OTEL_PROPAGATORS=none");
    cr_assert(has(child_of(from, false), "TRACEPARENT", "theirs"));
}
