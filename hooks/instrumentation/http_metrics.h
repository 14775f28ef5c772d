/*
 * HTTP metrics by the semantic conventions 1.44.0: each request counts once, whether its trace is sampled or not.
 * Durations equal the span's. Server metrics leave server.address out (a client can send any Host).
 */
#ifndef OA_HTTP_METRICS_H
#define OA_HTTP_METRICS_H

#include "hooks/instrumentation/http_facts.h"

/* Does this operation count? Known from its begin on. */
bool oa_http_measured(const struct oa_op *op);

/* A request that has ended, with all that is known of it. */
void oa_http_measure(const struct oa_http_facts *facts);

/* It has begun, it is over (however it ended): active requests. */
void oa_http_measure_begin(const struct oa_conn *conn, struct oa_op *op);
void oa_http_measure_end(struct oa_op *op);

#endif
