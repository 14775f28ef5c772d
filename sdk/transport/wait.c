#include "sdk/transport/wait.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"

static uint64_t min_ns(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void oa_wait_init(struct oa_wait *wait, const struct oa_host *host, uint64_t deadline_mono_ns)
{
    *wait = (struct oa_wait){
        .deadline_mono_ns = deadline_mono_ns ? deadline_mono_ns : UINT64_MAX,
        /* The host waits that long for us: be done a little before. */
        .grace_ns = (uint64_t)host->env->auto_exit_timeout_ms * OA_NS_PER_MS * 3 / 4,
        .host = host,
    };
}

/* Looks at the host's flag; the deadline shrinks once. */
static bool wait_stopping(struct oa_wait *wait, uint64_t now)
{
    if (wait->stopping_seen)
        return true;
    if (!wait->host->stopping())
        return false;
    wait->stopping_seen = true;
    wait->deadline_mono_ns = min_ns(wait->deadline_mono_ns, now + wait->grace_ns);
    return true;
}

uint64_t oa_wait_left_ns(struct oa_wait *wait)
{
    uint64_t now = oa_clock_mono_ns();

    (void)wait_stopping(wait, now);
    return wait->deadline_mono_ns > now ? wait->deadline_mono_ns - now : 0;
}

bool oa_wait_hurry(struct oa_wait *wait)
{
    return oa_wait_left_ns(wait) < OA_WAIT_HURRY_NS;
}

static void wait_tell(const struct oa_wait *wait, int begins)
{
    if (wait->host->waiting)
        wait->host->waiting(begins);
}

void oa_wait_begins(const struct oa_wait *wait)
{
    wait_tell(wait, 1);
}

void oa_wait_is_over(const struct oa_wait *wait)
{
    wait_tell(wait, 0);
}

static int wait_poll(const struct oa_wait *wait, struct pollfd *fds, nfds_t count, uint64_t ns)
{
    struct timespec slice = { .tv_nsec = (long)min_ns(ns, OA_WAIT_SLICE_NS) };
    int n, err;

    oa_wait_begins(wait);
    n = ppoll(fds, count, &slice, NULL);
    err = errno;
    oa_wait_is_over(wait);
    errno = err;
    return n;
}

int oa_wait_fd(struct oa_wait *wait, int fd, short events, uint64_t until_mono_ns)
{
    for (;;) {
        struct pollfd pfd = { .fd = fd, .events = events };
        uint64_t now = oa_clock_mono_ns();
        uint64_t left = min_ns(oa_wait_left_ns(wait), until_mono_ns > now ? until_mono_ns - now : 0);
        int n = wait_poll(wait, &pfd, 1, left);

        if (n > 0)
            return pfd.revents;
        if (n < 0 && errno != EINTR)
            return OA_EIO;
        if (left == 0)
            return OA_ETIMEOUT;
    }
}

int oa_wait_sleep(struct oa_wait *wait, uint64_t ns)
{
    uint64_t end = oa_clock_mono_ns() + ns;

    for (;;) {
        uint64_t now = oa_clock_mono_ns();

        if (now >= end)
            return 0;
        if (wait_stopping(wait, now))
            return OA_EAGAIN;
        if (now >= wait->deadline_mono_ns)
            return OA_ETIMEOUT;
        (void)wait_poll(wait, NULL, 0, min_ns(end, wait->deadline_mono_ns) - now);
    }
}
