#include "tests/support/http_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "preload/base/clock.h"
#include "tests/support/test_host.h"

struct tiny_server post_server;
char post_seen[4096];
struct oa_http_response post_response;
uint64_t post_took_ms;
static struct oa_arena arena;

void post_reset(void)
{
    oa_test_host_reset();
    oa_arena_init(&arena, 1024, 1u << 26);
}

void post_talk_ok(int fd, int number)
{
    char buf[sizeof(post_seen)];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf))) {
        memcpy(post_seen, buf, sizeof(buf));
        tiny_server_write(fd, POST_OK_ANSWER);
    }
}

void post_talk_mute(int fd, int number)
{
    char buf[4096];

    (void)number;
    while (tiny_server_read_request(fd, buf, sizeof(buf)))
        ;
}

struct oa_http_transport *post_start(struct oa_http_transport *(*make)(const struct oa_http_setup *setup),
                                     void (*talk)(int fd, int number), const char *path)
{
    if (tiny_server_start(&post_server, talk) != 0)
        abort();
    return post_transport(make, "127.0.0.1", post_server.port, path);
}

void post_stop(struct oa_http_transport *transport)
{
    transport->close(transport);
    tiny_server_stop(&post_server);
}

struct oa_http_transport *post_transport(struct oa_http_transport *(*make)(const struct oa_http_setup *setup),
                                         const char *authority, uint16_t port, const char *path)
{
    static char url[128];
    struct oa_http_setup setup = {
        .host = &oa_test_host,
        .url = url,
        .certificate = "",
        .client_key = "",
        .client_certificate = "",
    };

    (void)snprintf(url, sizeof(url), "http://%s:%u%s", authority, port, path);
    if (oa_url_split(oa_slice_of(url), &setup.parts) != 0)
        abort();
    return make(&setup);
}

int post_body(struct oa_http_transport *transport, unsigned deadline_ms, struct oa_slice body)
{
    static const struct oa_http_header headers[] = { { { "X-One", 5 }, { "1", 1 } }, { { "X-Two", 5 }, { "", 0 } } };
    struct oa_wait wait;
    struct oa_http_request request = {
        .headers = headers,
        .header_count = 2,
        .body = &body,
        .body_parts = body.ptr ? 1 : 0,
        .wait = &wait,
        .arena = &arena,
    };
    uint64_t start = oa_clock_mono_ns();
    int err;

    oa_wait_init(&wait, &oa_test_host, start + deadline_ms * OA_NS_PER_MS);
    tiny_server_turn();
    err = transport->post(transport, &request, &post_response);
    tiny_server_turn();
    post_took_ms = (oa_clock_mono_ns() - start) / OA_NS_PER_MS;
    return err;
}

int post(struct oa_http_transport *transport, unsigned deadline_ms)
{
    return post_body(transport, deadline_ms, OA_SLICE("hello"));
}
