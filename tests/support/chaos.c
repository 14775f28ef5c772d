/*
 * A layer below the library under test (listed after it in LD_PRELOAD): what it asks of the kernel
 * comes short, would block, or is interrupted, as a kernel may do at any time. Stream sockets only.
 *
 *   CHAOS_SEED   makes the choices repeatable (0 or unset: no chaos)
 *   CHAOS_SHORT, CHAOS_AGAIN, CHAOS_EINTR   per mille of the calls
 *
 * CFLAGS: -fPIC
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PIECES 1024
#define NEXT(name)                                               \
    __extension__({                                              \
        static __typeof__(&name) found_;                         \
        if (!found_)                                             \
            found_ = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        found_;                                                  \
    })

ssize_t __read_chk(int fd, void *buf, size_t n, size_t buflen);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t buflen, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t buflen, int flags, struct sockaddr *addr, socklen_t *len);

static unsigned long seed, per_mille_short, per_mille_again, per_mille_eintr;
static _Atomic uint64_t drawn;

static unsigned long number(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void start(void)
{
    seed = number("CHAOS_SEED", 0);
    per_mille_short = number("CHAOS_SHORT", 300);
    per_mille_again = number("CHAOS_AGAIN", 150);
    per_mille_eintr = number("CHAOS_EINTR", 3);
}

static uint64_t draw(void)
{
    uint64_t z =
        (atomic_fetch_add_explicit(&drawn, 1, memory_order_relaxed) + seed * 1000003) * 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static bool is_stream(int fd)
{
    int type = 0, saved = errno;
    socklen_t len = sizeof(type);
    bool yes = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;

    errno = saved;
    return yes;
}

static bool may_refuse(int fd, int flags)
{
    return (flags & MSG_DONTWAIT) || (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* True: the call fails with errno. Else *n may have become smaller, never 0. */
static bool refused(int fd, int flags, size_t *n)
{
    uint64_t dice;
    unsigned long die;

    if (!seed || *n == 0)
        return false;
    dice = draw();
    die = dice % 1000;
    if (die >= per_mille_short + per_mille_again + per_mille_eintr || !is_stream(fd))
        return false;
    if (die < per_mille_eintr) {
        errno = EINTR;
        return true;
    }
    if (die < per_mille_eintr + per_mille_again) {
        if (!may_refuse(fd, flags))
            return false;
        errno = EAGAIN;
        return true;
    }
    /* One byte, a few, or any part: cuts fall everywhere, and often inside a header of some 70 bytes. */
    dice >>= 16;
    *n = 1 + (dice >> 8) % (dice % 4 == 0 ? 1 : dice % 4 == 1 ? (*n < 90 ? *n : 90) : *n);
    return false;
}

static size_t total_of(const struct iovec *iov, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += iov[i].iov_len;
    return n;
}

/* Copies the entries that hold the first n bytes. Returns how many. */
static int first_bytes(const struct iovec *iov, size_t count, size_t n, struct iovec *dst)
{
    int used = 0;

    for (size_t i = 0; i < count && i < PIECES; i++) {
        dst[used] = iov[i];
        if (dst[used].iov_len > n)
            dst[used].iov_len = n;
        n -= dst[used++].iov_len;
    }
    return used;
}

ssize_t read(int fd, void *buf, size_t n)
{
    return refused(fd, 0, &n) ? -1 : NEXT(read)(fd, buf, n);
}

ssize_t __read_chk(int fd, void *buf, size_t n, size_t buflen)
{
    return refused(fd, 0, &n) ? -1 : NEXT(__read_chk)(fd, buf, n, buflen);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    return refused(fd, flags, &n) ? -1 : NEXT(recv)(fd, buf, n, flags);
}

ssize_t __recv_chk(int fd, void *buf, size_t n, size_t buflen, int flags)
{
    return refused(fd, flags, &n) ? -1 : NEXT(__recv_chk)(fd, buf, n, buflen, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *addr, socklen_t *len)
{
    return refused(fd, flags, &n) ? -1 : NEXT(recvfrom)(fd, buf, n, flags, addr, len);
}

ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t buflen, int flags, struct sockaddr *addr, socklen_t *len)
{
    return refused(fd, flags, &n) ? -1 : NEXT(__recvfrom_chk)(fd, buf, n, buflen, flags, addr, len);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    return refused(fd, 0, &n) ? -1 : NEXT(write)(fd, buf, n);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    return refused(fd, flags, &n) ? -1 : NEXT(send)(fd, buf, n, flags);
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr, socklen_t len)
{
    return refused(fd, flags, &n) ? -1 : NEXT(sendto)(fd, buf, n, flags, addr, len);
}

/* A call with a vector: fewer bytes mean a vector of our own. */
#define VECTORED(name, fd, flags, iov, count, ...)                   \
    __extension__({                                                  \
        size_t all_ = total_of(iov, (size_t)(count)), n_ = all_;     \
        struct iovec own_[PIECES];                                   \
        ssize_t r_ = -1;                                             \
        if (!refused(fd, flags, &n_)) {                              \
            if (n_ < all_) {                                         \
                count = first_bytes(iov, (size_t)(count), n_, own_); \
                iov = own_;                                          \
            }                                                        \
            r_ = NEXT(name)(__VA_ARGS__);                            \
        }                                                            \
        r_;                                                          \
    })

ssize_t readv(int fd, const struct iovec *iov, int count)
{
    return VECTORED(readv, fd, 0, iov, count, fd, iov, count);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    return VECTORED(writev, fd, 0, iov, count, fd, iov, count);
}

ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    return VECTORED(preadv2, fd, 0, iov, count, fd, iov, count, offset, flags);
}

ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
    return VECTORED(pwritev2, fd, 0, iov, count, fd, iov, count, offset, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    struct msghdr own = *msg;
    struct iovec *iov = own.msg_iov;
    int count = (int)own.msg_iovlen;

    return VECTORED(sendmsg, fd, flags, iov, count, fd, (own.msg_iov = iov, own.msg_iovlen = (size_t)count, &own),
                    flags);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
    struct iovec *given = msg->msg_iov, *iov = given;
    size_t given_count = msg->msg_iovlen;
    int count = (int)given_count;
    ssize_t r = VECTORED(recvmsg, fd, flags, iov, count, fd,
                         (msg->msg_iov = iov, msg->msg_iovlen = (size_t)count, msg), flags);

    msg->msg_iov = given;
    msg->msg_iovlen = given_count;
    return r;
}

/* As the kernel does it on a stream: one message after the other until one is cut. */
int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    int saved = errno;

    if (!seed || !is_stream(fd))
        return NEXT(sendmmsg)(fd, messages, count, flags);
    for (unsigned i = 0; i < count; i++) {
        ssize_t r = sendmsg(fd, &messages[i].msg_hdr, flags);

        if (r < 0) {
            errno = i ? saved : errno;
            return i ? (int)i : -1;
        }
        messages[i].msg_len = (unsigned)r;
        if ((size_t)r < total_of(messages[i].msg_hdr.msg_iov, messages[i].msg_hdr.msg_iovlen))
            return (int)i + 1;
    }
    return (int)count;
}

ssize_t sendfile(int out, int in, off_t *offset, size_t n)
{
    return refused(out, 0, &n) ? -1 : NEXT(sendfile)(out, in, offset, n);
}

ssize_t splice(int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n, unsigned flags)
{
    return refused(is_stream(in) ? in : out, 0, &n) ? -1 : NEXT(splice)(in, in_offset, out, out_offset, n, flags);
}
