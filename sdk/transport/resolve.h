/*
 * Host name to socket addresses, remembered for a while. Literals and "localhost" need no resolver;
 * anything else asks getaddrinfo(), which cannot be interrupted: it is told to ask each name server
 * once and to wait one second, the smallest value the C library has.
 */
#ifndef OA_SDK_TRANSPORT_RESOLVE_H
#define OA_SDK_TRANSPORT_RESOLVE_H

#include <stdint.h>
#include <sys/socket.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_RESOLVE_NAME_MAX 255u /* bytes of a host name, RFC 1035 2.3.4 */
#define OA_RESOLVE_MAX 8u
#define OA_RESOLVE_KEEP_NS (60 * 1000000000ull)

struct oa_address {
    struct sockaddr_storage sa;
    socklen_t len;
};

struct oa_resolved {
    struct oa_address list[OA_RESOLVE_MAX];
    uint32_t count;
    uint64_t until_mono_ns; /* stale after this */
    const char *error;      /* static text after a failure */
};

/* Fills *resolved unless it is fresh. 0 (count >= 1) or OA_EIO (error says why). */
int oa_resolve(struct oa_resolved *resolved, struct oa_slice host, uint16_t port) OA_MUST_CHECK;

/* The address of a socket of this machine; '@' before an abstract name. A path that is too long is cut. */
void oa_resolve_unix(struct oa_resolved *resolved, const char *path);

/* The next oa_resolve() asks again. */
static inline void oa_resolve_forget(struct oa_resolved *resolved)
{
    resolved->count = 0;
}

#endif
