/*
 * Header fields that the user wants to see on spans (OTEL_INSTRUMENTATION_HTTP_*_CAPTURE_*_HEADERS and Python's
 * names for it): what was captured of an operation, and the attributes that become of it,
 * http.request.header.<name> and http.response.header.<name>, a list with one item per line. What does not fit is
 * left out as a whole.
 */
#ifndef OA_HTTP_HEADERS_H
#define OA_HTTP_HEADERS_H

#include "hooks/instrumentation/op.h"
#include "hooks/protocols/http1.h"
#include "sdk/api/span.h"

/* The lists of one kind of message, as texts of the environment: ours, and Python's. */
struct oa_header_lists {
    const char *own, *python;
};
struct oa_header_lists oa_http_header_lists(bool response, bool client);

/* A HEADER event about a field of those lists. */
void oa_http_headers_capture(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev);

/* How many bytes the attributes take at most, beyond those of the operation's text. */
uint32_t oa_http_headers_room(const struct oa_op *op);

void oa_http_headers_put(const struct oa_op *op, struct oa_span_writer *w);

#endif
