/* Name look-ups. What libc sends inside itself is hidden; NSS modules it loads are not, so the guard
 * stays up around the real call: their descriptors are not the application's. */
#include "hooks/instrumentation/dns.h"
#include "hooks/libc/wrap.h"

static bool lookup_begin(struct oa_guard *guard, struct oa_dns *dns, const char *name)
{
    if (oa_fd_limit == 0 || !oa_guard_enter(guard))
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

OA_EXPORT int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!node || (hints && (hints->ai_flags & AI_NUMERICHOST)) || !lookup_begin(&guard, &dns, node))
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

static void host_result(struct oa_dns *dns, const struct hostent *host, int error)
{
    if (host)
        oa_dns_add_hostent(dns, host);
    else
        dns->error_type = oa_dns_host_error(error);
}

OA_EXPORT struct hostent *gethostbyname(const char *name)
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

OA_EXPORT struct hostent *gethostbyname2(const char *name, int family)
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

/* ERANGE is the caller's buffer, not the name: it comes again with a larger one. */
static void host_result_r(struct oa_dns *dns, int r, struct hostent *const *result, const int *error)
{
    if (r == ERANGE)
        dns->question.len = 0;
    else
        host_result(dns, r == 0 ? *result : NULL, *error);
}

OA_EXPORT int gethostbyname_r(const char *name, struct hostent *host, char *buf, size_t len, struct hostent **result,
                              int *error)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!lookup_begin(&guard, &dns, name))
        return OA_REAL(gethostbyname_r)(name, host, buf, len, result, error);
    r = OA_REAL(gethostbyname_r)(name, host, buf, len, result, error);
    oa_guard_foreign(&guard, NULL);
    host_result_r(&dns, r, result, error);
    lookup_end(&guard, &dns);
    return r;
}

OA_EXPORT int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buf, size_t len,
                               struct hostent **result, int *error)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!lookup_begin(&guard, &dns, name))
        return OA_REAL(gethostbyname2_r)(name, family, host, buf, len, result, error);
    r = OA_REAL(gethostbyname2_r)(name, family, host, buf, len, result, error);
    oa_guard_foreign(&guard, NULL);
    host_result_r(&dns, r, result, error);
    lookup_end(&guard, &dns);
    return r;
}

/* The reverse way has no question in the conventions' sense: only NSS modules are kept out of sight. */
OA_EXPORT int getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t hostlen, char *service,
                          socklen_t servicelen, int flags)
{
    struct oa_guard guard;
    struct oa_dns dns;
    int r;

    if (!lookup_begin(&guard, &dns, NULL))
        return OA_REAL(getnameinfo)(addr, len, host, hostlen, service, servicelen, flags);
    r = OA_REAL(getnameinfo)(addr, len, host, hostlen, service, servicelen, flags);
    oa_guard_foreign(&guard, NULL);
    lookup_end(&guard, &dns);
    return r;
}
