/* SOURCES: tests/support/http.sources preload/fdtab.c hooks/instrumentation/child_env.c */
/*
 * The input is an environment, an entry a line: that of the program up to a line "--", behind it the one that a
 * child is to get. Properties: every number of the configuration is within its bounds and every text within the
 * snapshot, which is valid; a child gets what it was to get, in order, but for what we replace, and behind it names
 * of ours only, in exactly the room that was planned.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/child_env.h"
#include "hooks/instrumentation/process.h"
#include "preload/fdtab.h"
#include "preload/ring.h"
#include "tests/fuzz/must.h"

#define ENTRIES_MAX 512

/* The first of a name counts: no input chooses the file that our messages go to. */
static char quiet[] = "OTEL_AUTO_LOG=/dev/null";
static char *own[ENTRIES_MAX], *given[ENTRIES_MAX];

/* Cuts the lines of *text into entries, up to "--". */
static void take(char **text, char **entries, size_t n)
{
    while (*text && n < ENTRIES_MAX - 1) {
        char *line = strsep(text, "\n");

        if (strcmp(line, "--") == 0)
            break;
        entries[n++] = line;
    }
    entries[n] = NULL;
}

static bool is_ours(const char *entry)
{
    static const char *const names[] = { "OTEL_", "LD_PRELOAD=",    "TRACEPARENT=", "TRACESTATE=", "BAGGAGE=",  "B3=",
                                         "X_B3_", "UBER_TRACE_ID=", "JAEGER_",      "X_AMZN_",     "OT_TRACER_" };

    for (size_t i = 0; i < OA_COUNT(names); i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* What is left of the list, in order; then ours. */
static void check_child(char *const *child)
{
    size_t from = 0;

    for (size_t i = 0; child[i]; i++) {
        size_t at = from;

        while (given[at] && given[at] != child[i])
            at++;
        if (!given[at]) {
            must(is_ours(child[i]));
            continue;
        }
        for (; from < at; from++)
            must(is_ours(given[from]));
        from++;
    }
    for (; given[from]; from++)
        must(is_ours(given[from]));
}

static void try_child(bool becomes)
{
    struct oa_child_env env;
    char *const *child;
    char *mem;

    oa_child_env_plan(&env, given, becomes);
    mem = malloc(env.bytes ? env.bytes : 1);
    if (mem) {
        child = oa_child_env_fill(&env, mem);
        must(env.bytes != 0 || child == given);
        check_child(child);
        must(!child[0] || env.bytes == 0 || (char *)child == mem);
    }
    free(mem);
    oa_child_env_release(&env);
}

static void check_snapshot(const struct oa_env *env)
{
    must(env->bsp_max_queue_size >= 1 && env->bsp_max_export_batch_size >= 1 &&
         env->bsp_max_export_batch_size <= env->bsp_max_queue_size);
    must(env->propagators.count <= OA_ENV_LIST_MAX && env->traces_exporter.count <= OA_ENV_LIST_MAX);
    must(env->service_name && env->resource_attributes && env->auto_resume && env->ctx_traceparent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy, *rest;

    if (size > 65536 || (size && memchr(data, 0, size)))
        return 0;
    rest = copy = strndup(size ? (const char *)data : "", size);
    if (!copy)
        return 0;
    own[0] = quiet;
    take(&rest, own, 1);
    take(&rest, given, 0);
    environ = own;
    oa_fd_limit = OA_FD_MAX;
    oa_env_load(own);
    check_snapshot(oa_env());
    oa_begin_init();
    oa_process_init(true);
    try_child(false);
    try_child(true);
    free(copy);
    return 0;
}
