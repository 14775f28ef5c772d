/*
 * The library's own log in a file of the test's process, to be looked at.
 */
#ifndef OA_TESTS_TEST_LOG_H
#define OA_TESTS_TEST_LOG_H

#include "preload/base/log.h"

/* Once more: another level, the same file. */
void oa_test_log_start(enum oa_log_level level);
void oa_test_log_end(void);

/* What was logged since the start. Overwritten by the next call. */
const char *oa_test_logged(void);

#endif
