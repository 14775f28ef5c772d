#include "hooks/instrumentation/process.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env/env.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/carrier.h"
#include "preload/base/clock.h"
#include "preload/base/hex.h"
#include "preload/base/limits.h"
#include "preload/life.h"
#include "sdk/api/span.h"
#include "sdk/propagation/propagator.h"
#include "sdk/propagation/tracecontext.h"

#define NO_SLOT 0x7fffu /* names no operation: a process span is nobody's tag */

static struct {
    struct oa_context context; /* what work without a parent belongs to */
    struct oa_span_context parent;
    struct oa_sampled_by sampled_by;
    uint64_t start_unix_ns;
    _Atomic int settled; /* enum settled */
    _Atomic bool server;
    _Atomic bool has_span; /* this process will record one at its end */
    _Atomic bool given;    /* somebody has the span as parent: it must be recorded one day */
    _Atomic int path_len;  /* -1: not read yet */
    char path[256];
} process = { .path_len = -1 };

/* Ids cost system calls: a process that has nothing to tell draws none until somebody asks. */
enum settled { SETTLE_LATER, SETTLING, SETTLED };

/* Behind the lists as they came, a tracestate has room to grow. */
#define LISTS (OA_TRACESTATE_MAX + OA_BAGGAGE_MAX)
OA_BIG static char process_lists[LISTS + OA_TRACESTATE_MAX];

/* TRACEPARENT and its companions, by the configured propagators (environment carrier, RC). */
static void extract(struct oa_context *ctx)
{
    const struct oa_env *env = oa_env();
    struct oa_scratch scratch = { .ptr = process_lists, .cap = LISTS };
    struct oa_carrier carrier = { 0 };

    bool any = false;

    for (int i = 0; i < OA_FIELD_COUNT; i++) {
        carrier.value[i] = oa_slice_of(oa_carrier_env_value((enum oa_field)i));
        carrier.lines[i] = carrier.value[i].len != 0;
        any |= carrier.lines[i];
    }
    if (any)
        oa_propagation_extract(env->propagators.ids, env->propagators.count, &carrier, ctx, &scratch);
}

static bool read_number(struct oa_slice text, uint64_t *ret)
{
    uint64_t n = 0;

    if (text.len == 0 || text.len > 19)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret = n;
    return true;
}

/* The span's parent, in the trace of the span: an id, or nothing. */
static bool read_parent(struct oa_slice text, const struct oa_span_context *self, struct oa_span_context *parent)
{
    *parent = (struct oa_span_context){ .valid = text.len > 0, .remote = text.len > 0, .flags = self->flags };
    memcpy(parent->trace_id, self->trace_id, sizeof(parent->trace_id));
    return text.len == 0 || (text.len == 2 * sizeof(parent->span_id) &&
                             oa_hex_decode(parent->span_id, text.ptr, sizeof(parent->span_id)));
}

/* "pid:start_unix_ns:parent:traceparent" from the program that this process was before exec, with "+" in front
 * if the span is somebody's parent already. The parent is that of the span, whatever TRACEPARENT says by now. */
static bool resume(void)
{
    struct oa_slice rest = oa_slice_of(oa_env()->auto_resume), parent_id;
    bool given = oa_slice_starts(rest, OA_SLICE("+"));
    struct oa_span_context self, parent;
    uint64_t pid, start;

    if (given)
        rest = (struct oa_slice){ rest.ptr + 1, rest.len - 1 };
    if (rest.len == 0 || !read_number(oa_slice_next(&rest, ':'), &pid) || pid != (uint64_t)syscall(SYS_getpid) ||
        !read_number(oa_slice_next(&rest, ':'), &start))
        return false;
    parent_id = oa_slice_next(&rest, ':');
    if (!oa_traceparent_parse(rest, &self) || !read_parent(parent_id, &self, &parent))
        return false;
    if (memcmp(process.parent.trace_id, self.trace_id, sizeof(self.trace_id)) != 0)
        process.context.tracestate.len = 0; /* of another trace, if there is one */
    self.remote = 0;
    process.parent = parent;
    process.context.span = self;
    process.start_unix_ns = start;
    atomic_store(&process.given, given);
    return true;
}

static struct oa_slice span_name(void)
{
    struct oa_slice name = oa_process_name();

    return name.len ? name : OA_SLICE("process");
}

static OA_COLD void give_room(struct oa_slice *state)
{
    if (state->len)
        memcpy(process_lists + LISTS, state->ptr, state->len);
    state->ptr = process_lists + LISTS;
}

static void settle(void)
{
    const struct oa_env *env = oa_env();
    struct oa_slice *state = &process.context.tracestate;
    bool recorded, writes = oa_begin_writes_state();
    struct oa_begin_state begin;

    if (env->sdk_disabled || !env->process_enabled)
        return; /* work hangs below whoever started us */
    if (writes)
        give_room(state);
    begin = (struct oa_begin_state){ .text = process_lists + (state->ptr ? state->ptr - process_lists : 0),
                                     .len = &state->len,
                                     .cap = writes ? OA_TRACESTATE_MAX : 0,
                                     .name = span_name(),
                                     .by = &process.sampled_by };
    if (resume()) { /* the same process under another program: the start is that of the first */
        oa_begin_again(&process.context.span, &process.parent, begin);
        recorded = env->auto_always_record || (process.context.span.flags & OA_FLAG_SAMPLED);
    } else {
        recorded = oa_begin_context(&process.context.span, &process.parent, NO_SLOT, begin);
    }
    atomic_store(&process.has_span, recorded && env->traces_exporter.count > 0);
}

/* Two threads may ask at once: the second waits for what the first is about to write, some microseconds. */
static OA_COLD void settle_once(void)
{
    int expected = SETTLE_LATER;

    if (atomic_compare_exchange_strong(&process.settled, &expected, SETTLING)) {
        settle();
        atomic_store_explicit(&process.settled, SETTLED, memory_order_release);
    }
    while (atomic_load_explicit(&process.settled, memory_order_acquire) != SETTLED)
        oa_pause();
}

static inline void need_settled(void)
{
    if (oa_unlikely(atomic_load_explicit(&process.settled, memory_order_acquire) != SETTLED))
        settle_once();
}

void oa_process_init(bool exporting)
{
    process.context = (struct oa_context){ 0 };
    extract(&process.context);
    process.parent = process.context.span;
    atomic_store_explicit(&process.settled, SETTLE_LATER, memory_order_relaxed);
    if (!exporting)
        return;
    process.start_unix_ns = oa_clock_unix_ns();
    settle_once();
    (void)oa_process_exe(); /* while /proc is where it was */
}

bool oa_process_listens(void)
{
    return atomic_load_explicit(&process.server, memory_order_relaxed);
}

const struct oa_context *oa_process_context(void)
{
    need_settled();
    if (!process.context.span.valid || oa_process_listens())
        return NULL;
    if (!atomic_load_explicit(&process.given, memory_order_relaxed))
        atomic_store_explicit(&process.given, true, memory_order_relaxed);
    return &process.context;
}

bool oa_process_may_be_given(void)
{
    return atomic_load(&process.given) || atomic_load_explicit(&oa_op_fork_generation, memory_order_relaxed) !=
                                              atomic_load_explicit(&oa_op_born, memory_order_relaxed);
}

bool oa_process_has_span(void)
{
    return atomic_load(&process.has_span) && !oa_process_listens();
}

void oa_process_forked(void)
{
    atomic_store(&process.has_span, false);
}

uint64_t oa_process_start_unix_ns(void)
{
    return process.start_unix_ns;
}

struct oa_slice oa_process_exe(void)
{
    int len = atomic_load_explicit(&process.path_len, memory_order_acquire);

    if (len < 0) { /* racing threads read the same */
        ssize_t n = readlink("/proc/self/exe", process.path, sizeof(process.path));

        len = n > 0 && (size_t)n < sizeof(process.path) ? (int)n : 0;
        atomic_store_explicit(&process.path_len, len, memory_order_release);
    }
    return (struct oa_slice){ process.path, (size_t)len };
}

struct oa_slice oa_process_name(void)
{
    struct oa_slice path = oa_process_exe();
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return (struct oa_slice){ path.ptr + at, path.len - at };
}

static size_t write_number(char *out, uint64_t n)
{
    char digits[20];
    size_t len = 0;

    do {
        digits[len++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    for (size_t i = 0; i < len; i++)
        out[i] = digits[len - 1 - i];
    return len;
}

struct oa_slice oa_process_resume(char *buf)
{
    size_t len = 0;

    if (!oa_process_has_span())
        return (struct oa_slice){ 0 };
    if (atomic_load(&process.given))
        buf[len++] = '+';
    len += write_number(buf + len, (uint64_t)syscall(SYS_getpid));
    buf[len++] = ':';
    len += write_number(buf + len, process.start_unix_ns);
    buf[len++] = ':';
    if (process.parent.valid) {
        oa_hex_encode(buf + len, process.parent.span_id, sizeof(process.parent.span_id));
        len += 2 * sizeof(process.parent.span_id);
    }
    buf[len++] = ':';
    oa_traceparent_format(buf + len, &process.context.span);
    return (struct oa_slice){ buf, len + OA_TRACEPARENT_LEN };
}

/* What ended it, as shells report it: the code of exit, or 128 and the signal. */
static int exit_code_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* error.type: the signal's name or the code of exit. out: room for any int, and for any signal's name. */
static struct oa_slice error_type(int status, char *out)
{
    const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    size_t len;

    if (!name)
        return (struct oa_slice){ out, write_number(out, (uint64_t)exit_code_of(status)) };
    len = strlen(name);
    memcpy(out, "SIG", 3);
    memcpy(out + 3, name, len);
    return (struct oa_slice){ out, 3 + len };
}

/* status: as waitpid() will tell it; OA_EXIT_UNKNOWN: the process goes on, as a server. */
static void record(int status)
{
    bool failed = status != OA_EXIT_UNKNOWN && exit_code_of(status) != 0;
    uint64_t now = oa_clock_unix_ns();
    char type[16];
    struct oa_slice name = oa_process_name();
    struct oa_span_writer w;

    oa_span_begin(&w,
                  &(struct oa_span_end){
                      .self = process.context.span,
                      .parent = process.parent,
                      .tracestate = process.context.tracestate,
                      .baggage = process.context.baggage,
                      .name = span_name(),
                      .start_unix_ns = process.start_unix_ns,
                      .duration_ns = now > process.start_unix_ns ? now - process.start_unix_ns : 0,
                      .scope = OA_SCOPE_PROCESS,
                      .kind = OA_SPAN_INTERNAL,
                      .status = failed ? OA_STATUS_ERROR : OA_STATUS_UNSET,
                      .sampled_by = process.sampled_by,
                  },
                  8, (uint32_t)(name.len + oa_process_exe().len) + 64);
    if (name.len)
        oa_span_str(&w, OA_KEY_PROCESS_EXECUTABLE_NAME, name);
    if (oa_process_exe().len)
        oa_span_str(&w, OA_KEY_PROCESS_EXECUTABLE_PATH, oa_process_exe());
    oa_span_int(&w, OA_KEY_PROCESS_PID, (int64_t)syscall(SYS_getpid));
    if (status != OA_EXIT_UNKNOWN)
        oa_span_int(&w, OA_KEY_PROCESS_EXIT_CODE, exit_code_of(status));
    if (failed)
        oa_span_str(&w, OA_KEY_ERROR_TYPE, error_type(status, type));
    oa_span_commit(&w);
}

void oa_process_end(int status)
{
    if (status != OA_EXIT_UNKNOWN && oa_process_has_span() && atomic_exchange(&process.has_span, false))
        record(status);
}

void oa_process_is_server(void)
{
    bool was_program = oa_process_has_span();

    atomic_store(&process.server, true);
    if (was_program && atomic_load(&process.given) && atomic_exchange(&process.has_span, false))
        record(OA_EXIT_UNKNOWN);
}
