/*
 * When to try again (otel-environment B.5): exponential back-off with jitter, a bounded number of
 * attempts, everything inside the deadline of one export. Pure arithmetic: the caller owns the
 * clock and sleeps. Also reads the Retry-After field (RFC 9110 10.2.3).
 */
#ifndef OA_SDK_TRANSPORT_RETRY_H
#define OA_SDK_TRANSPORT_RETRY_H

#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_RETRY_ATTEMPTS_MAX 5u
#define OA_RETRY_FIRST_NS 1000000000ull
#define OA_RETRY_CAP_NS 5000000000ull
#define OA_RETRY_AFTER_NONE UINT64_MAX

struct oa_retry {
    uint32_t attempts;   /* made so far */
    uint64_t backoff_ns; /* before jitter, of the next wait */
};

void oa_retry_init(struct oa_retry *retry);

/*
 * An attempt failed and may be repeated. left_ns: time until the deadline. after_ns: what the
 * server asked for, or OA_RETRY_AFTER_NONE. random: any 64 bits.
 * 0 and *ret_wait_ns; OA_EFULL: attempts used up; OA_ETIMEOUT: the wait would outlast the deadline.
 */
int oa_retry_next(struct oa_retry *retry, uint64_t left_ns, uint64_t after_ns, uint64_t random,
                  uint64_t *ret_wait_ns) OA_MUST_CHECK;

/* A field value of delay-seconds or an IMF-fixdate to a wait; a date in the past is 0, anything
 * else OA_RETRY_AFTER_NONE. */
uint64_t oa_retry_after_ns(struct oa_slice value, uint64_t now_unix_ns);

#endif
