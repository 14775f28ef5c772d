#include "preload/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/alone.h"
#include "preload/base/asan.h"
#include "preload/base/clock.h"
#include "preload/base/limits.h"
#include "preload/base/log.h"
#include "preload/forkgate.h"
#include "preload/life.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "preload/sdk_object.h"
#include "preload/thread.h"

#define SPACE_MIN (1ull << 30)
#define TICK_NS (500 * OA_NS_PER_MS) /* while something waits for the helper's tick */
#define PARK_NS OA_NS_PER_S          /* who waits for it fails, or is killed, if the helper is still there */
#define ALONE_NS (10 * OA_NS_PER_MS) /* how often to look whether other threads are left, once main is not */

enum helper { NONE, STARTING, RUNNING, REFUSED, STUCK };
enum order { RUN, FLUSH, STOP, LAST }; /* what the helper is asked to do; LAST: flush, shut down, stop */

static struct oa_host host;
static const struct oa_sdk *sdk;
static _Atomic bool sdk_failed;              /* any thread asks before it starts the helper, which sets it */
static uint32_t sdk_generation = UINT32_MAX; /* fork generation that start() has seen */

static _Atomic int helper, order;
static _Atomic uint32_t answered; /* futex word: bumped when an order was carried out */
static _Atomic uint64_t order_deadline;
static pthread_t helper_thread;
static _Atomic int helper_tid;
static _Atomic bool
    asleep; /* the helper is, and has no lock of libc's; not in shared memory, so a child sees how it was */
static sigset_t host_mask; /* signals that the thread which created the helper had blocked */
static _Atomic bool host_threads;
static _Atomic bool main_left;

void oa_loader_host_threads(void)
{
    atomic_store_explicit(&host_threads, true, memory_order_relaxed);
}

bool oa_loader_host_is_threaded(void)
{
    return atomic_load_explicit(&host_threads, memory_order_relaxed);
}

static int stopping(void)
{
    return atomic_load_explicit(&order, memory_order_relaxed) >= STOP || oa_life_state() != OA_STATE_RECORD ||
           (atomic_load_explicit(&main_left, memory_order_relaxed) && oa_alone());
}

OA_START void oa_loader_init(const struct oa_host *given)
{
    host = *given;
    host.own_fd_add = oa_life_own_fd_add;
    host.own_fd_remove = oa_life_own_fd_remove;
    host.log_ring = oa_ring_logs;
    host.stopping = stopping;
    host.waiting = oa_forkgate_wait;
    host.thread_begin = oa_alone_thread_begin;
    host.thread_ended = oa_alone_thread_ended;
}

static bool has(const struct oa_env_list *exporters, uint8_t id)
{
    return exporters->count && memchr(exporters->ids, id, exporters->count);
}

static bool has_exporter(uint8_t id)
{
    return has(&host.env->traces_exporter, id) || has(&host.env->metrics_exporter, id) ||
           has(&host.env->logs_exporter, id);
}

bool oa_loader_exports_to_stream(void)
{
    const char *to = host.env->auto_console;

    /* A plug-in may print, as its author is used to. */
    return has_exporter(OA_ENV_EXPORTER_otlp_stdout) || has_exporter(OA_ENV_EXPORTER_plugin) ||
           (has_exporter(OA_ENV_EXPORTER_console) &&
            (!*to || strcmp(to, "stdout") == 0 || strcmp(to, "stderr") == 0));
}

/* The object's door, opened on first use. */
static const struct oa_sdk *sdk_opened(const struct oa_host *given)
{
    void *handle = sdk ? NULL : oa_sdk_object_open();
    oa_sdk_open_fn *open_sdk;

    if (!handle)
        return sdk;
    open_sdk = (oa_sdk_open_fn *)dlsym(handle, OA_SDK_SYMBOL);
    sdk = open_sdk ? open_sdk(given) : NULL;
    if (!sdk)
        oa_log(OA_LOG_ERROR, "the two parts of libotel-auto do not match; continuing without telemetry");
    return sdk;
}

bool oa_loader_configure(const struct oa_host *given, const char *path, char *const *envp, char *text, size_t bytes)
{
    return sdk_opened(given) && sdk->configure(given, path, envp, text, bytes) == 0;
}

/* Opens the object and starts its pipeline in this process. False: there will be no export. */
static bool sdk_ready(void)
{
    if (sdk_failed)
        return false;
    oa_forkgate_enter();
    host.fork_generation = oa_life_fork_generation();
    host.ring = oa_ring();
    if (sdk_opened(&host) && sdk_generation != host.fork_generation) {
        sdk_generation = host.fork_generation;
        sdk_failed = sdk->start(&host) < 0;
    }
    sdk_failed |= !sdk;
    oa_forkgate_leave();
    return !sdk_failed;
}

static void futex_wait(_Atomic uint32_t *word, uint32_t seen, uint64_t ns)
{
    struct timespec ts = { .tv_sec = (time_t)(ns / OA_NS_PER_S), .tv_nsec = (long)(ns % OA_NS_PER_S) };

    (void)syscall(SYS_futex, word, FUTEX_WAIT, seen, ns == UINT64_MAX ? NULL : &ts, NULL, 0);
}

static void answer(void)
{
    atomic_fetch_add(&answered, 1);
    (void)syscall(SYS_futex, &answered, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Sleeps until a producer or an order wakes us, or ns have passed. */
static void sleep_until_woken(struct oa_ring_header *ring, uint64_t ns)
{
    uint32_t seen = atomic_load(&ring->wake);

    atomic_store(&ring->asleep, 1);
    atomic_store(&asleep, true);
    if (atomic_load(&order) == RUN && !oa_ring_wants_reader())
        futex_wait(&ring->wake, seen, ns);
    atomic_store(&asleep, false);
    atomic_store(&ring->asleep, 0);
}

/* libc ends the process when its last thread returns, and runs the exit handlers on it. */
static void *last_one_out(void)
{
    atomic_store(&helper, REFUSED); /* the exit path drains */
    if (oa_life_drains_early() && !oa_loader_exports_to_stream())
        oa_life_exit(W_EXITCODE(0, 0));
    oa_thread.depth = 0;
    pthread_sigmask(SIG_SETMASK, &host_mask, NULL);
    return NULL;
}

/* All is delivered, and the process is about to end. A thread's end is work for the libraries that have something
 * of it (OpenSSL), and their exit handlers may be at the same thing: so it stays, until somebody takes it away
 * after all. */
static void rest(struct oa_ring_header *ring)
{
    uint32_t seen = atomic_load(&ring->wake);

    while (atomic_load(&order) == LAST) {
        futex_wait(&ring->wake, seen, UINT64_MAX);
        seen = atomic_load(&ring->wake);
    }
}

static void *helper_main(void *arg)
{
    struct oa_ring_header *ring = arg;
    uint64_t wait_ns = 0;
    int now = RUN;

    oa_asan_fresh_stack(OA_STACK_HELPER / 2);
    oa_thread.depth = 1; /* for life: nothing this thread does is observed */
    atomic_store(&helper_tid, (int)syscall(SYS_gettid));
    (void)prctl(PR_SET_NAME, "otel-auto", 0, 0, 0);
    /* Not where the host's own streams are written to, nor where exit handlers may run: last_one_out. */
    if (!oa_loader_exports_to_stream() && !atomic_load(&main_left))
        oa_life_own_table();
    if (!sdk_ready()) {
        oa_life_off();
        answer();
        return NULL;
    }
    while (now != STOP) {
        bool again = oa_life_ops()->tick();

        now = atomic_load(&order);
        oa_forkgate_work(true);
        wait_ns = sdk->work(now == RUN     ? 0
                            : now == FLUSH ? OA_WORK_FLUSH
                            : now == LAST  ? OA_WORK_SHUTDOWN
                                           : OA_WORK_PAUSE,
                            now == RUN ? 0 : atomic_load(&order_deadline));
        oa_forkgate_work(false);
        if (now != RUN) {
            if (now == FLUSH)
                (void)atomic_compare_exchange_strong(&order, &(int){ FLUSH }, RUN);
            answer();
            if (now == LAST)
                rest(ring);
            continue;
        }
        if (again && wait_ns > TICK_NS)
            wait_ns = TICK_NS;
        if (atomic_load(&main_left)) {
            if (oa_alone()) {
                (void)sdk->work(OA_WORK_PAUSE, 0);
                return last_one_out();
            }
            wait_ns = wait_ns > ALONE_NS ? ALONE_NS : wait_ns;
        }
        sleep_until_woken(ring, wait_ns);
    }
    return NULL;
}

/* Executables that bring their own allocator (bash) made it for one thread. One that is not position independent and
 * takes malloc's address (Debian's python3) has it at a place of its own too, but as a symbol that is undefined. */
static bool executable_allocates(void)
{
    void *found = dlsym(RTLD_DEFAULT, "malloc"), *entry = NULL;
    Dl_info allocator, program;

    if (oa_loader_host_is_threaded() || !found || !dladdr1(found, &allocator, &entry, RTLD_DL_SYMENT))
        return false;
    if (entry && ((const ElfW(Sym) *)entry)->st_shndx == SHN_UNDEF)
        return false;
    return dladdr((void *)getauxval(AT_ENTRY), &program) && allocator.dli_fbase == program.dli_fbase;
}

/* A thread's first malloc reserves 64 MiB of address space, for a moment 128: not where the host has but little. */
static bool space_is_tight(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < SPACE_MIN;
}

static int create_thread(struct oa_ring_header *ring)
{
    sigset_t all;
    pthread_attr_t attr;
    int err;

    if (pthread_attr_init(&attr) != 0)
        return EAGAIN;
    err = pthread_attr_setstacksize(&attr, OA_STACK_HELPER);
    sigfillset(&all);
    /* Blocked before the call, so that the new thread never has them open, not for one instruction. */
    pthread_sigmask(SIG_SETMASK, &all, &host_mask);
    if (!err)
        err = OA_REAL(pthread_create)(&helper_thread, &attr, helper_main, ring);
    pthread_sigmask(SIG_SETMASK, &host_mask, NULL);
    pthread_attr_destroy(&attr);
    return err;
}

void oa_loader_ensure(void)
{
    struct oa_ring_header *ring = oa_ring();
    int expected = NONE;

    if (atomic_load_explicit(&helper, memory_order_acquire) != NONE || !ring || sdk_failed || oa_life_in_handler())
        return;
    if (!atomic_compare_exchange_strong(&helper, &expected, STARTING))
        return;
    atomic_store(&order, RUN);
    if (executable_allocates() || space_is_tight()) {
        atomic_store(&helper, REFUSED); /* the exit path drains */
    } else if (create_thread(ring) != 0) {
        atomic_store(&helper, REFUSED);
        oa_life_off();
    } else {
        atomic_store(&helper, RUNNING);
    }
}

/* Gives an order and waits for its answer, until the deadline. */
static void command(enum order what, uint64_t deadline)
{
    uint32_t seen = atomic_load(&answered);
    uint64_t now = oa_clock_mono_ns();

    atomic_store(&order_deadline, deadline);
    atomic_store(&order, what);
    oa_ring_wake();
    while (atomic_load(&answered) == seen && now < deadline) {
        futex_wait(&answered, seen, deadline - now);
        now = oa_clock_mono_ns();
    }
}

void oa_loader_drain(uint64_t deadline, bool last)
{
    int state = atomic_load_explicit(&helper, memory_order_acquire);

    if (state == RUNNING) {
        command(last ? LAST : FLUSH, deadline);
    } else if (state != STARTING && state != STUCK && !oa_life_in_handler() && sdk_ready()) {
        (void)oa_life_ops()->tick();
        (void)sdk->work(last ? OA_WORK_SHUTDOWN : OA_WORK_FLUSH, deadline);
    }
    if (last)
        oa_ring_give_up();
}

bool oa_loader_has_helper(void)
{
    return atomic_load(&helper) == RUNNING && atomic_load(&helper_tid) != (int)syscall(SYS_gettid);
}

/* A thread that has been joined still counts as one of the process until the kernel has put it away. */
static void wait_gone(uint64_t deadline)
{
    pid_t pid = getpid();
    int tid = atomic_load(&helper_tid);

    while (tid && syscall(SYS_tgkill, pid, tid, 0) == 0 && oa_clock_mono_ns() < deadline)
        (void)syscall(SYS_sched_yield);
}

void oa_loader_park(bool for_good)
{
    uint64_t patience = oa_clock_mono_ns() + PARK_NS;
    struct timespec until;
    int expected = RUNNING;

    while (atomic_load(&helper) == STARTING && oa_clock_mono_ns() < patience)
        (void)syscall(SYS_sched_yield); /* another thread is about to have one */
    if (atomic_compare_exchange_strong(&helper, &expected, STARTING)) {
        command(STOP, oa_clock_mono_ns() + PARK_NS);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += (long)PARK_NS;
        if (until.tv_nsec >= (long)OA_NS_PER_S)
            until.tv_sec++, until.tv_nsec -= (long)OA_NS_PER_S;
        /* One that would not end in time may still be inside the SDK object: never a second one then. */
        if (pthread_timedjoin_np(helper_thread, NULL, &until) != 0) {
            atomic_store(&helper, STUCK);
            return;
        }
        wait_gone(oa_clock_mono_ns() + PARK_NS);
        atomic_store(&helper, for_good ? REFUSED : NONE);
    } else if (for_good) {
        expected = NONE;
        (void)atomic_compare_exchange_strong(&helper, &expected, REFUSED);
    }
}

void oa_loader_unpark(void)
{
    int expected = REFUSED;

    (void)atomic_compare_exchange_strong(&helper, &expected, NONE);
}

void oa_loader_forked(bool by_libc)
{
    int state = atomic_load(&helper);
    bool locked = !by_libc && state != NONE && state != REFUSED && !atomic_load(&asleep);

    sdk_failed |= oa_forkgate_child() | locked;
    atomic_store(&asleep, false);
    atomic_store(&helper, NONE);
    atomic_store(&order, RUN);
    atomic_store(&main_left, false);
    oa_alone_forked();
}

void oa_loader_main_left(void)
{
    atomic_store(&main_left, true);
    oa_loader_park(false); /* the next one sees it from the start */
}
