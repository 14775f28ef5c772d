/*
 * struct oa_wait: how long the helper may block, in one place. A deadline on the monotonic clock,
 * and an ear for the host: once its exit path waits for us (oa_host.stopping), the deadline shrinks
 * to the grace from that moment on. Every blocking step of a transport goes through here, so that
 * nothing in the SDK object sleeps without both bounds.
 */
#ifndef OA_SDK_TRANSPORT_WAIT_H
#define OA_SDK_TRANSPORT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"

struct oa_host;

struct oa_wait {
    uint64_t deadline_mono_ns; /* UINT64_MAX: none */
    uint64_t grace_ns;         /* what remains once stopping is seen */
    const struct oa_host *host;
    bool stopping_seen;
};

/* Starts a wait. deadline_mono_ns 0 = none. */
void oa_wait_init(struct oa_wait *wait, const struct oa_host *host, uint64_t deadline_mono_ns);

/* Nanoseconds left, 0 when the deadline has passed. */
uint64_t oa_wait_left_ns(struct oa_wait *wait);

/* So little is left that the process must be ending, or about to exec. */
bool oa_wait_hurry(struct oa_wait *wait);

/* Waits for poll() events on fd, not beyond until_mono_ns either. The revents (> 0), OA_ETIMEOUT, or OA_EIO. */
int oa_wait_fd(struct oa_wait *wait, int fd, short events, uint64_t until_mono_ns) OA_MUST_CHECK;

/* Around whatever else only waits. */
void oa_wait_begins(const struct oa_wait *wait);
void oa_wait_is_over(const struct oa_wait *wait);

/* Sleeps. 0 after the whole time; OA_ETIMEOUT at the deadline; OA_EAGAIN as soon as the host stops. */
int oa_wait_sleep(struct oa_wait *wait, uint64_t ns) OA_MUST_CHECK;

#define OA_WAIT_HURRY_NS (2000 * 1000000ull)

/* The length of one uninterrupted sleep: how late stopping may be noticed. */
#define OA_WAIT_SLICE_NS (20 * 1000000ull)

#endif
