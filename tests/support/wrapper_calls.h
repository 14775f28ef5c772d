/*
 * What the wrappers of read and write do, around real calls on real descriptors: for tests of the
 * connection engine without the wrappers. On the HTTP fixture; one process, one use.
 */
#ifndef OA_TESTS_WRAPPER_CALLS_H
#define OA_TESTS_WRAPPER_CALLS_H

#include "hooks/instrumentation/conn.h"

extern int oa_test_write_error; /* the errno value that every write meets; 0: they work */

/* Starts the HTTP fixture, resolves the real functions, records. */
void oa_test_calls_start(void);

ssize_t oa_test_fd_write(int fd, const char *text);
/* A buffer of cap bytes: a request may come back longer than it was sent. */
ssize_t oa_test_fd_read(int fd, char *buf, size_t cap);
void oa_test_fd_close(int fd);

#endif
