/* The proxy under the library: it copies bytes and knows nothing of what they mean. */
#include "tests/exact/proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/exact/ends.h"

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

void way_fill(struct way *way)
{
    size_t n = calls_size(&way->calls, WAY_BUFFER - 100), cut = rng_below(&way->calls.rng, n);
    struct iovec iov[2] = { { way->bytes, cut }, { way->bytes + cut, n - cut } };
    ssize_t r;

    errno = CALLS_ERRNO;
    r = rng_chance(&way->calls.rng, 700) ? read(way->source, way->bytes, n) : readv(way->source, iov, 2);
    calls_judge(&way->calls, "read", r, n, false);
    way->from = way->to = 0;
    if (r > 0)
        way->to = (size_t)r;
    way->ended = r == 0;
    way->broken |= r < 0 && errno != EAGAIN && errno != EINTR;
}

void way_drain(struct way *way)
{
    struct iovec iov[CALLS_PIECES];
    size_t n = calls_size(&way->calls, way->to - way->from);
    ssize_t r;

    if (rng_chance(&way->calls.rng, 500)) {
        int count = calls_cut(&way->calls, way->bytes + way->from, n, iov);

        errno = CALLS_ERRNO;
        r = writev(way->sink, iov, count);
    } else {
        errno = CALLS_ERRNO;
        r = send(way->sink, way->bytes + way->from, n, MSG_NOSIGNAL);
    }
    calls_judge(&way->calls, "write", r, n, false);
    if (r > 0)
        way->from += (size_t)r;
    way->broken |= r < 0 && errno != EAGAIN && errno != EINTR;
}

void way_pass_end(struct way *way)
{
    if (!way->ended || way->shut || way->from < way->to)
        return;
    shutdown(way->sink, SHUT_WR);
    way->shut = true;
}

void link_close(struct link *link, struct tally *tally)
{
    for (int i = 0; i < 2; i++) {
        const struct calls *calls = &link->way[i].calls;
        struct tally own = { .calls = calls->made,
                             .again = calls->again,
                             .interrupted = calls->interrupted,
                             .shortened = calls->shortened,
                             .bad = calls->bad };

        memcpy(own.bad_what, calls->bad_what, sizeof(own.bad_what));
        tally_add(tally, &own);
        close(link->way[i].source);
    }
    free(link);
}

static struct link *link_new(struct proxy *proxy, const struct note *note, int fd)
{
    struct link *link = calloc(1, sizeof(*link));
    struct script script;
    int behind;

    if (!link || proxy->count == LIVE_MAX)
        exit(2);
    script_make(&script, proxy->run->seed, note->conn);
    behind = net_open(proxy->control, &proxy->other, note->conn, script.kind_behind, script.non_blocking);
    net_prepare(fd, script.non_blocking, script.small_buffers);
    net_prepare(behind, script.non_blocking, script.small_buffers);
    for (int i = 0; i < 2; i++) {
        calls_init(&link->way[i].calls, rng_of(proxy->run->seed ^ 0xb0b, note->conn * 2 + (uint32_t)i), -1,
                   script.non_blocking);
        link->way[i].source = i ? behind : fd;
        link->way[i].sink = i ? fd : behind;
    }
    script_release(&script);
    return link;
}

static void take_note(struct proxy *proxy)
{
    struct note note;
    struct link *link;
    int fd;

    if (!note_receive(proxy->control, &note, &fd))
        exit(1);
    if (note.kind == NOTE_LISTENING) {
        proxy->other = note;
        return;
    }
    if (note.socket_kind != SCRIPT_PAIR)
        fd = net_accept(&proxy->listeners, note.socket_kind, note.conn & 1);
    link = link_new(proxy, &note, fd);
    proxy->accepted++;
    if (proxy->run->threads)
        link_run(link, &proxy->tally);
    else
        proxy->links[proxy->count++] = link;
}

/* What a link waits for, as poll() wants it. */
static void wishes(const struct link *link, struct pollfd fds[2])
{
    for (int i = 0; i < 2; i++)
        fds[i] = (struct pollfd){ .fd = link->way[i].source };
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

        if (way->from < way->to && (fds[1 - i].revents & (POLLOUT | POLLERR | POLLHUP)))
            way_drain(way);
        else if (way->from == way->to && !way->ended && (fds[i].revents & (POLLIN | POLLERR | POLLHUP)))
            way_fill(way);
        way_pass_end(way);
    }
    return !link->way[0].broken && !link->way[1].broken && !(link->way[0].shut && link->way[1].shut);
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
    for (size_t i = n; i-- > 0;) {
        if (serve(proxy->links[i], &fds[2 * i]))
            continue;
        link_close(proxy->links[i], &proxy->tally);
        proxy->links[i] = proxy->links[--proxy->count];
    }
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
    links_join();
    return proxy.tally;
}
