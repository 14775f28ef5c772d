/*
 * Stands in for sdk/api/logger.c: what is emitted is kept, in order. For tests of what emits. Any thread may emit.
 */
#ifndef OA_TESTS_FAKE_LOGGER_H
#define OA_TESTS_FAKE_LOGGER_H

#include "sdk/api/logger.h"

#define OA_TEST_LOGS 4096

struct oa_test_log {
    struct oa_log_head head;
    struct oa_span_context context; /* a copy; not valid: none */
    const char *body;               /* ends with a zero byte that len does not count */
    size_t len;
    const char *iostream; /* NULL: no such attribute */
    int64_t facility;     /* -1: no such attribute */
};

extern bool oa_test_logger_off;   /* oa_logger_enabled() says so */
extern bool oa_test_logger_full;  /* there is no room for any record */
extern bool oa_test_logger_dirty; /* a writer wrote more than it said */

/* How many were committed, and the n-th of them. */
size_t oa_test_logs(void);
const struct oa_test_log *oa_test_log(size_t n);

/* The oldest record that was not looked at has this body; NULL: there is none. */
bool oa_test_log_is(const char *want);
extern size_t oa_test_logs_seen;

#endif
