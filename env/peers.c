#include "env/peers.h"

#include "env/parse.h"
#include "preload/base/err.h"

static struct oa_slice behind(struct oa_slice text, size_t n)
{
    return (struct oa_slice){ text.ptr + n, text.len - n };
}

/* "host", "host:port", "[v6]" or "[v6]:port". */
static bool read_authority(struct oa_slice text, struct oa_env_peer *peer)
{
    bool bracket = oa_slice_starts(text, OA_SLICE("["));
    struct oa_slice rest = bracket ? behind(text, 1) : text;
    uint32_t port = 0;

    peer->host = oa_slice_next(&rest, bracket ? ']' : ':');
    if (bracket && (rest.ptr == NULL || (rest.len && !oa_slice_starts(rest, OA_SLICE(":")))))
        return false;
    if (bracket && rest.len)
        rest = behind(rest, 1);
    else if (bracket)
        rest.ptr = NULL;
    if (rest.ptr && (oa_parse_u32(rest, &port) != OA_OK || port == 0 || port > UINT16_MAX))
        return false;
    peer->port = (uint16_t)port;
    return peer->host.len != 0;
}

static bool read_item(struct oa_slice item, struct oa_env_peer *peer)
{
    struct oa_slice name = item, where = oa_slice_trim(oa_slice_next(&name, '='));
    const char *slash = where.len ? memchr(where.ptr, '/', where.len) : NULL;
    size_t authority = slash ? (size_t)(slash - where.ptr) : where.len;

    peer->name = oa_slice_trim(name);
    peer->path = behind(where, authority);
    return peer->name.len && read_authority((struct oa_slice){ where.ptr, authority }, peer);
}

bool oa_env_peer_next(struct oa_slice *rest, struct oa_env_peer *ret_peer, struct oa_slice *ret_bad)
{
    struct oa_slice item;

    while ((item = oa_slice_item(rest, ',')).len) {
        if (read_item(item, ret_peer))
            return true;
        if (ret_bad && ret_bad->len == 0)
            *ret_bad = item;
    }
    return false;
}

struct oa_slice oa_env_peer_name(struct oa_slice mapping, struct oa_slice host, uint16_t port, struct oa_slice path)
{
    struct oa_slice best = { NULL, 0 };
    struct oa_env_peer peer;
    size_t weight = 0;

    while (oa_env_peer_next(&mapping, &peer, NULL)) {
        size_t own = 1 + (peer.port != 0) + 2 * peer.path.len;

        if (own <= weight || !oa_slice_ieq(peer.host, host) || (peer.port && peer.port != port) ||
            !oa_slice_starts(path, peer.path))
            continue;
        best = peer.name;
        weight = own;
    }
    return best;
}
