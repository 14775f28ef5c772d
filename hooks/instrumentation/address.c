#include "hooks/instrumentation/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <sys/un.h>

static void set_unix(struct oa_address *a, const struct sockaddr_un *un, socklen_t len)
{
    size_t n = len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;

    if (n > sizeof(a->path))
        n = sizeof(a->path);
    if (n && un->sun_path[0] != '\0')
        n = strnlen(un->sun_path, n);
    memcpy(a->path, un->sun_path, n);
    if (n && a->path[0] == '\0')
        a->path[0] = '@'; /* abstract name, as ss and /proc/net/unix print it */
    a->len = (uint8_t)n;
}

void oa_address_set(struct oa_address *a, const struct sockaddr *sa, socklen_t len)
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    a->family = 0;
    a->port = 0;
    a->len = 0;
    if (!sa || len < sizeof(sa->sa_family))
        return;
    if (sa->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

        a->family = AF_INET;
        a->port = ntohs(in->sin_port);
        memcpy(a->ip, &in->sin_addr, 4);
    } else if (sa->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
        const uint8_t *ip = (const uint8_t *)&in6->sin6_addr;
        bool is_mapped = memcmp(ip, mapped, sizeof(mapped)) == 0;

        a->family = is_mapped ? AF_INET : AF_INET6;
        a->port = ntohs(in6->sin6_port);
        memcpy(a->ip, is_mapped ? ip + 12 : ip, is_mapped ? 4 : 16);
    } else if (sa->sa_family == AF_UNIX) {
        a->family = AF_UNIX;
        set_unix(a, (const struct sockaddr_un *)sa, len);
    }
}

/* Dotted quad by hand: libc's goes through its printf. */
static size_t ipv4_text(const uint8_t *ip, char *out)
{
    char *at = out;

    for (int i = 0; i < 4; i++) {
        if (i)
            *at++ = '.';
        if (ip[i] >= 100)
            *at++ = (char)('0' + ip[i] / 100);
        if (ip[i] >= 10)
            *at++ = (char)('0' + ip[i] / 10 % 10);
        *at++ = (char)('0' + ip[i] % 10);
    }
    return (size_t)(at - out);
}

void oa_address_spell(struct oa_address *a)
{
    char buf[OA_ADDRESS_TEXT];
    struct oa_slice text = oa_address_text(a, buf);

    if (a->family == AF_UNIX || text.len == 0 || text.len > sizeof(a->text))
        return;
    memcpy(a->text, text.ptr, text.len);
    a->len = (uint8_t)text.len;
}

struct oa_slice oa_address_text(const struct oa_address *a, char *buf)
{
    if (a->family == AF_UNIX)
        return (struct oa_slice){ a->path, a->len };
    if (a->len)
        return (struct oa_slice){ a->text, a->len };
    if (a->family == AF_INET)
        return (struct oa_slice){ buf, ipv4_text(a->ip, buf) };
    if (a->family != AF_INET6 || !inet_ntop(AF_INET6, a->ip, buf, OA_ADDRESS_TEXT))
        return (struct oa_slice){ NULL, 0 };
    return oa_slice_of(buf);
}

bool oa_address_equal(const struct oa_address *a, const struct oa_address *b)
{
    if (a->family != b->family || a->port != b->port)
        return false;
    if (a->family == AF_UNIX)
        return a->len == b->len && memcmp(a->path, b->path, a->len) == 0;
    return memcmp(a->ip, b->ip, a->family == AF_INET ? 4 : 16) == 0;
}
