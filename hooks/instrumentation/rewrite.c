/*
 * Outgoing bytes that get a header inserted or a few bytes overwritten on their way, such that the
 * application's accounting stays true: the kernel's count is mapped back to the application's bytes,
 * and what the kernel left of our own bytes is owed to the connection before anything else.
 *
 * One call may hold many requests: each edit is its own system call, up to the end of its request.
 * Neither the lock nor the guard is held over a system call; `writing` is, so that nobody else
 * changes the outgoing side meanwhile.
 */
#include "hooks/instrumentation/conn.h"
#include "hooks/instrumentation/net_metrics.h"
#include "hooks/instrumentation/pieces.h"

#include <string.h>

#include "hooks/instrumentation/protocol.h"
#include "preload/base/limits.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "preload/real.h"

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#define FLAGS_LEFT_ALONE (MSG_OOB | MSG_ZEROCOPY | MSG_FASTOPEN)

struct job {
    const struct oa_outgoing *out;
    struct oa_conn *conn; /* NULL: closed by somebody else during a call */
    const struct oa_protocol *protocol;
    uint32_t word;
    struct oa_guard guard;
    struct oa_flow flow;
    size_t from; /* application bytes that are out */
    size_t total;
    int errno_before; /* what a call that succeeds leaves behind */
};

/* Leaves our code for a system call, and comes back. conn is NULL if it was closed meanwhile. */
static void job_leave(struct job *job)
{
    oa_conn_unlock(job->conn);
    oa_guard_leave(&job->guard);
}

static void job_return(struct job *job)
{
    (void)oa_guard_enter(&job->guard);
    job->conn = oa_conn_lock_owed(job->word);
}

static ssize_t job_send(struct job *job, struct iovec *iov, int count)
{
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)count };
    ssize_t w;

    job_leave(job);
    w = OA_REAL(sendmsg)(job->out->fd, &msg, job->out->flags);
    job_return(job);
    return w;
}

/* The system call failed. After bytes that went out the application does not learn of it yet. */
static void job_failed(struct job *job)
{
    if (job->conn && job->from == 0)
        oa_conn_failed_io(job->conn, job->guard.saved_errno);
}

static bool job_follows(const struct job *job)
{
    return job->conn && !atomic_load_explicit(&job->conn->lost, memory_order_relaxed);
}

/* n application bytes are out. */
static void job_moved(struct job *job, size_t n)
{
    oa_conn_works(job->conn);
    oa_net_measure_bytes(job->conn, true, n);
}

/* Advances the parser over n application bytes from `from` on. */
static void job_feed(struct job *job, size_t from, size_t n)
{
    size_t base = 0;

    if (!job_follows(job) || n == 0)
        return;
    job_moved(job, n);
    for (int i = 0; i < job->out->count && n > 0; i++) {
        const struct iovec *v = &job->out->iov[i];

        if (from < base + v->iov_len) {
            size_t lo = from - base;
            size_t take = v->iov_len - lo < n ? v->iov_len - lo : n;

            struct oa_slice bytes = { (const char *)v->iov_base + lo, take };

            if (job->conn->protocol->feed(job->conn, &job->flow, bytes) < 0) {
                oa_conn_lose(job->conn, true);
                return;
            }
            from += take;
            n -= take;
        }
        base += v->iov_len;
    }
}

static void owe(struct oa_conn *conn, struct oa_edit *edit, size_t sent)
{
    size_t len = oa_op_text(edit->op, OA_OP_INJECT).len;

    if (!conn || sent >= len)
        return;
    atomic_fetch_add_explicit(&edit->op->refs, 1, memory_order_relaxed);
    conn->pending = (struct oa_pending){
        .op_slot = edit->op->slot + 1,
        .off = (uint16_t)sent,
        .len = (uint16_t)(len - sent),
        .in_place = edit->replace,
        .fork_generation = oa_life_fork_generation(),
    };
}

/* The kernel took w bytes of an edit that starts at job->from: how many of them are the application's. */
static size_t settle(struct job *job, struct oa_edit *edit, size_t w)
{
    size_t before = edit->at - job->from;
    size_t text = oa_op_text(edit->op, OA_OP_INJECT).len;
    size_t sent, app;
    bool whole;

    if (w <= before) { /* nothing of ours is out: as if it had never been planned */
        job->protocol->plan_drop(edit);
        job_feed(job, job->from, w);
        return w;
    }
    sent = w - before < text ? w - before : text;
    app = edit->replace ? w : w - sent;
    if (job->conn) {
        size_t lead = edit->start - job->from; /* requests that are queued before this one */

        job_feed(job, job->from, lead);
        owe(job->conn, edit, sent); /* with a reference of its own: commit may let the operation go */
        whole = job_follows(job) && job->from + app == edit->stop;
        if (job->protocol->plan_commit(job->conn, edit, whole))
            job_moved(job, app - lead);
        else
            job_feed(job, job->from + lead, app - lead);
    } else {
        job->protocol->plan_drop(edit);
    }
    return app;
}

/* Sends [from, edit->stop) with the edit. Returns application bytes that are out, or -1. */
static ssize_t send_edit(struct job *job, struct oa_edit *edit, bool *ret_short)
{
    struct iovec iov[OA_IOV_EDIT];
    struct oa_slice text = oa_op_text(edit->op, OA_OP_INJECT);
    size_t head = edit->at, tail = edit->stop, want = edit->at - job->from;
    int n = oa_pieces(job->out, job->from, &head, iov, OA_IOV_EDIT - 2);
    size_t app;
    ssize_t w;

    if (head == edit->at) {
        size_t resume = edit->at + (edit->replace ? text.len : 0);

        iov[n].iov_base = (char *)text.ptr;
        iov[n++].iov_len = text.len;
        if (resume < tail)
            n += oa_pieces(job->out, resume, &tail, iov + n, OA_IOV_EDIT - n);
        want = tail - job->from + (edit->replace ? 0 : text.len);
    } else {
        want = head - job->from; /* too many pieces before it: those first, the edit in the next round */
    }
    w = job_send(job, iov, n);
    *ret_short = w < 0 || (size_t)w < want;
    if (w < 0) {
        job->protocol->plan_drop(edit);
        job_failed(job);
        return -1;
    }
    app = settle(job, edit, (size_t)w);
    job->from += app;
    return (ssize_t)app;
}

static void pending_done(struct oa_conn *conn)
{
    oa_op_release(oa_op_at(conn->pending.op_slot - 1));
    conn->pending = (struct oa_pending){ 0 };
}

/* A debt is paid by the process that made it, on the socket that it was made on. */
static bool owes(struct job *job)
{
    struct oa_conn *conn = job->conn;

    if (!conn || !conn->pending.op_slot)
        return false;
    oa_life_notice_fork();
    if (conn->pending.fork_generation == oa_life_fork_generation() && oa_conn_same_socket(conn, job->out->fd))
        return true;
    pending_done(conn);
    oa_conn_lose(conn, false);
    return false;
}

/* Sends what is owed until it is paid or the kernel refuses: 0, or -1 with errno. */
static int pay(struct job *job)
{
    while (owes(job)) {
        struct oa_pending *owed = &job->conn->pending;
        struct oa_slice text = oa_op_text(oa_op_at(owed->op_slot - 1), OA_OP_INJECT);
        struct iovec iov = { .iov_base = (char *)text.ptr + owed->off, .iov_len = owed->len };
        bool in_place = owed->in_place;
        ssize_t w;

        if (in_place && iov.iov_len > job->total - job->from)
            iov.iov_len = job->total - job->from;
        if (iov.iov_len == 0)
            return 0;
        w = job_send(job, &iov, 1);
        if (w < 0)
            return -1;
        if (in_place) { /* these bytes stand for the application's */
            job_feed(job, job->from, (size_t)w);
            job->from += (size_t)w;
        }
        if (!job->conn)
            return 0;
        owed->off = (uint16_t)(owed->off + w);
        owed->len = (uint16_t)(owed->len - w);
        if (owed->len == 0)
            pending_done(job->conn);
    }
    return 0;
}

/* The rest of the call as it is; the whole call is made by the application's own function. */
static ssize_t send_rest(struct job *job, bool *ret_short)
{
    struct iovec iov[OA_IOV_EDIT];
    size_t to = job->total;
    ssize_t w;

    if (job->from == 0) {
        job_leave(job);
        w = job->out->plain(job->out);
        job_return(job);
    } else {
        w = job_send(job, iov, oa_pieces(job->out, job->from, &to, iov, OA_IOV_EDIT));
    }
    *ret_short = w < (ssize_t)(to - job->from);
    if (w < 0)
        job_failed(job);
    if (w > 0) {
        job_feed(job, job->from, (size_t)w);
        job->from += (size_t)w;
    }
    return w;
}

static bool editable(const struct job *job)
{
    return !(job->out->flags & FLAGS_LEFT_ALONE) && job->conn->role == OA_ROLE_CLIENT &&
           !atomic_load_explicit(&job->conn->lost, memory_order_relaxed);
}

/* One system call's worth. False when the call is over; *ret is the last result. */
static bool next_part(struct job *job, ssize_t *ret)
{
    struct oa_edit edit;
    bool cut = false;

    if (job->protocol->at_request_start(job->conn, true)) {
        job->flow.before = (struct oa_when){ 0 };
        oa_when_now(&job->flow.before);
    }
    if (!editable(job) || !job->protocol->plan(job->conn, &job->flow, job->out, job->from, &edit)) {
        *ret = send_rest(job, &cut);
        return !cut;
    }
    if (!oa_conn_same_socket(job->conn, job->out->fd)) { /* the number means another file by now */
        job->protocol->plan_drop(&edit);
        oa_conn_lose(job->conn, false);
        return true;
    }
    *ret = send_edit(job, &edit, &cut);
    if (*ret == 0 && job->from == 0 && job->conn) /* only our own bytes went: pay the rest now, or EAGAIN */
        return (*ret = pay(job)) == 0;
    return !cut;
}

static ssize_t run(struct job *job)
{
    ssize_t r = pay(job);

    if (r == 0)
        while (job->conn && job->from < job->total && next_part(job, &r))
            ;
    if (job->conn) {
        atomic_store_explicit(&job->conn->writing, 0, memory_order_release);
        oa_conn_unlock(job->conn);
    }
    if (job->from > 0)
        job->guard.saved_errno = job->errno_before;
    oa_guard_leave(&job->guard);
    return job->from > 0 ? (ssize_t)job->from : r;
}

/* The connection to write on, locked and marked; NULL: the call passes as it is. */
static struct oa_conn *claim(const struct oa_outgoing *out, uint32_t word)
{
    struct oa_slice first = { NULL, 0 };
    struct oa_conn *conn;

    for (int i = 0; i < out->count && first.len == 0; i++)
        first = (struct oa_slice){ out->iov[i].iov_base, out->iov[i].iov_len };
    if (first.len == 0)
        return NULL;
    conn = oa_conn_for(out->fd, word, first, true);
    if (!conn && oa_fd_is_conn(word)) { /* lost, but perhaps in our debt */
        conn = oa_conn_lock_owed(word);
        if (conn && !conn->pending.op_slot) {
            oa_conn_unlock(conn);
            conn = NULL;
        }
    }
    if (!conn)
        return NULL;
    if (!(out->flags & MSG_OOB) && atomic_exchange_explicit(&conn->writing, 1, memory_order_acquire) == 0)
        return conn;
    oa_conn_lose(conn, false);
    oa_conn_unlock(conn);
    return NULL;
}

ssize_t oa_conn_write(const struct oa_outgoing *out)
{
    struct job job = { .out = out, .word = oa_fd_word(out->fd), .flow = { .outgoing = true } };

    if (oa_fd_is_ignored(job.word) || !oa_pieces_readable(out) || !oa_guard_enter(&job.guard))
        return out->plain(out);
    job.errno_before = job.guard.saved_errno;
    job.conn = claim(out, job.word);
    job.word = oa_fd_word(out->fd); /* it may have been adopted */
    if (!job.conn) {
        oa_guard_leave(&job.guard);
        return oa_conn_after_write(out->fd, job.word, out->plain(out));
    }
    job.protocol = job.conn->protocol;
    for (int i = 0; i < out->count; i++)
        job.total += out->iov[i].iov_len;
    return run(&job);
}

int oa_conn_flush_pending(int fd)
{
    struct oa_outgoing out = { .fd = fd, .flags = MSG_NOSIGNAL };
    struct job job = { .out = &out, .word = oa_fd_word(fd), .flow = { .outgoing = true } };
    int r = 0;

    if (!oa_fd_is_conn(job.word) || !oa_guard_enter(&job.guard))
        return 0;
    job.conn = oa_conn_lock_owed(job.word);
    if (job.conn && job.conn->pending.op_slot && job.conn->pending.in_place)
        pending_done(job.conn); /* the application's own bytes take their place after all */
    else
        r = pay(&job);
    if (job.conn)
        oa_conn_unlock(job.conn);
    oa_guard_leave(&job.guard);
    return r;
}
