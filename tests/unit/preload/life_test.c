/* The loader is played by the test; the ring is real.
 * SOURCES: preload/life.c preload/ring.c preload/shared_memory.c preload/fdtab.c preload/sigframe.c
 * preload/forkgate.c preload/base/log.c
 * LIBS: -lpthread */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "preload/loader.h"
#include "preload/ring.h"
#include "preload/thread.h"

/* What was asked of the floors around. */
static struct {
    int endings, status, forked_child, forked_parent, loader_forked, drains;
    bool last, by_libc;
    enum oa_state state_at_ending, state_at_drain;
    uint32_t limit_at_ending, limit_at_drain;
    uint64_t deadline;
} seen;

void oa_loader_forked(bool by_libc)
{
    seen.loader_forked++, seen.by_libc = by_libc;
}

bool oa_loader_has_helper(void)
{
    return false;
}

void oa_loader_drain(uint64_t deadline_mono_ns, bool last)
{
    seen.drains++;
    seen.last = last;
    seen.deadline = deadline_mono_ns;
    seen.state_at_drain = oa_life_state();
    seen.limit_at_drain = oa_fd_limit;
}

static void ending(int status)
{
    seen.endings++;
    seen.status = status;
    seen.state_at_ending = oa_life_state();
    seen.limit_at_ending = oa_fd_limit;
}

static void forked(bool child)
{
    *(child ? &seen.forked_child : &seen.forked_parent) += 1;
}

static bool counted; /* there are metrics */

static bool pending(void)
{
    return counted;
}

static const struct oa_life_ops ops = { .ending = ending, .forked = forked, .pending = pending };

static void start(uint32_t exit_timeout_ms)
{
    cr_assert_eq(oa_ring_open(10), OA_OK);
    oa_life_start(&ops, exit_timeout_ms, false, true);
}

static void queue_one(void)
{
    struct oa_record *record = oa_ring_reserve(64);

    cr_assert_not_null(record);
    oa_ring_commit(record);
}

/* Runs check in a forked child and wants it to be true. */
static void in_child(bool (*check)(void))
{
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(check() ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(life, start__records_from_then_on)
{
    cr_assert_eq(oa_life_state(), OA_STATE_BOOT);
    cr_assert_eq(oa_fd_limit, 0);
    start(200);
    cr_assert_eq(oa_life_state(), OA_STATE_RECORD);
    cr_assert_eq(oa_fd_limit, OA_FD_MAX);
    cr_assert_eq(oa_life_ops()->ending, ending);
    cr_assert_eq(oa_life_fork_generation(), 0);
    cr_assert_not(oa_life_drains_early());
}

Test(life, start__an_exporter_that_exit_handlers_would_break)
{
    oa_life_start(&ops, 200, true, true);
    cr_assert(oa_life_drains_early());
    oa_life_exit(0);
    cr_assert_not(oa_life_drains_early(), "it is over");
}

Test(life, off__passes_through_for_good)
{
    start(200);
    queue_one();
    oa_life_off();
    cr_assert_eq(oa_life_state(), OA_STATE_OFF);
    cr_assert_eq(oa_fd_limit, 0);
    oa_life_exit(0);
    oa_life_before_exec();
    cr_assert_eq(seen.endings + seen.drains, 0);
    cr_assert_eq(oa_life_state(), OA_STATE_OFF);
}

Test(life, boot_to_off__exit_has_nothing_to_do)
{
    oa_life_exit(W_EXITCODE(3, 0));
    oa_life_before_exec();
    oa_life_forked_child();
    cr_assert_eq(seen.endings + seen.drains + seen.forked_child + seen.loader_forked, 0);
    cr_assert_eq(oa_life_fork_generation(), 0);
}

Test(life, exit__ends_then_drains_then_is_off)
{
    uint64_t now = oa_clock_mono_ns();

    start(200);
    queue_one();
    oa_life_exit(W_EXITCODE(7, 0));
    cr_assert_eq(seen.endings, 1);
    cr_assert_eq(seen.status, W_EXITCODE(7, 0));
    cr_assert_eq(seen.state_at_ending, OA_STATE_DRAIN);
    cr_assert_eq(seen.limit_at_ending, OA_FD_MAX, "connections are still known to who ends them");
    cr_assert_eq(seen.drains, 1);
    cr_assert(seen.last);
    cr_assert_eq(seen.state_at_drain, OA_STATE_DRAIN);
    cr_assert_eq(seen.limit_at_drain, 0, "hooks pass through while we export");
    cr_assert(seen.deadline >= now + 200 * OA_NS_PER_MS && seen.deadline < now + 1200 * OA_NS_PER_MS);
    cr_assert_eq(oa_life_state(), OA_STATE_OFF);
    cr_assert_eq(oa_fd_limit, 0);
    oa_life_exit(W_EXITCODE(8, 0));
    cr_assert_eq(seen.endings, 1, "once");
    cr_assert_eq(seen.drains, 1);
}

Test(life, exit__nothing_queued_nothing_drained)
{
    start(200);
    oa_life_exit(OA_EXIT_UNKNOWN);
    cr_assert_eq(seen.endings, 1);
    cr_assert_eq(seen.status, OA_EXIT_UNKNOWN);
    cr_assert_eq(seen.drains, 0);
    cr_assert_eq(oa_life_state(), OA_STATE_OFF);
}

Test(life, exit__no_time_no_drain)
{
    start(0);
    queue_one();
    oa_life_exit(0);
    cr_assert_eq(seen.endings, 1);
    cr_assert_eq(seen.drains, 0);
}

Test(life, before_exec__drains_only_what_is_queued)
{
    start(200);
    oa_life_before_exec();
    cr_assert_eq(seen.drains, 0);
    queue_one();
    oa_life_before_exec();
    cr_assert_eq(seen.drains, 1);
    cr_assert_not(seen.last, "exec may fail");
    cr_assert_eq(oa_life_state(), OA_STATE_RECORD);
    cr_assert_eq(seen.endings, 0);
}

static bool first_generation(void)
{
    return oa_life_fork_generation() == 1 && seen.forked_child == 1 && seen.forked_parent == 0 &&
           seen.loader_forked == 1 && oa_ring_items() == 0 && oa_life_state() == OA_STATE_RECORD;
}

Test(life, fork__the_child_starts_a_generation_and_has_nothing_queued)
{
    start(200);
    queue_one();
    in_child(first_generation);
    cr_assert_eq(seen.forked_parent, 1);
    cr_assert_eq(seen.forked_child + seen.loader_forked, 0);
    cr_assert_eq(oa_life_fork_generation(), 0);
    cr_assert_eq(oa_ring_items(), 1, "the parent's queue is as it was");
}

static bool second_generation(void)
{
    return oa_life_fork_generation() == 2;
}

static bool fork_again(void)
{
    in_child(second_generation);
    return oa_life_fork_generation() == 1 && seen.by_libc;
}

Test(life, fork__of_a_child_counts_on)
{
    start(200);
    in_child(fork_again);
}

static bool nothing_happened(void)
{
    return oa_life_fork_generation() == 0 && seen.forked_child == 0 && seen.loader_forked == 0;
}

Test(life, fork__while_off_touches_nothing)
{
    start(200);
    oa_life_off();
    in_child(nothing_happened);
    cr_assert_eq(seen.forked_parent, 0);
}

Test(life, forked_child__without_atfork_handlers)
{
    start(200);
    queue_one();
    oa_life_forked_child();
    cr_assert(first_generation() && !seen.by_libc);
}

static int own[2];

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static bool ours_are_closed(void)
{
    return !is_open(own[0]) && !is_open(own[1]);
}

Test(life, own_fd__closed_in_the_child_only)
{
    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(own[1]);
    cr_assert_eq(oa_fd_word(own[0]), OA_FD_IGNORED);
    in_child(ours_are_closed);
    cr_assert(is_open(own[0]) && is_open(own[1]));
}

static bool first_is_open(void)
{
    return is_open(own[0]) && !is_open(own[1]);
}

Test(life, own_fd__a_number_that_the_program_reused_is_left_alone)
{
    int other[2];

    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(own[1]);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0); /* of the same kind: only the inode differs */
    cr_assert_eq(dup2(other[0], own[0]), own[0]);                /* closed behind our back, and taken */
    in_child(first_is_open);
}

Test(life, own_fd__removed_is_left_alone)
{
    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(own[1]);
    oa_life_own_fd_remove(own[0]);
    in_child(first_is_open);
}

Test(life, own_fd__a_closed_one_is_not_taken)
{
    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    close(own[0]);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(-1);
    cr_assert_eq(oa_fd_word(own[0]), OA_FD_UNKNOWN);
}

static bool both_are_open(void)
{
    return is_open(own[0]) && is_open(own[1]);
}

static bool forget_then_fork(void)
{
    int pair[2] = { own[0], own[1] };

    /* The first fork closed its copies; the numbers belong to the child's own program now. */
    if (is_open(own[0]) || socketpair(AF_UNIX, SOCK_STREAM, 0, own) != 0)
        return false;
    if (own[0] != pair[0] || own[1] != pair[1])
        return false;
    in_child(both_are_open);
    return true;
}

Test(life, own_fd__a_child_forgets_its_parents)
{
    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(own[1]);
    in_child(forget_then_fork);
}

/* The helper's part: a table of its own, in which the host's numbers mean nothing. */
static void *own_table(void *arg)
{
    oa_life_own_table();
    if (!(oa_thread.flags & OA_THREAD_OWN_TABLE))
        return arg; /* an old kernel */
    cr_assert_not(is_open(own[0]) || is_open(own[1]));
    cr_assert(is_open(0) && is_open(1) && is_open(2), "libraries may write there");
    cr_assert_eq(write(2, "lost", 4), 4);
    oa_life_own_fd_add(2);
    oa_life_own_fd_remove(own[0]);
    return NULL;
}

Test(life, own_table__is_nobody_elses)
{
    pthread_t thread;

    start(200);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    oa_life_own_fd_add(own[0]);
    oa_life_own_fd_add(own[1]);
    cr_assert_eq(pthread_create(&thread, NULL, own_table, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert(is_open(own[0]) && is_open(own[1]));
    cr_assert_eq(oa_fd_word(2), OA_FD_UNKNOWN, "numbers of that table are not noted in the host's");
    in_child(ours_are_closed); /* nor taken out of it */
}

static volatile sig_atomic_t in_handler;

static void on_signal(int number OA_UNUSED)
{
    in_handler = oa_life_in_handler();
}

Test(life, in_handler__signals_blocked_that_were_open_at_start)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    start(200);
    cr_assert_not(oa_life_in_handler(), "blocked from the start on: a habit of the program");
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    cr_assert_eq(in_handler, 1);
    cr_assert_not(oa_life_in_handler());
}
