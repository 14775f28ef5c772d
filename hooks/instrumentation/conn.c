/* Connections from birth to close: the pool, locking, and what each descriptor call means. */
#include "hooks/instrumentation/conn.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "hooks/instrumentation/net_metrics.h"
#include "hooks/instrumentation/process.h"
#include "hooks/instrumentation/protocol.h"
#include "preload/fdtab.h"
#include "preload/pool.h"
#include "preload/real.h"
#include "preload/ring.h"
#include "sdk/api/meter.h"

#define SPINS 4000         /* some 20 us */
#define SPINS_OWED 2000000 /* some 10 ms: a lost lock would corrupt the stream then */
#define QUIET_MS_MIN 20    /* a thread of several that wait for a processor may take that long to get it */
#define QUIET_MS_MAX 100

OA_BIG static struct oa_conn first_conns[OA_CONN_FIRST];
static struct oa_pool conns = {
    .first = first_conns,
    .first_count = OA_CONN_FIRST,
    .entry_bytes = sizeof(struct oa_conn),
    .max = OA_CONN_MAX,
};
_Static_assert((OA_CONN_FIRST & (OA_CONN_FIRST - 1)) == 0, "chunk arithmetic");

static bool spin_lock(struct oa_conn *conn, int spins)
{
    for (int i = 0; i < spins; i++) {
        uint32_t expected = 0;

        if (atomic_compare_exchange_weak_explicit(&conn->lock, &expected, 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
        oa_pause();
    }
    return false;
}

/* Servers that read in one thread and answer in another meet here. A holder that was preempted needs the
 * processor, not our patience. */
static OA_NOINLINE bool lock_contended(struct oa_conn *conn)
{
    uint64_t end = oa_clock_mono_ns() + OA_CONN_WAIT_MS * OA_NS_PER_MS;

    do {
        (void)syscall(SYS_sched_yield);
        if (spin_lock(conn, SPINS / 16))
            return true;
    } while (oa_clock_mono_ns() < end);
    return false;
}

static struct oa_conn *conn_of(uint32_t word)
{
    return oa_fd_is_conn(word) ? oa_pool_at(&conns, oa_fd_index(word)) : NULL;
}

static bool conn_is(const struct oa_conn *conn, uint32_t word)
{
    return oa_fd_word_of(conn->index, atomic_load_explicit(&conn->generation, memory_order_relaxed)) == word;
}

struct oa_conn *oa_conn_lock_owed(uint32_t word)
{
    struct oa_conn *conn = conn_of(word);

    if (!conn || !spin_lock(conn, SPINS_OWED))
        return NULL;
    if (conn_is(conn, word))
        return conn;
    oa_conn_unlock(conn);
    return NULL;
}

struct oa_conn *oa_conn_lock(uint32_t word)
{
    struct oa_conn *conn = conn_of(word);

    if (!conn || atomic_load_explicit(&conn->lost, memory_order_relaxed))
        return NULL;
    if (!spin_lock(conn, SPINS) && !lock_contended(conn)) {
        oa_conn_lose(conn, false);
        return NULL;
    }
    if (conn_is(conn, word) && !atomic_load_explicit(&conn->lost, memory_order_relaxed))
        return conn;
    oa_conn_unlock(conn);
    return NULL;
}

void oa_conn_unlock(struct oa_conn *conn)
{
    atomic_store_explicit(&conn->lock, 0, memory_order_release);
}

void oa_conn_lose(struct oa_conn *conn, bool malformed)
{
    if (atomic_exchange_explicit(&conn->lost, 1, memory_order_relaxed) == 0)
        oa_drop(malformed ? OA_DROP_MALFORMED : OA_DROP_CONTENTION);
}

/* A blank connection bound to fd; NULL (counted, fd ignored) when there is no room. */
static struct oa_conn *conn_new(int fd, enum oa_role role)
{
    uint32_t index, generation;
    struct oa_conn *conn = oa_pool_take(&conns, &index);

    if (!conn) {
        oa_drop(OA_DROP_NO_CONN);
        oa_fd_set(fd, OA_FD_IGNORED);
        return NULL;
    }
    generation = atomic_load_explicit(&conn->generation, memory_order_relaxed) + 1;
    memset((char *)conn + offsetof(struct oa_conn, role), 0, sizeof(*conn) - offsetof(struct oa_conn, role));
    atomic_store_explicit(&conn->generation, generation, memory_order_relaxed);
    if (conn->index != index) /* the first time; later whoever has a stale word may be looking at it */
        conn->index = index;
    conn->role = (uint8_t)role;
    atomic_store_explicit(&conn->writing, 0, memory_order_relaxed);
    atomic_store_explicit(&conn->lost, 0, memory_order_relaxed);
    atomic_store_explicit(&conn->refs, 1, memory_order_release); /* the lock is free: release() left it so */
    oa_fd_set(fd, oa_fd_word_of(index, generation));
    return conn;
}

/* One descriptor less names the connection behind word. */
static void word_release(uint32_t word)
{
    struct oa_conn *conn = conn_of(word);

    if (!conn || !conn_is(conn, word))
        return;
    if (atomic_fetch_sub_explicit(&conn->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (!spin_lock(conn, SPINS) && !lock_contended(conn)) {
        oa_conn_lose(conn, false); /* the slot is leaked rather than shared */
        return;
    }
    if (conn->protocol) {
        conn->protocol->closed(conn, atomic_load_explicit(&conn->lost, memory_order_relaxed));
        oa_net_measure_close(conn);
    }
    if (conn->pending.op_slot)
        oa_op_release(oa_op_at(conn->pending.op_slot - 1));
    conn->pending.op_slot = 0;
    atomic_fetch_add_explicit(&conn->generation, 1, memory_order_relaxed);
    oa_conn_unlock(conn);
    oa_pool_give(&conns, conn->index);
}

static void fd_replace(int fd, uint32_t word)
{
    word_release(oa_fd_exchange(fd, word));
}

void oa_conn_on_socket(int fd, int domain, int type)
{
    bool stream = (type & 0xf) == SOCK_STREAM && (domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX);

    fd_replace(fd, stream ? OA_FD_SOCKET : OA_FD_IGNORED);
}

void oa_conn_on_socketpair(const int fds[2], int domain, int type)
{
    for (int i = 0; i < 2; i++) {
        struct oa_conn *conn;

        oa_conn_on_socket(fds[i], domain, type);
        if (oa_fd_word(fds[i]) != OA_FD_SOCKET)
            continue;
        conn = conn_new(fds[i], OA_ROLE_UNKNOWN);
        if (conn)
            conn->peer.family = conn->local.family = AF_UNIX;
    }
}

void oa_conn_on_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct oa_conn *conn;

    if (oa_fd_word(fd) != OA_FD_SOCKET || !addr || addr->sa_family != AF_UNIX)
        return; /* an IP address of a listener is of no use to a span; a path is server.address */
    conn = conn_new(fd, OA_ROLE_LISTENER);
    if (conn)
        oa_address_set(&conn->local, addr, len);
}

void oa_conn_on_listen(int fd)
{
    uint32_t word = oa_fd_word(fd);

    oa_process_is_server();
    oa_meter_expect();
    if (!oa_fd_is_conn(word) && (word == OA_FD_SOCKET || word == OA_FD_UNKNOWN || word == OA_FD_IGNORED))
        conn_new(fd, OA_ROLE_LISTENER);
}

void oa_conn_on_accept(int listener, int fd, const struct sockaddr *peer, socklen_t len)
{
    struct oa_conn *from = oa_conn_lock(oa_fd_word(listener));
    struct oa_address local = { 0 };
    struct oa_conn *conn;

    if (from) {
        local = from->local;
        oa_conn_unlock(from);
    }
    fd_replace(fd, OA_FD_UNKNOWN);
    conn = conn_new(fd, OA_ROLE_SERVER);
    if (!conn)
        return;
    oa_address_set(&conn->peer, peer, len);
    conn->local = local;
    if (conn->peer.family == 0)
        fd_replace(fd, OA_FD_IGNORED); /* vsock, netlink and the like */
}

struct oa_conn *oa_conn_client(int fd)
{
    struct oa_conn *conn;

    fd_replace(fd, OA_FD_UNKNOWN);
    conn = conn_new(fd, OA_ROLE_CLIENT);
    return conn && spin_lock(conn, SPINS) ? conn : NULL;
}

void oa_conn_reset(int fd)
{
    fd_replace(fd, OA_FD_SOCKET);
}

void oa_conn_ignore(int fd)
{
    fd_replace(fd, OA_FD_IGNORED);
}

void oa_conn_on_dup(int from, int to)
{
    uint32_t word = oa_fd_word(from);
    struct oa_conn *conn;

    if (from == to)
        return;
    fd_replace(to, OA_FD_UNKNOWN);
    conn = oa_conn_lock(word);
    if (conn) {
        atomic_fetch_add_explicit(&conn->refs, 1, memory_order_relaxed);
        oa_conn_unlock(conn);
        oa_fd_set(to, word);
    } else if (!oa_fd_is_conn(word)) {
        oa_fd_set(to, word);
    } else {
        oa_fd_set(to, OA_FD_IGNORED);
    }
}

void oa_conn_on_close(int fd)
{
    fd_replace(fd, OA_FD_UNKNOWN);
}

void oa_conn_on_fresh(int fd)
{
    fd_replace(fd, OA_FD_UNKNOWN);
}

void oa_conn_forget_range(unsigned first, unsigned last)
{
    unsigned high = atomic_load_explicit(&oa_fd_high, memory_order_relaxed);

    for (unsigned fd = first; fd < high && fd <= last; fd++)
        if (oa_fd_word((int)fd) != OA_FD_UNKNOWN)
            fd_replace((int)fd, OA_FD_UNKNOWN);
}

void oa_conn_unseen(int fd)
{
    struct oa_conn *conn = oa_conn_lock(oa_fd_word(fd));

    if (!conn)
        return;
    if (conn->protocol)
        conn->protocol->closed(conn, true);
    atomic_store_explicit(&conn->lost, 1, memory_order_relaxed);
    oa_conn_unlock(conn);
}

bool oa_conn_is_serving(int fd)
{
    struct oa_conn *conn = conn_of(oa_fd_word(fd));
    const struct oa_op *op;

    if (!conn || (conn->role != OA_ROLE_SERVER && conn->role != OA_ROLE_LISTENER))
        return false;
    op = oa_thread.current.span_id ? oa_op_at(oa_thread.current.slot) : NULL;
    return !op || op->conn_index != conn->index;
}

OA_START void oa_conn_end_all(void)
{
    uint32_t used = atomic_load_explicit(&conns.used, memory_order_acquire);

    for (uint32_t i = 0; i < used; i++) {
        struct oa_conn *conn = oa_pool_at(&conns, i);

        if (!conn || !conn->protocol || !spin_lock(conn, SPINS))
            continue;
        conn->protocol->closed(conn, atomic_load_explicit(&conn->lost, memory_order_relaxed));
        oa_net_measure_close(conn);
        oa_conn_unlock(conn);
    }
}

void oa_conn_flush_moved(void)
{
    uint32_t used = oa_meter_on ? atomic_load_explicit(&conns.used, memory_order_acquire) : 0;

    for (uint32_t i = 0; i < used; i++) {
        struct oa_conn *conn = oa_pool_at(&conns, i);

        if (!conn || !oa_net_has_moved(conn) || !spin_lock(conn, SPINS))
            continue;
        oa_net_measure_flush(conn);
        oa_conn_unlock(conn);
    }
}

/* Who has asked for the state already and has no lock yet gets the first milliseconds. */
void oa_conn_wait_quiet(void)
{
    uint32_t used = atomic_load_explicit(&conns.used, memory_order_acquire), at = 0;

    for (int ms = 0; ms < QUIET_MS_MAX && (ms < QUIET_MS_MIN || at < used); ms++) {
        struct oa_conn *conn;

        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        while (at < used && (!(conn = oa_pool_at(&conns, at)) || !atomic_load(&conn->lock)))
            at++; /* let go once, it is not taken again */
    }
}

struct oa_conn *oa_conn_adopt(int fd, enum oa_role role)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(int);
    int type = 0;
    struct oa_conn *conn;

    /* The kernel is asked only where the bytes speak for it. */
    if (role == OA_ROLE_UNKNOWN || OA_REAL(getsockopt)(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
        type != SOCK_STREAM) {
        oa_fd_set(fd, OA_FD_IGNORED);
        return NULL;
    }
    conn = conn_new(fd, role);
    if (!conn || !spin_lock(conn, SPINS))
        return NULL;
    conn->adopted = true;
    len = sizeof(ss);
    if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0)
        oa_address_set(&conn->peer, (struct sockaddr *)&ss, len);
    len = sizeof(ss);
    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
        oa_address_set(&conn->local, (struct sockaddr *)&ss, len);
    return conn;
}

/* SO_COOKIE needs Linux 4.12; the socket's inode number says nearly as much. 0 = not a socket. */
static uint64_t socket_identity(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof(cookie);
    struct stat st;

    if (OA_REAL(getsockopt)(fd, SOL_SOCKET, 57 /* SO_COOKIE */, &cookie, &len) == 0 && cookie)
        return cookie;
    if (errno != ENOPROTOOPT || fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode))
        return 0;
    return (uint64_t)st.st_ino | 1ull << 63;
}

bool oa_conn_same_socket(struct oa_conn *conn, int fd)
{
    uint64_t now = socket_identity(fd);

    if (now && conn->cookie == 0)
        conn->cookie = now;
    return now && conn->cookie == now;
}
