#include "tests/exact/live.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAG_BYTES 70

void lives_init(struct lives *lives, const struct run *run)
{
    *lives = (struct lives){ .run = run, .rng = rng_of(run->seed ^ 0x11fe, run->bare) };
}

void lives_add(struct lives *lives, uint32_t conn, bool client, int fd)
{
    const struct run *run = lives->run;
    struct live *live = calloc(1, sizeof(*live));

    if (!live || lives->count == LIVE_MAX)
        exit(2);
    live->conn = conn;
    live->client = client;
    script_make(&live->script, run->seed, conn);
    flow_init(&live->flow, &live->script, client, run->mode);
    live->flow.in.changed_nothing = run->changed_nothing;
    live->flow.in.may_miss = run->threads || live->script.overlong;
    calls_init(&live->calls, rng_of(run->seed ^ 0xca11, conn), fd, run->bare || live->script.non_blocking);
    live->calls.plain = run->bare;
    net_prepare(fd, live->calls.non_blocking, !run->bare && live->script.small_buffers);
    lives->live[lives->count++] = live;
}

void tally_add(struct tally *to, const struct tally *from)
{
    to->connections += from->connections;
    to->requests += from->requests;
    to->corrupted += from->corrupted;
    to->doubled += from->doubled;
    to->missing += from->missing;
    to->inserted += from->inserted;
    to->overwritten += from->overwritten;
    to->calls += from->calls;
    to->again += from->again;
    to->interrupted += from->interrupted;
    to->shortened += from->shortened;
    to->bad += from->bad;
    if (from->bad_what[0] && !to->bad_what[0])
        memcpy(to->bad_what, from->bad_what, sizeof(to->bad_what));
}

/* False once enough was told. */
static bool explain(struct lives *lives, const struct live *live, const char *what)
{
    if (lives->told++ >= LIVE_TOLD_MAX)
        return false;
    fprintf(stderr, "seed %llu, connection %u (%s end, %s, kind %d%s): %s\n", (unsigned long long)lives->run->seed,
            live->conn, lives->run->bare ? "bare" : "library's", live->client ? "client" : "server",
            live->script.kind, live->script.non_blocking ? ", non-blocking" : "", what);
    return true;
}

static void retire(struct lives *lives, size_t at)
{
    struct live *live = lives->live[at];
    const struct match *in = &live->flow.in;
    struct tally own = {
        .connections = !live->client,
        .requests = match_requests(in),
        .corrupted = in->corrupted,
        .doubled = in->doubled,
        .missing = in->missing,
        .inserted = in->inserted,
        .overwritten = in->overwritten,
        .calls = live->calls.made,
        .again = live->calls.again,
        .interrupted = live->calls.interrupted,
        .shortened = live->calls.shortened,
        .bad = live->calls.bad,
    };

    memcpy(own.bad_what, live->calls.bad_what, sizeof(own.bad_what));
    if (in->doubled)
        (void)explain(lives, live, "a header came twice");
    if (in->missing && explain(lives, live, "a header is missing"))
        fprintf(stderr, "  %lu times, last in request %zu\n", in->missing, in->missed);
    if (own.bad)
        (void)explain(lives, live, own.bad_what);
    tally_add(&lives->tally, &own);
    close(live->calls.fd);
    calls_release(&live->calls);
    script_release(&live->script);
    free(live);
    lives->live[at] = lives->live[--lives->count];
}

/* The other end is gone. True if its script says so. */
static void ended(struct lives *lives, struct live *live, const char *how)
{
    if (live->flow.in.trouble || flow_end_is_fine(&live->flow))
        return;
    live->flow.in.corrupted++;
    if (explain(lives, live, how))
        fprintf(stderr, "  step %zu of %zu, %zu sent, %zu of %zu received\n", live->flow.step,
                live->script.step_count, live->flow.sent, live->flow.in.pos, live->flow.in.want.len);
}

/* A child that was forked at an awkward moment closes what it inherited: no byte may leave through it. */
static void bystander(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        _exit(0);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
}

/* Goes on through a copy of the descriptor. */
static void move(struct live *live)
{
    int copy = dup(live->calls.fd);

    if (copy < 0)
        return;
    close(live->calls.fd);
    live->calls.fd = copy;
}

static bool send_some(struct lives *lives, struct live *live)
{
    ssize_t r;

    if (!lives->run->bare && live->flow.sent && rng_chance(&lives->rng, 1))
        bystander();
    if (!lives->run->bare && rng_chance(&lives->rng, 5))
        move(live);
    r = calls_send(&live->calls, &live->flow);
    if (r >= 0) {
        live->flow.sent += (size_t)r;
        return true;
    }
    if (errno == EAGAIN)
        live->waits = POLLOUT;
    if (errno == EAGAIN || errno == EINTR)
        return true;
    ended(lives, live, strerror(errno));
    return false;
}

/* A head that got no tag although the buffer it ended in had room for one, or although that buffer holds
 * the whole of its own traceparent. */
static void judge_tag(struct live *live, size_t before, const struct receipt *receipt)
{
    struct match *in = &live->flow.in;
    size_t last = before + receipt->last_from;
    bool untagged = in->untagged_at != SIZE_MAX && in->untagged_at >= last && receipt->room >= TAG_BYTES;
    bool unnamed = in->unnamed_at != SIZE_MAX && in->unnamed_at >= last;

    if (untagged || unnamed)
        match_missed(in, in->mark - 1);
}

static bool receive_some(struct lives *lives, struct live *live)
{
    struct match *in = &live->flow.in;
    size_t before = in->seen, pos = in->pos;
    struct receipt receipt;
    ssize_t r = calls_receive(&live->calls, &live->flow, &receipt);

    if (r < 0 && (errno == EAGAIN || errno == EINTR)) {
        live->waits = errno == EAGAIN ? POLLIN : 0;
        return true;
    }
    if (r <= 0) {
        ended(lives, live, r < 0 ? strerror(errno) : "the stream was cut short");
        return false;
    }
    if (!match_feed(in, receipt.ptr, (size_t)r)) {
        if (!explain(lives, live, "bytes differ"))
            return false;
        match_explain(in, receipt.ptr + (in->seen - before), (size_t)r - (in->seen - before), stderr);
        fprintf(stderr, "  this receive: %zd bytes from meant byte %zu on\n", r, pos);
        return false;
    }
    judge_tag(live, before, &receipt);
    return true;
}

static bool go_on(struct lives *lives, struct live *live)
{
    switch (flow_next(&live->flow)) {
    case FLOW_SEND:
        return send_some(lives, live);
    case FLOW_RECEIVE:
        return receive_some(lives, live);
    default:
        if (!lives->run->bare && rng_chance(&live->calls.rng, 300))
            shutdown(live->calls.fd, rng_chance(&live->calls.rng, 500) ? SHUT_WR : SHUT_RDWR);
        return false;
    }
}

size_t lives_turn(struct lives *lives)
{
    size_t moved = 0;

    for (size_t i = lives->count; i-- > 0;) {
        struct live *live = lives->live[i];

        if (live->waits)
            continue;
        moved++;
        if (!go_on(lives, live))
            retire(lives, i);
    }
    return moved;
}

bool lives_wait(struct lives *lives, int extra, int timeout_ms)
{
    struct pollfd fds[LIVE_MAX + 1];
    size_t n = lives->count;

    for (size_t i = 0; i < n; i++)
        fds[i] = (struct pollfd){ .fd = lives->live[i]->waits ? lives->live[i]->calls.fd : -1,
                                  .events = lives->live[i]->waits };
    fds[n] = (struct pollfd){ .fd = extra, .events = POLLIN };
    if (poll(fds, n + 1, timeout_ms) <= 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (fds[i].revents)
            lives->live[i]->waits = 0;
    return fds[n].revents != 0;
}

void lives_describe(struct lives *lives, FILE *to)
{
    lives->told = 0;
    for (size_t i = 0; i < lives->count; i++) {
        const struct live *live = lives->live[i];

        (void)explain(lives, live, "does not go on");
        fprintf(to, "  step %zu of %zu, %zu sent, %zu of %zu received, waits for %s\n", live->flow.step,
                live->script.step_count, live->flow.sent, live->flow.in.pos, live->flow.in.want.len,
                live->waits == POLLIN ? "bytes"
                : live->waits         ? "room"
                                      : "nothing");
    }
}
