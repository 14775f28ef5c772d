#include "tests/support/http_post.h"

#include <stdio.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "tests/support/test_host.h"
#include "tests/support/tiny_server.h"

struct oa_http_response post_response;
uint64_t post_took_ms;
static struct oa_arena arena;

void post_reset(void)
{
    oa_test_host_reset();
    oa_arena_init(&arena, 1024, 1u << 26);
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
