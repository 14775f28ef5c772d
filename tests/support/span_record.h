/*
 * Ring records written by hand, for tests of what reads them: an encoder of its own, so that reader
 * and writer of the project cannot agree on a mistake. Bytes grow to OA_RECORD_MAX; beyond: abort.
 */
#ifndef OA_TESTS_SPAN_RECORD_H
#define OA_TESTS_SPAN_RECORD_H

#include "preload/base/limits.h"
#include "preload/base/slice.h"
#include "preload/record.h"

struct oa_test_record {
    union {
        struct oa_record_span head;
        char bytes[OA_RECORD_MAX];
    };
    uint32_t open_at; /* event or link whose attributes are being added */
    uint16_t open_count;
};

/* A CLIENT span of scope HTTP: trace id 01 02 .. 10, span id a1 .. a8, a root, from 1700000000.0 s
 * for 12,345,678 ns, flags 3, pid 42. */
void oa_test_record_init(struct oa_test_record *record, const char *name, const char *tracestate);

void oa_test_record_str(struct oa_test_record *record, enum oa_key key, struct oa_slice value);
void oa_test_record_int(struct oa_test_record *record, enum oa_key key, int64_t value);
void oa_test_record_arr(struct oa_test_record *record, enum oa_key key, const char *const *items, size_t count);

/* Any attribute: a key number with no name, or OA_KEY_CUSTOM with one. */
void oa_test_record_attr(struct oa_test_record *record, struct oa_record_attr head, const char *name,
                         const void *value);

/* Attributes that are added from here to close are the event's, or the link's. */
void oa_test_record_event(struct oa_test_record *record, uint64_t unix_ns, const char *name);
/* To the span of trace id tt .. tt and span id ss .. ss. */
void oa_test_record_link(struct oa_test_record *record, uint8_t trace, uint8_t span, const char *tracestate);
void oa_test_record_close(struct oa_test_record *record);

#endif
