/*
 * OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING: "host[:port][/path]=name,...": names for the services behind
 * addresses. Pure; slices point into the text.
 */
#ifndef OA_ENV_PEERS_H
#define OA_ENV_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/slice.h"

struct oa_env_peer {
    struct oa_slice host; /* IPv6 without brackets */
    struct oa_slice path; /* beginning of a path, empty: any */
    struct oa_slice name;
    uint16_t port; /* 0: any */
};

/* The next well-formed item; false at the end. Others are passed over, the first of them is put into *ret_bad if
 * that is not NULL and still empty. */
bool oa_env_peer_next(struct oa_slice *rest, struct oa_env_peer *ret_peer, struct oa_slice *ret_bad);

/* The name of the most particular item that is true of host (in any case), port and path: a longer path before a
 * port before none. Empty if there is none. */
struct oa_slice oa_env_peer_name(struct oa_slice mapping, struct oa_slice host, uint16_t port, struct oa_slice path);

#endif
