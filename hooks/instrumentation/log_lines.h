/*
 * Lines of stdout and stderr as log records (OTEL_INSTRUMENTATION_STDIO_ENABLED): what the program wrote is put
 * together to lines, over several writes where it takes several. A line longer than OA_LOG_BODY_MAX becomes several
 * records, cut between characters; empty lines become none; a carriage return before the newline is none of the body.
 *
 * One buffer a stream, for the line that has no end yet. Any thread may put, one at a time has the buffer, and nobody
 * waits for it: who finds it taken makes records of his own of what he has. All but init: guard held.
 */
#ifndef OA_LOG_LINES_H
#define OA_LOG_LINES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "preload/guard.h"

enum oa_log_stream { OA_LOG_STDOUT, OA_LOG_STDERR, OA_LOG_STREAM_COUNT };

/* Not 0: lines are recorded. Also read by hooks/libc/jumps.S. Written by the constructor. */
extern uint8_t oa_log_lines_on;

/* Constructor: as the environment has it, and if anybody takes log records. */
void oa_log_lines_init(void);

/* The first n bytes of these pieces were written. */
void oa_log_lines_put(enum oa_log_stream stream, const struct iovec *iov, int count, size_t n);

/* n bytes were written that this format made of these arguments. Of more than OA_LOG_BODY_MAX bytes only so many are
 * looked at; of a format that stores (%n) none, and the line ends with it. */
void oa_log_lines_format(struct oa_guard *guard, enum oa_log_stream stream, size_t n, const char *format, va_list ap);

/* The process, or this program in it, ends: lines that have no end yet end here. */
void oa_log_lines_end(void);

/* A forked child: what stands in the buffers is its parent's to tell. */
void oa_log_lines_forked(void);

#endif
