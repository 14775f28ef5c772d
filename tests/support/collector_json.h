/*
 * Turns the body of an OTLP trace export into one JSON line per span, the shape that the end-to-end
 * cases read: attributes and resource as plain objects, ids in hex, kind as a word.
 */
#ifndef OA_TESTS_COLLECTOR_JSON_H
#define OA_TESTS_COLLECTOR_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A JSON string with its quotes. */
void oa_collector_json_text(FILE *out, const char *text, size_t len);

/* Unpacks gzip (gzip != 0) and protobuf and writes the lines. Returns the number of spans, -1 if the
 * body is not what it claims to be. */
long oa_collector_json_spans(FILE *out, const uint8_t *body, size_t len, int gzip);

/* The same for a metrics export, one line per data point. */
long oa_collector_json_metrics(FILE *out, const uint8_t *body, size_t len, int gzip);

/* The same for a logs export, one line per log record. */
long oa_collector_json_logs(FILE *out, const uint8_t *body, size_t len, int gzip);

#endif
