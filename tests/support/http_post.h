/*
 * Posts through a transport against a server of the test, and remembers what came of it.
 */
#ifndef OA_TESTS_HTTP_POST_H
#define OA_TESTS_HTTP_POST_H

#include "sdk/transport/http.h"
#include "tests/support/tiny_server.h"

#define POST_OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

extern struct tiny_server post_server;
extern char post_seen[4096]; /* the last request that post_talk_ok() read */
extern struct oa_http_response post_response;
extern uint64_t post_took_ms;

/* How a server may talk: POST_OK_ANSWER to every request, no answer to any. */
void post_talk_ok(int fd, int number);
void post_talk_mute(int fd, int number);

/* Forgets earlier posts; also resets tests/support/test_host.h. */
void post_reset(void);

/* Starts post_server; a transport to it. */
struct oa_http_transport *post_start(struct oa_http_transport *(*make)(const struct oa_http_setup *setup),
                                     void (*talk)(int fd, int number), const char *path);
/* Closes the transport, stops post_server. */
void post_stop(struct oa_http_transport *transport);

/* A transport to http://AUTHORITY:PORT/PATH, made by oa_http_plain_new or oa_http_curl_new. */
struct oa_http_transport *post_transport(struct oa_http_transport *(*make)(const struct oa_http_setup *setup),
                                         const char *authority, uint16_t port, const char *path);

/* Posts a body (ptr NULL: gets) with the fields X-One: 1 and X-Two (empty); the result of the transport. */
int post_body(struct oa_http_transport *transport, unsigned deadline_ms, struct oa_slice body);

/* The body is "hello". */
int post(struct oa_http_transport *transport, unsigned deadline_ms);

#endif
