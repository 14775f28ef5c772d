/* Between collector_json.c, collector_metrics.c and collector_logs.c. */
#ifndef OA_TESTS_COLLECTOR_INTERNAL_H
#define OA_TESTS_COLLECTOR_INTERNAL_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/encode/proto/common.pb-c.h"
#include "sdk/encode/proto/resource.pb-c.h"
#include "tests/support/collector_json.h"

void oa_collector_put_bytes(FILE *out, ProtobufCBinaryData text);
void oa_collector_put_hex(FILE *out, const char *key, ProtobufCBinaryData data);
void oa_collector_put_value(FILE *out, const OaOtlp__AnyValue *value);
void oa_collector_put_attributes(FILE *out, OaOtlp__KeyValue **list, size_t n);
/* Members "resource": {its attributes}; "scope": its name, and "schemaUrl". A comma stands before each. */
void oa_collector_put_resource(FILE *out, const OaOtlp__Resource *resource);
void oa_collector_put_scope(FILE *out, const OaOtlp__InstrumentationScope *scope, const char *schema_url);

/* A copy without gzip, malloc'ed, *len its length; NULL if it is none. */
uint8_t *oa_collector_plain(const uint8_t *body, size_t *len, int gzip);

#endif
