/*
 * A configuration file as text, and what it comes to: for tests.
 */
#ifndef OA_TESTS_SUPPORT_CONVERT_H
#define OA_TESTS_SUPPORT_CONVERT_H

#include <criterion/criterion.h>
#include <stddef.h>

#include "tests/support/log_capture.h"

#define HEAD "file_format: '1.1'\n"
#define CONVERT(yaml) cr_assert_eq(convert(HEAD yaml, sizeof(HEAD yaml) - 1), 0, "%s", captured.lines[0])

/* Reads yaml from a file, as oa_config_file_read() does, beside RATIO, TOKEN and OFF. The lines that it says are
 * captured. */
int convert(const char *yaml, size_t len);

/* The last one came to this value of a variable, NULL: to none. */
void expect(const char *name, const char *value);
/* One line was said: these paths were ignored. */
void expect_ignored(const char *paths);

#endif
