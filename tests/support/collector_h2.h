/*
 * A test's collector over HTTP/2 without TLS: gRPC's unary calls, by libnghttp2. What is refused over HTTP/1 with a
 * status is refused with the gRPC status that stands for it: 400 INVALID_ARGUMENT, 404 UNIMPLEMENTED, 429
 * RESOURCE_EXHAUSTED, 503 UNAVAILABLE; a number of seconds behind 429 and 503 goes into a RetryInfo. The first two
 * come as a block of trailers only, the others behind an empty body.
 */
#ifndef OA_TESTS_COLLECTOR_H2_H
#define OA_TESTS_COLLECTOR_H2_H

#include "tests/support/collector_answer.h"

#define OA_COLLECTOR_H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

struct oa_collector_h2;

struct oa_collector_h2 *oa_collector_h2_new(int fd, struct oa_collector *collector);
void oa_collector_h2_free(struct oa_collector_h2 *h2);

/* Bytes that came. False: the connection is to be closed. */
bool oa_collector_h2_feed(struct oa_collector_h2 *h2, const char *buf, size_t len);

/* Answers that were to be late. False as above. */
bool oa_collector_h2_tick(struct oa_collector_h2 *h2);

#endif
