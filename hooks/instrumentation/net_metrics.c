#include "hooks/instrumentation/net_metrics.h"

#include "env/env.h"
#include "hooks/instrumentation/dns.h"
#include "hooks/instrumentation/net.h"
#include "preload/life.h"
#include "sdk/api/meter.h"

static bool measured(void)
{
    return oa_meter_on && oa_env()->net_enabled;
}

static struct oa_slice transport(const struct oa_conn *conn)
{
    return conn->peer.family == AF_UNIX ? OA_SLICE("unix") : OA_SLICE("tcp");
}

void oa_net_measure_connect(const struct oa_conn *conn, int error)
{
    uint64_t now = oa_clock_mono_ns(), start = conn->connect_start.mono_ns;
    char name[OA_DNS_NAME_MAX], ip[OA_ADDRESS_TEXT];
    struct oa_slice address;
    struct oa_set set;

    if (!measured() || conn->adopted || !start || (conn->peer.family != AF_INET && conn->peer.family != AF_INET6))
        return;
    set.count = 0;
    address = oa_dns_name_of(&conn->peer, name);
    oa_set_str(&set, OA_KEY_SERVER_ADDRESS, address.len ? address : oa_address_text(&conn->peer, ip));
    oa_set_int(&set, OA_KEY_SERVER_PORT, conn->peer.port);
    oa_set_str(&set, OA_KEY_NETWORK_TRANSPORT, transport(conn));
    if (error)
        oa_set_str(&set, OA_KEY_ERROR_TYPE, oa_net_error_type(error));
    oa_meter_record(&set, &(struct oa_measurement){ OA_METRIC_CONNECT_DURATION, now > start ? now - start : 0 }, 1,
                    NULL);
}

/* direction empty: none of the set. */
static void connection_set(const struct oa_conn *conn, struct oa_slice direction, struct oa_set *set)
{
    set->count = 0;
    oa_set_str(set, OA_KEY_NETWORK_IO_DIRECTION, direction);
    oa_set_str(set, OA_KEY_NETWORK_TRANSPORT, transport(conn));
    oa_set_str(set, OA_KEY_OTEL_AUTO_PEER_ROLE,
               conn->role == OA_ROLE_CLIENT ? OA_SLICE("server") : OA_SLICE("client"));
}

void oa_net_measure_open(struct oa_conn *conn)
{
    struct oa_set set;

    if (!measured())
        return;
    connection_set(conn, (struct oa_slice){ 0 }, &set);
    oa_meter_add(OA_METRIC_CONNECTION_COUNT, &set, 1);
    oa_meter_add(OA_METRIC_CONNECTION_OPEN, &set, 1);
    conn->counted_in = oa_life_fork_generation() + 1;
}

void oa_net_measure_flush(struct oa_conn *conn)
{
    static const struct oa_slice words[2] = { { "receive", 7 }, { "transmit", 8 } };
    struct oa_set set;

    for (int outgoing = 0; outgoing < 2; outgoing++) {
        uint64_t moved = atomic_load_explicit(&conn->moved[outgoing], memory_order_relaxed);

        atomic_store_explicit(&conn->moved[outgoing], 0, memory_order_relaxed);
        if (!moved || !measured() || !conn->protocol)
            continue;
        connection_set(conn, words[outgoing], &set);
        oa_meter_add(OA_METRIC_CONNECTION_IO, &set, (int64_t)moved);
    }
}

/* A forked child closes its copies: neither the bytes nor the connections of its parent are its own. */
void oa_net_measure_close(struct oa_conn *conn)
{
    bool own = conn->counted_in == oa_life_fork_generation() + 1;
    struct oa_set set;

    oa_net_measure_flush(conn);
    conn->counted_in = 0;
    if (!own || !measured())
        return;
    connection_set(conn, (struct oa_slice){ 0 }, &set);
    oa_meter_add(OA_METRIC_CONNECTION_OPEN, &set, -1);
}
