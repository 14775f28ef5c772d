#include "sdk/transport/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"

static void resolve_add(struct oa_resolved *resolved, const struct sockaddr *sa, socklen_t len)
{
    if (resolved->count == OA_RESOLVE_MAX || len > sizeof(resolved->list[0].sa))
        return;
    struct oa_address *to = &resolved->list[resolved->count++];

    memcpy(&to->sa, sa, len);
    to->len = len;
}

/* RFC 6761 6.3: always the loopback addresses. Also spares the process the name service modules. */
static bool resolve_localhost(struct oa_resolved *resolved, struct oa_slice host, uint16_t port)
{
    if (!oa_slice_ieq(host, OA_SLICE("localhost")))
        return false;
    struct sockaddr_in v4 = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT };

    resolve_add(resolved, (struct sockaddr *)&v4, sizeof(v4));
    resolve_add(resolved, (struct sockaddr *)&v6, sizeof(v6));
    return true;
}

/* gai_strerror() would follow the host's locale. */
static const char *resolve_words(int err)
{
    switch (err) {
    case EAI_NONAME:
        return "host name not found";
    case EAI_AGAIN:
        return "no answer from the name server";
    case EAI_MEMORY:
        return "no memory";
    default:
        return "cannot resolve the host name";
    }
}

static const char *resolve_ask(struct oa_resolved *resolved, const char *name, uint16_t port, int flags)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV }, *found = NULL;
    char service[8];
    int err;

    (void)snprintf(service, sizeof(service), "%u", port);
    err = getaddrinfo(name, service, &hints, &found);
    if (err)
        return resolve_words(err);
    for (struct addrinfo *ai = found; ai; ai = ai->ai_next)
        resolve_add(resolved, ai->ai_addr, ai->ai_addrlen);
    freeaddrinfo(found);
    return NULL;
}

/* The resolver's patience is per thread; the thread may be the application's own on its exit path. */
static const char *resolve_ask_quickly(struct oa_resolved *resolved, const char *name, uint16_t port)
{
    const char *error;
    int retrans, retry;

    if (!(_res.options & RES_INIT) && res_init() != 0)
        return "cannot start the resolver";
    retrans = _res.retrans;
    retry = _res.retry;
    _res.retrans = 1;
    _res.retry = 1;
    error = resolve_ask(resolved, name, port, AI_ADDRCONFIG);
    _res.retrans = retrans;
    _res.retry = retry;
    return error;
}

int oa_resolve(struct oa_resolved *resolved, struct oa_slice host, uint16_t port)
{
    char name[OA_RESOLVE_NAME_MAX + 1];
    uint64_t now = oa_clock_mono_ns();

    if (resolved->count > 0 && now < resolved->until_mono_ns)
        return 0;
    *resolved = (struct oa_resolved){ .until_mono_ns = now + OA_RESOLVE_KEEP_NS };
    if (resolve_localhost(resolved, host, port))
        return 0;
    if (host.len > OA_RESOLVE_NAME_MAX) {
        resolved->error = "host name is too long";
        return OA_EIO;
    }
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    if (!resolve_ask(resolved, name, port, AI_NUMERICHOST))
        return 0;
    resolved->error = resolve_ask_quickly(resolved, name, port);
    if (!resolved->error && resolved->count == 0)
        resolved->error = "host name has no address";
    return resolved->error ? OA_EIO : 0;
}

void oa_resolve_unix(struct oa_resolved *resolved, const char *path)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&resolved->list[0].sa;
    size_t len = strnlen(path, sizeof(un->sun_path) - 1);
    bool abstract = path[0] == '@';

    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, len);
    if (abstract)
        un->sun_path[0] = '\0';
    resolved->list[0].len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (abstract ? 0 : 1));
    resolved->count = 1;
}
