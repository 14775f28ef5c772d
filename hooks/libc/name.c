/* Name look-ups. What libc sends inside itself is hidden; NSS modules it loads are not, so the guard
 * stays up around the real call: their descriptors are not the application's. What is noted stands in a frame of its
 * own: libc leaves little of a small stack, and where nothing is noted ours is not to take of it. */
#include "hooks/instrumentation/dns.h"
#include "hooks/libc/wrap.h"

static bool lookup_begin(struct oa_guard *guard, struct oa_dns *dns, const char *name)
{
    if (!oa_guard_enter(guard))
        return false;
    oa_dns_begin(dns, name);
    oa_guard_foreign(guard, dns);
    return true;
}

static void lookup_end(struct oa_guard *guard, struct oa_dns *dns)
{
    oa_dns_end(dns);
    oa_hook_leave(guard);
}

static OA_NOINLINE int observe_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                                           struct addrinfo **ret)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!lookup_begin(&guard, &dns, node))
        return OA_REAL(getaddrinfo)(node, service, hints, ret);
    r = OA_REAL(getaddrinfo)(node, service, hints, ret);
    oa_guard_foreign(&guard, NULL);
    if (r == 0)
        oa_dns_add_addrinfo(&dns, *ret);
    else
        dns.error_type = oa_dns_gai_error(r);
    lookup_end(&guard, &dns);
    return r;
}

OA_EXPORT int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    if (!node || (hints && (hints->ai_flags & AI_NUMERICHOST)) || oa_fd_limit == 0)
        return OA_REAL(getaddrinfo)(node, service, hints, ret);
    return observe_getaddrinfo(node, service, hints, ret);
}

static void host_result(struct oa_dns *dns, const struct hostent *host, int error)
{
    if (host)
        oa_dns_add_hostent(dns, host);
    else
        dns->error_type = oa_dns_host_error(error);
}

static OA_NOINLINE struct hostent *observe_gethostbyname(const char *name)
{
    struct oa_guard guard;
    struct hostent *host;
    struct oa_dns dns;

    if (!lookup_begin(&guard, &dns, name))
        return OA_REAL(gethostbyname)(name);
    host = OA_REAL(gethostbyname)(name);
    oa_guard_foreign(&guard, NULL);
    host_result(&dns, host, h_errno);
    lookup_end(&guard, &dns);
    return host;
}

OA_EXPORT struct hostent *gethostbyname(const char *name)
{
    if (oa_fd_limit == 0)
        return OA_REAL(gethostbyname)(name);
    return observe_gethostbyname(name);
}

static OA_NOINLINE struct hostent *observe_gethostbyname2(const char *name, int family)
{
    struct oa_guard guard;
    struct hostent *host;
    struct oa_dns dns;

    if (!lookup_begin(&guard, &dns, name))
        return OA_REAL(gethostbyname2)(name, family);
    host = OA_REAL(gethostbyname2)(name, family);
    oa_guard_foreign(&guard, NULL);
    host_result(&dns, host, h_errno);
    lookup_end(&guard, &dns);
    return host;
}

OA_EXPORT struct hostent *gethostbyname2(const char *name, int family)
{
    if (oa_fd_limit == 0)
        return OA_REAL(gethostbyname2)(name, family);
    return observe_gethostbyname2(name, family);
}

/* ERANGE is the caller's buffer, not the name: it comes again with a larger one. */
static void host_result_r(struct oa_dns *dns, int r, struct hostent *const *result, const int *error)
{
    if (r == ERANGE)
        dns->question.len = 0;
    else
        host_result(dns, r == 0 ? *result : NULL, *error);
}

/* Where the caller wants the answer. */
struct answer {
    struct hostent *host;
    char *buf;
    size_t len;
    struct hostent **result;
    int *error;
};

#define ANY_FAMILY (-1) /* gethostbyname_r: whichever libc takes */

static int real_name_r(const char *name, int family, const struct answer *to)
{
    if (family == ANY_FAMILY)
        return OA_REAL(gethostbyname_r)(name, to->host, to->buf, to->len, to->result, to->error);
    return OA_REAL(gethostbyname2_r)(name, family, to->host, to->buf, to->len, to->result, to->error);
}

static OA_NOINLINE int observe_name_r(const char *name, int family, const struct answer *to)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!lookup_begin(&guard, &dns, name))
        return real_name_r(name, family, to);
    r = real_name_r(name, family, to);
    oa_guard_foreign(&guard, NULL);
    host_result_r(&dns, r, to->result, to->error);
    lookup_end(&guard, &dns);
    return r;
}

OA_EXPORT int gethostbyname_r(const char *name, struct hostent *host, char *buf, size_t len, struct hostent **result,
                              int *error)
{
    if (oa_fd_limit == 0)
        return OA_REAL(gethostbyname_r)(name, host, buf, len, result, error);
    return observe_name_r(name, ANY_FAMILY, &(struct answer){ host, buf, len, result, error });
}

OA_EXPORT int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buf, size_t len,
                               struct hostent **result, int *error)
{
    if (oa_fd_limit == 0)
        return OA_REAL(gethostbyname2_r)(name, family, host, buf, len, result, error);
    return observe_name_r(name, family, &(struct answer){ host, buf, len, result, error });
}

/* The reverse way has no question in the conventions' sense: only NSS modules are kept out of sight. */
OA_EXPORT int getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen, char *service,
                          socklen_t servicelen, int flags)
{
    struct oa_guard guard;
    int r;

    if (oa_fd_limit == 0 || !oa_guard_enter(&guard))
        return OA_REAL(getnameinfo)(addr, len, host, hostlen, service, servicelen, flags);
    oa_guard_foreign(&guard, &guard);
    r = OA_REAL(getnameinfo)(addr, len, host, hostlen, service, servicelen, flags);
    oa_guard_foreign(&guard, NULL);
    oa_guard_leave(&guard);
    return r;
}
