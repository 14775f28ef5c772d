/*
 * Posts through a transport against a server of the test, and remembers what came of it.
 */
#ifndef OA_TESTS_HTTP_POST_H
#define OA_TESTS_HTTP_POST_H

#include "sdk/transport/http.h"

extern struct oa_http_response post_response;
extern uint64_t post_took_ms;

/* Forgets earlier posts; also resets tests/support/test_host.h. */
void post_reset(void);

/* A transport to http://AUTHORITY:PORT/PATH, made by oa_http_plain_new or oa_http_curl_new. */
struct oa_http_transport *post_transport(struct oa_http_transport *(*make)(const struct oa_http_setup *setup),
                                         const char *authority, uint16_t port, const char *path);

/* Posts a body (ptr NULL: gets) with the fields X-One: 1 and X-Two (empty); the result of the transport. */
int post_body(struct oa_http_transport *transport, unsigned deadline_ms, struct oa_slice body);

/* The body is "hello". */
int post(struct oa_http_transport *transport, unsigned deadline_ms);

#endif
