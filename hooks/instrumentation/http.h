/*
 * HTTP/1 on a connection: parser events become operations, and operations become spans by the HTTP
 * semantic conventions. All functions are called with the connection locked.
 *
 *   http.c          events of both directions, pairing
 *   http_ends.c     every way an operation can end
 *   http_begin.c    a complete request head: parent, ids, sampling, text to inject
 *   http_tag.c      the tag: written, recognised in a copy, made to name another span
 *   http_span.c     attributes of a finished operation
 *   http_resend.c   redirects that were followed
 *   http_extras.c   events and links of a span
 *   http_public.c   clients whose trace context is not believed
 */
#ifndef OA_HTTP_H
#define OA_HTTP_H

#include "hooks/instrumentation/protocol.h"

#define OA_HTTP_TAG_LEN 70 /* of W3C's format alone: "traceparent: ", 55 characters, CR LF */

/* Values in the head at hand that belong to a span context, or to how it was sampled: where they are in the bytes of
 * the call. */
#define OA_HTTP_SPOTS 7
struct oa_http_spots {
    uint8_t count;
    struct oa_http_spot {
        size_t at;
        uint16_t len;
        uint8_t field; /* enum oa_field */
    } spot[OA_HTTP_SPOTS];
};

/* The engine's entry points (struct oa_protocol), made of these: */
void oa_http_open(struct oa_conn *conn);
bool oa_http_at_request_start(const struct oa_conn *conn, bool outgoing);
OA_MUST_CHECK int oa_http_feed(struct oa_conn *conn, struct oa_flow *flow, struct oa_slice bytes);
OA_MUST_CHECK int oa_http_skip(struct oa_conn *conn, struct oa_flow *flow, uint64_t n);
OA_MUST_CHECK int oa_http_ingress(struct oa_conn *conn, struct oa_flow *flow, struct oa_window *window);
bool oa_http_plan(struct oa_conn *conn, const struct oa_flow *flow, const struct oa_outgoing *out, size_t from,
                  struct oa_edit *edit);
bool oa_http_plan_commit(struct oa_conn *conn, struct oa_edit *edit, bool whole);
void oa_http_plan_drop(struct oa_edit *edit);
void oa_http_eof(struct oa_conn *conn, bool outgoing);
void oa_http_failed(struct oa_conn *conn, int error);
void oa_http_closed(struct oa_conn *conn, bool lost);

/* --- http.c --- */
/* What an event of a parser means. 0, or < 0: nothing more can be said about this connection. */
OA_MUST_CHECK int oa_http_on_event(struct oa_conn *conn, struct oa_flow *flow, struct oa_http1 *p,
                                   const struct oa_http1_event *ev);

/* --- http_begin.c --- */
/* Settles ids, parent and sampling of a request whose head is complete. */
void oa_http_begin(struct oa_conn *conn, struct oa_op *op);
/* Client: fills the INJECT field with the header lines to insert. Empty: leave the head alone. */
void oa_http_inject(struct oa_op *op);

/* --- http_tag.c --- */
/* Server: puts the span's context in front of the empty line at `at`, at most one set of lines per configured format
 * that the head does not have yet, and over the ids of the head's own. Returns the bytes inserted. */
size_t oa_http_tag_head(struct oa_conn *conn, const struct oa_op *op, struct oa_window *window, size_t at,
                        const struct oa_http_spots *spots);
/* Client: does the head carry the id of one of our open operations? Then that is the parent. */
bool oa_http_take_tag(struct oa_op *op);
/* Notes a value that lies whole in the bytes of the call, and where in them. */
void oa_http_spot(struct oa_http_spots *spots, enum oa_field field, size_t at, struct oa_slice value);
/* Makes a noted value name op's span, a tracestate tell the threshold of its own; < 0: it stays as it is, else where
 * it starts to differ. */
int oa_http_retarget(const struct oa_op *op, const struct oa_http_spot *spot, char *value);

/* --- http_span.c --- */
/* Ends an operation: records its span if it is sampled. error_type empty: none beyond the status. */
void oa_http_end(struct oa_conn *conn, struct oa_op *op, struct oa_when *end, struct oa_slice error_type);

/* --- http_public.c --- */
/* The context that was extracted becomes the origin; the operation is a root, without tracestate and baggage. */
OA_COLD void oa_http_distrust(struct oa_op *op);
/* oa_http_ingress() of a server connection where contexts are hidden, from behind the body that is passed at once. */
OA_COLD OA_MUST_CHECK int oa_http_public_ingress(struct oa_conn *conn, struct oa_flow *flow,
                                                 struct oa_window *window);

/* --- http_ends.c --- */
/* The oldest request of the connection is over. error_type.ptr NULL: well. */
void oa_http_finish(struct oa_conn *conn, struct oa_when *end, struct oa_slice error_type);

/* --- http_resend.c --- */
void oa_http_redirected(const struct oa_op *op);
uint32_t oa_http_resend_count(const struct oa_op *op);
/* In a forked child, by the thread that forked. */
void oa_http_resend_forked(void);

#endif
