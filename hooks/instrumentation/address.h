/*
 * One end of a socket, in the form attributes want it. Filled once per connection from what the
 * kernel gave the application (or from one getsockname/getpeername when a socket is adopted).
 */
#ifndef OA_ADDRESS_H
#define OA_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "preload/base/slice.h"

#define OA_ADDRESS_TEXT 110 /* an IPv6 literal, or sun_path */

struct oa_address {
    uint16_t family; /* AF_INET, AF_INET6, AF_UNIX; 0 = unknown */
    uint16_t port;   /* host order; 0 for AF_UNIX */
    uint8_t len;     /* AF_UNIX: bytes of path (0 = unnamed); else of text, 0 = not spelled */
    union {
        struct {
            uint8_t ip[16]; /* network order; 4 bytes for AF_INET */
            char text[INET6_ADDRSTRLEN];
        };
        char path[108]; /* abstract names start with '@' in place of the zero byte */
    };
};

/* len as the kernel returned it. IPv4-mapped IPv6 becomes IPv4 (semconv 2.1). */
void oa_address_set(struct oa_address *a, const struct sockaddr *sa, socklen_t len);

/* Writes an IP address out for good: whoever asks for its text from now on is given this one. */
void oa_address_spell(struct oa_address *a);

/* Text for *.address: IP without brackets, RFC 5952 form, or the path. Empty if unknown or unnamed.
 * buf has OA_ADDRESS_TEXT bytes; the slice points into it or into *a. */
struct oa_slice oa_address_text(const struct oa_address *a, char *buf);

bool oa_address_equal(const struct oa_address *a, const struct oa_address *b);

#endif
