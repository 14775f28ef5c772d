/* send, recv and their message forms: calls with flags, addresses and control data. */
#include "hooks/libc/output.h"
#include "hooks/libc/wrap.h"
#include "preload/base/pointer.h"

#ifndef MSG_ERRQUEUE
#define MSG_ERRQUEUE 0x2000
#endif

/* Bytes that come again (MSG_PEEK), or are not of the stream: not looked at. */
#define NOT_THE_STREAM (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)

static ssize_t plain_send(const struct oa_outgoing *out)
{
    return OA_REAL(send)(out->fd, out->arg, out->len, out->flags);
}

static ssize_t plain_sendmsg(const struct oa_outgoing *out)
{
    return OA_REAL(sendmsg)(out->fd, out->arg, out->flags);
}

static OA_NOINLINE ssize_t send_followed(int fd, const void *buf, size_t n, int flags)
{
    return oa_output_write(&(struct oa_outgoing){
        .iov = &(struct iovec){ .iov_base = (void *)buf, .iov_len = n },
        .count = 1,
        .flags = flags,
        .plain = plain_send,
        .fd = fd,
        .arg = buf,
        .len = n,
    });
}

OA_EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    __typeof__(oa_real.send) next = OA_REAL_FOUND(send);

    if (oa_likely(next && oa_fd_word(fd) == OA_FD_IGNORED))
        return next(fd, buf, n, flags);
    return send_followed(fd, buf, n, flags);
}

/* Bytes that left without being looked at: only their number is known. */
static void sent_unseen(int fd, ssize_t r)
{
    struct oa_guard guard;

    if (oa_guard_enter(&guard)) {
        oa_conn_on_skip(fd, true, r);
        oa_hook_leave(&guard);
    }
}

OA_EXPORT ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr, socklen_t len)
{
    ssize_t r;

    if (!oa_fd_followed(fd))
        return OA_REAL(sendto)(fd, buf, n, flags, addr, len);
    if (addr) { /* a fast open, or an address that a connected stream does not look at */
        if (oa_conn_flush_pending(fd) < 0)
            return -1;
        r = OA_REAL(sendto)(fd, buf, n, flags, addr, len);
        sent_unseen(fd, r);
        return r;
    }
    return send_followed(fd, buf, n, flags);
}

/* A message with an address is a datagram or a fast open; one with control data must not be cut. */
static bool is_stream_message(const struct msghdr *msg)
{
    return oa_may_be_mapped(msg) && !msg->msg_name && msg->msg_controllen == 0 && msg->msg_iov &&
           msg->msg_iovlen > 0 && msg->msg_iovlen <= 1024;
}

OA_EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct oa_outgoing out = { .flags = flags, .plain = plain_sendmsg, .fd = fd, .arg = msg };
    ssize_t r;

    if (!oa_fd_followed(fd))
        return OA_REAL(sendmsg)(fd, msg, flags);
    if (is_stream_message(msg)) {
        out.iov = msg->msg_iov;
        out.count = (int)msg->msg_iovlen;
        return oa_output_write(&out);
    }
    if (oa_conn_flush_pending(fd) < 0)
        return -1;
    r = OA_REAL(sendmsg)(fd, msg, flags);
    sent_unseen(fd, r);
    return r;
}

/* A socket that we know nothing of: its later bytes are no beginning any more. */
static int send_messages_unseen(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    int r = OA_REAL(sendmmsg)(fd, messages, count, flags);

    if (r > 0 && oa_fd_followed(fd))
        sent_unseen(fd, r);
    return r;
}

/* On a stream, several messages are several writes; the first one that is cut short ends the call. */
OA_EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    unsigned sent = 0;
    int saved = errno;

    if (!oa_may_be_mapped(messages) || !oa_fd_is_conn(oa_fd_word(fd)))
        return send_messages_unseen(fd, messages, count, flags);
    for (; sent < count; sent++) {
        size_t want = 0;
        ssize_t r = sendmsg(fd, &messages[sent].msg_hdr, flags);

        if (r < 0 && sent == 0)
            return -1;
        if (r < 0) {
            errno = saved; /* the call has succeeded */
            return (int)sent;
        }
        messages[sent].msg_len = (unsigned)r;
        for (size_t i = 0; i < messages[sent].msg_hdr.msg_iovlen; i++)
            want += messages[sent].msg_hdr.msg_iov[i].iov_len;
        if ((size_t)r < want)
            return (int)sent + 1;
    }
    return (int)sent;
}

/* Looks at received bytes. grow: the buffers may take an inserted tag. */
static ssize_t received(int fd, uint32_t word, const struct oa_incoming *in, int flags, ssize_t r)
{
    struct oa_guard guard;

    if ((flags & NOT_THE_STREAM) || oa_fd_word(fd) != word || !oa_guard_enter(&guard))
        return r;
    if ((flags & MSG_TRUNC) && r > 0)
        oa_conn_on_skip(fd, false, r); /* TCP discards: a length without bytes */
    else
        r = oa_conn_on_read(fd, word, in, r);
    oa_hook_leave(&guard);
    return r;
}

/* One buffer, as struct oa_incoming wants it. */
#define ONE_BUFFER(buf, n)  \
    (&(struct oa_incoming){ \
        .iov = &(struct iovec){ .iov_base = (buf), .iov_len = (n) }, .count = 1, .may_grow = true })

static OA_NOINLINE ssize_t recv_followed(int fd, void *buf, size_t n, int flags)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r = OA_REAL(recv)(fd, buf, n, flags);

    return word == OA_FD_IGNORED ? r : received(fd, word, ONE_BUFFER(buf, n), flags, r);
}

OA_EXPORT ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    __typeof__(oa_real.recv) next = OA_REAL_FOUND(recv);

    if (oa_likely(next && oa_fd_word(fd) == OA_FD_IGNORED))
        return next(fd, buf, n, flags);
    return recv_followed(fd, buf, n, flags);
}

OA_EXPORT ssize_t __recv_chk(int fd, void *buf, size_t n, size_t buflen, int flags)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r;

    if (oa_likely(word == OA_FD_IGNORED))
        return OA_REAL(__recv_chk)(fd, buf, n, buflen, flags);
    r = OA_REAL(__recv_chk)(fd, buf, n, buflen, flags);
    return received(fd, word, ONE_BUFFER(buf, n), flags, r);
}

OA_EXPORT ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *addr, socklen_t *len)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r;

    if (oa_likely(word == OA_FD_IGNORED))
        return OA_REAL(recvfrom)(fd, buf, n, flags, addr, len);
    r = OA_REAL(recvfrom)(fd, buf, n, flags, addr, len);
    return received(fd, word, ONE_BUFFER(buf, n), flags, r);
}

OA_EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t buflen, int flags, struct sockaddr *addr,
                                 socklen_t *len)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r;

    if (oa_likely(word == OA_FD_IGNORED))
        return OA_REAL(__recvfrom_chk)(fd, buf, n, buflen, flags, addr, len);
    r = OA_REAL(__recvfrom_chk)(fd, buf, n, buflen, flags, addr, len);
    return received(fd, word, ONE_BUFFER(buf, n), flags, r);
}

/* Descriptors that arrive in a message: whatever we knew of these numbers is void. */
static void passed_descriptors(struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        size_t bytes = c->cmsg_len > CMSG_LEN(0) ? c->cmsg_len - CMSG_LEN(0) : 0;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i + sizeof(int) <= bytes; i += sizeof(int)) {
            int fd;

            __builtin_memcpy(&fd, CMSG_DATA(c) + i, sizeof(fd));
            oa_conn_on_fresh(fd);
        }
    }
}

static ssize_t received_message(int fd, uint32_t word, struct msghdr *msg, int flags, ssize_t r)
{
    struct oa_incoming in = { .iov = msg->msg_iov, .count = (int)msg->msg_iovlen, .may_grow = true };
    struct oa_guard guard;

    if (r >= 0 && msg->msg_control && msg->msg_controllen && oa_guard_enter(&guard)) {
        passed_descriptors(msg);
        oa_hook_leave(&guard);
    }
    if (word == OA_FD_IGNORED || in.count <= 0)
        return r;
    return received(fd, word, &in, flags, r);
}

OA_EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r = OA_REAL(recvmsg)(fd, msg, flags);

    /* What the kernel could not read is not for us to read. */
    return msg && (r >= 0 || errno != EFAULT) ? received_message(fd, word, msg, flags, r) : r;
}

OA_EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    uint32_t word = oa_fd_word(fd);
    int r = OA_REAL(recvmmsg)(fd, messages, count, flags, timeout);

    for (int i = 0; i < r; i++) {
        messages[i].msg_len =
            (unsigned)received_message(fd, word, &messages[i].msg_hdr, flags, (ssize_t)messages[i].msg_len);
        if (word == OA_FD_UNKNOWN)
            word = oa_fd_word(fd); /* the message before may have had it adopted */
    }
    return r;
}
