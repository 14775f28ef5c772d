/* read, write and their vector forms: the calls that know no flags. */
#include "hooks/libc/output.h"
#include "hooks/libc/wrap.h"

static ssize_t plain_write(const struct oa_outgoing *out)
{
    return OA_REAL(write)(out->fd, out->arg, out->len);
}

static ssize_t plain_writev(const struct oa_outgoing *out)
{
    return OA_REAL(writev)(out->fd, out->arg, out->count);
}

/* What was read is looked at after the call, if the descriptor is still what it was before. */
static ssize_t after_read(int fd, uint32_t word, const struct iovec *iov, int count, ssize_t r)
{
    struct oa_guard guard;

    if (oa_fd_word(fd) != word || !oa_guard_enter(&guard))
        return r;
    r = oa_conn_on_read(fd, word, &(struct oa_incoming){ .iov = iov, .count = count, .may_grow = true }, r);
    oa_hook_leave(&guard);
    return r;
}

static OA_NOINLINE ssize_t read_followed(int fd, void *buf, size_t n)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r = OA_REAL(read)(fd, buf, n);

    return word == OA_FD_IGNORED ? r : after_read(fd, word, &(struct iovec){ .iov_base = buf, .iov_len = n }, 1, r);
}

OA_EXPORT ssize_t read(int fd, void *buf, size_t n)
{
    __typeof__(oa_real.read) next = OA_REAL_FOUND(read);

    if (oa_likely(next && oa_fd_word(fd) == OA_FD_IGNORED))
        return next(fd, buf, n);
    return read_followed(fd, buf, n);
}

OA_EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t buflen)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r;

    if (oa_likely(word == OA_FD_IGNORED))
        return OA_REAL(__read_chk)(fd, buf, n, buflen);
    r = OA_REAL(__read_chk)(fd, buf, n, buflen);
    return after_read(fd, word, &(struct iovec){ .iov_base = buf, .iov_len = n }, 1, r);
}

OA_EXPORT ssize_t readv(int fd, const struct iovec *iov, int count)
{
    uint32_t word = oa_fd_word(fd);
    ssize_t r = OA_REAL(readv)(fd, iov, count);

    return oa_likely(word == OA_FD_IGNORED) || count <= 0 ? r : after_read(fd, word, iov, count, r);
}

/* At offset -1 these are readv and writev with flags; at any other they are not for sockets. */
OA_EXPORT ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    uint32_t word = offset == -1 ? oa_fd_word(fd) : OA_FD_IGNORED;
    ssize_t r = OA_REAL(preadv2)(fd, iov, count, offset, flags);

    return oa_likely(word == OA_FD_IGNORED) || count <= 0 ? r : after_read(fd, word, iov, count, r);
}

OA_EXPORT ssize_t preadv64v2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
    uint32_t word = offset == -1 ? oa_fd_word(fd) : OA_FD_IGNORED;
    ssize_t r = OA_REAL(preadv64v2)(fd, iov, count, offset, flags);

    return oa_likely(word == OA_FD_IGNORED) || count <= 0 ? r : after_read(fd, word, iov, count, r);
}

static OA_NOINLINE ssize_t write_followed(int fd, const void *buf, size_t n)
{
    return oa_output_write(&(struct oa_outgoing){
        .iov = &(struct iovec){ .iov_base = (void *)buf, .iov_len = n },
        .count = 1,
        .plain = plain_write,
        .fd = fd,
        .arg = buf,
        .len = n,
    });
}

OA_EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
    __typeof__(oa_real.write) next = OA_REAL_FOUND(write);

    if (oa_likely(next && oa_fd_word(fd) == OA_FD_IGNORED))
        return next(fd, buf, n);
    return write_followed(fd, buf, n);
}

static OA_NOINLINE ssize_t writev_followed(int fd, const struct iovec *iov, int count)
{
    return oa_output_write(
        &(struct oa_outgoing){ .iov = iov, .count = count, .plain = plain_writev, .fd = fd, .arg = iov });
}

OA_EXPORT ssize_t writev(int fd, const struct iovec *iov, int count)
{
    if (!oa_fd_followed(fd) || count <= 0)
        return OA_REAL(writev)(fd, iov, count);
    return writev_followed(fd, iov, count);
}

struct positioned {
    const struct iovec *iov;
    off64_t offset;
    int flags;
};

static ssize_t plain_pwritev2(const struct oa_outgoing *out)
{
    const struct positioned *p = out->arg;

    return OA_REAL(pwritev2)(out->fd, p->iov, out->count, (off_t)p->offset, p->flags);
}

/* Bytes that go from descriptor to descriptor: only their number is known. */
static ssize_t passed(int out, int in, ssize_t r)
{
    struct oa_guard guard;

    if (oa_guard_enter(&guard)) {
        if (in >= 0)
            oa_conn_on_skip(in, false, r);
        if (out >= 0)
            oa_conn_on_skip(out, true, r);
        oa_hook_leave(&guard);
    }
    return r;
}

/* Flags (RWF_*) mean nothing to a socket, but they must reach the kernel: the bytes pass unlooked at. */
static ssize_t pwritev2_flagged(const struct oa_outgoing *out)
{
    if (oa_conn_flush_pending(out->fd) < 0)
        return -1;
    return passed(out->fd, -1, plain_pwritev2(out));
}

/* What pwritev2 and its 64-bit name have in common: at offset -1 they are writev with flags. */
static ssize_t write_positioned(int fd, int count, const struct positioned *p)
{
    struct oa_outgoing out = { .iov = p->iov, .count = count, .plain = plain_pwritev2, .fd = fd, .arg = p };

    if (!oa_fd_followed(fd) || count <= 0)
        return plain_pwritev2(&out);
    return p->flags ? pwritev2_flagged(&out) : oa_output_write(&out);
}

OA_EXPORT ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    if (offset != -1)
        return OA_REAL(pwritev2)(fd, iov, count, offset, flags);
    return write_positioned(fd, count, &(struct positioned){ .iov = iov, .offset = -1, .flags = flags });
}

OA_EXPORT ssize_t pwritev64v2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
    if (offset != -1)
        return OA_REAL(pwritev64v2)(fd, iov, count, offset, flags);
    return write_positioned(fd, count, &(struct positioned){ .iov = iov, .offset = -1, .flags = flags });
}

OA_EXPORT ssize_t sendfile(int out, int in, off_t *offset, size_t n)
{
    if (!oa_fd_followed(out))
        return OA_REAL(sendfile)(out, in, offset, n);
    if (oa_conn_flush_pending(out) < 0)
        return -1;
    return passed(out, -1, OA_REAL(sendfile)(out, in, offset, n));
}

OA_EXPORT ssize_t sendfile64(int out, int in, off64_t *offset, size_t n)
{
    if (!oa_fd_followed(out))
        return OA_REAL(sendfile64)(out, in, offset, n);
    if (oa_conn_flush_pending(out) < 0)
        return -1;
    return passed(out, -1, OA_REAL(sendfile64)(out, in, offset, n));
}

OA_EXPORT ssize_t splice(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n, unsigned flags)
{
    bool from = oa_fd_followed(in), to = oa_fd_followed(out);

    if (!from && !to)
        return OA_REAL(splice)(in, in_offset, out, out_offset, n, flags);
    if (to && oa_conn_flush_pending(out) < 0)
        return -1;
    return passed(to ? out : -1, from ? in : -1, OA_REAL(splice)(in, in_offset, out, out_offset, n, flags));
}
