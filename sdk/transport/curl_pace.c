#include "sdk/transport/curl_pace.h"

#include <poll.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"

#define PACE_MS 5 /* a resolver's thread is done, a socket whose buffer was full is writable again by then */

/* -1 before the connection is there. */
static curl_off_t bytes_moved(const struct oa_curl_pace *pace)
{
    curl_off_t up = 0, down = 0, connected = 0;
    long head = 0;

    (void)pace->api->easy_getinfo(pace->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    (void)pace->api->easy_getinfo(pace->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    (void)pace->api->easy_getinfo(pace->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    (void)pace->api->easy_getinfo(pace->easy, CURLINFO_HEADER_SIZE, &head);
    return connected > 0 ? up + down + head : -1;
}

static bool is_stuck(struct oa_curl_pace *pace)
{
    curl_off_t before = pace->moved;

    pace->moved = pace->http2 ? bytes_moved(pace) : -1;
    return pace->moved >= 0 && pace->moved == before;
}

/* Also when libcurl waits for nothing but a moment: what comes in ends it. */
static void wait_for_input(const struct oa_curl_pace *pace, const struct oa_wait *wait)
{
    struct pollfd fds[OA_CURL_FDS_MAX];

    for (unsigned i = 0; i < OA_CURL_FDS_MAX; i++)
        fds[i] = (struct pollfd){ .fd = pace->fds->sockets[i].fd, .events = POLLIN };
    oa_wait_begins(wait);
    (void)poll(fds, OA_CURL_FDS_MAX, PACE_MS);
    oa_wait_is_over(wait);
}

int oa_curl_pace_wait(struct oa_curl_pace *pace, struct oa_wait *wait)
{
    uint64_t left = oa_wait_left_ns(wait);
    int waited;
    CURLMcode code;

    if (left == 0)
        return OA_ETIMEOUT;
    if (is_stuck(pace)) {
        wait_for_input(pace, wait);
        return 0;
    }
    left = left < OA_WAIT_SLICE_NS ? left : OA_WAIT_SLICE_NS;
    oa_wait_begins(wait);
    code = pace->api->multi_wait(pace->multi, NULL, 0, (int)(left / OA_NS_PER_MS) + 1, &waited);
    oa_wait_is_over(wait);
    if (code != CURLM_OK)
        return OA_EIO;
    if (waited == 0)
        wait_for_input(pace, wait);
    return 0;
}
