/*
 * Time through the vDSO: no system call on ordinary machines. Durations come from the monotonic
 * clock, start times from the wall clock, so that a stepped wall clock never makes a span negative.
 */
#ifndef OA_BASE_CLOCK_H
#define OA_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define OA_NS_PER_S 1000000000ull
#define OA_NS_PER_MS 1000000ull

static inline uint64_t oa_clock_ns(clockid_t id)
{
    struct timespec ts;

    if (clock_gettime(id, &ts) != 0)
        return 0;
    return (uint64_t)ts.tv_sec * OA_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds since an arbitrary start; never goes back. */
static inline uint64_t oa_clock_mono_ns(void)
{
    return oa_clock_ns(CLOCK_MONOTONIC);
}

/* Nanoseconds since 1970-01-01T00:00:00Z, as OTLP wants them. */
static inline uint64_t oa_clock_unix_ns(void)
{
    return oa_clock_ns(CLOCK_REALTIME);
}

#endif
