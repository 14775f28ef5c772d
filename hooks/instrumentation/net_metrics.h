/*
 * Connection metrics: attempts, and connections that carry a protocol that is followed (what is not followed is not
 * looked at, hence not counted). Nothing standard exists for them: names are otel_auto.connection.*. Called with
 * the connection locked.
 */
#ifndef OA_NET_METRICS_H
#define OA_NET_METRICS_H

#include "hooks/instrumentation/conn.h"

/* An attempt has ended: error 0, or why it failed. */
void oa_net_measure_connect(const struct oa_conn *conn, int error);

/* The protocol is settled; the last descriptor is closed. */
void oa_net_measure_open(struct oa_conn *conn);
void oa_net_measure_close(struct oa_conn *conn);

/* n of the application's bytes passed. Counted per connection first, and now and then for all. */
void oa_net_measure_flush(struct oa_conn *conn);
static inline void oa_net_measure_bytes(struct oa_conn *conn, bool outgoing, uint64_t n)
{
    n += atomic_load_explicit(&conn->moved[outgoing], memory_order_relaxed);
    atomic_store_explicit(&conn->moved[outgoing], n, memory_order_relaxed);
    if (oa_unlikely(n >= OA_MOVED_FLUSH))
        oa_net_measure_flush(conn);
}

/* Asked without the lock. */
static inline bool oa_net_has_moved(const struct oa_conn *conn)
{
    return (atomic_load_explicit(&conn->moved[0], memory_order_relaxed) |
            atomic_load_explicit(&conn->moved[1], memory_order_relaxed)) != 0;
}

#endif
