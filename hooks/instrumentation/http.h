/*
 * HTTP/1 on a connection: parser events become operations, and operations become spans by the HTTP
 * semantic conventions. All functions are called with the connection locked.
 *
 *   http.c          events of both directions, pairing, ends
 *   http_begin.c    a complete request head: parent, ids, sampling, text to tag or inject
 *   http_span.c     attributes of a finished operation
 *   http_resend.c   redirects that were followed
 */
#ifndef OA_HTTP_H
#define OA_HTTP_H

#include "hooks/instrumentation/protocol.h"

#define OA_HTTP_TAG_LEN 70   /* "traceparent: ", 55 characters, CR LF */
#define OA_HTTP_PARENT_AT 36 /* in a traceparent value: the parent id, "-", the flags */
#define OA_HTTP_PARENT_LEN 19

/* The engine's entry points (struct oa_protocol), made of these: */
void oa_http_open(struct oa_conn *conn);
bool oa_http_at_request_start(const struct oa_conn *conn, bool outgoing);
OA_MUST_CHECK int oa_http_feed(struct oa_conn *conn, struct oa_flow *flow, struct oa_slice bytes);
OA_MUST_CHECK int oa_http_skip(struct oa_conn *conn, struct oa_flow *flow, uint64_t n);
OA_MUST_CHECK int oa_http_ingress(struct oa_conn *conn, struct oa_flow *flow, struct oa_window *window);
bool oa_http_plan(struct oa_conn *conn, const struct oa_flow *flow, const struct oa_outgoing *out, size_t from,
                  struct oa_edit *edit);
void oa_http_plan_commit(struct oa_conn *conn, struct oa_edit *edit);
void oa_http_plan_drop(struct oa_edit *edit);
void oa_http_eof(struct oa_conn *conn, bool outgoing);
void oa_http_failed(struct oa_conn *conn, int error);
void oa_http_closed(struct oa_conn *conn, bool lost);

/* --- http_begin.c --- */
/* Settles ids, parent and sampling of a request whose head is complete. */
void oa_http_begin(struct oa_conn *conn, struct oa_op *op);
/* Server: the tag to put into the head ("traceparent: ...\r\n"), empty if none is wanted. */
struct oa_slice oa_http_tag(const struct oa_op *op, char buf[OA_HTTP_TAG_LEN]);
/* Client: fills the INJECT field with the header lines to insert, or, if the application copied one
 * of our tags, with the text that replaces its "<parent id>-<flags>". Empty: leave the head alone. */
void oa_http_inject(struct oa_op *op);

/* --- http_span.c --- */
/* Ends an operation: records its span if it is sampled. error_type empty: none beyond the status. */
void oa_http_end(struct oa_conn *conn, struct oa_op *op, struct oa_when *end, struct oa_slice error_type);

/* --- http_resend.c --- */
void oa_http_redirected(const struct oa_op *op);
uint32_t oa_http_resend_count(const struct oa_op *op);

#endif
