/* Bytes that passed on a followed descriptor: who they belong to, and what ends with them. */
#include "hooks/instrumentation/conn.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "hooks/instrumentation/begin.h"
#include "hooks/instrumentation/net.h"
#include "hooks/instrumentation/net_metrics.h"
#include "hooks/instrumentation/protocol.h"
#include "preload/fdtab.h"

bool oa_conn_decide(struct oa_conn *conn, int fd, struct oa_slice first, bool outgoing)
{
    const struct oa_protocol *protocol;
    enum oa_role role;

    if (conn->decided)
        return conn->protocol && !conn->opaque;
    conn->decided = true;
    protocol = oa_protocol_find(first, outgoing, &role);
    if (!protocol || (conn->role != OA_ROLE_UNKNOWN && conn->role != role) || !oa_conn_same_socket(conn, fd))
        return false;
    conn->role = (uint8_t)role;
    conn->protocol = protocol;
    protocol->open(conn);
    oa_net_measure_open(conn);
    return true;
}

struct oa_conn *oa_conn_for(int fd, uint32_t word, struct oa_slice first, bool outgoing)
{
    enum oa_role role = OA_ROLE_UNKNOWN;
    struct oa_conn *conn;

    if (oa_fd_is_conn(word)) {
        conn = oa_conn_lock(word);
    } else if (oa_fd_is_ignored(word)) {
        return NULL;
    } else {
        (void)oa_protocol_find(first, outgoing, &role);
        conn = oa_conn_adopt(fd, role);
    }
    if (!conn)
        return NULL;
    if (!outgoing) /* outgoing bytes have yet to find out */
        oa_conn_works(conn);
    if (oa_conn_decide(conn, fd, first, outgoing))
        return conn;
    bool awaited = conn->connecting; /* whether the attempt succeeds is still to be seen: oa_conn_write */

    oa_conn_unlock(conn);
    if (!awaited)
        oa_conn_ignore(fd);
    return NULL;
}

void oa_conn_works(struct oa_conn *conn)
{
    if (!conn->connecting)
        return;
    conn->connecting = false;
    oa_net_connected(conn);
}

void oa_conn_failed_io(struct oa_conn *conn, int error)
{
    if (error == EAGAIN || error == EINTR || error == ENOTCONN || error == EINVAL || error == EFAULT)
        return;
    if (conn->connecting) {
        conn->connecting = false;
        if (!conn->adopted)
            oa_net_failed(conn, error);
        return;
    }
    if (conn->protocol)
        conn->protocol->failed(conn, error);
}

static size_t capacity(const struct oa_incoming *in)
{
    size_t total = 0;

    for (int i = 0; i < in->count; i++)
        total += in->iov[i].iov_len;
    return total;
}

/* Feeds r bytes that lie in the buffers of in; returns how many were added by tagging. */
static size_t feed_incoming(struct oa_conn *conn, int fd, const struct oa_incoming *in, size_t r)
{
    struct oa_flow flow = { .outgoing = false };
    size_t added = 0;

    for (int i = 0; i < in->count && r > 0; i++) {
        size_t len = in->iov[i].iov_len < r ? in->iov[i].iov_len : r;
        struct oa_window window = { .ptr = in->iov[i].iov_base, .len = len, .cap = in->iov[i].iov_len, .fd = fd };
        int err;

        r -= len;
        /* Only the last buffer in use has room; inserting into an earlier one would shift them all. */
        if (in->may_grow && r == 0) {
            err = conn->protocol->ingress(conn, &flow, &window);
        } else if (oa_unlikely(oa_begin_settings.hides_contexts)) {
            window.cap = len;
            err = conn->protocol->ingress(conn, &flow, &window);
        } else {
            err = conn->protocol->feed(conn, &flow, (struct oa_slice){ window.ptr, len });
        }
        added += window.len - len; /* malformed or not: they stand in the application's buffer */
        if (err < 0) {
            oa_conn_lose(conn, true);
            break;
        }
    }
    return added;
}

/* The first buffer that holds something of r bytes. */
static struct oa_slice first_bytes(const struct oa_incoming *in, size_t r)
{
    for (int i = 0; i < in->count; i++)
        if (in->iov[i].iov_len)
            return (struct oa_slice){ in->iov[i].iov_base, in->iov[i].iov_len < r ? in->iov[i].iov_len : r };
    return (struct oa_slice){ NULL, 0 };
}

/* Where one thread writes and another reads, the answer may be here before the writer, back from its
 * system call, has told us what it asked. It is on its way: offer it the processor. */
static struct oa_conn *await_question(struct oa_conn *conn)
{
    /* Not the descriptor's word: another thread may close it and get the number for something else. */
    uint32_t word = oa_fd_word_of(conn->index, atomic_load_explicit(&conn->generation, memory_order_relaxed));
    uint64_t end = 0;

    while (conn && conn->protocol->unasked(conn) && atomic_load_explicit(&conn->writing, memory_order_acquire)) {
        uint64_t now = oa_clock_mono_ns();

        if (end == 0)
            end = now + OA_CONN_WAIT_MS * OA_NS_PER_MS;
        if (now >= end)
            break;
        oa_conn_unlock(conn);
        (void)syscall(SYS_sched_yield);
        conn = oa_conn_lock(word);
    }
    return conn;
}

ssize_t oa_conn_on_read(int fd, uint32_t word, const struct oa_incoming *in, ssize_t r)
{
    struct oa_conn *conn;

    if (r <= 0 && !oa_fd_is_conn(word))
        return r;
    conn = r > 0 ? oa_conn_for(fd, word, first_bytes(in, (size_t)r), false) : oa_conn_lock(word);
    if (conn && r > 0)
        conn = await_question(conn);
    if (!conn)
        return r;
    if (r < 0) {
        oa_conn_failed_io(conn, errno);
    } else if (r == 0) {
        if (capacity(in) > 0 && conn->protocol)
            conn->protocol->eof(conn, false);
    } else {
        oa_net_measure_bytes(conn, false, (uint64_t)r);
        r += (ssize_t)feed_incoming(conn, fd, in, (size_t)r);
    }
    oa_conn_unlock(conn);
    return r;
}

void oa_conn_on_skip(int fd, bool outgoing, ssize_t r)
{
    struct oa_conn *conn;

    if (r == 0)
        return;
    if (r > 0 && oa_fd_word(fd) == OA_FD_UNKNOWN)
        oa_conn_ignore(fd); /* what comes next is not its beginning: never to be adopted */
    conn = oa_conn_lock(oa_fd_word(fd));
    if (!conn)
        return;
    if (r < 0) {
        oa_conn_failed_io(conn, errno);
    } else if (!conn->decided) {
        conn->decided = true; /* the first bytes were never seen: there is no telling what it speaks */
    } else if (conn->protocol && !conn->opaque) {
        struct oa_flow flow = { .outgoing = outgoing };

        oa_net_measure_bytes(conn, outgoing, (uint64_t)r);
        if (conn->protocol->skip(conn, &flow, (uint64_t)r) < 0)
            oa_conn_lose(conn, true);
    }
    oa_conn_unlock(conn);
}

void oa_conn_on_shutdown(int fd, int how)
{
    struct oa_conn *conn = oa_conn_lock(oa_fd_word(fd));

    if (!conn)
        return;
    if (conn->protocol && !conn->opaque && how != SHUT_RD)
        conn->protocol->eof(conn, true);
    oa_conn_unlock(conn);
}
