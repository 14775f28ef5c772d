#include "tests/exact/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void calls_init(struct calls *c, struct rng rng, int fd, bool non_blocking)
{
    static const size_t sizes[] = { 1, 8, 30, 80, 300, 300, 4096, 4096, 4096, 70000, 70000, 70000 };

    *c = (struct calls){ .rng = rng, .fd = fd, .non_blocking = non_blocking, .file = -1 };
    c->size_max = sizes[rng_below(&c->rng, sizeof(sizes) / sizeof(*sizes))];
}

void calls_release(struct calls *c)
{
    if (c->file >= 0)
        close(c->file);
    c->file = -1;
}

void calls_bad(struct calls *c, const char *call, ssize_t r, size_t offered)
{
    if (c->bad++ == 0)
        snprintf(c->bad_what, sizeof(c->bad_what), "%s of %zu bytes returned %zd, errno %d, on a %sblocking socket",
                 call, offered, r, errno, c->non_blocking ? "non-" : "");
}

void calls_judge(struct calls *c, const char *call, ssize_t r, size_t offered, bool may_wait)
{
    c->made++;
    c->again += r < 0 && errno == EAGAIN;
    c->interrupted += r < 0 && errno == EINTR;
    c->shortened += r >= 0 && (size_t)r < offered;
    if (r > (ssize_t)offered || r < -1 || (r >= 0 && errno != CALLS_ERRNO) ||
        (r < 0 && errno == EAGAIN && !c->non_blocking && !may_wait))
        calls_bad(c, call, r, offered);
}

size_t calls_size(struct calls *c, size_t limit)
{
    size_t n = rng_chance(&c->rng, 100) ? limit : 1 + rng_size(&c->rng, c->size_max - 1);

    if (limit > 30000 && c->size_max < 4096) /* a large message in crumbs would take for ever */
        n += 1000;
    return n < limit ? n : limit;
}

int calls_cut(struct calls *c, const char *p, size_t n, struct iovec *iov)
{
    size_t most = rng_chance(&c->rng, 50) ? CALLS_PIECES : rng_chance(&c->rng, 500) ? 4 : 30;
    size_t grain = 1 + rng_size(&c->rng, n);
    int count = 0;

    while (count < (int)most - 1 && n > 0 && !rng_chance(&c->rng, 20)) {
        size_t take = rng_chance(&c->rng, 100) ? 0 : rng_range(&c->rng, 1, grain);

        take = take < n ? take : n;
        iov[count].iov_base = take || rng_chance(&c->rng, 500) ? (char *)p : NULL;
        iov[count++].iov_len = take;
        p += take;
        n -= take;
    }
    iov[count].iov_base = (char *)p;
    iov[count++].iov_len = n;
    return count;
}

static ssize_t by_sendmsg(struct calls *c, struct iovec *iov, int count, int flags)
{
    struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)count };

    return sendmsg(c->fd, &msg, flags);
}

/* Several messages; what is counted are the bytes of those that went. */
static ssize_t by_sendmmsg(struct calls *c, struct iovec *iov, int count, int flags)
{
    struct mmsghdr messages[4] = { 0 };
    int parts = count < 4 ? 1 : (int)rng_range(&c->rng, 1, 4), from = 0, r;
    size_t total = 0;

    for (int i = 0; i < parts; i++) {
        int to = i == parts - 1 ? count : from + (count - from) / 2;

        messages[i].msg_hdr.msg_iov = iov + from;
        messages[i].msg_hdr.msg_iovlen = (size_t)(to - from);
        from = to;
    }
    r = sendmmsg(c->fd, messages, (unsigned)parts, flags);
    for (int i = 0; i < r; i++) {
        size_t want = 0;

        for (size_t k = 0; k < messages[i].msg_hdr.msg_iovlen; k++)
            want += messages[i].msg_hdr.msg_iov[k].iov_len;
        if (messages[i].msg_len > want || (messages[i].msg_len < want && i != r - 1))
            calls_bad(c, "sendmmsg", messages[i].msg_len, want);
        total += messages[i].msg_len;
    }
    return r < 0 ? r : (ssize_t)total;
}

static ssize_t by_sendfile(struct calls *c, const struct flow *f, size_t n)
{
    const struct bytes *all = f->client ? &f->script->out : &f->script->in;
    off_t at = (off_t)f->sent;
    ssize_t r;

    if (c->file < 0) {
        c->file = memfd_create("exact", MFD_CLOEXEC);
        for (size_t put = 0; put < all->len; put += (size_t)r) {
            r = pwrite(c->file, all->ptr + put, all->len - put, (off_t)put);
            if (r <= 0)
                return -1;
        }
    }
    errno = CALLS_ERRNO;
    r = sendfile(c->fd, c->file, &at, n);
    if (r > 0 && at != (off_t)f->sent + r)
        calls_bad(c, "sendfile's offset", (ssize_t)at, n);
    return r;
}

static ssize_t by_splice(struct calls *c, const char *p, size_t n)
{
    int ends[2];
    ssize_t r, put;
    int saved;

    if (pipe(ends) != 0)
        return -1;
    put = write(ends[1], p, n);
    errno = CALLS_ERRNO;
    r = put < 0 ? -1 : splice(ends[0], NULL, c->fd, NULL, (size_t)put, 0);
    saved = errno;
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return r;
}

/* Flags keep the library from looking at the bytes. */
static ssize_t by_flagged_write(struct calls *c, const char *p, size_t n)
{
    struct iovec iov = { .iov_base = (char *)p, .iov_len = n };

    errno = CALLS_ERRNO;
    return pwritev2(c->fd, &iov, 1, -1, RWF_DSYNC);
}

/* Ways of sending that show the library nothing but a number. */
static ssize_t send_run(struct calls *c, const struct flow *f, const char *p, size_t n)
{
    static const char *const names[] = { "sendfile", "splice", "pwritev2 with flags" };
    size_t kind = rng_below(&c->rng, 3);
    ssize_t r;

    n = n < 30000 ? n : 30000; /* a pipe holds more */
    r = kind == 0 ? by_sendfile(c, f, n) : kind == 1 ? by_splice(c, p, n) : by_flagged_write(c, p, n);
    calls_judge(c, names[kind], r, n, false);
    return r;
}

static ssize_t send_flat(struct calls *c, const char *p, size_t n, int flags)
{
    size_t kind = rng_below(&c->rng, 3);
    ssize_t r;

    errno = CALLS_ERRNO;
    r = kind == 0 ? write(c->fd, p, n) : kind == 1 ? send(c->fd, p, n, flags) : sendto(c->fd, p, n, flags, NULL, 0);
    calls_judge(c, kind == 0 ? "write" : kind == 1 ? "send" : "sendto", r, n, kind && (flags & MSG_DONTWAIT));
    return r;
}

static ssize_t send_cut(struct calls *c, const char *p, size_t n, int flags)
{
    static const char *const names[] = { "writev", "sendmsg", "sendmmsg", "pwritev2" };
    struct iovec iov[CALLS_PIECES];
    int count = calls_cut(c, p, n, iov);
    size_t kind = rng_below(&c->rng, 4);
    ssize_t r;

    errno = CALLS_ERRNO;
    if (kind == 0)
        r = writev(c->fd, iov, count);
    else if (kind == 1)
        r = by_sendmsg(c, iov, count, flags);
    else if (kind == 2)
        r = by_sendmmsg(c, iov, count, flags);
    else
        r = pwritev2(c->fd, iov, count, -1, 0);
    calls_judge(c, names[kind], r, n, (kind == 1 || kind == 2) && (flags & MSG_DONTWAIT));
    return r;
}

ssize_t calls_send(struct calls *c, const struct flow *f)
{
    int flags = (rng_chance(&c->rng, 500) ? MSG_NOSIGNAL : 0) | (rng_chance(&c->rng, 50) ? MSG_DONTWAIT : 0);
    const struct script_run *run = flow_run(f, true, f->sent);
    size_t left, n;
    const char *p = flow_offer(f, &left);

    if (c->plain)
        return send(c->fd, p, left, MSG_NOSIGNAL);
    n = calls_size(c, left);
    if (n < left && rng_chance(&c->rng, 100))
        flags |= MSG_MORE;
    if (rng_chance(&c->rng, 10))
        n = 0;
    if (run && n && rng_chance(&c->rng, 300))
        return send_run(c, f, p, n < run->to - f->sent ? n : run->to - f->sent);
    return rng_chance(&c->rng, 500) ? send_flat(c, p, n, flags) : send_cut(c, p, n, flags);
}
