#include "tests/exact/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define AREA (1u << 18)
#define PIECES 40
#define GAP 96 /* between buffers; more than a tag, so that one written too far is seen */
#define CANARY 0x5a

ssize_t __read_chk(int fd, void *buf, size_t n, size_t buflen);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t buflen, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t buflen, int flags, struct sockaddr *addr, socklen_t *len);

static char area[AREA], gathered[AREA];

/* Buffers of n bytes in all, cut anyhow, with gaps between them; some may be empty. */
static int spread(struct calls *c, size_t n, struct iovec *iov, bool empty)
{
    int most = (int)rng_range(&c->rng, 1, PIECES);
    int count = 0;
    char *at = area;

    while (n > 0 && count < most) {
        size_t take = count == most - 1 ? n : rng_range(&c->rng, !empty || rng_chance(&c->rng, 900), n);

        memset(at, CANARY, take + GAP);
        iov[count].iov_base = at;
        iov[count++].iov_len = take;
        at += take + GAP;
        n -= take;
    }
    return count;
}

static bool gaps_intact(const struct iovec *iov, int count)
{
    for (int i = 0; i < count; i++)
        for (size_t k = 0; k < GAP; k++)
            if (((char *)iov[i].iov_base)[iov[i].iov_len + k] != CANARY)
                return false;
    return true;
}

/* Puts r received bytes into one piece behind what is there. */
static void gather(const struct iovec *iov, int count, size_t r, size_t *at, struct receipt *receipt)
{
    for (int i = 0; i < count && r > 0; i++) {
        size_t take = iov[i].iov_len < r ? iov[i].iov_len : r;

        memcpy(gathered + *at, iov[i].iov_base, take);
        receipt->last_from = take ? *at : receipt->last_from;
        receipt->room = take ? iov[i].iov_len - take : receipt->room;
        *at += take;
        r -= take;
    }
}

static ssize_t flat(struct calls *c, char *p, size_t n, size_t kind)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);

    switch (kind) {
    case 0:
        return read(c->fd, p, n);
    case 1:
        return recv(c->fd, p, n, 0);
    case 2:
        return recvfrom(c->fd, p, n, 0, (struct sockaddr *)&from, &len);
    case 3:
        return __read_chk(c->fd, p, n, AREA);
    case 4:
        return __recv_chk(c->fd, p, n, AREA, 0);
    case 5:
        return __recvfrom_chk(c->fd, p, n, AREA, 0, NULL, NULL);
    default:
        return recv(c->fd, p, n, MSG_WAITALL);
    }
}

static ssize_t vectored(struct calls *c, struct iovec *iov, int count, size_t kind)
{
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)count };

    if (kind == 0)
        return readv(c->fd, iov, count);
    if (kind == 1)
        return preadv2(c->fd, iov, count, -1, 0);
    return recvmsg(c->fd, &msg, 0);
}

static ssize_t several(struct calls *c, struct iovec *iov, int count, struct receipt *receipt)
{
    struct mmsghdr messages[3] = { 0 };
    int parts = count < 3 ? 1 : 3, from = 0, r;
    size_t total = 0;

    for (int i = 0; i < parts; i++) {
        int to = i == parts - 1 ? count : from + count / parts;

        messages[i].msg_hdr.msg_iov = iov + from;
        messages[i].msg_hdr.msg_iovlen = (size_t)(to - from);
        from = to;
    }
    r = recvmmsg(c->fd, messages, (unsigned)parts, MSG_WAITFORONE, NULL);
    for (int i = 0; i < r; i++)
        gather(messages[i].msg_hdr.msg_iov, (int)messages[i].msg_hdr.msg_iovlen, messages[i].msg_len, &total,
               receipt);
    receipt->room = 0;
    return r < 0 ? r : (ssize_t)total;
}

static ssize_t spliced(struct calls *c, size_t n)
{
    ssize_t r, got = 0;
    int ends[2], saved;

    if (pipe(ends) != 0)
        return -1;
    errno = CALLS_ERRNO;
    r = splice(c->fd, NULL, ends[1], NULL, n, 0);
    saved = errno;
    while (got < r) {
        ssize_t w = read(ends[0], gathered + got, (size_t)(r - got));

        if (w <= 0)
            break;
        got += w;
    }
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return r;
}

/* Looks first: what is only looked at comes as it was sent. */
static bool peek(struct calls *c, const struct flow *f, size_t n)
{
    ssize_t r;

    errno = CALLS_ERRNO;
    r = recv(c->fd, area, n, MSG_PEEK);
    calls_judge(c, "peek", r, n, false);
    if (r > 0 && memcmp(area, f->in.want.ptr + f->in.pos, (size_t)r) != 0)
        calls_bad(c, "peek: other bytes", r, n);
    return r >= 0;
}

static ssize_t receive_flat(struct calls *c, size_t n, size_t due, struct receipt *receipt)
{
    static const char *const names[] = { "read",       "recv",           "recvfrom", "__read_chk",
                                         "__recv_chk", "__recvfrom_chk", "waitall" };
    size_t kind = rng_below(&c->rng, n <= due ? 7 : 6), at = 0;
    struct iovec iov = { .iov_base = area, .iov_len = n };
    ssize_t r;

    memset(area, CANARY, n + GAP);
    errno = CALLS_ERRNO;
    r = flat(c, area, n, kind);
    calls_judge(c, names[kind], r, n, false);
    if (!gaps_intact(&iov, 1))
        calls_bad(c, "written past the buffer", r, n);
    if (r > 0)
        gather(&iov, 1, (size_t)r, &at, receipt);
    return r;
}

static ssize_t receive_cut(struct calls *c, size_t n, struct receipt *receipt)
{
    static const char *const names[] = { "readv", "preadv2", "recvmsg", "recvmmsg" };
    struct iovec iov[PIECES];
    size_t kind = rng_below(&c->rng, 4), at = 0;
    int count = spread(c, n, iov, kind != 3); /* a message without room looks like the end */
    ssize_t r;

    errno = CALLS_ERRNO;
    r = kind == 3 ? several(c, iov, count, receipt) : vectored(c, iov, count, kind);
    calls_judge(c, names[kind], r, n, false);
    if (!gaps_intact(iov, count))
        calls_bad(c, "written past a buffer", r, n);
    if (r > 0 && kind != 3)
        gather(iov, count, (size_t)r, &at, receipt);
    return r;
}

ssize_t calls_receive(struct calls *c, const struct flow *f, struct receipt *ret_receipt)
{
    const struct script_run *run = flow_run(f, false, f->in.pos);
    size_t due = flow_due(f), n = calls_size(c, AREA / 4);

    *ret_receipt = (struct receipt){ .ptr = gathered };
    if (c->plain)
        return recv(c->fd, gathered, sizeof(gathered), 0);
    if (rng_chance(&c->rng, 10) && read(c->fd, area, 0) != 0)
        calls_bad(c, "read", -1, 0);
    if (run && rng_chance(&c->rng, 100)) {
        n = n < run->to - f->in.pos ? n : run->to - f->in.pos;
        n = n < 30000 ? n : 30000;
        ssize_t r = spliced(c, n);

        calls_judge(c, "splice from a socket", r, n, false);
        return r;
    }
    if (rng_chance(&c->rng, 100) && !peek(c, f, n))
        return -1;
    if (due && n > due && rng_chance(&c->rng, 100))
        n = due;
    return rng_chance(&c->rng, 500) ? receive_flat(c, n, due, ret_receipt) : receive_cut(c, n, ret_receipt);
}
