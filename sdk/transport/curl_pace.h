/*
 * Waiting between two steps of libcurl. Over HTTP/2 libcurl asks for a writable socket as long as a request is not
 * over, also while the peer's flow control holds its body back or nothing but the answer is missing: a socket is
 * always writable then, and waiting for it is spinning (measured: 11 us of CPU a span instead of 1). Once a step
 * has moved nothing, only what comes in is waited for.
 */
#ifndef OA_SDK_TRANSPORT_CURL_PACE_H
#define OA_SDK_TRANSPORT_CURL_PACE_H

#include "sdk/transport/curl_fds.h"
#include "sdk/transport/wait.h"

struct oa_curl_pace {
    const struct oa_curl_api *api;
    const struct oa_curl_fds *fds;
    CURLM *multi;
    CURL *easy;
    bool http2;
    curl_off_t moved; /* bytes up to the last step, in both directions */
};

/* Until something may be done, for a slice of the wait at most. 0; OA_ETIMEOUT: the wait is over; OA_EIO. */
int oa_curl_pace_wait(struct oa_curl_pace *pace, struct oa_wait *wait) OA_MUST_CHECK;

#endif
