#include "sdk/transport/request_head.h"

#include <stdio.h>

#include "preload/base/err.h"

static char *put(char *at, struct oa_slice s)
{
    if (s.len)
        memcpy(at, s.ptr, s.len);
    return at + s.len;
}

/* The authority without user information (RFC 9112 3.2). */
static struct oa_slice host_port(const struct oa_url *url)
{
    size_t user = url->userinfo.ptr ? url->userinfo.len + 1 : 0;

    return (struct oa_slice){ url->authority.ptr + user, url->authority.len - user };
}

int oa_http_request_head(const struct oa_url *url, const struct oa_http_request *request, struct oa_slice *ret_head)
{
    static const struct oa_slice get = { "GET ", 4 }, post = { "POST ", 5 }, version = { " HTTP/1.1\r\nHost: ", 17 };
    static const struct oa_slice colon = { ": ", 2 }, crlf = { "\r\n", 2 };
    char length[48];
    bool has_body = request->body_parts > 0;
    int n = has_body ? snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", oa_http_body_bytes(request))
                     : snprintf(length, sizeof(length), "\r\n");
    struct oa_slice path = url->path.len ? url->path : OA_SLICE("/"), host = host_port(url);
    size_t bytes = post.len + path.len + url->query.len + version.len + host.len;
    char *head, *at;

    bytes += (size_t)n + crlf.len;
    for (uint32_t i = 0; i < request->header_count; i++)
        bytes += request->headers[i].name.len + colon.len + request->headers[i].value.len + crlf.len;
    head = oa_arena_alloc(request->arena, bytes);
    if (!head)
        return OA_ENOMEM;
    at = put(put(put(head, has_body ? post : get), path), url->query);
    at = put(put(at, version), host);
    at = put(at, (struct oa_slice){ length, (size_t)n });
    for (uint32_t i = 0; i < request->header_count; i++) {
        at = put(put(at, request->headers[i].name), colon);
        at = put(put(at, request->headers[i].value), crlf);
    }
    at = put(at, crlf);
    *ret_head = (struct oa_slice){ head, (size_t)(at - head) };
    return 0;
}
