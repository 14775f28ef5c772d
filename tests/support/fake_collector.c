/*
 * A collector for tests, over HTTP/1 and gRPC: listens on 127.0.0.1, prints `port N`, appends one JSON line per span
 * it receives to --out, one per data point to --metrics, one per log record to --logs, and misbehaves on request.
 * Ends by itself after --seconds.
 *
 *   --port N            0 (the default) = any free one
 *   --out FILE          where spans go; default: nowhere
 *   --metrics FILE      where data points go; default: nowhere
 *   --logs FILE         where log records go; default: nowhere
 *   --requests-log FILE one JSON line per request: method, path, headers, bodyBytes, status, items
 *   --mode M            ok | 400 | 429[:SECONDS] | 503[:SECONDS] | garbage | close | slow:MS |
 *                       blackhole | partial | nostatus (of gRPC); SECONDS go into Retry-After, or a RetryInfo
 *   --times N           misbehave N times, then be ok
 *   --seconds N         default 300
 * Spans are written when the answer says that they were accepted: in ok, slow and partial.
 *
 * SOURCES: tests/support/collector_answer.c tests/support/collector_h2.c tests/support/collector_json.c
 * tests/support/collector_logs.c tests/support/collector_metrics.c hooks/protocols/http1.c
 * hooks/protocols/http1_body.c hooks/protocols/http1_detect.c hooks/protocols/http1_fields.c
 * hooks/protocols/http1_head.c hooks/protocols/http1_lines.c hooks/protocols/http1_start.c
 * build/gen/sdk/encode/proto/trace_service.pb-c.c build/gen/sdk/encode/proto/trace.pb-c.c
 * build/gen/sdk/encode/proto/common.pb-c.c build/gen/sdk/encode/proto/resource.pb-c.c
 * build/gen/sdk/encode/proto/metrics.pb-c.c build/gen/sdk/encode/proto/logs.pb-c.c
 * LIBS: -lprotobuf-c -lz -lnghttp2
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hooks/protocols/http1.h"
#include "preload/base/clock.h"
#include "tests/support/collector_h2.h"
#include "tests/support/collector_json.h"

#define CONNS_MAX 256
#define BODY_MAX (80u * 1024 * 1024)
#define TEXT_MAX 16384u

struct conn {
    int fd;
    struct oa_http1 parser;
    struct oa_collector_h2 *h2; /* NULL: HTTP/1 */
    bool began;
    FILE *headers; /* JSON members, memory stream */
    char *headers_text;
    size_t headers_len;
    size_t target_len, value_len, body_len, body_capacity;
    uint8_t *body;
    bool gzip, protobuf;
    uint64_t answer_at; /* 0: nothing to answer */
    char target[TEXT_MAX], value[TEXT_MAX];
};

static struct {
    struct oa_collector collector;
    int port;
    unsigned seconds;
    struct conn *conns[CONNS_MAX];
} server = { .collector = { .mode = "ok", .times = -1 }, .seconds = 300 };

static bool mode_is(const char *word)
{
    return oa_collector_mode_is(&server.collector, word);
}

static struct conn *conn_new(int fd)
{
    struct conn *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->fd = fd;
    oa_http1_init(&c->parser, false);
    return c;
}

static void conn_reset(struct conn *c)
{
    if (c->headers)
        fclose(c->headers);
    free(c->headers_text);
    c->headers = NULL;
    c->headers_text = NULL;
    c->target_len = c->value_len = c->body_len = 0;
    c->gzip = c->protobuf = false;
    c->answer_at = 0;
}

static void conn_free(struct conn *c)
{
    conn_reset(c);
    if (c->h2)
        oa_collector_h2_free(c->h2);
    (void)close(c->fd);
    free(c->body);
    free(c);
}

static bool conn_append_body(struct conn *c, struct oa_slice text)
{
    if (c->body_len + text.len > BODY_MAX)
        return false;
    if (c->body_len + text.len > c->body_capacity) {
        c->body_capacity = (c->body_len + text.len) * 2;
        c->body = realloc(c->body, c->body_capacity);
    }
    if (!c->body)
        return false;
    memcpy(c->body + c->body_len, text.len ? text.ptr : "", text.len);
    c->body_len += text.len;
    return true;
}

static void append(char *to, size_t *len, struct oa_slice text)
{
    size_t n = text.len < TEXT_MAX - *len ? text.len : TEXT_MAX - *len;

    memcpy(to + *len, n ? text.ptr : "", n);
    *len += n;
}

static void conn_on_header(struct conn *c, const struct oa_http1_event *ev)
{
    struct oa_slice name = { c->parser.name, c->parser.name_len }, value;

    if (ev->first)
        c->value_len = 0;
    append(c->value, &c->value_len, ev->text);
    if (!ev->last)
        return;
    value = (struct oa_slice){ c->value, c->value_len };
    if (!c->headers)
        c->headers = open_memstream(&c->headers_text, &c->headers_len);
    else
        fputc(',', c->headers);
    oa_collector_json_text(c->headers, name.ptr, name.len);
    fputc(':', c->headers);
    oa_collector_json_text(c->headers, value.ptr, value.len);
    if (oa_slice_eq(name, OA_SLICE("content-encoding")))
        c->gzip = oa_slice_ieq(value, OA_SLICE("gzip"));
    if (oa_slice_eq(name, OA_SLICE("content-type")))
        c->protobuf = oa_slice_ieq(value, OA_SLICE("application/x-protobuf"));
}

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void send_answer(struct conn *c, int status, const char *extra, struct oa_slice body)
{
    char head[256];
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %d Answer\r\nContent-Type: application/x-protobuf\r\n%sContent-Length: %zu\r\n\r\n",
                     status, extra, body.len);

    send_all(c->fd, head, (size_t)n);
    send_all(c->fd, body.ptr, body.len);
}

/* False: the connection is to be closed. */
static bool conn_answer(struct conn *c)
{
    struct oa_collector_request request = {
        .method = { c->parser.method, c->parser.method_len },
        .target = { c->target, c->target_len },
        .body = c->body,
        .body_len = c->body_len,
        .gzip = c->gzip,
        .known = c->protobuf,
    };
    char extra[48] = "";
    bool keep = c->parser.keep_alive;
    int status;

    if (c->headers)
        fflush(c->headers);
    request.headers = c->headers ? c->headers_text : "";
    status = oa_collector_take(&server.collector, &request);
    if ((status == 429 || status == 503) && server.collector.argument != UINT32_MAX)
        (void)snprintf(extra, sizeof(extra), "Retry-After: %u\r\n", server.collector.argument);
    if (status)
        send_answer(c, status, extra, oa_collector_body(&server.collector, status));
    else if (mode_is("garbage"))
        send_all(c->fd, "\x16\x03 this is no HTTP\r\n\r\n", 21);
    keep = keep && !mode_is("garbage") && !mode_is("close");
    if (!mode_is("blackhole"))
        conn_reset(c);
    c->answer_at = 0;
    oa_collector_answered(&server.collector);
    return keep;
}

static bool conn_on_event(struct conn *c, const struct oa_http1_event *ev)
{
    switch (ev->type) {
    case OA_HTTP1_TARGET:
        append(c->target, &c->target_len, ev->text);
        return true;
    case OA_HTTP1_HEADER:
        conn_on_header(c, ev);
        return true;
    case OA_HTTP1_HEAD_END:
        if (c->parser.expect_continue)
            send_all(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25);
        return true;
    case OA_HTTP1_BODY:
        return conn_append_body(c, ev->text);
    case OA_HTTP1_END:
        c->answer_at = oa_clock_mono_ns() + (mode_is("slow") ? server.collector.argument * OA_NS_PER_MS : 0);
        return c->answer_at > oa_clock_mono_ns() || conn_answer(c);
    case OA_HTTP1_SWITCH:
        return false;
    default:
        return true;
    }
}

/* HTTP/2 begins with words that are no request of HTTP/1. */
static bool conn_is_h2(struct conn *c, struct oa_slice bytes)
{
    if (!c->began && oa_slice_starts(bytes, OA_SLICE(OA_COLLECTOR_H2_PREFACE)))
        c->h2 = oa_collector_h2_new(c->fd, &server.collector);
    c->began = true;
    return c->h2;
}

static bool conn_read(struct conn *c)
{
    char buf[65536];
    ssize_t got = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT), at = 0;

    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    if (conn_is_h2(c, (struct oa_slice){ buf, (size_t)got }))
        return oa_collector_h2_feed(c->h2, buf, (size_t)got);
    for (;;) {
        struct oa_http1_event ev;
        ssize_t n = oa_http1_step(&c->parser, buf + at, (size_t)(got - at), &ev);

        if (n < 0)
            return false;
        at += n;
        if (ev.type == OA_HTTP1_NONE)
            return true;
        if (!conn_on_event(c, &ev))
            return false;
    }
}

static int listen_on(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        perror("fake_collector");
        exit(1);
    }
    printf("port %u\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_one(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), one = 1;

    /* Frames of HTTP/2 are small, and the peer waits for some of them. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (int i = 0; fd >= 0 && i < CONNS_MAX; i++) {
        if (server.conns[i])
            continue;
        server.conns[i] = conn_new(fd);
        return;
    }
    if (fd >= 0)
        (void)close(fd);
}

static void serve(int listener, uint64_t end)
{
    struct pollfd pfds[CONNS_MAX + 1];

    while (oa_clock_mono_ns() < end) {
        pfds[CONNS_MAX] = (struct pollfd){ .fd = listener, .events = POLLIN };
        for (int i = 0; i < CONNS_MAX; i++)
            pfds[i] = (struct pollfd){ .fd = server.conns[i] ? server.conns[i]->fd : -1, .events = POLLIN };
        if (poll(pfds, CONNS_MAX + 1, mode_is("slow") ? 5 : 100) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < CONNS_MAX; i++) {
            struct conn *c = server.conns[i];
            bool keep = true;

            if (c && pfds[i].revents)
                keep = conn_read(c);
            if (c && keep && c->answer_at && c->answer_at <= oa_clock_mono_ns())
                keep = conn_answer(c);
            if (c && keep && c->h2)
                keep = oa_collector_h2_tick(c->h2);
            if (keep)
                continue;
            conn_free(c);
            server.conns[i] = NULL;
        }
        if (pfds[CONNS_MAX].revents)
            accept_one(listener);
    }
}

static FILE *open_append(const char *path)
{
    FILE *file = fopen(path, "ae");

    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

static void read_options(int argc, char **argv)
{
    static const struct {
        const char *name;
        FILE **file;
    } paths[] = { { "--out", &server.collector.out },
                  { "--metrics", &server.collector.metrics },
                  { "--logs", &server.collector.logs },
                  { "--requests-log", &server.collector.log } };
    static char mode[32];

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];

        for (size_t path = 0; path < OA_COUNT(paths); path++)
            if (strcmp(name, paths[path].name) == 0)
                *paths[path].file = open_append(value);
        if (strcmp(name, "--port") == 0)
            server.port = atoi(value);
        else if (strcmp(name, "--times") == 0)
            server.collector.times = atoi(value);
        else if (strcmp(name, "--seconds") == 0)
            server.seconds = (unsigned)atoi(value);
        else if (strcmp(name, "--mode") == 0)
            (void)snprintf(mode, sizeof(mode), "%s", value);
    }
    char *colon = strchr(mode, ':');

    server.collector.argument = colon ? (unsigned)atoi(colon + 1) : UINT32_MAX;
    if (colon)
        *colon = '\0';
    if (*mode)
        server.collector.mode = mode;
}

int main(int argc, char **argv)
{
    int listener;

    server.collector.out = server.collector.metrics = server.collector.logs = open_append("/dev/null");
    read_options(argc, argv);
    listener = listen_on(server.port);
    serve(listener, oa_clock_mono_ns() + server.seconds * OA_NS_PER_S);
    return 0;
}
