/*
 * What a server can learn about the original request when proxies stand before it: Forwarded
 * (RFC 7239) and the older X-Forwarded-For, -Proto, -Host. Only the first element counts, because
 * that is the hop next to the client; what an element does not say is not taken from later ones.
 * Slices point into the input or to constants. Pure; any thread.
 */
#ifndef OA_FORWARDED_H
#define OA_FORWARDED_H

#include <stdint.h>

#include "preload/base/slice.h"

/* The field values of one request, empty where absent. */
struct oa_forwarded_fields {
    struct oa_slice forwarded, x_for, x_proto, x_host;
};

/* Empty and 0 where nobody said, or said nothing usable (client "unknown" or hidden by the proxy). */
struct oa_forwarded {
    struct oa_slice client; /* an IP address, IPv6 without brackets, IPv4-mapped ones as IPv4 */
    struct oa_slice scheme; /* as oa_http_url_scheme() gives it */
    struct oa_slice host;   /* as oa_http_url_authority() gives it */
    uint16_t client_port;
    uint16_t host_port;
};

/* Forwarded wins over the X- fields, each piece for itself. */
void oa_forwarded_read(const struct oa_forwarded_fields *fields, struct oa_forwarded *ret_forwarded);

#endif
