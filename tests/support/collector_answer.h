/*
 * What a test's collector makes of a request, whatever carried it: what is written of it, and how it is answered by
 * the mode of the moment.
 */
#ifndef OA_TESTS_COLLECTOR_ANSWER_H
#define OA_TESTS_COLLECTOR_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "preload/base/slice.h"

struct oa_collector {
    const char *mode;
    int times;                  /* misbehave so often; -1 = for ever */
    unsigned argument;          /* behind the mode's colon, UINT32_MAX without */
    FILE *out, *metrics, *logs; /* where spans, data points and log records go */
    FILE *log;                  /* of requests; NULL: none */
};

struct oa_collector_request {
    struct oa_slice method, target;
    const char *headers; /* JSON members */
    const uint8_t *body;
    size_t body_len;
    bool gzip;
    bool known; /* it is OTLP in protobuf */
};

bool oa_collector_mode_is(const struct oa_collector *collector, const char *word);

/* Reads, writes and logs it. The status of HTTP, 0: no answer at all. */
int oa_collector_take(struct oa_collector *collector, const struct oa_collector_request *request);

/* A google.rpc.Status, a partial success, or nothing; after it one misbehaviour less is due. */
struct oa_slice oa_collector_body(const struct oa_collector *collector, int status);
void oa_collector_answered(struct oa_collector *collector);

#endif
