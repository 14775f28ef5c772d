/* The proxy under the library: it copies bytes and knows nothing of what they mean. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/exact/ends.h"

#define BUFFER 65536

/* One direction: what was read from one socket and is still to be written to the other. */
struct way {
    char bytes[BUFFER];
    size_t from, to;
    bool ended, shut;
};

struct link {
    int fd[2]; /* accepted, opened */
    struct way way[2]; /* way[i]: from fd[i] to fd[1 - i] */
    struct calls calls;
};

struct proxy {
    const struct run *run;
    struct link *links[LIVE_MAX];
    size_t count;
    struct listeners listeners;
    struct note other;
    struct tally tally;
    uint32_t accepted;
    int control;
};

static void take_note(struct proxy *proxy)
{
    struct note note;
    struct script script;
    struct link *link;
    int fd;

    if (!note_receive(proxy->control, &note, &fd))
        exit(1);
    if (note.kind == NOTE_LISTENING) {
        proxy->other = note;
        return;
    }
    link = calloc(1, sizeof(*link));
    if (!link || proxy->count == LIVE_MAX)
        exit(2);
    link->fd[0] = note.socket_kind == SCRIPT_PAIR ? fd : net_accept(&proxy->listeners, note.socket_kind, note.conn & 1);
    script_make(&script, proxy->run->seed, note.conn);
    link->fd[1] = net_open(proxy->control, &proxy->other, note.conn, script.kind_behind, script.non_blocking);
    net_prepare(link->fd[0], script.non_blocking, script.small_buffers);
    net_prepare(link->fd[1], script.non_blocking, script.small_buffers);
    calls_init(&link->calls, rng_of(proxy->run->seed ^ 0xb0b, note.conn), -1, script.non_blocking);
    script_release(&script);
    proxy->links[proxy->count++] = link;
    proxy->accepted++;
}

/* Reads into the buffer, in one or two pieces. False: the connection is broken. */
static bool fill(struct link *link, int from)
{
    struct way *way = &link->way[from];
    size_t n = calls_size(&link->calls, BUFFER - 100), cut = rng_below(&link->calls.rng, n);
    struct iovec iov[2] = { { way->bytes, cut }, { way->bytes + cut, n - cut } };
    ssize_t r;

    errno = CALLS_ERRNO;
    r = rng_chance(&link->calls.rng, 700) ? read(link->fd[from], way->bytes, n) : readv(link->fd[from], iov, 2);
    calls_judge(&link->calls, "read", r, n, false);
    if (r < 0)
        return errno == EAGAIN || errno == EINTR;
    way->from = 0;
    way->to = (size_t)r;
    way->ended = r == 0;
    return true;
}

static bool drain(struct link *link, int from)
{
    struct way *way = &link->way[from];
    struct iovec iov[CALLS_PIECES];
    size_t n = calls_size(&link->calls, way->to - way->from);
    ssize_t r;

    if (rng_chance(&link->calls.rng, 500)) {
        int count = calls_cut(&link->calls, way->bytes + way->from, n, iov);

        errno = CALLS_ERRNO;
        r = writev(link->fd[1 - from], iov, count);
    } else {
        errno = CALLS_ERRNO;
        r = send(link->fd[1 - from], way->bytes + way->from, n, MSG_NOSIGNAL);
    }
    calls_judge(&link->calls, "write", r, n, false);
    if (r < 0)
        return errno == EAGAIN || errno == EINTR;
    way->from += (size_t)r;
    return true;
}

static void retire(struct proxy *proxy, size_t at)
{
    struct link *link = proxy->links[at];
    struct tally own = { .calls = link->calls.made, .again = link->calls.again, .interrupted = link->calls.interrupted,
                         .shortened = link->calls.shortened, .bad = link->calls.bad };

    memcpy(own.bad_what, link->calls.bad_what, sizeof(own.bad_what));
    tally_add(&proxy->tally, &own);
    close(link->fd[0]);
    close(link->fd[1]);
    free(link);
    proxy->links[at] = proxy->links[--proxy->count];
}

/* What a link waits for, as poll() wants it. */
static void wishes(const struct link *link, struct pollfd fds[2])
{
    for (int i = 0; i < 2; i++)
        fds[i] = (struct pollfd){ .fd = link->fd[i] };
    for (int i = 0; i < 2; i++) {
        if (link->way[i].from < link->way[i].to)
            fds[1 - i].events |= POLLOUT;
        else if (!link->way[i].ended)
            fds[i].events |= POLLIN;
    }
    for (int i = 0; i < 2; i++)
        if (!fds[i].events)
            fds[i].fd = -1;
}

/* True while the link lives. */
static bool serve(struct link *link, const struct pollfd fds[2])
{
    for (int i = 0; i < 2; i++) {
        struct way *way = &link->way[i];

        if (way->from < way->to) {
            if ((fds[1 - i].revents & (POLLOUT | POLLERR | POLLHUP)) && !drain(link, i))
                return false;
        } else if (!way->ended && (fds[i].revents & (POLLIN | POLLERR | POLLHUP))) {
            if (!fill(link, i))
                return false;
        }
        if (way->ended && !way->shut && way->from == way->to) {
            shutdown(link->fd[1 - i], SHUT_WR);
            way->shut = true;
        }
    }
    return !(link->way[0].shut && link->way[1].shut);
}

static void turn(struct proxy *proxy)
{
    struct pollfd fds[2 * LIVE_MAX + 1];
    size_t n = proxy->count;

    for (size_t i = 0; i < n; i++)
        wishes(proxy->links[i], &fds[2 * i]);
    fds[2 * n] = (struct pollfd){ .fd = proxy->control, .events = POLLIN };
    if (poll(fds, 2 * n + 1, END_STUCK_S * 1000) <= 0) {
        fprintf(stderr, "exact: nothing moves (proxy, %zu links)\n", n);
        exit(1);
    }
    for (size_t i = n; i-- > 0;)
        if (!serve(proxy->links[i], &fds[2 * i]))
            retire(proxy, i);
    if (fds[2 * n].revents)
        take_note(proxy);
}

struct tally end_proxy(const struct run *run, int control)
{
    struct proxy proxy = { .run = run, .control = control };

    net_listen(&proxy.listeners);
    note_send(control, &proxy.listeners.address, -1);
    while (proxy.other.kind == 0)
        take_note(&proxy);
    while (proxy.count || proxy.accepted < run->connections)
        turn(&proxy);
    return proxy.tally;
}
