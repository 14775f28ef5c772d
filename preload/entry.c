/*
 * The only file that sees every floor: decides whether this process is observed, wires the floors
 * together, and ends it all. Runs in every process, so what is cheap to refuse comes first.
 */
#include <dlfcn.h>
#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "env/env.h"
#include "env/otlp.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/conn.h"
#include "hooks/instrumentation/dns.h"
#include "hooks/instrumentation/http.h"
#include "hooks/instrumentation/log_inline.h"
#include "hooks/instrumentation/log_lines.h"
#include "hooks/instrumentation/method.h"
#include "hooks/instrumentation/net.h"
#include "hooks/instrumentation/parent.h"
#include "hooks/instrumentation/process.h"
#include "hooks/instrumentation/url.h"
#include "preload/base/glob.h"
#include "preload/base/log.h"
#include "preload/base/tsan.h"
#include "preload/config_file.h"
#include "preload/exe_name.h"
#include "preload/guard.h"
#include "preload/life.h"
#include "preload/loader.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/symbol.h"
#include "sdk/api/ids.h"
#include "sdk/api/logger.h"
#include "sdk/api/meter.h"
#include "sdk/api/sampler.h"
#include "sdk/api/strategy.h"

extern char **environ;

/* The compiler's start files would bring it, with four look-ups of symbols that nobody needs. pthread_atfork()
 * wants it. */
extern void *const __dso_handle;
__attribute__((visibility("hidden"))) void *const __dso_handle = (void *)&__dso_handle;

static void ending(int status)
{
    for (int stream = 0; oa_log_inline_on && stream < OA_LOG_STREAM_COUNT; stream++)
        oa_log_inline_tell((enum oa_log_stream)stream);
    oa_log_lines_end();
    oa_conn_end_all();
    oa_net_flush(true);
    oa_process_end(status);
}

static void forked(bool child)
{
    uint32_t generation = atomic_fetch_add_explicit(&oa_op_fork_generation, 1, memory_order_relaxed) + 1;

    if (!child)
        return;
    atomic_store_explicit(&oa_op_born, generation, memory_order_relaxed);
    oa_dns_forked();
    oa_http_resend_forked();
    oa_ids_forked();
    oa_log_lines_forked();
    oa_meter_forked();
    oa_net_forked();
    oa_process_forked();
}

static bool tick(void)
{
    oa_net_flush(false);
    return oa_net_waiting();
}

/* A second copy of this object in one process (two paths in LD_PRELOAD) stays inert, and so does one that was opened
 * when the program was running, also if it is the only one: dlclose would take the code away from under the helper
 * and the handlers of fork. */
static bool is_not_the_one(void)
{
    if (!oa_symbol_from_start())
        return true;
    switch (oa_symbol_precedes("oa_host_malloc")) {
    case OA_SYMBOL_YES:
        return true;
    case OA_SYMBOL_NO:
        return false;
    default:
        break;
    }
    void *volatile first = dlsym(RTLD_DEFAULT, "oa_host_malloc");

    return first && first != (void *)oa_host_malloc;
}

static bool exports(const struct oa_env *env)
{
    return env->traces_exporter.count + env->metrics_exporter.count + env->logs_exporter.count > 0 &&
           !env->sdk_disabled;
}

static bool is_program(struct oa_slice pattern, struct oa_slice path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);
    bool by_name = !memchr(pattern.ptr, '/', pattern.len) && slash;

    if (by_name)
        path = (struct oa_slice){ slash + 1, path.len - (size_t)(slash + 1 - path.ptr) };
    return oa_glob_match(pattern, path);
}

/* The program's file: its name alone where that is enough. Empty where nothing tells. */
static struct oa_slice program_for(struct oa_slice include, struct oa_slice exclude, char text[static PATH_MAX])
{
    bool by_path = memchr(include.ptr, '/', include.len) || memchr(exclude.ptr, '/', exclude.len);
    struct oa_slice name = { NULL, 0 };
    long len;

    if (!by_path)
        name = oa_exe_name((const char *)getauxval(AT_EXECFN));
    if (name.len)
        return name;
    len = syscall(SYS_readlink, "/proc/self/exe", text, PATH_MAX);
    return (struct oa_slice){ text, len > 0 ? (size_t)len : 0 };
}

/* OTEL_AUTO_INCLUDE and OTEL_AUTO_EXCLUDE. */
static OA_NOINLINE bool is_chosen(const struct oa_env *env)
{
    struct oa_slice include = oa_slice_of(env->auto_include), exclude = oa_slice_of(env->auto_exclude);
    char text[PATH_MAX];
    struct oa_slice path = program_for(include, exclude, text);

    return (!include.len || oa_glob_list(include, path, is_program)) && !oa_glob_list(exclude, path, is_program);
}

/* Debuggers and tracers by the name that they were started under: they wait for their program's children, count its
 * calls, read its memory, and are nobody's request. What they start is observed. */
static bool is_tracer(void)
{
    const char *name = (const char *)getauxval(AT_EXECFN);

    return name &&
           oa_glob_list(OA_SLICE("gdb,gdbserver,lldb,lldb-*,strace,ltrace,perf,perf_*,rr,uftrace,bpftrace,valgrind"),
                        oa_slice_of(name), is_program);
}

/* Asked first: what is left alone costs nothing more, not even its configuration file. */
static bool is_left_alone(const struct oa_env *env)
{
    if (env->auto_disabled || ((*env->auto_include || *env->auto_exclude) && !is_chosen(env)))
        return true;
    return !*env->auto_include && is_tracer();
}

static bool wanted(const struct oa_env *env)
{
    return env->propagators.count > 0 || exports(env);
}

static bool lists(const struct oa_env_list *exporters, uint8_t id)
{
    return exporters->count && memchr(exporters->ids, id, exporters->count);
}

static bool is_tls(const char *own, const char *general)
{
    const char *endpoint = *own ? own : general;

    return *endpoint && strncmp(endpoint, "http://", strlen("http://")) != 0;
}

static bool otlp_by_libcurl(const struct oa_env *env, enum oa_otlp_signal signal, const char *endpoint)
{
    return oa_otlp_protocol(env, signal) == OA_ENV_PROTOCOL_GRPC || is_tls(endpoint, env->otlp_endpoint);
}

/* TLS and gRPC go through libcurl, which cannot be used once the host's exit handlers have run. */
static bool exports_by_libcurl(const struct oa_env *env)
{
    return (lists(&env->traces_exporter, OA_ENV_EXPORTER_otlp) &&
            otlp_by_libcurl(env, OA_OTLP_TRACES, env->otlp_traces_endpoint)) ||
           (lists(&env->metrics_exporter, OA_ENV_EXPORTER_otlp) &&
            otlp_by_libcurl(env, OA_OTLP_METRICS, env->otlp_metrics_endpoint)) ||
           (lists(&env->logs_exporter, OA_ENV_EXPORTER_otlp) &&
            otlp_by_libcurl(env, OA_OTLP_LOGS, env->otlp_logs_endpoint)) ||
           (lists(&env->traces_exporter, OA_ENV_EXPORTER_zipkin) && is_tls(env->zipkin_endpoint, "")) ||
           oa_sampler_asks_by_libcurl(env->traces_sampler, env->traces_sampler_arg);
}

/* The SDK object's lines: this side knows which file descriptor 2 was at start. */
static void log_line(int level, const char *line)
{
    oa_log((enum oa_log_level)level, "%s", line);
}

static bool start_exporting(const struct oa_env *env)
{
    oa_parent_init(oa_process_name());
    if (oa_ring_open(env->bsp_max_queue_size) < 0)
        return false;
    oa_loader_init(&(struct oa_host){
        .struct_size = sizeof(struct oa_host),
        .version = OA_ABI_VERSION,
        .env = env,
        .env_size = sizeof(*env),
        .process_start_unix_ns = oa_process_start_unix_ns(),
        .exe_path = oa_process_exe().ptr,
        .service_guess = oa_process_name().ptr,
        .log = log_line,
        .cells = oa_meter_own,
        .family_cells = oa_meter_family,
        .collecting = oa_conn_flush_moved,
        .sampling = oa_strategy_put,
        .in_library = oa_life_in_library,
    });
    return true;
}

/* Is there something to tell at the end though no record waits? What was counted; and where that is asked for, what
 * became of the records. */
static bool pending(void)
{
    return oa_meter_pending() || (oa_env()->auto_self_metrics && oa_env()->metrics_exporter.count && oa_ring());
}

static void start(void)
{
    static const struct oa_life_ops ops = { .ending = ending, .forked = forked, .tick = tick, .pending = pending };
    const struct oa_env *env = oa_env();
    bool exporting = exports(env);

    oa_method_init(env->http_known_methods);
    oa_http_url_sensitive(env->sensitive_query);
    oa_begin_init();
    oa_meter_init();
    oa_logger_init();
    oa_log_lines_init();
    oa_log_inline_on = oa_log_lines_on;
    oa_process_init(exporting);
    if (exporting && !start_exporting(env))
        return; /* no memory: stay out of the way */
    oa_life_start(&ops, env->auto_exit_timeout_ms,
                  exporting && (oa_loader_exports_to_stream() || exports_by_libcurl(env)), exporting);
}

static OA_COLD void load_file(char *const *envp)
{
    const struct oa_host given = {
        .struct_size = sizeof(struct oa_host),
        .version = OA_ABI_VERSION,
        .env = oa_env(),
        .env_size = sizeof(struct oa_env),
        .log = log_line,
    };

    oa_config_file_load(&given, oa_env_config_file(), envp);
}

static void begin(void)
{
    if (oa_unlikely(*oa_env_config_file()))
        load_file(environ);
    if (wanted(oa_env()))
        start();
}

/* The thread sanitizer looks at everything in the process, ours included, and knows nothing of threads with
 * descriptors of their own: it would report us, and change the program's exit status. */
static bool is_thread_sanitized(void)
{
    return !OA_TSAN && (oa_symbol_precedes("__tsan_init") == OA_SYMBOL_YES || oa_symbol_next("__tsan_init"));
}

__attribute__((constructor)) static void construct(void)
{
    struct oa_guard guard;

    if (!oa_guard_enter(&guard))
        return;
    oa_real_resolve();
    if (getauxval(AT_SECURE) || is_not_the_one() || is_thread_sanitized()) {
        oa_life_off();
    } else {
        oa_env_load_before_file(environ);
        if (!is_left_alone(oa_env()))
            begin();
        if (oa_life_state() == OA_STATE_BOOT)
            oa_life_off();
    }
    oa_guard_leave(&guard);
}

/* After the executable's own destructors; exit status unknown here (see hooks/libc/exit.c). */
__attribute__((destructor)) static void destruct(void)
{
    struct oa_guard guard;

    if (!oa_guard_enter(&guard))
        return;
    oa_life_exit(OA_EXIT_UNKNOWN);
    oa_guard_leave(&guard);
}
