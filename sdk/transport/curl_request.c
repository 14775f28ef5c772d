#include "sdk/transport/curl_request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct curl_slist *oa_curl_request_headers(const struct oa_curl_api *api, const struct oa_http_request *request)
{
    struct curl_slist *list = api->slist_append(NULL, "Expect:"), *longer = list;

    for (uint32_t i = 0; longer && i < request->header_count; i++) {
        const struct oa_http_header *h = &request->headers[i];
        size_t bytes = h->name.len + 2 + h->value.len + 1;
        char *line = oa_arena_alloc(request->arena, bytes);

        if (!line)
            longer = NULL;
        else if (h->value.len) /* "name;" is libcurl's way to say an empty value */
            (void)snprintf(line, bytes, "%.*s: %.*s", (int)h->name.len, h->name.ptr, (int)h->value.len, h->value.ptr);
        else
            (void)snprintf(line, bytes, "%.*s;", (int)h->name.len, h->name.ptr);
        longer = line ? api->slist_append(list, line) : NULL;
    }
    if (longer)
        return list;
    api->slist_free_all(list);
    return NULL;
}

struct oa_slice oa_curl_request_body(const struct oa_http_request *request)
{
    struct oa_slice body = { NULL, oa_http_body_bytes(request) };
    char *at;

    if (request->body_parts == 0)
        return OA_SLICE("");
    if (request->body_parts == 1)
        return request->body[0];
    body.ptr = at = oa_arena_alloc(request->arena, body.len);
    for (uint32_t i = 0; at && i < request->body_parts; i++) {
        memcpy(at, request->body[i].ptr, request->body[i].len);
        at += request->body[i].len;
    }
    return body;
}

void oa_curl_request_set(const struct oa_curl_api *api, CURL *easy, const struct oa_http_request *request,
                         struct oa_slice body)
{
    if (request->body_parts == 0) {
        (void)api->easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    (void)api->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    (void)api->easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr);
}

struct curl_slist *oa_curl_request_addresses(const struct oa_curl_api *api, const struct oa_url *url,
                                             const struct oa_resolved *resolved)
{
    char line[OA_RESOLVE_NAME_MAX + OA_RESOLVE_MAX * (INET6_ADDRSTRLEN + 3) + 16], text[INET6_ADDRSTRLEN];
    int at = snprintf(line, sizeof(line), "%.*s:%u:", (int)url->host.len, url->host.ptr, url->port);

    for (uint32_t i = 0; i < resolved->count && at > 0 && (size_t)at < sizeof(line); i++) {
        const struct sockaddr_storage *sa = &resolved->list[i].sa;
        bool v6 = sa->ss_family == AF_INET6;
        const void *address = v6 ? (const void *)&((const struct sockaddr_in6 *)sa)->sin6_addr
                                 : (const void *)&((const struct sockaddr_in *)sa)->sin_addr;

        if (inet_ntop(sa->ss_family, address, text, sizeof(text)))
            at += snprintf(line + at, sizeof(line) - (size_t)at, v6 ? "%s[%s]" : "%s%s", i ? "," : "", text);
    }
    return api->slist_append(NULL, line);
}
