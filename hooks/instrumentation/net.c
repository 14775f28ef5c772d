#include "hooks/instrumentation/net.h"

#include <string.h>

#include "env/env.h"
#include "env/peers.h"
#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/dns.h"
#include "hooks/instrumentation/net_metrics.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/spin.h"
#include "sdk/api/span.h"

#define WAITING 16u
#define LOCK_TRIES 1000u
#define RIVAL_NS OA_NS_PER_S /* how long another address may still win the race */

/* A failed attempt; its operation holds ids, parent, start and the name asked for (HOST). */
struct attempt {
    uint32_t op_slot; /* + 1; 0 = free */
    int error;
    struct oa_address peer;
    const void *thread;
    uint64_t end_mono_ns;
};

OA_BIG static struct attempt table[WAITING];
static _Atomic uint32_t table_lock;
static _Atomic uint32_t table_used;

struct oa_slice oa_net_error_type(int error)
{
    static const struct {
        int error;
        struct oa_slice word;
    } words[] = {
        { ECONNREFUSED, { "connection_refused", 18 } },
        { ECONNRESET, { "connection_reset", 16 } },
        { ECONNABORTED, { "connection_aborted", 18 } },
        { EPIPE, { "broken_pipe", 11 } },
        { ETIMEDOUT, { "timeout", 7 } },
        { EHOSTUNREACH, { "host_unreachable", 16 } },
        { ENETUNREACH, { "network_unreachable", 19 } },
    };

    for (size_t i = 0; i < OA_COUNT(words); i++)
        if (words[i].error == error)
            return words[i].word;
    return OA_SLICE("_OTHER");
}

static void record(struct attempt *a)
{
    struct oa_op *op = oa_op_at(a->op_slot - 1);
    struct oa_slice host = oa_op_text(op, OA_OP_HOST);
    char text[OA_ADDRESS_TEXT];
    struct oa_slice ip = oa_address_text(&a->peer, text);
    struct oa_slice mapping = oa_slice_of(oa_env()->peer_services);
    struct oa_slice service =
        oa_env_peer_name(mapping, host.len ? host : ip, a->peer.port, (struct oa_slice){ NULL, 0 });
    struct oa_span_writer w;

    if (op->recording) {
        oa_span_begin(&w,
                      &(struct oa_span_end){
                          .self = op->self,
                          .parent = op->parent,
                          .tracestate = oa_op_text(op, OA_OP_STATE_LIST),
                          .baggage = oa_op_text(op, OA_OP_BAGGAGE_LIST),
                          .name = OA_SLICE("connect"),
                          .start_unix_ns = op->start.unix_ns,
                          .duration_ns = a->end_mono_ns - op->start.mono_ns,
                          .scope = OA_SCOPE_NET,
                          .kind = OA_SPAN_CLIENT,
                          .status = OA_STATUS_ERROR,
                          .sampled_by = op->sampled_by,
                      },
                      9, (uint32_t)host.len + (uint32_t)service.len + 2 * OA_ADDRESS_TEXT + 64);
        oa_span_str(&w, OA_KEY_SERVER_ADDRESS, host.len ? host : ip);
        oa_span_int(&w, OA_KEY_SERVER_PORT, a->peer.port);
        if (service.len)
            oa_span_str(&w, OA_KEY_SERVICE_PEER_NAME, service);
        oa_span_str(&w, OA_KEY_NETWORK_PEER_ADDRESS, ip);
        oa_span_int(&w, OA_KEY_NETWORK_PEER_PORT, a->peer.port);
        oa_span_str(&w, OA_KEY_NETWORK_TRANSPORT, OA_SLICE("tcp"));
        oa_span_str(&w, OA_KEY_NETWORK_TYPE, a->peer.family == AF_INET ? OA_SLICE("ipv4") : OA_SLICE("ipv6"));
        oa_span_str(&w, OA_KEY_ERROR_TYPE, oa_net_error_type(a->error));
        oa_span_commit(&w);
    }
    oa_op_close(op);
    a->op_slot = 0;
}

/* Do both mean one target, tried by the same thread? Different addresses of one name, or of no name
 * at all on one port: then the later attempt decides. */
static bool rivals(const struct attempt *a, const struct oa_address *peer, struct oa_slice name)
{
    struct oa_slice other = oa_op_text(oa_op_at(a->op_slot - 1), OA_OP_HOST);

    if (a->thread != &oa_thread || a->peer.port != peer->port || oa_address_equal(&a->peer, peer))
        return false;
    return name.len && other.len ? oa_slice_eq(name, other) : a->peer.family != peer->family;
}

void oa_net_attempt(const struct oa_conn *conn)
{
    char buf[OA_DNS_NAME_MAX];
    struct oa_slice name;

    if (atomic_load_explicit(&table_used, memory_order_relaxed) == 0 || !oa_spin_try(&table_lock, LOCK_TRIES))
        return;
    name = oa_dns_name_of(&conn->peer, buf);
    for (uint32_t i = 0; i < WAITING; i++) {
        if (!table[i].op_slot || !rivals(&table[i], &conn->peer, name))
            continue;
        oa_op_close(oa_op_at(table[i].op_slot - 1));
        table[i].op_slot = 0;
        atomic_fetch_sub_explicit(&table_used, 1, memory_order_relaxed);
    }
    oa_spin_unlock(&table_lock);
}

void oa_net_connected(const struct oa_conn *conn)
{
    oa_net_measure_connect(conn, 0);
    oa_net_attempt(conn); /* whatever failed beside it has lost the race */
}

static struct attempt *free_slot(void)
{
    struct attempt *oldest = &table[0];

    for (uint32_t i = 0; i < WAITING; i++) {
        if (!table[i].op_slot) {
            atomic_fetch_add_explicit(&table_used, 1, memory_order_relaxed);
            return &table[i];
        }
        if (table[i].end_mono_ns < oldest->end_mono_ns)
            oldest = &table[i];
    }
    record(oldest);
    return oldest;
}

void oa_net_failed(const struct oa_conn *conn, int error)
{
    char buf[OA_DNS_NAME_MAX];
    struct oa_op *op;
    struct attempt *slot;

    if (conn->peer.family != AF_INET && conn->peer.family != AF_INET6)
        return; /* optional helpers behind local sockets are absent all the time */
    oa_net_measure_connect(conn, error);
    if (!oa_env()->net_enabled || !(op = oa_op_open()))
        return;
    op->kind = OA_SPAN_CLIENT;
    op->start = conn->connect_start;
    oa_parent_find(op, conn->owner);
    (void)oa_op_set(op, OA_OP_HOST, oa_dns_name_of(&conn->peer, buf));
    oa_begin_span(op, true, OA_SLICE("connect"));
    if (!oa_spin_try(&table_lock, LOCK_TRIES)) {
        oa_op_close(op);
        return;
    }
    slot = free_slot();
    *slot = (struct attempt){
        .op_slot = op->slot + 1,
        .error = error,
        .peer = conn->peer,
        .thread = &oa_thread,
        .end_mono_ns = oa_clock_mono_ns(),
    };
    oa_spin_unlock(&table_lock);
    oa_thread.flags |= OA_THREAD_RECORDED; /* the helper must come round */
}

OA_START void oa_net_flush(bool all)
{
    uint64_t now;

    if (atomic_load_explicit(&table_used, memory_order_relaxed) == 0 || !oa_spin_try(&table_lock, LOCK_TRIES))
        return;
    now = oa_clock_mono_ns();
    for (uint32_t i = 0; i < WAITING; i++) {
        if (!table[i].op_slot || (!all && now - table[i].end_mono_ns < RIVAL_NS))
            continue;
        record(&table[i]);
        atomic_fetch_sub_explicit(&table_used, 1, memory_order_relaxed);
    }
    oa_spin_unlock(&table_lock);
}

bool oa_net_waiting(void)
{
    return atomic_load_explicit(&table_used, memory_order_relaxed) != 0;
}

void oa_net_forked(void)
{
    memset(table, 0, sizeof(table));
    atomic_store_explicit(&table_used, 0, memory_order_relaxed);
    (void)oa_spin_forked(&table_lock);
}
