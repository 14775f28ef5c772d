/*
 * From parser events to the text of an operation: used by the path that follows bytes and by the
 * dry run that plans an edit. Pure but for the operation it fills.
 */
#ifndef OA_HTTP_CAPTURE_H
#define OA_HTTP_CAPTURE_H

#include "hooks/instrumentation/op.h"
#include "hooks/protocols/http1.h"

/* TARGET, REQUEST_LINE and HEADER events of a request; others are ignored. */
void oa_http_capture_request(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev);
/* HEADER events of a response. */
void oa_http_capture_response(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev);

#endif
