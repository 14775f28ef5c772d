#include "preload/life.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/log.h"
#include "preload/fdtab.h"
#include "preload/forkgate.h"
#include "preload/loader.h"
#include "preload/ring.h"
#include "preload/sigframe.h"
#include "preload/thread.h"

#define OWN_FDS 16
#define LEAVE_NS (500 * OA_NS_PER_MS) /* how long the end of the process waits for a library to be left */
#define LOOK_NS (OA_NS_PER_MS / 5)    /* how often it looks */

OA_TLS struct oa_thread oa_thread;

static _Atomic int state = OA_STATE_BOOT;
static struct oa_life_ops life_ops;
static uint64_t exit_timeout_ns;
static bool drains_early;
static _Atomic bool library_at_work;
static _Atomic bool by_signal;    /* the process ends by one that it sends to itself */
static uint64_t blocked_at_start; /* signals 1..64, bit per signal */
static _Atomic uint32_t fork_generation;

static const uint8_t unmarked = 1;
static volatile uint8_t *mark_page; /* NULL: this kernel cannot wipe */
const volatile uint8_t *oa_life_mark = &unmarked;

static struct own_fd {
    _Atomic int fd; /* + 1; 0 = free */
    dev_t dev;
    ino_t ino;
} own_fds[OWN_FDS];

enum oa_state oa_life_state(void)
{
    return (enum oa_state)atomic_load_explicit(&state, memory_order_acquire);
}

const struct oa_life_ops *oa_life_ops(void)
{
    return &life_ops;
}

uint32_t oa_life_fork_generation(void)
{
    return atomic_load_explicit(&fork_generation, memory_order_relaxed);
}

bool oa_life_in_handler(void)
{
    /* Handlers may block nothing (SA_NODEFER). To look for those takes a call for each signal: only where a
     * handler is likely. */
    uint64_t blocked = atomic_load(&by_signal) ? ~0ull : oa_sigframe_blocked() & ~blocked_at_start;

    return blocked && oa_sigframe_above(blocked, NULL);
}

void oa_life_off(void)
{
    oa_fd_limit = 0;
    atomic_store_explicit(&state, OA_STATE_OFF, memory_order_release);
}

void oa_life_hush(bool hushed)
{
    if (oa_life_state() == OA_STATE_RECORD)
        oa_fd_limit = hushed ? 0 : OA_FD_MAX;
}

/* The copies of the host's descriptors, which keep its files and sockets open. The directory has a number of the
 * table that is being emptied: it goes last. */
static bool close_copies(void)
{
    int dir = open("/proc/thread-self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char entries[1024];
    long n;

    while (dir >= 0 && (n = syscall(SYS_getdents64, dir, entries, sizeof(entries))) > 0)
        for (long at = 0; at < n;) {
            const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
            int fd = 0;

            for (const char *c = entry->d_name; *c >= '0' && *c <= '9'; c++)
                fd = fd * 10 + *c - '0';
            if (entry->d_name[0] != '.' && fd != dir)
                (void)close(fd);
            at += entry->d_reclen;
        }
    return dir >= 0 && close(dir) == 0;
}

/* What close_range does in one step since Linux 5.9: for a moment the copies are open besides the originals. Not
 * under a filter of system calls, which may end the process where it does not know this one. */
static bool own_table_by_hand(void)
{
    struct rlimit limit;

    if (syscall(SYS_prctl, PR_GET_SECCOMP) != 0 || syscall(SYS_unshare, CLONE_FILES) != 0)
        return false;
    if (!close_copies() && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        for (rlim_t fd = 0; fd < limit.rlim_cur && fd < OA_FD_MAX; fd++)
            (void)close((int)fd);
    return true;
}

void oa_life_own_table(void)
{
    if (syscall(SYS_close_range, 0, ~0u, CLOSE_RANGE_UNSHARE) != 0 && !own_table_by_hand())
        return;
    oa_thread.flags |= OA_THREAD_OWN_TABLE;
    for (int fd = 0; fd < 3; fd++) /* libraries may write to 2, whatever it is */
        (void)open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void oa_life_own_fd_add(int fd)
{
    struct stat st;

    if ((oa_thread.flags & OA_THREAD_OWN_TABLE) || fstat(fd, &st) != 0)
        return;
    oa_fd_set(fd, OA_FD_IGNORED);
    for (int i = 0; i < OWN_FDS; i++) {
        if (atomic_load(&own_fds[i].fd) != 0)
            continue;
        own_fds[i].dev = st.st_dev;
        own_fds[i].ino = st.st_ino;
        atomic_store(&own_fds[i].fd, fd + 1);
        return;
    }
}

void oa_life_own_fd_remove(int fd)
{
    for (int i = 0; i < OWN_FDS && !(oa_thread.flags & OA_THREAD_OWN_TABLE); i++)
        if (atomic_load(&own_fds[i].fd) == fd + 1)
            atomic_store(&own_fds[i].fd, 0);
}

/* The child's copies of the exporter's sockets: closed if the number still means them. */
static void close_own_fds(void)
{
    struct stat st;

    for (int i = 0; i < OWN_FDS; i++) {
        int fd = atomic_exchange(&own_fds[i].fd, 0) - 1;

        if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == own_fds[i].dev && st.st_ino == own_fds[i].ino)
            (void)syscall(SYS_close, fd);
    }
}

static void set_mark(void)
{
    if (mark_page)
        *mark_page = 1;
}

/* Two threads may come here at once: one page too many is no harm, both are wiped. */
static bool make_mark(void)
{
    size_t bytes = getauxval(AT_PAGESZ);
    void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return false;
    if (madvise(page, bytes, MADV_WIPEONFORK) != 0) {
        (void)munmap(page, bytes);
        return false;
    }
    mark_page = page;
    set_mark();
    oa_life_mark = page;
    return true;
}

void oa_life_forked_unseen(void)
{
    int saved = errno;

    oa_life_forked_child();
    errno = saved;
}

static void forked_child(bool by_libc)
{
    set_mark();
    if (oa_life_state() != OA_STATE_RECORD)
        return;
    atomic_fetch_add_explicit(&fork_generation, 1, memory_order_relaxed);
    oa_thread.flags |= OA_THREAD_MAIN;
    oa_ring_forget();
    close_own_fds();
    atomic_store(&library_at_work, false);
    oa_loader_forked(by_libc);
    life_ops.forked(true);
}

void oa_life_forked_child(void)
{
    forked_child(false);
}

static void forked_by_libc(void)
{
    forked_child(true);
}

static void forked_parent(void)
{
    oa_forkgate_parent();
    if (oa_life_state() == OA_STATE_RECORD)
        life_ops.forked(false);
}

static void watch_all_forks(void)
{
    (void)make_mark();
    (void)pthread_atfork(oa_forkgate_before_fork, forked_parent, forked_by_libc);
}

void oa_life_watch_forks(void)
{
    static _Atomic bool watched;

    if (oa_likely(oa_life_mark != &unmarked) || atomic_exchange(&watched, true))
        return;
    /* Before Linux 4.14 there are fork handlers only; whoever sets them takes a lock of libc's. */
    if (!make_mark() && !oa_life_in_handler())
        watch_all_forks();
}

bool oa_life_drains_early(void)
{
    return drains_early && oa_life_state() == OA_STATE_RECORD;
}

void oa_life_start(const struct oa_life_ops *ops, uint32_t exit_timeout_ms, bool before_handlers, bool exporting)
{
    drains_early = before_handlers;
    life_ops = *ops;
    exit_timeout_ns = exit_timeout_ms * OA_NS_PER_MS;
    blocked_at_start = oa_sigframe_blocked();
    if (exporting)
        watch_all_forks();
    oa_thread.flags |= OA_THREAD_MAIN;
    oa_fd_limit = OA_FD_MAX;
    atomic_store_explicit(&state, OA_STATE_RECORD, memory_order_release);
}

/* Either we see the state that oa_life_exit() has set, or it sees what we set here. */
int oa_life_in_library(int at_work)
{
    atomic_store(&library_at_work, at_work != 0);
    if (!at_work || atomic_load(&state) != OA_STATE_OFF)
        return 0;
    atomic_store(&library_at_work, false);
    return -1;
}

/* Exit handlers are next. Whoever is in a library that they shut down has been told to leave (stopping), and nobody
 * comes in any more. Also where the end is not to wait: this is no wait for an answer, but for a step to be over. */
static OA_COLD void wait_for_library(void)
{
    uint64_t patience = oa_clock_mono_ns() + LEAVE_NS;
    struct timespec look = { .tv_nsec = (long)LOOK_NS };

    while (atomic_load(&library_at_work) && oa_clock_mono_ns() < patience)
        (void)syscall(SYS_nanosleep, &look, NULL);
}

static bool something_left(void)
{
    return oa_ring_items() || life_ops.pending();
}

/* Whoever does not wait is told what that costs. */
static void drain(void)
{
    uint32_t items = oa_ring_items();

    if (exit_timeout_ns)
        oa_loader_drain(oa_clock_mono_ns() + exit_timeout_ns, true);
    else if (items)
        oa_log(OA_LOG_WARN, "%u spans or log records dropped: exit", items);
}

static void end_recording(void)
{
    atomic_store(&state, OA_STATE_OFF);
    if (atomic_load(&library_at_work))
        wait_for_library();
}

void oa_life_exit(int status)
{
    int expected = OA_STATE_RECORD;

    oa_life_notice_fork();
    if (!atomic_compare_exchange_strong(&state, &expected, OA_STATE_DRAIN))
        return;
    atomic_store(&by_signal, status != OA_EXIT_UNKNOWN && WIFSIGNALED(status));
    life_ops.ending(status);
    oa_fd_limit = 0;
    if (something_left())
        drain();
    end_recording();
}

/* Not in the child of vfork, nor in one that was forked past us: what is queued is their parent's. What the helper
 * needs may be in the hands of the code that was interrupted: it is waited for as long as at any other end. */
void oa_life_exit_within(void)
{
    int expected = OA_STATE_RECORD;

    if (oa_thread.depth != 1 || *oa_life_mark == 0 || !exit_timeout_ns || !oa_loader_has_helper() ||
        !atomic_compare_exchange_strong(&state, &expected, OA_STATE_DRAIN))
        return;
    oa_fd_limit = 0;
    drain();
    end_recording();
}

void oa_life_before_exec(void)
{
    oa_life_notice_fork();
    if (oa_life_state() == OA_STATE_RECORD && something_left() && exit_timeout_ns)
        oa_loader_drain(oa_clock_mono_ns() + exit_timeout_ns, false);
}
