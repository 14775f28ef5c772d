/* Connecting: who opened a connection and for whom, and how an attempt ended. */
#include "hooks/instrumentation/conn.h"

#include <string.h>

#include "hooks/instrumentation/net.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/pointer.h"
#include "preload/fdtab.h"

void oa_conn_before_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    uint32_t word = oa_fd_word(fd);
    struct oa_conn *conn;

    if (!oa_may_be_mapped(addr) || len < sizeof(addr->sa_family) || oa_fd_is_ignored(word))
        return;
    if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6 && addr->sa_family != AF_UNIX) {
        oa_conn_on_fresh(fd); /* AF_UNSPEC dissolves the association */
        return;
    }
    conn = oa_conn_lock(word);
    if (conn) {
        bool second_call = conn->role == OA_ROLE_CLIENT;

        oa_conn_unlock(conn);
        if (second_call) /* of a non-blocking connect */
            return;
    }
    conn = oa_conn_client(fd);
    if (!conn)
        return;
    conn->adopted = word == OA_FD_UNKNOWN; /* may be a datagram socket: its failures are not ours */
    oa_address_set(&conn->peer, addr, len);
    oa_when_now(&conn->connect_start);
    conn->connecting = true;
    conn->owner = oa_parent_current();
    oa_conn_unlock(conn);
    oa_net_attempt(conn);
}

static bool still_trying(int error)
{
    return error == EINPROGRESS || error == EALREADY || error == EAGAIN || error == EINTR;
}

void oa_conn_after_connect(int fd, int error)
{
    struct oa_conn *conn;
    bool failed = false;

    if (still_trying(error))
        return;
    conn = oa_conn_lock(oa_fd_word(fd));
    if (!conn)
        return;
    if (conn->connecting) {
        conn->connecting = false;
        failed = error && error != EISCONN;
        if (failed && !conn->adopted)
            oa_net_failed(conn, error);
        if (!failed)
            oa_net_connected(conn);
    }
    oa_conn_unlock(conn);
    if (failed) /* the descriptor may be connected anew */
        oa_conn_reset(fd);
}

ssize_t oa_conn_after_write(int fd, uint32_t word, ssize_t r)
{
    struct oa_guard guard;

    if (oa_fd_is_conn(word) && r != 0 && oa_guard_enter(&guard)) {
        oa_conn_after_connect(fd, r < 0 ? guard.saved_errno : 0);
        oa_guard_leave(&guard);
    }
    return r;
}
