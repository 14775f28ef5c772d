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

int oa_wait_fd(struct oa_wait *wait, int fd, short events, uint64_t until_mono_ns)
{
    for (;;) {
        struct pollfd pfd = { .fd = fd, .events = events };
        uint64_t now = oa_clock_mono_ns();
        uint64_t left = min_ns(oa_wait_left_ns(wait), until_mono_ns > now ? until_mono_ns - now : 0);
        struct timespec slice = { .tv_nsec = (long)min_ns(left, OA_WAIT_SLICE_NS) };
        int n = ppoll(&pfd, 1, &slice, NULL);

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
        uint64_t left = min_ns(min_ns(end, wait->deadline_mono_ns) - now, OA_WAIT_SLICE_NS);
        struct timespec slice = { .tv_nsec = (long)left };

        (void)ppoll(NULL, 0, &slice, NULL);
    }
}
