/*
 * The engine's way of sending, without sockets: plan, edit, commit, feed, over a kernel that takes
 * everything; what would be on the wire is kept. One client connection per process, on the HTTP
 * fixture. Aborts where an edit makes no sense.
 */
#ifndef OA_TESTS_HTTP_SENDER_H
#define OA_TESTS_HTTP_SENDER_H

#include "tests/support/http_fixture.h"

#define OA_TEST_OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

extern struct oa_conn *oa_test_sender; /* the connection */
extern char oa_test_wire[16384];       /* what went out, terminated */
extern int oa_test_edits;              /* of the last call */
extern bool oa_test_sender_feeds;      /* edits are fed as after a short write, not taken over from the dry run */

/* Starts the fixture with these settings and opens the connection. */
void oa_test_sender_start(const char *const *settings);

/* One system call of the application. */
void oa_test_send_pieces(struct iovec *iov, int count);
void oa_test_send(const char *text);
/* Cut in two: pieces of one call, or two calls. */
void oa_test_send_cut(const char *text, size_t cut, bool one_call);

/* Moves the wire to a buffer of its own and empties it. */
const char *oa_test_take_wire(void);

/* Answers the oldest request with 200 and gives its span. */
struct oa_span_view oa_test_answered(void);

/* before + "traceparent: 00-<ids of view>-<flags>\r\n" + after. Overwritten by the next call. */
const char *oa_test_with_parent(const char *before, const struct oa_span_view *view, const char *flags,
                                const char *after);

#endif
